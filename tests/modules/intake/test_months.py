"""A month of service summed up: every number leads to its rows, and what was summed up stays as it was."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client

from sanbao.accounts.models import Company
from sanbao.intake import operations, summaries
from sanbao.intake.models import Request, Summary
from sanbao.notices.models import Notice
from tests.cast import NOW, Cast, moment

MAY = date(2026, 5, 1)


@pytest.fixture
def may(cast: Cast) -> dict[str, Request]:
    """Four of May: solved and closed with the customer's words, reopened, cancelled, one of an outlet; and one of April."""
    by = cast.access("supervisor")
    made = {name: cast.request(subject=name) for name in ("closed", "again", "gone")}
    made["outlet"] = cast.request(subject="outlet", outlet=cast.outlets["GZ001"])
    made["april"] = cast.request(subject="april", at=moment(2026, 4, 30, 23, 59))
    for name in ("closed", "again"):
        row = operations.take(made[name], version=None, by=by, at=NOW)
        operations.move(
            row,
            "solution",
            version=None,
            by=by,
            at=moment(2026, 5, 20, 11),
            text="清理",
            first_contact=name == "closed",
        )
    operations.move(made["closed"], "closure", version=None, by=by, at=moment(2026, 5, 21, 9), text="很满意")
    operations.move(made["again"], "reopening", version=None, by=by, at=moment(2026, 5, 21, 9), reason="还响")
    operations.move(made["gone"], "cancellation", version=None, by=by, at=NOW, reason="误报")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the tally counts when a transaction ends
    return made


def test_the_month_is_counted_by_the_requests_received_in_it(cast: Cast, may: dict[str, Request]) -> None:
    """clause BA-5, clause MO-4: request, solution and feedback, summed up."""
    found = summaries.figures(Request.objects.filter(company=cast.company), MAY)
    assert found["totals"] == {
        "received": 4, "open": 2, "closed": 1, "cancelled": 1, "solved": 1, "first": 1, "reopened": 1, "missed": 0, "answered": 1,
    }  # fmt: skip
    assert found["seconds_to_solution"] == 2 * 3600
    assert [kind for kind, _state, _count in found["promises"]].count("resolution") >= 2


def test_every_number_leads_to_exactly_the_rows_it_counts(sign_in, may: dict[str, Request]) -> None:
    """clause MO-4."""
    supervisor: Client = sign_in("supervisor")
    page = supervisor.get("/intake/months/2026-05/")
    found = page.context["found"]
    numbers = [
        *found.totals,
        *found.channels,
        *found.levels,
        *(n for _name, row in found.outlets for n in row),
    ]
    months = supervisor.get("/intake/months/").context["months"]
    numbers += [number for _month, row in months for number in row]
    checked = {number.url: number.count for number in numbers if number.url}
    assert len(checked) > 20
    for url, count in checked.items():
        assert len(supervisor.get(url).context["list"].rows) == count, url


def test_the_archive_holds_request_solution_and_feedback_in_one_row(sign_in, may: dict[str, Request]) -> None:
    """clause BA-5: archived together."""
    supervisor = sign_in("supervisor")
    page = supervisor.get("/intake/months/2026-05/")
    listed = supervisor.get(page.context["archive"]).content.decode()
    assert all(words in listed for words in (may["closed"].number, "清理", "很满意"))
    assert may["again"].number not in listed


def test_an_outlet_sees_its_own_numbers_only(sign_in, may: dict[str, Request]) -> None:
    """ASVS 8.2.2."""
    owner = sign_in("owner-GZ001")
    found = owner.get("/intake/months/2026-05/").context["found"]
    assert (found.totals[0].count, [name for name, _row in found.outlets]) == (1, [str(may["outlet"].outlet)])
    assert [row[0].count for _month, row in owner.get("/intake/months/").context["months"]] == [1]


def test_on_the_first_working_day_the_month_is_kept_once_and_its_leaders_are_told(
    cast: Cast, may: dict[str, Request]
) -> None:
    """clause BA-5: at regular intervals. 1 June 2026 is a Monday."""
    assert summaries.keep_all(moment(2026, 6, 1, 7, 59)) == 0, "not before eight"
    assert summaries.keep_all(moment(2026, 6, 1, 8, 5)) == 1
    assert summaries.keep_all(moment(2026, 6, 1, 9, 5)) == 0, "once"
    summary = Summary.objects.get()
    assert (summary.month, summary.figures["totals"]["received"]) == (MAY, 4)
    assert Notice.objects.filter(kind="intake:summary", person=cast.people["head"]).count() == 1


def test_a_month_that_ends_before_a_holiday_is_kept_after_it(cast: Cast) -> None:
    """1 to 7 October 2026 are the national holidays."""
    cast.request(at=moment(2026, 9, 29, 9))
    assert summaries.keep_all(moment(2026, 10, 1, 9)) == 0
    assert summaries.keep_all(moment(2026, 10, 8, 9)) == 1


def test_what_was_summed_up_stays_though_the_requests_go_on(
    cast: Cast, may: dict[str, Request], sign_in
) -> None:
    summaries.keep_all(moment(2026, 6, 1, 9))
    operations.move(
        may["again"], "cancellation", version=None, by=cast.access("supervisor"), at=NOW, reason="x"
    )
    found = sign_in("supervisor").get("/intake/months/2026-05/").context["found"]
    cancelled = next(number for number in found.totals if number.label == "已取消")
    assert (cancelled.count, cancelled.kept) == (2, 1)
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        Summary.objects.update(figures={})


def test_a_company_without_requests_has_no_summary(cast: Cast) -> None:
    assert summaries.keep(Company.objects.get(pk=cast.company.pk), MAY, NOW) is None


@pytest.mark.parametrize("text", ["2026-13", "2026-5", "1999-01", "x", "2026-05-01"])
def test_a_month_that_is_none_is_not_found(cast: Cast, sign_in, text: str) -> None:
    assert sign_in("supervisor").get(f"/intake/months/{text}/").status_code == 404


def test_months_without_requests_say_so(cast: Cast, sign_in) -> None:
    supervisor = sign_in("supervisor")
    assert "暂无服务请求" in supervisor.get("/intake/months/").content.decode()
    assert supervisor.get("/intake/months/2026-05/").status_code == 200


def test_the_summary_leaves_as_a_workbook_with_the_same_numbers(may: dict[str, Request], sign_in) -> None:
    """clause BA-5: the month as Excel, and an event that says who took it."""
    from io import BytesIO

    from openpyxl import load_workbook

    from sanbao.audit.models import Event

    client: Client = sign_in("supervisor")
    page = client.get("/intake/months/2026-05/")
    answer = client.get("/intake/months/2026-05/?export=xlsx")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="service-2026-05.xlsx"'
    book = load_workbook(BytesIO(answer.content))
    course = {row[0].value: row[1].value for row in book.worksheets[0].iter_rows(min_row=2)}
    for number in page.context["found"].totals:
        assert course[number.label] == number.count
    outlets = {row[0].value: row[1].value for row in book.worksheets[5].iter_rows(min_row=2)}
    assert outlets == {name: numbers[0].count for name, numbers in page.context["found"].outlets}
    assert Event.objects.filter(action="intake:months:exported").count() == 1
