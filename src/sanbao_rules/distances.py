"""How far two places lie apart in a straight line, and about how long the way takes (EN-5).

Coordinates are texts "latitude,longitude" in degrees. Nobody's map is asked: the straight line is all that is known, and is called that.
Maps in China shift what they show by some hundred metres against a phone's own position; for a dispatcher's kilometres that does not matter.
"""

from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from math import asin, cos, radians, sin, sqrt

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.rulebook import Rulebook

TRAVEL = "workorder.travel"
EARTH_KM = 6371.0  # the mean radius
_TENTH = Decimal("0.1")


def point(coordinates: str) -> tuple[float, float] | None:
    """The latitude and longitude of a text; None where nothing is known."""
    latitude, _comma, longitude = coordinates.partition(",")
    return (float(latitude), float(longitude)) if latitude and longitude else None


def straight_km(here: str, there: str) -> Decimal | None:
    """Kilometres between two places along the great circle, to a tenth; None where one of them is not known."""
    first, second = point(here), point(there)
    if first is None or second is None:
        return None
    south, north = radians(first[0]), radians(second[0])
    half_up, half_along = (north - south) / 2, radians(second[1] - first[1]) / 2
    square = sin(half_up) ** 2 + cos(south) * cos(north) * sin(half_along) ** 2
    return Decimal(2 * EARTH_KM * asin(min(1.0, sqrt(square)))).quantize(_TENTH, ROUND_HALF_UP)


def travel(km: Decimal, book: Rulebook, on: date) -> Decision | None:
    """About how many minutes the way takes; None by an edition that names no speed."""
    if "travel_speed" not in book.parameters:
        return None
    speed = book.value("travel_speed", on)
    if not speed.value:
        return None
    minutes = int((km * 60 / Decimal(speed.value)).to_integral_value(ROUND_CEILING))
    told = Reason(
        "travel_time",
        {"km": km, "speed": speed.value, "minutes": minutes},
        speed.parameter,
        speed.clause,
        "workorder",
    )
    return Decision(TRAVEL, minutes, (told,), book.cited)
