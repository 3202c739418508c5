"""Statements from draft to paid, in the ledger and in time (KA-11.1, KA-11.2, CO-1)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from sanbao.decisions.queries import replay
from sanbao.ledger.queries import balance, broken_invariants
from sanbao.settlements import operations
from sanbao.settlements.models import Line, Statement
from sanbao.settlements.queries import INVARIANTS, Explainer
from sanbao.ui.refusal import Refusal, Stale
from tests.cast import APRIL, NOW, Cast, moment


def test_a_sheet_in_warranty_earns_labour_and_travel(cast: Cast) -> None:
    """KA-11.1: hood, part replaced 60 yuan; 30 km are 10 over 20, at 2 yuan: 20 yuan."""
    cast.sheet()
    cast.received()

    statement = cast.statement()

    assert (statement.labour, statement.travel, statement.net) == (6000, 2000, 8000)
    assert (statement.rate, statement.rate_code) == (Decimal(1), "in_time")


def test_every_line_explains_itself_in_both_languages_with_its_clause(cast: Cast) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement()

    line = statement.lines.get()
    chinese = Explainer(statement, "zh").line(line)
    english = Explainer(statement, "en").line(line)

    assert any("48" in s.text or "20.00" in s.text for s in chinese.sentences)
    assert {s.clause for s in chinese.sentences} == {s.clause for s in english.sentences}
    assert "appliance KA-5.1" in {s.clause for s in chinese.sentences}
    assert all(s.clause_text for s in english.sentences)


def test_a_void_sheet_earns_nothing_and_costs_ten_yuan(cast: Cast) -> None:
    """KA-11.2 a: an unclear or incomplete sheet is void and costs 10 yuan."""
    cast.sheet(address="")
    cast.received()

    statement = cast.statement()

    assert (statement.void, statement.gross, statement.net) == (1, 0, -1000)


def test_a_forged_sheet_costs_ten_times_its_fee(cast: Cast) -> None:
    """KA-11.2 e: ten times what the sheet would have cost, and it earns nothing."""
    sheet = cast.sheet()
    cast.received()
    cast.found(sheet, "forged")

    statement = cast.statement()

    assert (statement.forged, statement.gross, statement.net) == (1, 0, -80000)


def test_the_month_goes_from_draft_to_paid_and_stands_in_the_ledger(cast: Cast) -> None:
    cast.sheet()
    cast.received()

    statement = cast.statement(upto="paid")

    company, outlet = cast.company.pk, cast.outlets["GZ001"].pk
    assert statement.state == "paid"
    assert statement.payable == 8000
    assert balance(company, "service-cost") == 8000
    assert balance(company, "bank") == -8000
    assert balance(company, "outlet-payable", outlet) == 0
    assert balance(company, "outlet-accrued", outlet) == 0
    assert broken_invariants(INVARIANTS) == {}


def test_a_debt_is_set_against_the_next_month(cast: Cast) -> None:
    """A negative net is carried as a debt of the outlet, and paid off by what it earns next."""
    cast.sheet(address="")
    cast.received()
    first = cast.statement(upto="paid")
    may = date(2026, 5, 1)
    at = moment(2026, 6, 20)
    cast_sheet = cast.sheet(month=may, completed_on=date(2026, 5, 9), reported_on=date(2026, 5, 8))
    operations.register_receipt(
        cast.outlets["GZ001"], may, paper_on=date(2026, 6, 9), electronic_on=date(2026, 6, 9),
        by=cast.access("clerk"), at=at,
    )  # fmt: skip
    second = operations.make_statement(cast.outlets["GZ001"], may, by=cast.access("clerk"), at=at)
    for noun, who in (
        ("submission", "clerk"),
        ("check", "supervisor"),
        ("approval", "head"),
        ("payment", "finance"),
    ):
        second = operations.move(second, noun, version=None, by=cast.access(who), at=at)

    assert first.net == -1000
    assert cast_sheet.month == may
    assert (second.net, second.brought_forward, second.payable) == (8000, 1000, 7000)
    assert balance(cast.company.pk, "outlet-payable", cast.outlets["GZ001"].pk) == 0


def test_who_submitted_may_not_check_or_approve(cast: Cast) -> None:
    """CO-1: maker and checker are two people, and the approver is a third."""
    cast.sheet()
    cast.received()
    statement = cast.statement(upto="submitted")
    Statement.objects.filter(pk=statement.pk).update(submitted_by=cast.people["supervisor"])

    with pytest.raises(Refusal, match="another person|他人办理"):
        operations.move(statement, "check", version=None, by=cast.access("supervisor"), at=NOW)


def test_the_database_refuses_one_person_on_two_signatures(cast: Cast) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement(upto="checked")

    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.filter(pk=statement.pk).update(approved_by=statement.checked_by)


def test_a_stale_form_is_refused(cast: Cast) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement(upto="submitted")

    with pytest.raises(Stale):
        operations.move(
            statement, "check", version=statement.version - 1, by=cast.access("supervisor"), at=NOW
        )


def test_a_month_that_is_not_over_is_not_settled(cast: Cast) -> None:
    cast.sheet()

    with pytest.raises(Refusal, match="not over|还没有结束|未结束"):
        operations.make_statement(
            cast.outlets["GZ001"], APRIL, by=cast.access("clerk"), at=moment(2026, 4, 30, 23, 59)
        )


def test_a_settled_month_is_closed_for_sheets_and_receipts(cast: Cast) -> None:
    """What is found about it afterwards is a correction of a later month: test_findings.py."""
    cast.sheet()
    cast.received()
    cast.statement(upto="submitted")

    with pytest.raises(Refusal) as written:
        cast.sheet()
    with pytest.raises(Refusal) as received:
        cast.received(on=date(2026, 5, 8))

    assert {refusal.value.code for refusal in (written, received)} == {"closed"}


def test_a_draft_made_before_a_change_is_not_submitted(cast: Cast) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement()
    cast.sheet()

    with pytest.raises(Refusal) as refusal:
        operations.move(statement, "submission", version=None, by=cast.access("clerk"), at=NOW)

    assert refusal.value.code == "outdated"


def test_a_sheet_without_a_tariff_holds_the_statement_back(cast: Cast) -> None:
    cast.sheet(model="UNKNOWN-1")
    cast.received()
    statement = cast.statement()

    assert statement.unpriced == 1
    with pytest.raises(Refusal) as refusal:
        operations.move(statement, "submission", version=None, by=cast.access("clerk"), at=NOW)
    assert refusal.value.code == "unpriced"


def test_without_paper_the_statement_waits(cast: Cast) -> None:
    """KA-11.1, A-64: the electronic copy alone is not settled yet."""
    cast.sheet()
    operations.register_receipt(
        cast.outlets["GZ001"],
        APRIL,
        paper_on=None,
        electronic_on=date(2026, 5, 9),
        by=cast.access("clerk"),
        at=NOW,
    )
    statement = cast.statement()

    with pytest.raises(Refusal) as refusal:
        operations.move(statement, "submission", version=None, by=cast.access("clerk"), at=NOW)

    assert (statement.rate, refusal.value.code) == (Decimal(0), "waiting_paper")


def test_a_correction_is_a_reversal_and_the_month_is_settled_anew(cast: Cast) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement(upto="paid")

    operations.move(statement, "reversal", version=None, by=cast.access("head"), at=NOW, reason="里程有误")
    again = cast.statement(upto="paid")

    assert again.number == f"{statement.number}-2"
    assert (again.brought_forward, again.payable) == (8000, 0)
    assert balance(cast.company.pk, "bank") == -8000
    assert broken_invariants(INVARIANTS) == {}


def test_a_reversal_says_why(cast: Cast) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement(upto="approved")

    with pytest.raises(Refusal) as refusal:
        operations.move(statement, "reversal", version=None, by=cast.access("head"), at=NOW, reason="  ")

    assert refusal.value.field == "reason"


def test_one_sheet_is_never_in_two_live_statements(cast: Cast) -> None:
    sheet = cast.sheet()
    cast.received()
    cast.statement()

    with pytest.raises(IntegrityError), transaction.atomic():
        Line.objects.create(
            statement_id=999,
            sheet_id=sheet.pk,
            outcome="paid",
            labour=1,
            travel=0,
            deducted=0,
            refund=0,
            why="",
        )


def test_a_settled_line_is_never_changed(cast: Cast) -> None:
    cast.sheet()
    cast.received()
    cast.statement(upto="submitted")

    for sql in ("UPDATE settlements_line SET labour = 1", "DELETE FROM settlements_line"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_a_stored_decision_is_refused_a_change_and_replays_the_same(cast: Cast) -> None:
    cast.sheet()
    cast.sheet(address="")
    cast.received()
    statement = cast.statement(upto="submitted")

    assert replay(statement.decision).same
    for sql in ("UPDATE decisions_decision SET answer = '1'", "DELETE FROM decisions_decision"):
        with (
            pytest.raises(Exception, match="append_only|Cannot"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


def test_a_draft_made_again_supersedes_its_decision(cast: Cast) -> None:
    cast.sheet()
    cast.received()
    first = cast.statement()
    cast.sheet()
    second = cast.statement()

    assert first.pk == second.pk
    assert second.decision.supersedes_id == first.decision_id
    assert second.records == 2


def test_ten_outlets_cost_no_more_statements_than_one(cast: Cast, django_assert_max_num_queries) -> None:
    for code in cast.outlets:
        cast.sheet(outlet=code)
    with django_assert_max_num_queries(40):
        list(operations.make_statements(APRIL, by=cast.access("clerk"), at=NOW))

    assert Statement.objects.count() == len(cast.outlets)
