"""The straight line between two places, and about how long the way takes (EN-5)."""

from datetime import date
from decimal import Decimal

import pytest

from sanbao_rules.distances import straight_km, travel
from sanbao_rules.examples import with_readings
from sanbao_rules.explain import explain
from sanbao_rules.rulebook import Rulebook, shipped

ON = date(2026, 11, 2)
TIANHE, HAIZHU = "23.13500,113.36100", "23.10300,113.31700"


def test_the_straight_line_between_two_places_of_a_town_by_hand() -> None:
    """Worked: 0.032° of latitude are 3.558 km; 0.044° of longitude at 23.119° are 0.044 x 111.195 x 0.91969 = 4.500 km; together 5.737."""
    assert straight_km(TIANHE, HAIZHU) == Decimal("5.7")
    assert straight_km(HAIZHU, TIANHE) == Decimal("5.7")


@pytest.mark.parametrize(
    ("here", "there", "km"),
    [
        ("0,0", "0,0", "0.0"),
        ("0,0", "1,0", "111.2"),  # a degree of latitude: 6371 x pi / 180
        ("60,10", "60,11", "55.6"),  # a degree of longitude is half as long at 60 degrees
        ("39.9042,116.4074", "31.2304,121.4737", "1067.3"),  # Beijing to Shanghai
        ("10,179.5", "10,-179.5", "109.5"),  # across the date line, not round the earth
        ("0,0", "0,180", "20015.1"),  # to the other side of the earth
    ],
)
def test_worked_distances(here: str, there: str, km: str) -> None:
    assert straight_km(here, there) == Decimal(km)


def test_an_unknown_place_has_an_unknown_distance() -> None:
    assert straight_km("", HAIZHU) is None
    assert straight_km(TIANHE, "") is None


def test_the_way_is_estimated_by_the_companys_speed_and_never_too_short() -> None:
    book = shipped("workorder")
    made = travel(Decimal("5.7"), book, ON)
    assert made is not None
    assert made.answer == 18  # 5.7 km at 20 km an hour are 17.1 minutes
    (told,) = explain(made, {"workorder": book}, "zh")
    assert told.text == "直线约5.7公里，按每小时20公里估算约18分钟"
    assert told.clause.startswith("own")


def test_where_no_speed_is_known_nothing_is_said_about_the_time() -> None:
    book = shipped("workorder")
    older = {name: table for name, table in book.document["parameters"].items() if name != "travel_speed"}
    assert (
        travel(Decimal("5.7"), Rulebook({**book.document, "parameters": older}, "older", known=False), ON)
        is None
    )
    assert travel(Decimal("5.7"), with_readings(book, {"travel_speed": 0}), ON) is None
