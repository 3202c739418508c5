"""Reading regulations: which may be seen, what is in force on a day, where a clause stands, what rests on it; whose readings wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.finding import numbers
from sanbao.accounts.models import Company
from sanbao.documents.models import Campaign, Clause, Document, Reading, Version
from sanbao.documents.permissions import May
from sanbao.documents.states import MOVES, State
from sanbao.edge.search import inside
from sanbao.regulations.queries import book_in_force, book_names
from sanbao.ui.panels import Panel

MOST_FOUND = 100


def documents(access: Access) -> QuerySet[Document]:
    """The regulations a person may read; those not in force yet, too, for whoever works on them."""
    rows = Document.objects.visible_to(access, May.SEE)
    return rows if works_on(access) else rows.exclude(standing=Document.Standing.NEW)


def works_on(access: Access) -> bool:
    """Whether somebody prepares, reviews or approves: drafts are theirs to see."""
    return access.may(May.WRITE) or access.may(May.REVIEW) or access.may(May.APPROVE)


def versions(access: Access) -> QuerySet[Version]:
    """The versions a person may read; those that were never in force only for whoever works on them."""
    rows = Version.objects.visible_to(access, May.SEE).select_related("document")
    return rows if works_on(access) else rows.filter(in_force_at__isnull=False)


def shown(document: Document, access: Access) -> Version | None:
    """The version to be read first: the one in force, else the last that was, else the draft for whoever works on it."""
    rows = versions(access).filter(document=document)
    return rows.filter(state=State.IN_FORCE).first() or rows.filter(in_force_at__isnull=False).order_by("-no").first() or rows.order_by("-no").first()  # fmt: skip


def in_force_on(document: Document, on: date) -> Version | None:
    """The version that bound people on a day; None before the first, and after the repeal."""
    if document.repealed_on is not None and on >= document.repealed_on:
        return None
    rows = document.versions.filter(in_force_at__isnull=False, effective_on__lte=on)
    found: Version | None = rows.order_by("-no").first()
    return found


def legal_moves(version: Version, access: Access) -> list[Any]:
    """The moves this person may make now; those that another must make are left out."""
    return [
        step
        for step in MOVES.values()
        if version.state in step.sources
        and access.may(step.permission)
        and not any(getattr(version, f"{earlier}_by_id") == access.person_id for earlier in step.another)
    ]


def before(version: Version) -> Version | None:
    """The version it follows."""
    found: Version | None = (
        Version.objects.filter(document_id=version.document_id, no__lt=version.no).order_by("-no").first()
    )
    return found


# Clauses


@dataclass(frozen=True, slots=True)
class Place:
    """A clause as it stands in a regulation in force, with the clauses above it."""

    clause: Clause
    version: Version
    above: tuple[Clause, ...]
    below: tuple[Clause, ...]


def places_of(access: Access, source: str, ref: str) -> list[Place]:
    """Where the clause a rulebook cites as "source ref" stands in the regulations in force; those of that source first."""
    rows = (
        Clause.objects.visible_to(access, May.SEE)
        .filter(ref=ref, version__state=State.IN_FORCE)
        .select_related("version__document")
        .order_by("pk")[:10]
    )
    found = sorted(rows, key=lambda clause: clause.version.document.source != source)
    return [_placed(clause) for clause in found]


def _placed(clause: Clause) -> Place:
    above: list[Clause] = []
    below: list[Clause] = []
    met = False
    for other in clause.version.clauses.all():
        if other.pk == clause.pk:
            met = True
        elif not met:
            while above and above[-1].level >= other.level:
                above.pop()
            above.append(other)
        elif other.level > clause.level:
            below.append(other)
        else:
            break
    return Place(
        clause, clause.version, tuple(each for each in above if each.level < clause.level), tuple(below)
    )


def found(access: Access, words: str) -> list[Clause]:
    """The clauses in force in which the words stand, in the order of the regulations."""
    words = words.strip()
    if not words:
        return []
    rows = Clause.objects.visible_to(access, May.SEE).filter(version__state=State.IN_FORCE)
    asked = numbers(rows.filter(inside("words", words) | Q(ref__iexact=words)), most=MOST_FOUND)
    return list(
        Clause.objects.filter(pk__in=asked).select_related("version__document").order_by("version__document__number", "position")
    )  # fmt: skip


def documents_with(rows: QuerySet[Document], words: str) -> list[int]:
    """The numbers of those of these regulations whose number, title or text in force holds the words."""
    words = words.strip()
    if not words:
        return []
    heading = Q(number__icontains=words) | Q(title__icontains=words) | Q(english__icontains=words)
    said = Clause.objects.filter(
        inside("words", words), version__document__in=rows, version__state=State.IN_FORCE
    )
    held = numbers(said)
    return numbers(rows.filter(heading | Q(versions__clauses__in=held)).distinct())


def cited_by_rulebooks(document: Document, on: date, language: str) -> list[tuple[str, str, str]]:
    """The parameters of the company's rulebooks whose value on a day rests on a clause of the regulation: (book, parameter, clause)."""
    refs = set(_refs_in_force(document))
    cited = []
    for name in book_names():
        book = book_in_force(document.company_id, name)
        for parameter in book.parameters.values():
            current = [value for value in parameter.values if value.since <= on]
            if current and _rests(current[-1].clause, document.source, refs):
                cited.append((book.title[language], parameter.label[language], current[-1].clause))
    return cited


def lost_citations(version: Version, on: date, language: str) -> list[tuple[str, str, str]]:
    """What rulebooks cite of the version before that does not stand in this one any more: worth a word before it is approved."""
    kept = set(version.clauses.exclude(ref="").values_list("ref", flat=True))
    return [
        one
        for one in cited_by_rulebooks(version.document, on, language)
        if one[2].rpartition(" ")[2] not in kept
    ]


def _refs_in_force(document: Document) -> Iterable[str]:
    rows = Clause.objects.filter(version__document=document, version__state=State.IN_FORCE).exclude(ref="")
    return rows.values_list("ref", flat=True)


def _rests(clause: str, source: str, refs: set[str]) -> bool:
    word, _space, ref = clause.partition(" ")
    return ref in refs or bool(source and word == source and not refs)


def parameters_of(company_id: int | None, ref: str, on: date, language: str) -> list[tuple[str, str, str]]:
    """The parameters in force that rest on a clause: (book, parameter, label)."""
    return [
        (name, parameter.name, parameter.label[language])
        for name in book_names()
        for parameter in book_in_force(company_id, name).parameters.values()
        if any(value.clause.rpartition(" ")[2] == ref for value in parameter.values)
    ]


def words_of_rulebooks(company_id: int | None, clause: str, language: str) -> list[tuple[str, str, str]]:
    """What the company's rulebooks say of a clause in their own words: (book's name, its title, text)."""
    told = []
    for name in book_names():
        book = book_in_force(company_id, name)
        if clause in book.clauses:
            told.append((name, book.title[language], book.clause_text(clause, language)))
    return told


# What customers may read


def published(company_id: int) -> QuerySet[Document]:
    """The regulations a company shows its customers (MO-1)."""
    return Document.objects.filter(
        company_id=company_id, public=True, standing=Document.Standing.IN_FORCE
    ).order_by("number", "pk")


def visitor(company: Company) -> Access:
    """Somebody who reads a company's public pages: in its scope, with no post."""
    return Access(None, company.pk)


# Campaigns


def campaigns(access: Access) -> QuerySet[Campaign]:
    return Campaign.objects.visible_to(access, May.CAMPAIGNS)


def own_readings(access: Access) -> QuerySet[Reading]:
    """What a person is asked or was asked to read."""
    return Reading.objects.of(access).exclude(campaign__state=Campaign.State.DRAFT)


def waiting(access: Access) -> QuerySet[Reading]:
    """What a person still has to read."""
    return own_readings(access).filter(
        campaign__state=Campaign.State.RUNNING, confirmed_at__isnull=True, left_on__isnull=True
    )


def progress(access: Access, campaign: Campaign) -> list[dict[str, Any]]:
    """How far each outlet is, those who lag behind first; headquarters and regions stand together."""
    rows = (
        Reading.objects.visible_to(access, May.CAMPAIGNS)
        .filter(campaign=campaign, left_on__isnull=True)
        .values("outlet_id", "outlet__code", "outlet__name")
        .annotate(asked=Count("pk"), done=Count("pk", filter=Q(confirmed_at__isnull=False)))
        .order_by("outlet__code")
    )
    told = [
        {
            "outlet": f"{row['outlet__code']} {row['outlet__name']}" if row["outlet_id"] else "",
            "asked": row["asked"],
            "done": row["done"],
            "share": 100 * row["done"] // row["asked"],
        }
        for row in rows
    ]
    return sorted(told, key=lambda row: row["share"])


def panels(access: Access) -> list[Panel]:
    """What waits for a person here: regulations to be read, drafts to be reviewed or approved."""
    found = []
    if access.may(May.SEE):
        found.append(
            Panel(
                _("Regulations to read"), waiting(access).count(), reverse("documents:mine"), "book", "orange"
            )
        )
    for permission, state, title, icon in (
        (May.REVIEW, State.DRAFT, _("Regulations to review"), "checklist"),
        (May.APPROVE, State.REVIEWED, _("Regulations to approve"), "rubber-stamp"),
    ):
        if access.may(permission):
            rows = Version.objects.visible_to(access, permission).filter(state=state)
            mine = rows.exclude(draft_by_id=access.person_id)
            count = (
                mine.exclude(reviewed_by_id=access.person_id) if state == State.REVIEWED else mine
            ).count()
            found.append(Panel(title, count, f"{reverse('documents:list')}?tab={state}", icon, "blue"))
    return found
