"""From stored sheets to stored statements, for one outlet or ten thousand: the same way, in sets.

A batch of outlets is locked, read in one statement, decided in memory, and written with COPY. Each batch is its own transaction, so
a run that is killed leaves whole statements behind and goes on where it stopped.
"""

import json
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.scope import as_owner
from sanbao.audit import operations as audit
from sanbao.decisions.models import Decision
from sanbao.outlets.models import Outlet
from sanbao.regulations.models import Edition
from sanbao.regulations.queries import editions_in_force, rulebook
from sanbao.settlements.facts import OutletMonth, sheets_of
from sanbao.settlements.models import Correction, HandIn, Receipt, Statement
from sanbao.settlements.states import State
from sanbao.ui.refusal import Refusal
from sanbao_rules import decision as kernel
from sanbao_rules import settlement
from sanbao_rules.packing import Decider
from sanbao_rules.rulebook import NotInForce, Rulebook

BOOKS = ("calendar", "warranty", "charges", "settlement", "findings")
BATCH = 200


@dataclass(slots=True)
class Made:
    """What a batch did: statements written (and which), outlets whose month is settled already, sheets decided."""

    statements: int = 0
    rows: list[Statement] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    sheets: int = 0


@dataclass(frozen=True, slots=True)
class Basis:
    """What a run decides by: the company's editions, pinned for the whole run."""

    month: date
    editions: dict[str, Edition]
    books: dict[str, Rulebook]
    terms: settlement.Terms
    decide: Decider

    @classmethod
    def of(cls, company_id: int, month: date) -> "Basis":
        editions = editions_in_force(company_id, *BOOKS)
        books = {name: rulebook(edition) for name, edition in editions.items()}
        try:
            terms = settlement.Terms.resolve(books, month)
        except NotInForce as early:
            raise Refusal(
                _("The rulebook settles months from %(first)s on.") % {"first": f"{early.first:%Y-%m}"},
                field="month",
                code="early",
            ) from None
        return cls(month, editions, books, terms, Decider(terms))


def outlets_with_sheets(company_id: int, month: date) -> list[int]:
    """The outlets that have handed in sheets for the month, or in whose month something of a settled one is corrected."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outlet_id FROM settlements_sheet WHERE company_id = %(company)s AND month = %(month)s AND withdrawn_at IS NULL"
            " UNION SELECT outlet_id FROM settlements_correction WHERE company_id = %(company)s AND month = %(month)s ORDER BY 1",
            {"company": company_id, "month": month},
        )
        return [outlet_id for (outlet_id,) in cursor]


def make(
    month: date, outlets: Sequence[int], *, by: Access, at: datetime, batch: int = BATCH
) -> Iterator[Made]:
    """Make or remake the drafts of these outlets' month; yields what was done after every batch."""
    basis = Basis.of(by.company_id, month)
    for start in range(0, len(outlets), batch):
        yield _make_batch(basis, outlets[start : start + batch], by, at)


@transaction.atomic
def _make_batch(basis: Basis, outlets: Sequence[int], by: Access, at: datetime) -> Made:
    month = basis.month
    # One run at a time for an outlet; whoever comes second finds the first one's statement.
    places = {
        pk: (code, region_id)
        for pk, code, region_id in Outlet.objects.select_for_update(no_key=True)
        .filter(company_id=by.company_id, pk__in=outlets)
        .order_by("pk")
        .values_list("pk", "code", "region_id")
    }
    live = {
        statement.outlet_id: statement
        for statement in Statement.objects.filter(outlet_id__in=places, month=month)
        .exclude(state=State.REVERSED)
        .select_related("decision")
    }
    closed = [pk for pk, statement in live.items() if statement.state != State.DRAFT]
    todo = [pk for pk in places if pk not in closed]
    made = Made(closed=closed)

    receipts = {
        receipt.outlet_id: receipt for receipt in Receipt.objects.filter(outlet_id__in=todo, month=month)
    }
    duplicates = _duplicates(todo, month)
    corrections = _corrections(todo, month)
    reversals = _reversals(todo, month)
    statements: list[Statement] = []
    decisions: list[Decision] = []
    lines: list[tuple[Statement, list[str], list[settlement.SheetOutcome]]] = []
    for sheets in _months(by.company_id, month, todo, corrections):
        outcomes = [basis.decide(facts) for facts in sheets.facts]
        counted = settlement.tally(outcomes, basis.terms)
        counted.correct(corrections.get(sheets.outlet_id, ()))
        receipt = receipts.get(sheets.outlet_id)
        result = settlement.add_up(
            month,
            receipt.paper_on if receipt else None,
            receipt.electronic_on if receipt else None,
            counted,
            basis.terms,
            basis.books,
        )
        statement = live.get(sheets.outlet_id) or Statement(
            company_id=by.company_id,
            outlet_id=sheets.outlet_id,
            month=month,
            number=_number(places[sheets.outlet_id][0], month, reversals.get(sheets.outlet_id, 0)),
        )
        _fill(statement, result, receipt, duplicates.get(sheets.outlet_id, 0), by, at)
        statements.append(statement)
        decisions.append(
            _decision(
                statement, places[sheets.outlet_id][1], result, sheets, counted.corrections, basis, by, at
            )
        )
        lines.append((statement, sheets.sheets, outcomes))
        made.sheets += len(outcomes)
    _store(statements, decisions, lines)
    made.statements, made.rows = len(statements), statements
    audit.record_all("settlements:statement:made", statements, by=by, at=at, details=lambda s: {"net": s.net})
    return made


def _duplicates(outlets: Sequence[int], month: date) -> dict[int, int]:
    counted: dict[int, int] = {}
    for outlet_id, counts in HandIn.objects.filter(
        outlet_id__in=outlets, month=month, state=HandIn.State.TAKEN
    ).values_list("outlet_id", "counts"):
        counted[outlet_id] = counted.get(outlet_id, 0) + counts.get("duplicates", 0)
    return counted


def _corrections(outlets: Sequence[int], month: date) -> dict[int, list[settlement.Correction]]:
    """What is taken and given back in this month for settled ones, by outlet."""
    found: dict[int, list[settlement.Correction]] = {}
    for outlet_id, kind, amount, number, of_month in (
        Correction.objects.filter(outlet_id__in=outlets, month=month)
        .order_by("id")
        .values_list("outlet_id", "finding__kind", "amount_fen", "finding__sheet__number", "of_month")
    ):
        correction = settlement.Correction(kind, amount, number, of_month)
        found.setdefault(outlet_id, []).append(correction)
    return found


def _months(
    company_id: int, month: date, outlets: Sequence[int], corrections: Container[int]
) -> Iterator[OutletMonth]:
    """The facts of these outlets' sheets; an outlet without sheets has a month when there is something to correct in it."""
    seen = set()
    for sheets in sheets_of(company_id, month, outlets):
        seen.add(sheets.outlet_id)
        yield sheets
    for outlet_id in outlets:
        if outlet_id in corrections and outlet_id not in seen:
            yield OutletMonth(outlet_id, [], [])


def _reversals(outlets: Sequence[int], month: date) -> dict[int, int]:
    counted: dict[int, int] = {}
    for outlet_id in Statement.objects.filter(
        outlet_id__in=outlets, month=month, state=State.REVERSED
    ).values_list("outlet_id", flat=True):
        counted[outlet_id] = counted.get(outlet_id, 0) + 1
    return counted


def _number(code: str, month: date, reversals: int) -> str:
    """JS-GZ001-202604; a month settled anew after a reversal gets -2, -3 …"""
    return f"JS-{code}-{month:%Y%m}" + (f"-{reversals + 1}" if reversals else "")


def _fill(
    statement: Statement,
    result: settlement.MonthResult,
    receipt: Receipt | None,
    duplicates: int,
    by: Access,
    at: datetime,
) -> None:
    totals = result.totals
    paper, electronic = (receipt.paper_on, receipt.electronic_on) if receipt else (None, None)
    statement.paper_on, statement.electronic_on = paper, electronic
    statement.arrived_on = max(paper, electronic) if paper and electronic else None
    statement.rate, statement.rate_code = totals.rate, result.code
    statement.duplicates = duplicates
    for name in ("records", "paid", "void", "forged", "out_of_warranty", "claimed_out", "unpriced"):
        setattr(statement, name, getattr(totals, name))
    for name in ("labour", "travel", "gross", "reduced", "deductions", "deducted", "refund", "net"):
        setattr(statement, name, getattr(totals, name))
    statement.outdated = False
    statement.made_at, statement.made_by_id = at, by.person_id
    if statement.pk:
        statement.version += 1


def _decision(
    statement: Statement,
    region_id: int,
    result: settlement.MonthResult,
    sheets: OutletMonth,
    corrections: tuple[settlement.Correction, ...],
    basis: Basis,
    by: Access,
    at: datetime,
) -> Decision:
    decided = result.decision
    return Decision(
        company_id=by.company_id,
        region_id=region_id,
        outlet_id=statement.outlet_id,
        question=decided.question,
        thing=Statement._meta.label_lower,
        facts={
            "month": kernel.to_json(basis.month),
            "paper_on": kernel.to_json(statement.paper_on),
            "electronic_on": kernel.to_json(statement.electronic_on),
            "sheets": sheets.facts,
            **({"corrections": kernel.to_json(list(corrections))} if corrections else {}),
        },
        answer=kernel.to_json(decided.answer),
        reasons=kernel.to_json(decided.reasons),
        editions={name: edition.pk for name, edition in basis.editions.items()},
        rules_version=kernel.RULES_VERSION,
        made_at=at,
        made_by_id=by.person_id,
        supersedes_id=statement.decision_id,
    )


@as_owner("COPY is refused where row-level security holds; make_statement has asked for the permission")
def _store(
    statements: list[Statement],
    decisions: list[Decision],
    lines: list[tuple[Statement, list[str], list[settlement.SheetOutcome]]],
) -> None:
    """Write a batch: statements, their decisions, their lines."""
    again = [statement for statement in statements if statement.pk]
    new = [statement for statement in statements if not statement.pk]
    if again:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM settlements_line WHERE statement_id = ANY(%s)",
                [[statement.pk for statement in again]],
            )
    _number_rows(new + decisions)  # ids first, so that each is written once
    for statement, decision in zip(statements, decisions, strict=True):
        decision.thing_id = statement.pk
        statement.decision_id = decision.pk
    _copy_decisions(decisions)
    Statement.objects.bulk_create(new)
    for statement in again:
        statement.save()
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY settlements_line (statement_id, sheet_id, outcome, labour, travel, deducted, refund, why, live) FROM STDIN"
        ) as copy,
    ):
        for statement, ids, outcomes in lines:
            copy.write(_copy_rows(statement.pk, ids, outcomes))


# Decisions hold the facts of all their sheets: COPY takes them as they are, an INSERT would quote every character twice.
_DECISION = (
    "id", "company_id", "region_id", "outlet_id", "question", "thing", "thing_id", "facts", "answer", "reasons", "editions",
    "rules_version", "made_at", "made_by_id", "supersedes_id",
)  # fmt: skip


def _copy_decisions(decisions: list[Decision]) -> None:
    columns = ", ".join(_DECISION)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY decisions_decision ({columns}) FROM STDIN") as copy,
    ):
        for decision in decisions:
            values = (getattr(decision, name) for name in _DECISION)
            copy.write_row(
                [json.dumps(v, ensure_ascii=False) if isinstance(v, dict | list) else v for v in values]
            )


def _copy_rows(statement_id: int, ids: list[str], outcomes: list[settlement.SheetOutcome]) -> str:
    """COPY's text rows. `why` has no tabs or line ends (the rules write white space as %XX); a backslash is doubled."""
    rows = []
    for sheet_id, (outcome, labour, travel, deductions, refund, why) in zip(ids, outcomes, strict=True):
        deducted = sum(amount for _, amount in deductions) if deductions else 0
        if "\\" in why:
            why = why.replace("\\", "\\\\")
        rows.append(
            f"{statement_id}\t{sheet_id}\t{outcome}\t{labour}\t{travel}\t{deducted}\t{refund}\t{why}\tt\n"
        )
    return "".join(rows)


def _number_rows(rows: list[Statement] | list[Decision] | list[Statement | Decision]) -> None:
    for model in (Statement, Decision):
        waiting = [row for row in rows if isinstance(row, model) and row.pk is None]
        if waiting:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                    [model._meta.db_table, len(waiting)],
                )
                for row, (pk,) in zip(waiting, cursor.fetchall(), strict=True):
                    row.pk = pk
