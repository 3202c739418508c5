"""A finding's life: proposed, confirmed by a second person, shown, appealed against, decided by a third; and settled months (KA-11.2, KA-7.3)."""

from datetime import date, timedelta

import pytest

from sanbao.decisions.queries import replay
from sanbao.ledger.queries import balance
from sanbao.notices.models import Notice
from sanbao.settlements import operations, queries
from sanbao.settlements.models import Correction, Finding
from sanbao.ui.refusal import Refusal, Stale
from tests.cast import NOW, Cast, moment

MAY = date(2026, 5, 1)
JUNE_20 = moment(2026, 6, 20)


def proposed(cast: Cast, kind: str = "forged", **told: object) -> Finding:
    return operations.register_finding(cast.sheet(), kind, by=cast.access("callbacks"), at=NOW, **told)


def test_a_finding_costs_nothing_until_a_second_person_has_confirmed_it(cast: Cast) -> None:
    """KA-11.2: the registrar can't confirm; the supervisor can, and the next draft takes ten times the fee."""
    finding = proposed(cast)
    cast.received()

    before = cast.statement()
    with pytest.raises(Exception, match="."):
        operations.confirm_finding(finding, version=None, by=cast.access("callbacks"), at=NOW)
    operations.confirm_finding(finding, version=finding.version, by=cast.access("supervisor"), at=NOW)
    after = cast.statement()

    assert (before.forged, before.net) == (0, 8000)
    assert (after.forged, after.net) == (1, -80000)


def test_who_registered_a_finding_does_not_confirm_it_even_with_both_posts(cast: Cast) -> None:
    from sanbao.outlets import operations as outlets
    from sanbao.outlets.queries import access_of

    outlets.appoint(cast.people["callbacks"], "supervisor", by=cast.access("admin"), at=NOW)
    finding = proposed(cast)

    with pytest.raises(Refusal) as refused:
        operations.confirm_finding(
            finding, version=None, by=access_of(cast.people["callbacks"], NOW.date()), at=NOW
        )

    assert refused.value.code == "four_eyes"


def test_a_dropped_proposal_is_never_seen_by_the_outlet(cast: Cast) -> None:
    finding = proposed(cast)
    operations.drop_finding(finding, "号码拨错，核实无误", version=None, by=cast.access("supervisor"), at=NOW)

    assert not queries.findings(cast.access("owner-GZ001")).exists()
    assert queries.findings(cast.access("callbacks")).get().state == "dropped"


def test_the_outlet_appeals_within_ten_days_and_not_after(cast: Cast) -> None:
    """Confirmed on 20 May: until Saturday 30 May, which rolls on to Monday 1 June (Civil Code 203)."""
    finding = cast.found(cast.sheet(), "forged")
    owner = cast.access("owner-GZ001")

    assert finding.appeal_until == date(2026, 6, 1)
    with pytest.raises(Refusal) as late:
        operations.appeal_finding(finding, "用户记错了", version=None, by=owner, at=moment(2026, 6, 2, 0, 0))
    appealed = operations.appeal_finding(
        finding, "用户记错了", ["附用户签字"], version=None, by=owner, at=moment(2026, 6, 1, 23, 59)
    )

    assert late.value.code == "too_late" and "2026" in str(late.value)
    assert appealed.state == "appealed"
    assert [remark.text for remark in appealed.remarks.filter(kind="appeal")] == ["用户记错了", "附用户签字"]


def test_the_head_may_admit_a_late_appeal_with_a_reason(cast: Cast) -> None:
    finding = cast.found(cast.sheet(), "forged")

    with pytest.raises(Refusal) as early:
        operations.admit_late_appeal(finding, "网点停电", version=None, by=cast.access("head"), at=NOW)
    with pytest.raises(Refusal):
        operations.admit_late_appeal(finding, " ", version=None, by=cast.access("head"), at=JUNE_20)
    admitted = operations.admit_late_appeal(
        finding, "网点因台风停业", version=None, by=cast.access("head"), at=JUNE_20
    )

    assert early.value.code == "in_time"
    assert admitted.state == "appealed"


def test_neither_proposer_nor_confirmer_decides_the_appeal(cast: Cast) -> None:
    finding = cast.found(cast.sheet(), "forged")
    appeal(cast, finding)

    with pytest.raises(Refusal) as refused:
        operations.uphold_finding(finding, "维持", version=None, by=cast.access("supervisor"), at=NOW)

    assert refused.value.code == "four_eyes"
    assert operations.uphold_finding(finding, "维持", version=None, by=cast.access("head"), at=NOW).state == "upheld"  # fmt: skip


def appeal(cast: Cast, finding: Finding) -> None:
    operations.appeal_finding(finding, "用户记错了", version=None, by=cast.access("owner-GZ001"), at=NOW)


def test_an_appeal_granted_in_an_open_month_takes_the_deduction_away(cast: Cast) -> None:
    finding = cast.found(cast.sheet(), "forged")
    cast.received()
    appeal(cast, finding)
    before = cast.statement()
    operations.grant_appeal(finding, "用户确认师傅来过", version=None, by=cast.access("head"), at=NOW)

    with pytest.raises(Refusal) as outdated:
        operations.move(before, "submission", version=None, by=cast.access("clerk"), at=NOW)
    after = cast.statement()

    assert outdated.value.code == "outdated"
    assert (before.net, after.net) == (-80000, 8000)
    assert not Correction.objects.exists()


def test_an_appeal_granted_in_part_leaves_another_finding(cast: Cast) -> None:
    """Not forged, but overcharged: 50 yuan instead of ten times the fee, and the fee is earned."""
    finding = cast.found(cast.sheet(), "forged")
    cast.received()
    appeal(cast, finding)
    operations.grant_appeal(
        finding, "上门属实，多收费属实", kind="overcharge", refund_fen=3000, version=None, by=cast.access("head"), at=NOW
    )  # fmt: skip

    statement = cast.statement()

    assert (statement.paid, statement.deducted, statement.refund, statement.net) == (1, 5000, 3000, 3000)
    assert finding.replaced_by.state == "upheld"


def test_a_finding_about_a_settled_month_is_a_line_of_the_next_open_one(cast: Cast) -> None:
    """April is paid: the tenfold fine and the fee come off May, citing the sheet of April; the ledger comes out even."""
    sheet = cast.sheet()
    cast.received()
    april = cast.statement(upto="paid")
    cast.found(sheet, "forged")

    may = month_of_may(cast)

    correction = Correction.objects.get()
    assert (correction.month, correction.of_month, correction.amount_fen) == (MAY, date(2026, 4, 1), 88000)
    assert (may.deductions["correction"], may.deducted, may.net) == (88000, 88000, -80000)
    assert april.net == 8000
    assert replay(may.decision).same and replay(correction.decision).same
    told = " ".join(s.text for s in queries.Explainer(may, "zh").month().sentences)
    assert sheet.number in told and "2026年4月" in told and "880" in told
    assert balance(cast.company.pk, "outlet-payable", cast.outlets["GZ001"].pk) == 80000


def month_of_may(cast: Cast, at=JUNE_20, upto: str = "paid"):
    outlet = cast.outlets["GZ001"]
    if not outlet.sheets.filter(month=MAY).exists():
        cast.sheet(month=MAY, completed_on=date(2026, 5, 9), reported_on=date(2026, 5, 8))
        operations.register_receipt(
            outlet, MAY, paper_on=date(2026, 6, 9), electronic_on=date(2026, 6, 9), by=cast.access("clerk"), at=at
        )  # fmt: skip
    made = operations.make_statement(outlet, MAY, by=cast.access("clerk"), at=at)
    for noun, who in (("submission", "clerk"), ("check", "supervisor"), ("approval", "head"), ("payment", "finance")):  # fmt: skip
        made = operations.move(made, noun, version=None, by=cast.access(who), at=at)
    return made


def test_a_granted_appeal_about_a_settled_month_comes_back_in_the_next(cast: Cast) -> None:
    finding = cast.found(cast.sheet(), "forged")
    cast.received()
    cast.statement(upto="paid")
    appeal(cast, finding)
    operations.grant_appeal(finding, "用户确认师傅来过", version=None, by=cast.access("head"), at=NOW)

    may = month_of_may(cast)

    assert (may.deductions["credit"], may.net) == (-88000, 96000)
    assert (may.brought_forward, may.payable) == (80000, 16000)
    assert balance(cast.company.pk, "outlet-payable", cast.outlets["GZ001"].pk) == 0
    assert balance(cast.company.pk, "deduction-income") == -80000 + 88000


def test_a_month_without_sheets_is_settled_for_a_correction(cast: Cast) -> None:
    sheet = cast.sheet()
    cast.received()
    cast.statement(upto="paid")
    cast.found(sheet, "late_service")

    made = operations.make_statement(cast.outlets["GZ001"], MAY, by=cast.access("clerk"), at=JUNE_20)

    assert (made.records, made.deducted, made.net) == (0, 3000, -3000)
    assert replay(made.decision).same


def test_a_month_reversed_after_a_correction_does_not_count_it_twice(cast: Cast) -> None:
    sheet = cast.sheet()
    cast.received()
    april = cast.statement(upto="paid")
    finding = cast.found(sheet, "late_service")
    operations.move(april, "reversal", version=None, by=cast.access("head"), at=NOW, reason="重做")

    assert cast.statement().deducted == 0
    appeal(cast, finding)
    operations.grant_appeal(finding, "未超时", version=None, by=cast.access("head"), at=NOW)
    assert sorted(Correction.objects.values_list("amount_fen", flat=True)) == [-3000, 3000]


def test_a_false_panel_claim_costs_ten_times_the_panel_and_the_second_ends_the_benefit(cast: Cast) -> None:
    """KA-7.3, A-56: the first in the calendar year is fined; the second ends the year's benefit, and both decisions replay."""
    first = cast.found(cast.sheet(), "false_panel", panel_fen=12000)
    assert queries.panel_benefit(cast.outlets["GZ001"], NOW.date()) is True
    second = cast.found(cast.sheet(), "false_panel", panel_fen=20000)
    cast.received()

    statement = cast.statement()

    assert statement.deductions["false_panel"] == 120000
    assert second.panel_off_until == date(2026, 12, 31)
    assert [queries.panel_benefit(cast.outlets["GZ001"], day) for day in (date(2026, 12, 31), date(2027, 1, 1))] == [False, True]  # fmt: skip
    assert queries.panel_benefit(cast.outlets["SZ021"], NOW.date()) is True
    assert replay(first.panel_decision).same and replay(second.panel_decision).same
    assert replay(statement.decision).same


def test_a_second_claim_becomes_the_first_when_the_appeal_against_the_first_is_granted(cast: Cast) -> None:
    """KA-7.3, A-56: fined instead of losing the benefit, by a decision that replays; in an open month the next draft counts it."""
    first = cast.found(cast.sheet(), "false_panel", panel_fen=12000)
    second = cast.found(cast.sheet(), "false_panel", panel_fen=20000)
    third = cast.found(cast.sheet(), "false_panel", panel_fen=30000)
    cast.received()
    before = cast.statement()
    operations.accept_finding(second, version=None, by=cast.access("owner-GZ001"), at=NOW)
    appeal(cast, first)
    later = NOW + timedelta(days=3)
    operations.grant_appeal(first, "面板确已破损", version=None, by=cast.access("head"), at=later)

    decided_before, third_before = second.panel_decision, third.panel_decision
    second.refresh_from_db()
    third.refresh_from_db()
    assert before.deductions["false_panel"] == 120000
    assert (second.fine_fen, second.panel_off_until) == (200000, None)
    assert (second.state, second.accepted_by, second.appeal_until) == ("confirmed", None, date(2026, 6, 2))
    assert second.panel_decision != decided_before and replay(second.panel_decision).same
    assert (third.panel_off_until, third.panel_decision) == (date(2026, 12, 31), third_before)
    assert first.sheet.number in queries.remarks(second).filter(kind="verdict").get().text
    assert (
        Notice.objects.filter(kind="settlements:finding-redecided", person=cast.people["owner-GZ001"]).count()
        == 1
    )
    assert cast.statement().deductions["false_panel"] == 200000

    appeal(cast, second)
    operations.grant_appeal(second, "同上", version=None, by=cast.access("head"), at=later)
    third.refresh_from_db()
    assert (third.fine_fen, queries.panel_benefit(cast.outlets["GZ001"], NOW.date())) == (300000, True)


def test_a_claim_of_a_settled_month_that_becomes_the_first_is_corrected_in_the_next(cast: Cast) -> None:
    """KA-7.3: what was settled stays; the fine is a correction of the first open month."""
    first = cast.found(cast.sheet(), "false_panel", panel_fen=12000)
    second = cast.found(cast.sheet(), "false_panel", panel_fen=20000)
    cast.received()
    cast.statement(upto="paid")
    appeal(cast, first)
    operations.grant_appeal(first, "面板确已破损", version=None, by=cast.access("head"), at=NOW)

    given = dict(Correction.objects.values_list("finding", "amount_fen"))
    assert given == {first.pk: -120000, second.pk: 200000}
    assert all(replay(one.decision).same for one in Correction.objects.all())
    assert queries.panel_benefit(cast.outlets["GZ001"], NOW.date()) is True


def test_a_claim_whose_month_was_settled_and_reversed_is_decided_anew_just_once(cast: Cast) -> None:
    """Nothing was booked for the second claim before, so it begins to count in its own month."""
    first, second = cast.sheet(), cast.sheet()
    cast.received()
    april = cast.statement(upto="paid")
    claims = [cast.found(sheet, "false_panel", panel_fen=10000) for sheet in (first, second)]
    operations.move(april, "reversal", version=None, by=cast.access("head"), at=NOW, reason="重做")
    appeal(cast, claims[0])
    operations.grant_appeal(claims[0], "未作假", version=None, by=cast.access("head"), at=NOW)

    assert sorted(Correction.objects.values_list("amount_fen", flat=True)) == [-100000, 100000]
    assert cast.statement().deductions["false_panel"] == 100000


def test_a_claim_withdrawn_in_an_open_month_moves_the_later_ones_up(cast: Cast) -> None:
    first = cast.found(cast.sheet(), "false_panel", panel_fen=12000)
    second = cast.found(cast.sheet(), "false_panel", panel_fen=20000)
    operations.withdraw_finding(first, by=cast.access("supervisor"), at=NOW)

    second.refresh_from_db()
    assert (second.fine_fen, second.panel_off_until) == (200000, None)


def test_a_sheet_found_unclear_is_void(cast: Cast) -> None:
    cast.found(cast.sheet(), "incomplete")
    cast.received()

    statement = cast.statement()

    assert (statement.void, statement.deductions["void_sheet"], statement.net) == (1, 1000, -1000)


def test_an_order_to_improve_is_looked_at_again(cast: Cast) -> None:
    """KA-11.2 c: ordered, then 50 yuan only where it has not improved, and only when confirmed."""
    ordered = cast.found(cast.sheet(), "ordered", note="态度生硬")
    cast.received()
    again = operations.recheck_finding(
        ordered, False, ["回访用户仍不满意"], by=cast.access("callbacks"), at=NOW + timedelta(days=9)
    )

    assert ordered.improve_by == date(2026, 5, 27)
    assert (again.kind, again.state, again.follows_id) == ("unimproved", "proposed", ordered.pk)
    assert cast.statement().deducted == 0
    operations.confirm_finding(again, version=None, by=cast.access("supervisor"), at=NOW + timedelta(days=9))
    assert cast.statement().deducted == 5000
    with pytest.raises(Refusal):
        operations.recheck_finding(ordered, True, by=cast.access("callbacks"), at=NOW + timedelta(days=10))


def test_an_improvement_costs_nothing_and_needs_no_second_person(cast: Cast) -> None:
    ordered = cast.found(cast.sheet(), "ordered")
    cast.received()

    improved = operations.recheck_finding(ordered, True, by=cast.access("callbacks"), at=NOW)

    assert improved.state == "confirmed" and cast.statement().deducted == 0


def test_the_outlet_shows_the_refund_with_a_proof(cast: Cast) -> None:
    """KA-11.2 d: overcharged money goes back to the customer; without a proof, or on a day to come, it has not."""
    finding = cast.found(cast.sheet(), "overcharge", refund_fen=8000)
    owner = cast.access("owner-GZ001")

    for on, proof in ((NOW.date(), []), (NOW.date() + timedelta(days=1), ["微信转账截图"])):
        with pytest.raises(Refusal):
            operations.show_refund(finding, on, proof, by=owner, at=NOW)
    assert [f.pk for f in queries.refunds_overdue(cast.access("clerk"), date(2026, 6, 1))] == [finding.pk]
    operations.show_refund(finding, NOW.date(), ["微信转账截图"], by=owner, at=NOW)
    assert not queries.refunds_overdue(cast.access("clerk"), date(2026, 6, 1))
    operations.refuse_refund_proof(finding, "截图看不清", by=cast.access("supervisor"), at=NOW)

    finding.refresh_from_db()
    assert finding.refund_by == date(2026, 5, 27) and finding.refunded_on is None


def test_where_registering_counts_no_second_person_is_asked(cast: Cast) -> None:
    from sanbao.regulations import operations as regulations

    regulations.set_own_values(
        "findings", {"confirmation": [(date(2012, 1, 1), "registered_counts", "own findings")]},
        edition="2026.1+own", by=cast.access("admin"), at=NOW,
    )  # fmt: skip
    proposed(cast, "late_service")
    cast.received()

    assert cast.statement().deducted == 3000


def test_a_form_seen_before_another_confirmed_is_stale(cast: Cast) -> None:
    finding = proposed(cast)
    operations.confirm_finding(finding, version=1, by=cast.access("supervisor"), at=NOW)

    with pytest.raises(Stale):
        operations.drop_finding(finding, "无事", version=1, by=cast.access("head"), at=NOW)


def test_a_confirmed_finding_is_not_taken_back_by_its_registrar_alone(cast: Cast) -> None:
    finding = cast.found(cast.sheet(), "forged")

    with pytest.raises(Exception) as refused:
        operations.withdraw_finding(finding, by=cast.access("callbacks"), at=NOW)
    operations.withdraw_finding(finding, by=cast.access("supervisor"), at=NOW)

    assert "PermissionDenied" in type(refused.value).__name__
    assert not queries.findings(cast.access("callbacks")).exists()


def test_who_proposes_from_another_module_gives_evidence_and_a_path(cast: Cast) -> None:
    finding = operations.propose_finding(
        cast.sheet(), "forged", note="用户说没人来过", evidence=["录音 15:02", ""], source="callback",
        source_path="/callbacks/7/", by=cast.access("agent"), at=NOW,
    )  # fmt: skip

    assert (finding.state, finding.source, finding.source_path) == ("proposed", "callback", "/callbacks/7/")
    assert [remark.text for remark in finding.remarks.all()] == ["录音 15:02"]
