"""Which edition a company decides by, and the rulebook in it."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.edge.kept import kept
from sanbao.regulations.models import Adoption, Coming, Draft, Edition, Proposal
from sanbao.regulations.permissions import May
from sanbao.regulations.states import Standing, State
from sanbao.ui.panels import Panel
from sanbao_rules.rulebook import Rulebook, shipped, shipped_names

STAMPED = ("regulations_adoption", "regulations_edition", "regulations_coming")


def edition_in_force(company_id: int | None, book: str) -> Edition:
    """The edition the company has adopted, or that was published for a day that has come; else the newest shipped one."""
    return editions_in_force(company_id, book)[book]


def editions_in_force(company_id: int | None, *books: str) -> dict[str, Edition]:
    """The editions the company decides by, by book name, in two statements at most."""
    today = timezone.localdate()
    return kept(
        ("editions", company_id, books, today), STAMPED, lambda: _editions_in_force(company_id, books, today)
    )


def _editions_in_force(company_id: int | None, books: tuple[str, ...], today: date) -> dict[str, Edition]:
    of_company = {"company_id": company_id, "edition": OuterRef("pk"), "ended_at__isnull": True}
    adopted = Adoption.objects.filter(**of_company)
    # What was published for a day that has come is in force, though the worker may not have written its adoption yet.
    come = Coming.objects.filter(**of_company, from_day__lte=today).order_by("-from_day")
    chosen = (
        Edition.objects.filter(book__in=books)
        .annotate(come=Subquery(come.values("from_day")[:1]), adopted=Exists(adopted))
        .filter(Q(adopted=True) | Q(come__isnull=False))
        .defer("content")
    )
    editions = {
        edition.book: edition for edition in sorted(chosen, key=lambda edition: edition.come or date.min)
    }
    if missing := [book for book in books if book not in editions]:
        newest = (
            Edition.objects.filter(company__isnull=True, book__in=missing)
            .order_by("book", "-id")
            .distinct("book")
            .defer("content")
        )
        editions |= {edition.book: edition for edition in newest}
    if lost := [book for book in books if book not in editions]:
        raise Edition.DoesNotExist(f"no edition of {', '.join(lost)}")
    return {book: editions[book] for book in books}


def coming(company_id: int | None, book: str) -> list[Coming]:
    """What was published for days that have not come, the next first."""
    rows = Coming.objects.filter(company_id=company_id, book=book, ended_at__isnull=True)
    return list(rows.select_related("edition", "published_by").order_by("from_day"))


def latest_edition(company_id: int | None, book: str) -> Edition:
    """The edition that a new draft begins from: the last one published, though its day may not have come."""
    waiting = coming(company_id, book)
    if waiting:
        return waiting[-1].edition
    # Asked anew, never from what the process keeps: a publication must see what another has just published.
    return _editions_in_force(company_id, (book,), timezone.localdate())[book]


def rulebook(edition: Edition) -> Rulebook:
    """The rulebook in an edition, read once a process: what has one name and one digest is one book."""
    named = (edition.book, edition.edition, edition.digest)
    if (book := _read.get(named)) is None:
        book = _read[named] = _shipped_as(edition) or Rulebook.from_json(edition.content)
    return book


def _shipped_as(edition: Edition) -> Rulebook | None:
    """The book that came with the program, when the edition is that one."""
    if edition.book not in shipped_names():
        return None
    book = shipped(edition.book)
    return book if (book.edition, book.digest) == (edition.edition, edition.digest) else None


def book_in_force(company_id: int | None, book: str) -> Rulebook:
    """The rulebook the company goes by; the shipped one where none has been pinned yet (an upgrade that brought the book)."""
    try:
        return rulebook(edition_in_force(company_id, book))
    except Edition.DoesNotExist:
        return shipped(book)


def books_in_force(company_id: int | None) -> dict[str, Rulebook]:
    """Every rulebook the company goes by, in two statements at most where all are pinned."""
    names = book_names()
    try:
        return {name: rulebook(edition) for name, edition in editions_in_force(company_id, *names).items()}
    except Edition.DoesNotExist:
        return {name: book_in_force(company_id, name) for name in names}


_read: dict[tuple[str, str, str], Rulebook] = {}


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


def panels(access: Access) -> list[Panel]:
    """What waits for this person in the rulebooks: drafts to review and to publish, proposals to decide on."""
    found = []
    for permission, state, title, icon in (
        (May.REVIEW, State.REVIEW, _("Drafts of rulebooks to review"), "checklist"),
        (May.PUBLISH, State.APPROVED, _("Editions to publish"), "book-2"),
    ):
        if access.may(permission):
            rows = Draft.objects.visible_to(access, permission).filter(state=state)
            found.append(Panel(title, rows.count(), reverse("regulations:drafts"), icon, "blue"))
    if access.may(May.DECIDE):
        waiting = Proposal.objects.visible_to(access, May.DECIDE).filter(state=Standing.OPEN).count()
        found.append(
            Panel(_("Proposals to decide on"), waiting, reverse("regulations:proposals"), "bulb", "blue")
        )
    return found
