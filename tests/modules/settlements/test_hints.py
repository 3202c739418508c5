"""What smells about sheets: hints with their reason and the record beside, never a verdict (facts 11.4)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from sanbao.files import operations as files
from sanbao.settlements import operations, queries
from sanbao.settlements.models import Hint, Sheet
from sanbao.ui.refusal import Refusal
from sanbao.workorders.models import Order, Photo, Visit
from tests.cast import APRIL, NOW, Cast, moment
from tests.modules.workorders import crew


def look(cast: Cast, month: date = APRIL) -> list[tuple[str, str]]:
    """The hints of a month: sheet and kind."""
    operations.look_for_hints(month, by=cast.access("supervisor"), at=NOW)
    return sorted(Hint.objects.filter(checked_at__isnull=True).values_list("sheet__number", "kind"))


def backwards(cast: Cast) -> Sheet:
    """A sheet that ends before it begins: forms and files refuse one, what an order's clocks say does not."""
    sheet = cast.sheet(number="A", serial="1")
    Sheet.objects.filter(pk=sheet.pk).update(completed_on=date(2026, 4, 2), reported_on=date(2026, 4, 3))
    return sheet


def test_one_telephone_with_more_than_three_appliances_in_thirty_days(cast: Cast) -> None:
    """The fourth within 30 days smells, not the third; and not one of a month and a day before."""
    cast.sheet(number="OLD", month=date(2026, 3, 1), serial="S0", reported_on=date(2026, 3, 5), completed_on=date(2026, 3, 5))  # fmt: skip
    for day in (8, 12, 20):
        cast.sheet(number=f"P{day}", serial=f"S{day}", reported_on=APRIL, completed_on=APRIL.replace(day=day))
    assert look(cast) == []

    cast.sheet(number="P21", serial="S21", reported_on=APRIL, completed_on=APRIL.replace(day=21))

    assert look(cast) == [("P21", "phone_serials")]
    hint = Hint.objects.get()
    assert hint.other.number == "P20" and "4" in queries.told_of(hint, "zh") and "more than 3" in queries.told_of(hint, "en")  # fmt: skip


def test_the_same_appliance_and_work_again_within_thirty_days(cast: Cast) -> None:
    cast.sheet(number="A", completed_on=date(2026, 4, 2), reported_on=APRIL)
    cast.sheet(number="B", completed_on=date(2026, 4, 28), reported_on=APRIL)
    cast.sheet(number="C", completed_on=date(2026, 4, 29), reported_on=APRIL, work="adjust")

    assert look(cast) == [("B", "same_serial")]
    assert Hint.objects.get().other.number == "A"


def test_finished_before_it_was_reported(cast: Cast) -> None:
    backwards(cast)

    assert look(cast) == [("A", "backwards")]
    assert "2026年4月2日" in queries.told_of(Hint.objects.get(), "zh")


def test_a_customer_with_the_telephone_of_an_engineer(cast: Cast) -> None:
    engineer = crew.engineer(cast, "goes")
    engineer.phone = "13900009999"
    engineer.save()
    cast.sheet(number="A", phone="13900009999")
    cast.sheet(number="B", serial="other")

    assert look(cast) == [("A", "staff_phone")]


def visited(cast: Cast, engineer: Any, number: str, arrived: datetime, minutes: int, place: tuple[str, str] | None = None, **told: Any) -> Order:  # fmt: skip
    """A sheet of an order with a visit that is over."""
    order = crew.order(cast, **told)
    latitude, longitude = place or (None, None)
    Visit.objects.create(
        company=cast.company, outlet=cast.outlets["GZ001"], order=order, engineer=engineer.person, state="left",
        during=(arrived, arrived + timedelta(minutes=max(minutes, 1))), arrived_at=arrived, left_at=arrived + timedelta(minutes=minutes),
        latitude=latitude and Decimal(latitude), longitude=longitude and Decimal(longitude), made_at=NOW,
    )  # fmt: skip
    sheet = cast.sheet(number=number, serial=f"serial {number}", phone=f"1380000{len(number):04}")
    Sheet.objects.filter(pk=sheet.pk).update(order=order)
    return order


def test_a_visit_of_minutes_and_one_that_is_too_far_for_the_time(cast: Cast) -> None:
    """Four minutes from arrival to completion; and 111 km in half an hour, where both places are known."""
    engineer = crew.engineer(cast, "goes")
    visited(cast, engineer, "SHORT", moment(2026, 4, 9, 9), 4)
    visited(cast, engineer, "HERE", moment(2026, 4, 10, 9), 30, ("30.000", "120.000"))
    visited(cast, engineer, "THERE", moment(2026, 4, 10, 10), 30, ("31.000", "120.000"))
    visited(cast, engineer, "NEAR", moment(2026, 4, 10, 12), 30, ("31.010", "120.010"))

    assert look(cast) == [("SHORT", "short"), ("THERE", "too_fast")]
    told = {hint.kind: queries.told_of(hint, "en") for hint in Hint.objects.all()}
    assert "4 minutes" in told["short"] and "111 km" in told["too_fast"]


def test_where_no_place_was_taken_the_addresses_own_coordinates_tell_what_is_too_far(cast: Cast) -> None:
    """Between an address whose place nobody knows and another one nothing smells; what is done at the workbench is at no address."""
    engineer = crew.engineer(cast, "goes")
    visited(cast, engineer, "HERE", moment(2026, 4, 10, 9), 30, coordinates="30.000,120.000")
    visited(cast, engineer, "THERE", moment(2026, 4, 10, 10), 30, ("31.000", "120.000"))
    visited(
        cast, engineer, "BENCH", moment(2026, 4, 10, 11), 30, coordinates="30.000,120.000", mode="carry_in"
    )
    visited(cast, engineer, "NOWHERE", moment(2026, 4, 10, 12), 30)
    visited(cast, engineer, "AFTER", moment(2026, 4, 10, 13), 30, coordinates="30.000,120.000")

    assert look(cast) == [("THERE", "too_fast")]


def test_two_visits_of_one_engineer_that_overlap(cast: Cast) -> None:
    """Planned one after the other, but the times the phone told overlap."""
    engineer = crew.engineer(cast, "goes")
    visited(cast, engineer, "ONE", moment(2026, 4, 9, 9), 60)
    visited(cast, engineer, "TWO", moment(2026, 4, 9, 10), 60)
    Visit.objects.filter(arrived_at=moment(2026, 4, 9, 10)).update(arrived_at=moment(2026, 4, 9, 9, 40))

    assert look(cast) == [("TWO", "overlapping")]
    assert Hint.objects.get().told == {"minutes": 20}


def test_the_same_photograph_at_two_jobs(cast: Cast) -> None:
    engineer = crew.engineer(cast, "goes")
    by = cast.access("supervisor")
    for number, hour in (("ONE", 9), ("TWO", 11)):
        order = visited(cast, engineer, number, moment(2026, 4, 9, hour), 60)
        kept = files.keep(b"the same picture", "a.jpg", by=by, at=NOW)
        Photo.objects.create(
            order=order, purpose="after", file=kept, thumbnail=kept, at=moment(2026, 4, 9, hour)
        )

    assert look(cast) == [("TWO", "same_photo")]


def test_a_hint_that_was_looked_into_does_not_come_back(cast: Cast) -> None:
    backwards(cast)
    look(cast)
    hint = Hint.objects.get()
    with pytest.raises(Refusal):
        operations.check_hint(hint, " ", by=cast.access("callbacks"), at=NOW)
    assert [sheet.number for sheet in queries.flagged_sheets(cast.company.pk)] == ["A"]

    operations.check_hint(hint, "日期填反了，已对照纸质单", by=cast.access("callbacks"), at=NOW)

    assert look(cast) == [] and Hint.objects.count() == 1
    assert not queries.flagged_sheets(cast.company.pk)


def test_a_hint_that_holds_no_more_goes(cast: Cast) -> None:
    sheet = backwards(cast)
    look(cast)
    operations.withdraw_sheet(sheet, by=cast.access("clerk"), at=NOW)
    operations.look_for_hints(APRIL, by=cast.access("supervisor"), at=NOW + timedelta(days=1))

    assert not Hint.objects.exists()


def test_a_hint_costs_nothing_and_the_outlet_does_not_see_it(cast: Cast, sign_in: Any) -> None:
    sheet = backwards(cast)
    cast.received()
    look(cast)
    hint = Hint.objects.get()
    page = reverse("settlements:hint", args=[hint.pk])

    assert cast.statement().deducted == 0
    assert sign_in("owner-GZ001").get(page).status_code == 403
    assert "2026年4月2日" in sign_in("callbacks").get(page).text
    told = sign_in("callbacks").get(reverse("settlements:sheet", args=[sheet.pk])).text
    assert page in told
    assert page not in sign_in("owner-GZ001").get(reverse("settlements:sheet", args=[sheet.pk])).text


def test_the_night_looks_through_this_month_and_the_last(cast: Cast, time_machine: Any) -> None:
    from sanbao.settlements.tasks import hints

    time_machine.move_to(NOW, tick=False)
    backwards(cast)

    assert hints(0) == 1


def test_due_findings_are_told_of_once(cast: Cast) -> None:
    """KA-11.2: an order whose time is over, and a refund: two days before, and when it is late."""
    from sanbao.notices.models import Notice
    from sanbao.settlements.tasks import tell_of_due_findings

    cast.found(cast.sheet(), "ordered")
    cast.found(cast.sheet(), "overcharge", refund_fen=500)
    for days in (5, 6, 8, 9):
        tell_of_due_findings(NOW + timedelta(days=days))

    def told(kind: str, who: str) -> int:
        return Notice.objects.filter(kind=f"settlements:{kind}", person=cast.people[who]).count()

    assert (told("recheck-due", "callbacks"), told("refund-due", "owner-GZ001")) == (1, 2)
