"""Which edition a company decides by, and the rulebook in it."""

from sanbao.edge.kept import kept
from sanbao.regulations.models import Adoption, Edition
from sanbao_rules.rulebook import Rulebook, shipped, shipped_names

STAMPED = ("regulations_adoption", "regulations_edition")


def edition_in_force(company_id: int | None, book: str) -> Edition:
    """The edition the company has adopted, else the newest shipped one."""
    return kept(("edition", company_id, book), STAMPED, lambda: _edition_in_force(company_id, book))


def _edition_in_force(company_id: int | None, book: str) -> Edition:
    adoption = (
        Adoption.objects.filter(company_id=company_id, book=book, ended_at__isnull=True)
        .select_related("edition")
        .first()
    )
    if adoption:
        return adoption.edition
    return Edition.objects.filter(company__isnull=True, book=book).latest("id")


def editions_in_force(company_id: int | None, *books: str) -> dict[str, Edition]:
    """The editions the company decides by, by book name, in two statements at most."""
    return kept(("editions", company_id, books), STAMPED, lambda: _editions_in_force(company_id, books))


def _editions_in_force(company_id: int | None, books: tuple[str, ...]) -> dict[str, Edition]:
    adopted = Adoption.objects.filter(
        company_id=company_id, book__in=books, ended_at__isnull=True
    ).select_related("edition")
    editions = {adoption.book: adoption.edition for adoption in adopted}
    if missing := [book for book in books if book not in editions]:
        newest = (
            Edition.objects.filter(company__isnull=True, book__in=missing)
            .order_by("book", "-id")
            .distinct("book")
        )
        editions |= {edition.book: edition for edition in newest}
    if lost := [book for book in books if book not in editions]:
        raise Edition.DoesNotExist(f"no edition of {', '.join(lost)}")
    return {book: editions[book] for book in books}


def rulebook(edition: Edition) -> Rulebook:
    """The rulebook in an edition. Editions never change, so each is read once a process."""
    if (book := _read.get(edition.pk)) is None or book.digest != edition.digest:
        book = _read[edition.pk] = Rulebook.from_json(edition.content)
    return book


def book_in_force(company_id: int | None, book: str) -> Rulebook:
    """The rulebook the company goes by; the shipped one where none has been pinned yet (an upgrade that brought the book)."""
    try:
        return rulebook(edition_in_force(company_id, book))
    except Edition.DoesNotExist:
        return shipped(book)


_read: dict[int, Rulebook] = {}


def acting_clauses() -> dict[str, list[tuple[str, list[str]]]]:
    """Clause id (KA-11.1) to the shipped books and the parameters in them that rest on it."""
    found: dict[str, dict[str, list[str]]] = {}
    for name in shipped_names():
        book = shipped(name)
        for parameter in book.parameters:
            for dated in book.history(parameter):
                clause = dated.clause.rpartition(" ")[2]
                names = found.setdefault(clause, {}).setdefault(name, [])
                if parameter not in names:
                    names.append(parameter)
    return {clause: list(books.items()) for clause, books in found.items()}


def shipped_places(language: str) -> dict[str, list[tuple[str, str, str]]]:
    """The shipped books' parameters by the clause they rest on: {"KA-11.1": [(book, parameter, label)]}."""
    places: dict[str, list[tuple[str, str, str]]] = {}
    for name in shipped_names():
        for parameter in shipped(name).parameters.values():
            for clause in dict.fromkeys(value.clause for value in parameter.values):
                number = clause.partition(" ")[2]
                places.setdefault(number, []).append((name, parameter.name, parameter.label[language]))
    return places


def book_names() -> tuple[str, ...]:
    """The books there are, in the order of their names."""
    return shipped_names()
