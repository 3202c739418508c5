"""Founding the demonstration's companies: people, posts, outlets, models and parts, each through its operation."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.outlets import operations as outlets
from sanbao.outlets.founding import found
from sanbao.outlets.models import Outlet, Region
from sanbao.outlets.queries import access_of
from sanbao.products import operations as products
from sanbao.regulations import operations as regulations
from sanbao.site.demo import goods, people
from sanbao.site.demo.people import Firm, Place, Somebody


@dataclass
class Stage:
    """A founded company: who may act in it, and where."""

    company: Company
    founder: Access
    regions: dict[str, Region] = field(default_factory=dict)
    outlets: dict[str, Outlet] = field(default_factory=dict)
    people: dict[str, Access] = field(default_factory=dict)


def found_maker(at: datetime) -> Stage:
    """The maker of kitchen appliances: headquarters, two regions, a dozen outlets, eight models and their parts."""
    stage = _found(people.MAKER, people.HEADQUARTERS, at)
    for name in people.REGIONS:
        stage.regions[name] = outlets.open_region(name, by=stage.founder, at=at)
    for place in people.OUTLETS:
        _open(stage, place, at)
    _engage(stage, (*people.MANAGERS, *people.OWNERS, *people.OUTLET_CLERKS, *people.ENGINEERS), at)
    models = {
        ware.code: products.keep_model(ware.code, ware.category, name=ware.name, by=stage.founder, at=at)
        for ware in goods.MODELS
    }
    for spare in goods.PARTS:
        products.keep_part(
            spare.code, spare.name, spare.price_fen, component=spare.component,
            fits=[models[code] for code in spare.fits], by=stage.founder, at=at,
        )  # fmt: skip
    return stage


def found_instruments(at: datetime) -> Stage:
    """The second company, with a tariff of its own: one region, one outlet."""
    stage = _found(people.INSTRUMENTS, people.INSTRUMENT_PEOPLE, at)
    place = people.INSTRUMENT_OUTLET
    stage.regions[place.region] = outlets.open_region(place.region, by=stage.founder, at=at)
    _open(stage, place, at)
    _engage(stage, [people.INSTRUMENT_OWNER], at)
    products.keep_model("YB-150", "压力变送器", name="智能压力变送器", by=stage.founder, at=at)
    regulations.set_own_values(
        "charges",
        {"labour": [(date(2000, 1, 1), {"压力变送器": {"replace": 120, "adjust": 80}}, "own tariff")],
         "category_words": [(date(2000, 1, 1), {"压力变送器": ["变送器"]}, "own tariff")],
         "yuan_per_km": [(date(2000, 1, 1), Decimal("1.5"), "own travel")]},
        edition="2012.1+hengzhun", by=stage.founder, at=at,
    )  # fmt: skip
    return stage


def found_small(small: people.Small, at: datetime) -> Stage:
    """A company of another trade with the few people who keep its regulations."""
    return _found(small.firm, small.people, at)


def _found(firm: Firm, headquarters: Iterable[Somebody], at: datetime) -> Stage:
    """The company with its administrator, and everybody else at headquarters."""
    first = next(person for person in headquarters if person.role == "administrator")
    company, founder = found(
        firm.code, firm.name, firm.short_name, username=first.username, person_name=first.name,
        hotline=firm.hotline, address=firm.address, at=at,
    )  # fmt: skip
    stage = Stage(company, founder)
    stage.people[first.username] = stage.founder
    _engage(stage, [person for person in headquarters if person is not first], at)
    return stage


def near(code: str, number: int = 0) -> str:
    """The coordinates of an outlet, or of the household of a number within some kilometres; "" where nobody knows them."""
    if code not in people.LIES_AT:
        return ""
    north, east = people.LIES_AT[code]
    return f"{north + (number * 37 % 61) * 0.0011:.5f},{east - (number * 53 % 67) * 0.0012:.5f}"


def _open(stage: Stage, place: Place, at: datetime) -> None:
    profile: dict[str, Any] = {
        "contact": place.owner,
        "phone": f"1390000{1000 + len(stage.outlets):04}",
        "address": f"{place.town}建设路{10 + len(stage.outlets)}号",
        "coordinates": near(place.code),
        "contract_from": at.date(),
        "contract_until": at.date().replace(year=at.year + 3, day=min(at.day, 28)),
    }
    stage.outlets[place.code] = outlets.open_outlet(
        stage.regions[place.region], place.code, place.name, by=stage.founder, at=at, **profile
    )


def _engage(stage: Stage, several: Iterable[Somebody], at: datetime) -> None:
    """Add people with their posts. Their password is set for all at once at the end (loading.py)."""
    for somebody in several:
        person = outlets.add_person(
            somebody.username, somebody.name, None, somebody.role,  # type: ignore[arg-type]
            region=stage.regions.get(somebody.region), outlet=stage.outlets.get(somebody.outlet),
            by=stage.founder, at=at,
        )  # fmt: skip
        stage.people[somebody.username] = access_of(person, at.date(), company_id=stage.company.pk)
