"""A day's calls are shared out once, on days people may be called; and the numbers."""

from datetime import date, timedelta

from sanbao.accounts.models import Person
from sanbao.callbacks import operations, queries
from sanbao.callbacks.models import Callback, Day
from sanbao.decisions.queries import replay
from sanbao.intake import operations as intake
from sanbao.notices.models import Notice
from sanbao.outlets import operations as outlets
from sanbao.regulations import operations as regulations
from tests.cast import NOW, Cast, moment

MORNING = moment(2026, 5, 21, 7)


def test_each_working_morning_the_calls_are_shared_out_once_by_decision(cast: Cast) -> None:
    """KA-9.1: spread over the callers; two callers get one each, the third waits where a day has room for one."""
    since = date(2023, 1, 1)
    regulations.set_own_values(
        "callbacks", {"calls_a_day": [(since, 1, "own calls")]}, edition="2026.1+own", by=cast.access("admin"), at=NOW
    )  # fmt: skip
    second = Person.objects.create_person("second", "第二")
    outlets.appoint(second, "callback-clerk", by=cast.access("admin"), at=NOW)
    for _number in range(3):
        cast.sheet()
    assert operations.share_out_all(MORNING) == 1
    assert operations.share_out_all(MORNING + timedelta(minutes=10)) == 0
    day = Day.objects.get()
    assert (day.callers, day.assigned, day.postponed) == (2, 2, 1)
    assert replay(day.decision).same
    assert set(Callback.objects.values_list("caller__username", flat=True)) == {"callbacks", "second", None}
    assert Notice.objects.filter(kind="callbacks:day").count() == 2


def test_nobody_is_called_on_a_day_of_rest_and_who_is_away_gets_nothing(cast: Cast) -> None:
    cast.sheet()
    assert operations.share_out_all(moment(2026, 5, 23, 7)) == 0  # a Saturday
    away = cast.people["callbacks"]
    intake.keep_absence(away, MORNING.date(), MORNING.date(), by=cast.access("admin"), at=NOW)
    assert operations.share_out_all(MORNING) == 0
    assert not Callback.objects.filter(caller=away).exists()


def test_the_numbers_of_a_month_are_what_their_definitions_say(cast: Cast) -> None:
    """ST-4: one kept and reached, one kept but not reached, one called late, one not called; one reopened counts not at all."""
    by = cast.access("callbacks")
    rows = [Callback.objects.get(plan__sheet=cast.sheet(number=f"GZ001-{n}", phone=f"1380000000{n}").pk) for n in range(5)]  # fmt: skip
    due = rows[0].due_on
    late = moment(due.year, due.month, due.day, 10) + timedelta(days=1)
    operations.record(rows[0], {"satisfaction": 4}, by=by, at=NOW)
    operations.try_(rows[1], "refuses", by=by, at=NOW)
    operations.record(rows[2], {"satisfaction": 5}, by=by, at=late)
    operations.end(rows[4], "x", by=cast.access("supervisor"), at=NOW)
    head, today = cast.access("head"), late.date()
    ((_month, told),) = queries.numbers_by_month(
        head, due.replace(day=1), due + timedelta(days=40), today=today
    )
    assert (told.planned, told.due, told.in_time, told.called, told.reached, told.open, told.overdue) == (5, 4, 2, 3, 2, 1, 1)  # fmt: skip
    assert (str(told.kept_rate), str(told.reached_rate), str(told.satisfaction)) == (
        "0.5000",
        "0.6667",
        "4.50",
    )
    outlet = cast.outlets["GZ001"].pk
    assert queries.numbers_by_outlet(head, due, due, today=today)[outlet] == told
    assert queries.satisfaction_by_outlet(head, NOW.date(), today) == {outlet: (told.satisfaction, 2)}
    operations.observe(rows[0], "forged", "从未报修", by=by, at=NOW)
    assert queries.observations_by_outlet(head, NOW.date(), today) == {outlet: {"forged": 1}}


def test_a_region_sees_its_own_outlets_callbacks_only(cast: Cast) -> None:
    cast.sheet("GZ001"), cast.sheet("SZ021")
    assert {row.outlet.code for row in queries.callbacks(cast.access("east"))} == {"GZ001"}
    assert queries.callbacks(cast.access("head")).count() == 2
    assert queries.callbacks(cast.access("owner-GZ001")).count() == 0
