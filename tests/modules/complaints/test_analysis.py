"""Where complaints come from, the numbers of appraisal, and the report to the company's leaders (PV-4, PV-7, CS-6, ST-8, GN-4)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sanbao.audit.models import Event
from sanbao.complaints import analysis, queries, reports
from sanbao.complaints.models import Complaint, Report
from sanbao.complaints.queries import Rate
from sanbao.notices.models import Message, Notice
from tests.cast import NOW, Cast, moment
from tests.modules.complaints import file
from tests.modules.ui.test_printing import text_of
from tests.modules.workorders import crew

DAY = timedelta(days=1)
MAY, LAST = date(2026, 5, 1), date(2026, 5, 31)


@pytest.fixture
def told(cast: Cast) -> Cast:
    """Three complaints about GZ001 (two proven, one not), one about SZ021 that is withdrawn, one about nobody."""
    crew.maintained(cast, NOW, outlet=cast.outlets["GZ001"])
    file.archived(cast, outlet="GZ001")
    file.justified(cast, outlet="GZ001", kind="delay", phone="13900000001", serial="")
    file.rejected(cast, outlet="GZ001", phone="13900000002", serial="")
    gone = file.handed(cast, outlet="SZ021", phone="13900000003", serial="")
    file.move(cast, gone, "withdrawal", "agent", NOW + DAY, reason="x")
    file.registered(cast, kind="quality", phone="13900000004", serial="")
    return cast


def test_the_numbers_of_appraisal(told: Cast) -> None:
    """clause PV-7: complaint rate, valid complaints by outlet and person, in-time rates; definitions in docs/modules/complaints.md."""
    company, outlet = told.company.pk, told.outlets["GZ001"].pk
    assert queries.complaint_rate(company, MAY, LAST) == {outlet: Rate(3, 1)}
    assert queries.valid_complaints(company, MAY, LAST) == {outlet: 2}
    assert queries.justified_rate(company, MAY, LAST) == {outlet: Rate(2, 3)}
    in_time = queries.in_time(company, MAY, LAST)[""]
    assert (in_time["answer"], in_time["verification"]) == (Rate(3, 3), Rate(3, 3))
    assert queries.in_time(company, MAY, LAST, by="person")[told.people["support"].pk][
        "verification"
    ] == Rate(3, 3)


def test_each_bar_leads_to_exactly_its_rows(told: Cast, sign_in) -> None:
    """clause PV-4: drill-down."""
    access, client = told.access("head"), sign_in("head")
    for cut, *_rest in analysis.CUTS:
        for bar in analysis.pareto(access, cut, MAY, LAST):
            page = client.get(bar.url)
            assert page.status_code == 200
            assert len(page.context["list"].rows) == bar.count, (cut, bar)


def test_a_pareto_goes_from_the_most_frequent_and_adds_up(told: Cast) -> None:
    bars = analysis.pareto(told.access("head"), "kind", MAY, LAST)
    assert [(bar.label, bar.count) for bar in bars] == [("维修服务", 2), ("上门不及时", 1), ("产品质量", 1)]
    assert bars[-1].running == pytest.approx(1)
    assert [
        bar.count for bar in analysis.pareto(told.access("head"), "cause", MAY, LAST, only_valid=True)
    ] == [2]


def test_the_analysis_page_shows_pictures_and_tables(told: Cast, sign_in) -> None:
    page = sign_in("head").get(reverse("complaints:analysis"), {"first": "2026-05-01", "last": "2026-05-31"})
    assert page.status_code == 200
    text = page.content.decode()
    assert text.count('<svg class="pareto"') == 6
    assert "维修不到位" in text
    assert (
        sign_in("head")
        .get(reverse("complaints:analysis"), {"first": "?", "last": "2999-99-99", "valid": "on"})
        .status_code
        == 200
    )


def test_the_months_report_is_kept_once_told_and_mailed(told: Cast, settings) -> None:
    """clause CS-6: 及时向公司领导汇报客户投诉情况."""
    settings.SANBAO_MAIL = "console:"
    assert reports.report_all(moment(2026, 6, 1, 7, 59)) == 0
    assert reports.report_all(moment(2026, 6, 1, 8)) == 1
    assert reports.report_all(moment(2026, 6, 1, 9)) == 0
    kept = Report.objects.get()
    assert (kept.month, kept.figures["totals"]["received"], kept.figures["totals"]["justified"]) == (
        MAY,
        4,
        2,
    )
    assert set(
        Notice.objects.filter(kind="complaints:report").values_list("person__username", flat=True)
    ) == {"head", "supervisor", "auditor"}
    assert not Message.objects.filter(kind="complaints:report").exclude(channel="email").exists()


def test_a_month_begins_with_a_holiday_and_the_report_waits_for_the_first_working_day(told: Cast) -> None:
    Complaint.objects.update(received_at=moment(2026, 9, 10))
    assert reports.report_all(moment(2026, 10, 7, 10)) == 0
    assert reports.report_all(moment(2026, 10, 8, 8, 15)) == 1


def test_the_report_as_page_and_pdf_names_no_customer(told: Cast, sign_in, tmp_path) -> None:
    reports.report_all(moment(2026, 6, 1, 8))
    client = sign_in("head")
    page = client.get(reverse("complaints:report", args=["2026-05"])).content.decode()
    assert "密封圈方向写进作业指导" in page
    answer = client.get(reverse("complaints:report-pdf", args=["2026-05"]))
    text = text_of(answer.content, tmp_path)
    assert "投诉月报" in text
    assert "GZ001" in text
    assert "张三丰" not in text
    assert Event.objects.filter(action="complaints:report:taken").exists()


def test_the_handling_sheet_is_masked_and_in_full_only_for_a_reason(told: Cast, sign_in, tmp_path) -> None:
    """clauses RW-8, PV-4; GN-8."""
    made = Complaint.objects.get(state="archived")
    client = sign_in("agent")
    masked = text_of(client.get(reverse("complaints:sheet", args=[made.pk])).content, tmp_path)
    assert made.number in masked
    assert "SB-TS-01" in masked
    assert "13800005678" not in masked
    assert client.post(reverse("complaints:sheet-full", args=[made.pk]), {"reason": ""}).status_code == 422
    full = text_of(
        client.post(reverse("complaints:sheet-full", args=[made.pk]), {"reason": "存档"}).content, tmp_path
    )
    assert "13800005678" in full
    blank = text_of(client.get(reverse("complaints:sheet-blank")).content, tmp_path)
    assert "投诉处理单" in blank
    assert timezone.localdate(made.received_at).isoformat() not in blank
