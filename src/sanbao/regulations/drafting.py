"""Drafts of editions: begun from the latest edition, changed value by value, and what they then say."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.regulations.models import Change, Draft, Edition, Example
from sanbao.regulations.permissions import May
from sanbao.regulations.queries import latest_edition, rulebook
from sanbao.regulations.refusals import refuse
from sanbao.regulations.states import State
from sanbao.ui.refusal import Refusal, Stale
from sanbao_rules import amending
from sanbao_rules.amending import ADD, CORRECT, REMOVE, Amendment
from sanbao_rules.decision import from_json, to_json
from sanbao_rules.rulebook import Rulebook, RulebookError, load, shipped_names

MOST_CHANGES = 200
MOST_EXAMPLES = 100
OWN = "own"
# The source that a company's own clauses come from, in a book that has none yet (GN-9: who may change it, who interprets it).
_OWN_SOURCE = {
    "title": {"zh": "公司自定办法", "en": "The company's own practice"},
    "changed_by": {"zh": "公司售后服务部", "en": "the company's after-sales department"},
    "interpreted_by": {"zh": "公司售后服务部", "en": "the company's after-sales department"},
}


@transaction.atomic
def begin(
    book: str,
    *,
    title: str,
    edition: str,
    why: str = "",
    from_day: date | None = None,
    by: Access,
    at: datetime,
) -> Draft:
    """Begin a draft of a book from the latest edition of the company. Two drafts of a book may be worked on at once."""
    by.require(May.DRAFT)
    if book not in shipped_names():
        raise Refusal(_("There is no such rulebook."), field="book", code="book")
    base = latest_edition(by.company_id, book)
    _refuse_taken(edition, book, by)
    draft = Draft.objects.create(
        company_id=by.company_id, book=book, base=base, edition=edition, title=title, why=why, from_day=from_day,
        made_at=at, made_by_id=by.person_id, editing_at=at, editing_by_id=by.person_id,
    )  # fmt: skip
    _take_examples(draft, base, by, at)
    audit.record("regulations:draft:begun", draft, by=by, at=at, book=book, base=base.edition)
    return draft


def _refuse_taken(edition: str, book: str, by: Access, but: int | None = None) -> None:
    drafts = Draft.objects.filter(company_id=by.company_id, book=book, edition=edition)
    drafts = drafts.exclude(state=State.WITHDRAWN).exclude(pk=but)
    if (
        Edition.objects.in_company(by.company_id).filter(book=book, edition=edition).exists()
        or drafts.exists()
    ):
        raise Refusal(
            _("There is already an edition of this name; choose another."), field="edition", code="taken"
        )


def _take_examples(draft: Draft, base: Edition, by: Access, at: datetime) -> None:
    """The company's own examples go along from edition to edition."""
    Example.objects.bulk_create(
        Example(
            company_id=draft.company_id, draft=draft, name=kept.name, question=kept.question, facts=kept.facts,
            answer=kept.answer, at=at, by_id=by.person_id,
        )
        for kept in Example.objects.filter(draft__result=base).order_by("id")
    )  # fmt: skip


@transaction.atomic
def amend(
    draft: Draft, *, title: str, edition: str, why: str, from_day: date | None, keeps_settled: bool, version: int | None,
    by: Access, at: datetime,
) -> Draft:  # fmt: skip
    """Change what stands at the head of a draft."""
    found = editable(draft, version=version, by=by)
    _refuse_taken(edition, found.book, by, but=found.pk)
    found.title, found.edition, found.why, found.from_day = title, edition, why, from_day
    found.keeps_settled = keeps_settled
    touch(found, by, at)
    audit.record("regulations:draft:amended", found, by=by, at=at)
    return found


def editable(draft: Draft, *, version: int | None = None, by: Access) -> Draft:
    """The draft, locked, if it can be changed by this person."""
    by.require(May.DRAFT)
    found: Draft = (
        Draft.objects.visible_to(by, May.DRAFT)
        .select_for_update(of=("self",))
        .select_related("base")
        .get(pk=draft.pk)
    )
    if version is not None and version != found.version:
        raise Stale(
            _("Somebody has changed the draft meanwhile. Look at it again before you go on."), code="stale"
        )
    if found.state != State.EDITING:
        raise Refusal(
            _("Only a draft that is being edited can be changed; have it sent back to the author first."),
            code="state",
        )
    return found


def touch(draft: Draft, by: Access, at: datetime) -> None:
    """The draft becomes the changer's: whoever changed it last can't review it."""
    draft.editing_at, draft.editing_by_id, draft.version = at, by.person_id, draft.version + 1
    draft.save()


@transaction.atomic
def change(
    draft: Draft,
    parameter: str,
    how: str,
    since: date,
    value: Any = None,
    clause: str = "",
    *,
    reason: str = "",
    kind: str = "",
    by: Access,
    at: datetime,
) -> Change:
    """Add a value from a day, correct the one that begins on it, or take that one out. Changed again, it takes the earlier one's place."""
    found = editable(draft, by=by)
    amendment = Amendment(parameter, how, since, value, clause)
    others = [
        change for change in changes_of(found) if (change.parameter, change.since) != (parameter, since)
    ]
    if len(others) >= MOST_CHANGES:
        raise Refusal(_("A draft has at most %(most)s changes.") % {"most": MOST_CHANGES}, code="many")
    before = _amended(found, others)
    if wrong := amending.wrongs(before, amendment, found.clauses):
        raise refuse(wrong[0], before)
    _read_strictly(
        found,
        [*others, Change(parameter=parameter, kind=how, since=since, value=to_json(value), clause=clause)],
    )
    made, _new = Change.objects.update_or_create(
        draft=found, parameter=parameter, since=since,
        defaults={
            "company_id": found.company_id, "kind": kind or how, "value": to_json(value), "clause": clause,
            "reason": reason[:300], "at": at, "by_id": by.person_id,
        },
    )  # fmt: skip
    touch(found, by, at)
    audit.record(
        "regulations:draft:changed",
        found,
        by=by,
        at=at,
        parameter=parameter,
        since=since.isoformat(),
        how=made.kind,
    )
    return made


def _read_strictly(draft: Draft, changes: list[Change]) -> Rulebook:
    """The book as it would be; what the strict reader still refuses is told as it says it."""
    try:
        return _amended(draft, changes)
    except RulebookError as error:
        raise Refusal(
            _("The rulebook would not be readable: %(why)s") % {"why": error}, field="value", code="book"
        ) from None


@transaction.atomic
def undo(change: Change, *, by: Access, at: datetime) -> Draft:
    """Take a change out of a draft."""
    found = editable(change.draft, by=by)
    kept = Change.objects.filter(draft=found, pk=change.pk).first()
    if kept is None:
        return found
    kept.delete()
    touch(found, by, at)
    audit.record(
        "regulations:draft:undone",
        found,
        by=by,
        at=at,
        parameter=change.parameter,
        since=change.since.isoformat(),
    )
    return found


@transaction.atomic
def add_clause(
    draft: Draft, number: str, texts: Mapping[str, str], *, source: str = OWN, by: Access, at: datetime
) -> str:
    """Add a clause for the draft's changes to cite, with its text in both languages; returns what it is called."""
    found = editable(draft, by=by)
    name = f"{source} {number}"
    if name in rulebook(found.base).clauses:
        raise Refusal(
            _("The book has a clause of this number already; choose another."), field="number", code="taken"
        )
    zh, en = texts.get("zh", "").strip(), texts.get("en", "").strip()
    if not (zh or en):
        raise Refusal(_("Write the clause's text."), field="zh", code="empty")
    found.clauses = {**found.clauses, name: {"zh": zh or en, "en": en or zh}}
    touch(found, by, at)
    audit.record("regulations:draft:clause-added", found, by=by, at=at, clause=name)
    return name


@transaction.atomic
def add_example(
    draft: Draft, name: str, question: str, facts: Mapping[str, Any], answer: Any, *, by: Access, at: datetime
) -> Example:
    """Add a worked example of one's own. It goes along to later editions."""
    found = editable(draft, by=by)
    if found.examples.count() >= MOST_EXAMPLES:
        raise Refusal(_("A draft has at most %(most)s examples.") % {"most": MOST_EXAMPLES}, code="many")
    try:
        with transaction.atomic():
            made = Example.objects.create(
                company_id=found.company_id, draft=found, name=name, question=question, facts=to_json(dict(facts)),
                answer=to_json(answer), at=at, by_id=by.person_id,
            )  # fmt: skip
    except IntegrityError:
        raise Refusal(_("There is an example of this name already."), field="name", code="taken") from None
    touch(found, by, at)
    audit.record("regulations:draft:example-added", found, by=by, at=at, example=name)
    return made


@transaction.atomic
def drop_example(example: Example, *, by: Access, at: datetime) -> Draft:
    """Take an example of one's own out again."""
    found = editable(example.draft, by=by)
    if Example.objects.filter(draft=found, pk=example.pk).delete()[0]:
        touch(found, by, at)
        audit.record("regulations:draft:example-dropped", found, by=by, at=at, example=example.name)
    return found


def changes_of(draft: Draft) -> list[Change]:
    """The draft's changes in the order of days."""
    return list(draft.changes.order_by("since", "id"))


def amendment(change: Change) -> Amendment:
    """A change as the rules' language has it."""
    return Amendment(change.parameter, _how(change), change.since, from_json(change.value), change.clause)


def _how(change: Change) -> str:
    return change.kind if change.kind in (ADD, CORRECT, REMOVE) else ADD


def _amended(draft: Draft, changes: list[Change]) -> Rulebook:
    days = [change.since for change in changes]
    sources = {OWN: {**_OWN_SOURCE, "effective": min(days)}} if days else {}
    return amending.amended(
        rulebook(draft.base), draft.edition, [amendment(change) for change in changes], draft.clauses, sources
    )


def book_of(draft: Draft) -> Rulebook:
    """What the draft says: its base with its changes. Of a published one, what was published."""
    if draft.result_id:
        return rulebook(draft.result)
    return _amended(draft, changes_of(draft))


@transaction.atomic
def bring(text: str, *, title: str, by: Access, at: datetime) -> Draft:
    """Begin a draft from an edition as a TOML file: its values become single changes of the latest edition."""
    try:
        book = load(text, _("the file"))
    except RulebookError as error:
        raise Refusal(
            _("The file cannot be read as a rulebook: %(why)s") % {"why": error}, field="file", code="file"
        ) from None
    if book.name not in shipped_names():
        raise Refusal(_("There is no such rulebook."), field="file", code="book")
    base = rulebook(latest_edition(by.company_id, book.name))
    if wrong := _beyond_values(base, book):
        raise Refusal(
            _("The file says something else than the rulebook in “%(where)s”; only values and clauses can be brought.") % {"where": wrong},
            field="file", code="beyond",
        )  # fmt: skip
    amendments = amending.as_amendments(base, book)
    if not amendments:
        raise Refusal(_("The file says the same as the latest edition."), field="file", code="empty")
    draft = begin(book.name, title=title, edition=_free(book, by), by=by, at=at)
    draft.clauses = {
        name: {language: book.clause_text(name, language) for language in ("zh", "en")}
        for name in book.clauses
        if name not in base.clauses
    }
    draft.save(update_fields=["clauses"])
    for one in amendments:
        change(
            draft,
            one.parameter,
            one.how,
            one.since,
            one.value,
            one.clause,
            kind=_kind_of(one, book),
            by=by,
            at=at,
        )
    audit.record("regulations:draft:brought", draft, by=by, at=at, book=book.name, changes=len(amendments))
    return Draft.objects.get(pk=draft.pk)


def _free(book: Rulebook, by: Access) -> str:
    """The file's own name of the edition, or the next one that is free."""
    name, number = book.edition, 1
    while True:
        try:
            _refuse_taken(name, book.name, by)
        except Refusal:
            number += 1
            name = f"{book.edition[:34]}-{number}"
        else:
            return name


def _beyond_values(base: Rulebook, book: Rulebook) -> str:
    """The first thing besides values and clauses that a file says otherwise; empty if nothing."""
    if {name: (p.unit, p.label, p.choices) for name, p in base.parameters.items()} != {
        name: (p.unit, p.label, p.choices) for name, p in book.parameters.items()
    }:
        return "parameters"
    if base.reasons != book.reasons:
        return "reasons"
    if base.names != book.names:
        return "names"
    return next(
        (
            name
            for name in base.clauses
            if name in book.clauses and base.clause_text(name) != book.clause_text(name)
        ),
        "",
    )


def _kind_of(one: Amendment, book: Rulebook) -> str:
    if one.how != ADD:
        return one.how
    parameter = book.parameters[one.parameter]
    return Change.Kind.READING if parameter.choices else Change.Kind.ADD
