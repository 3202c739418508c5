"""Working times on each employee's record (BA-6): coming and going, days written down by others, a month against the hours of the place."""

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from sanbao.audit.models import Event
from sanbao.documents import operations as documents
from sanbao.intake import operations, working_times
from sanbao.intake.models import WorkTime
from sanbao.notices.models import Notice
from sanbao.outlets import operations as outlets
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast, moment
from tests.modules.documents import make

pytestmark = pytest.mark.django_db
WEDNESDAY = date(2026, 5, 20)  # 8:30 to 17:30 by the calendar


def at(hour: int, minute: int = 0, day: int = 20) -> object:
    return moment(2026, 5, day, hour, minute)


def worked(cast: Cast, who: str = "agent", day: int = 20, came: tuple[int, int] = (8, 20), went: tuple[int, int] | None = (17, 35)) -> WorkTime:  # fmt: skip
    row = operations.come(by=cast.access(who), at=at(*came, day=day))
    return operations.go(by=cast.access(who), at=at(*went, day=day)) if went else row


def code(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.code


def test_whoever_comes_in_time_and_goes_in_time_is_on_record_without_a_word(cast: Cast) -> None:
    """BA-6."""
    row = worked(cast)
    assert (row.day, row.due_from, row.due_to, row.late, row.early) == (WEDNESDAY, time(8, 30), time(17, 30), 0, 0)  # fmt: skip
    assert row.outlet_id is None
    assert row.minutes == 9 * 60 + 15
    events = Event.objects.filter(action__startswith="intake:time:").order_by("id").values_list("action", flat=True)  # fmt: skip
    assert list(events) == ["intake:time:came", "intake:time:went"]


@pytest.mark.parametrize(("came", "late"), [((8, 29), 0), ((8, 30), 0), ((8, 31), 1), ((9, 0), 30)])
def test_lateness_is_counted_in_whole_minutes_after_the_opening(cast: Cast, came: tuple[int, int], late: int) -> None:  # fmt: skip
    assert worked(cast, came=came).late == late


@pytest.mark.parametrize(("went", "early"), [((17, 29), 1), ((17, 30), 0), ((16, 0), 90)])
def test_leaving_early_is_counted_against_the_closing(cast: Cast, went: tuple[int, int], early: int) -> None:
    assert worked(cast, went=went).early == early


def test_an_outlet_s_own_hours_count_for_its_people_and_a_day_off_asks_for_nothing(cast: Cast) -> None:
    """BA-6, EN-5: against the duty roster of the place."""
    operations.keep_duty(cast.outlets["GZ001"], day=WEDNESDAY, opens=time(10), closes=time(19), by=cast.access("admin"), at=NOW)  # fmt: skip
    there = worked(cast, "outlet-clerk", came=(9, 50), went=(18, 30))
    assert (there.outlet_id, there.late, there.early) == (cast.outlets["GZ001"].pk, 0, 30)
    here = worked(cast, "agent", came=(9, 50), went=(18, 30))
    assert (here.late, here.early) == (80, 0)
    sunday = worked(cast, day=24, came=(10, 0), went=(12, 0))
    assert (sunday.due_from, sunday.late, sunday.early) == (None, 0, 0)


def test_the_hours_stay_as_they_were_arranged_when_the_day_was_written_down(cast: Cast) -> None:
    row = worked(cast, came=(8, 40))
    operations.keep_duty(None, day=WEDNESDAY, opens=time(9), closes=time(18), by=cast.access("admin"), at=NOW)
    row.refresh_from_db()
    assert (row.due_from, row.late) == (time(8, 30), 10)


def test_one_comes_once_a_day_and_the_last_going_counts(cast: Cast) -> None:
    worked(cast, went=(12, 0))
    with pytest.raises(Refusal) as twice:
        operations.come(by=cast.access("agent"), at=at(13))
    assert code(twice) == "came"
    row = operations.go(by=cast.access("agent"), at=at(17, 31))
    assert (row.minutes, row.early) == (9 * 60 + 11, 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkTime.objects.create(company=cast.company, person=cast.people["agent"], day=WEDNESDAY, came_at=NOW)


def test_a_shift_over_midnight_ends_on_the_day_it_began_but_nobody_ends_a_forgotten_day(cast: Cast) -> None:
    worked(cast, day=19, came=(20, 0), went=None)
    row = operations.go(by=cast.access("agent"), at=at(4, 0))
    assert (row.day, row.minutes) == (date(2026, 5, 19), 8 * 60)
    worked(cast, "support", day=19, went=None)
    for when in (at(8, 0), at(3, 0, day=21)):
        with pytest.raises(Refusal) as nothing:
            operations.go(by=cast.access("support"), at=when)
        assert code(nothing) == "not_come"


def test_whoever_answers_for_the_place_writes_a_forgotten_day_down_with_the_reason(cast: Cast) -> None:
    row = worked(cast, "outlet-clerk", day=19, went=None)
    owner = cast.access("owner-GZ001")
    kept = operations.keep_time(cast.people["outlet-clerk"], row.day, time(8, 20), time(17, 0), "忘记登记", by=owner, at=NOW)  # fmt: skip
    assert (kept.pk, kept.early, kept.written_by, kept.reason) == (
        row.pk,
        30,
        cast.people["owner-GZ001"],
        "忘记登记",
    )
    with pytest.raises(Refusal) as written:
        operations.go(by=cast.access("outlet-clerk"), at=at(1, 0))
    assert code(written) == "not_come"


@pytest.mark.parametrize(("who", "person", "day", "came", "went", "reason", "refused"), [
    ("owner-GZ001", "owner-NB011", 19, (8, 0), (17, 0), "x", "person"),
    ("owner-GZ001", "agent", 19, (8, 0), (17, 0), "x", "person"),
    ("head", "head", 19, (8, 0), (17, 0), "x", "own"),
    ("head", "agent", 21, (8, 0), (17, 0), "x", "future"),
    ("head", "agent", 20, (8, 0), (17, 0), "x", "future"),  # it is nine o'clock
    ("head", "agent", 19, (8, 0), (17, 0), " ", "reason"),
    ("head", "agent", 19, (17, 0), (8, 0), "x", "order"),
    ("head", "agent", 19, (8, 0), None, "x", "went"),
])  # fmt: skip
def test_what_can_t_be_written_down_is_refused(cast: Cast, who: str, person: str, day: int, came: tuple[int, int], went: tuple[int, int] | None, reason: str, refused: str) -> None:  # fmt: skip
    with pytest.raises(Refusal) as told:
        operations.keep_time(cast.people[person], date(2026, 5, day), time(*came), time(*went) if went else None, reason, by=cast.access(who), at=NOW)  # fmt: skip
    assert code(told) == refused
    assert not WorkTime.objects.exists()


def test_a_day_worked_at_another_outlet_is_not_changed_by_the_new_one(cast: Cast) -> None:
    admin, clerk = cast.access("admin"), cast.people["outlet-clerk"]
    row = worked(cast, "outlet-clerk", day=18)
    outlets.dismiss(clerk.postings.get(), on=WEDNESDAY, by=admin, at=NOW)
    outlets.appoint(clerk, "outlet-clerk", outlet=cast.outlets["NB011"], by=admin, at=NOW)
    with pytest.raises(Refusal) as elsewhere:
        operations.keep_time(clerk, row.day, time(8), time(17), "x", by=cast.access("owner-NB011"), at=NOW)
    assert code(elsewhere) == "elsewhere"


def test_a_month_tells_each_day_and_what_is_missing_since_the_first_on_record(cast: Cast) -> None:
    """BA-6: late, left early, away, not on record; days off ask for nothing."""
    agent = cast.people["agent"]
    worked(cast, day=12)
    worked(cast, day=13, came=(8, 45), went=(17, 0))
    worked(cast, day=14, went=None)
    worked(cast, day=16, came=(9, 0), went=(11, 0))  # Saturday
    operations.keep_absence(agent, date(2026, 5, 18), date(2026, 5, 18), by=cast.access("agent"), at=NOW)
    month = working_times.month_of(
        WorkTime.objects.all(), cast.company.pk, agent, date(2026, 5, 1), WEDNESDAY
    )
    said = {one.day.day: one.words for one in month.days if one.day.day >= 11}
    assert said == {
        11: "", 12: "正常", 13: "迟到15分钟 · 早退30分钟", 14: "未登记下班", 15: "未登记",
        16: "休息日出勤", 18: "请假", 19: "未登记", 20: "",
    }  # fmt: skip
    assert (month.at_work, month.late, month.early, month.missing, month.away) == (4, 1, 1, 2, 1)
    assert month.time == "19:30"


def test_the_record_shows_the_sums_and_what_the_file_still_lacks(cast: Cast, sign_in) -> None:
    """BA-6: working times, confidentiality, adherence to process and training are on record per employee."""
    page = sign_in("agent").get(reverse("documents:mine"))
    assert {need.words: need.is_there for need in page.context["file"]} == {
        "考勤记录": False, "保密承诺": False, "制度流程确认": False, "培训签到": False,
    }  # fmt: skip
    assert {need.clause for need in page.context["file"]} == {"basic BA-6"}
    today = timezone.now()
    operations.come(by=cast.access("agent"), at=today - timedelta(hours=1))
    operations.go(by=cast.access("agent"), at=today)
    page = sign_in("head").get(reverse("documents:record", args=[cast.people["agent"].pk]))
    assert [need.words for need in page.context["file"] if need.is_there] == ["考勤记录"]
    assert page.context["parts"][0].rows[0][:3] == (f"{timezone.localtime(today - timedelta(hours=1)):%Y-%m}", 1, "1:00")  # fmt: skip
    assert reverse("intake:times-of", args=[cast.people["agent"].pk]) in page.content.decode()


def test_a_confirmed_pledge_stands_in_the_file(cast: Cast, sign_in) -> None:
    campaign = make.campaign(cast, make.regulation(cast), kind="pledge")
    documents.confirm(campaign, {}, read=True, by=cast.access("owner-GZ001"), at=NOW)
    page = sign_in("owner-GZ001").get(reverse("documents:mine"))
    assert [need.words for need in page.context["file"] if need.is_there] == ["保密承诺"]


def test_people_come_and_go_on_their_page_and_their_lead_reads_it(cast: Cast, sign_in) -> None:
    clerk, owner = sign_in("outlet-clerk"), sign_in("owner-GZ001")
    assert clerk.post(reverse("intake:time-come")).status_code == 303
    twice = clerk.post(reverse("intake:time-come"))
    assert twice.status_code == 422
    assert "已登记上班" in twice.content.decode()
    assert clerk.post(reverse("intake:time-go")).status_code == 303
    assert len(clerk.get(reverse("intake:times-mine")).context["month"].days) >= 1
    listed = owner.get(reverse("intake:times"))
    assert reverse("intake:times-of", args=[cast.people["outlet-clerk"].pk]) in listed.content.decode()
    pk = cast.people["outlet-clerk"].pk
    assert owner.get(reverse("intake:times-of", args=[pk])).status_code == 200
    assert sign_in("owner-NB011").get(reverse("intake:times-of", args=[pk])).status_code == 404
    assert "outlet-clerk" not in sign_in("owner-NB011").get(reverse("intake:times")).content.decode()
    for month in ("2026-13", "x", "9999-01", "2026-04"):
        assert owner.get(reverse("intake:times-of", args=[pk]), {"month": month}).status_code == 200


def test_a_day_is_written_down_on_a_form_that_says_what_is_wrong(cast: Cast, sign_in) -> None:
    owner, pk = sign_in("owner-GZ001"), cast.people["outlet-clerk"].pk
    address = reverse("intake:time-keep", args=[pk])
    assert owner.get(address, {"day": "2026-05-19"}).status_code == 200
    bad = owner.post(address, {"day": "2026-05-19", "came": "18:00", "went": "08:00", "reason": "x"})
    assert bad.status_code == 422
    assert "下班时间应晚于上班时间。" in bad.content.decode()
    good = owner.post(address, {"day": "2026-05-19", "came": "08:00", "went": "18:00", "reason": "忘记登记"})
    assert good.status_code == 303
    assert good["Location"].endswith("?month=2026-05")
    assert "忘记登记" in owner.get(good["Location"]).content.decode()


def test_a_clock_at_the_door_says_it_by_api(cast: Cast, sign_in) -> None:
    clerk = sign_in("outlet-clerk")
    came = clerk.post("/api/v1/working-times/coming", content_type="application/json")
    assert came.status_code == 200, came.content
    assert clerk.post("/api/v1/working-times/coming", content_type="application/json").status_code == 422
    assert clerk.post("/api/v1/working-times/going", content_type="application/json").status_code == 200
    assert clerk.get("/api/v1/working-times").status_code == 403
    told = sign_in("head").get("/api/v1/working-times", {"person": "outlet-clerk"}).json()["times"]
    assert [(one["person"], one["outlet"]) for one in told] == [("outlet-clerk", "GZ001")]


def test_ending_yesterday_s_shift_is_offered_to_whoever_is_still_on_it(
    cast: Cast, sign_in, time_machine
) -> None:
    worked(cast, came=(22, 0), went=None)
    time_machine.move_to(at(7, day=21), tick=False)
    agent, mine = sign_in("agent"), reverse("intake:times-mine")
    for day, offered in ((21, True), (22, False)):
        time_machine.move_to(at(7, day=day), tick=False)
        assert ("结束昨天的班次" in agent.get(mine).content.decode()) is offered


# Forgotten goings


def reminded(kind: str) -> list[str]:
    return list(Notice.objects.filter(kind=kind).order_by("person__username").values_list("person__username", flat=True))  # fmt: skip


def test_whoever_has_not_said_that_they_went_is_reminded_once_an_hour_after_the_closing(cast: Cast) -> None:
    """BA-6."""
    worked(cast, went=None)
    worked(cast, "clerk")
    assert operations.remind_of_going(at(18, 29)) == 0
    for minute in (30, 40):
        assert operations.remind_of_going(at(18, minute)) == 1
    assert reminded("intake:time-open") == ["agent"]
    operations.go(by=cast.access("agent"), at=at(18, 45))
    assert operations.remind_of_going(at(18, 50)) == 0


@pytest.mark.parametrize(("day", "came", "reminded_at"), [(23, (9, 0), (19, 0)), (20, (18, 0), (28, 0))])
def test_a_day_off_and_a_shift_after_the_closing_are_asked_about_after_ten_hours(
    cast: Cast, day: int, came: tuple[int, int], reminded_at: tuple[int, int]
) -> None:
    row = worked(cast, day=day, came=came, went=None)
    then = at(0, day=day) + timedelta(hours=reminded_at[0])
    assert operations.remind_of_going(then - timedelta(minutes=1)) == 0
    assert operations.remind_of_going(then) == 1
    assert row.came_at + timedelta(hours=10) == then


def test_when_the_day_can_no_longer_be_ended_those_who_write_it_down_are_told(cast: Cast) -> None:
    """Whoever answers for the place; not everybody who keeps times, and never the person themselves."""
    worked(cast, "outlet-clerk", went=None)
    operations.remind_of_going(at(18, 30))
    assert operations.remind_of_going(at(9, day=21)) == 1
    told = reminded("intake:time-unended")
    assert "owner-GZ001" in told
    assert "owner-NB011" not in told
    assert reminded("intake:time-open") == ["outlet-clerk"]
    assert operations.remind_of_going(at(9, day=30)) == 0, "what is a week old is not news"


def test_the_reminder_leads_to_where_going_is_said(cast: Cast, sign_in) -> None:
    worked(cast, went=None)
    operations.remind_of_going(at(18, 30))
    agent = sign_in("agent")
    assert "还没有登记下班" in agent.get(reverse("notices:notices")).content.decode()
    notice = Notice.objects.get(kind="intake:time-open")
    assert agent.post(reverse("notices:open", args=[notice.pk])).headers["Location"] == reverse("intake:times-mine")  # fmt: skip
