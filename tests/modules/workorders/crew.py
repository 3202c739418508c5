"""Engineers and orders for the stories of this module."""

from datetime import datetime, timedelta
from decimal import Decimal

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.customers import operations as customers
from sanbao.outlets import operations as outlets
from sanbao.outlets.queries import access_of
from sanbao.products import operations as products
from sanbao.products.models import Model, Unit
from sanbao.workorders import operations
from sanbao.workorders.models import Engineer, Order, Plan, Signature
from sanbao.workorders.operations import Job, Line
from tests.cast import NOW, Cast, moment

SCRAWL = "M20,120 " + " ".join(f"L{20 + 12 * n},{120 + (-1) ** n * 30}" for n in range(1, 30))
JPEG_SIZE = (320, 240)
SKILLS = ["吸油烟机", "燃气灶", "燃气热水器", "电热水器"]


def engineer(cast: Cast, name: str = "xiaohe", outlet: str | None = "GZ001", **fields: object) -> Engineer:
    """Somebody on the outlet's list of engineers, with the post, skills and certificates; None: of headquarters."""
    person = cast.people.get(name) or Person.objects.create_person(name, name)
    if name not in cast.people:
        cast.people[name] = person
        where = {"outlet": cast.outlets[outlet]} if outlet else {}
        outlets.appoint(
            person, "engineer" if outlet else "field-engineer", by=cast.access("admin"), at=NOW, **where
        )
    certificates = fields.pop("certificates", ("gas", "electric"))
    for kind in certificates:
        outlets.keep_certificate(person, kind, f"{kind}-{person.pk}", issued_on=moment(2026, 1, 10).date(), by=cast.access("head"), at=NOW)  # fmt: skip
    told = {
        "person": person,
        "outlet": cast.outlets[outlet] if outlet else None,
        "minutes": 480,
        "skills": SKILLS,
    } | fields
    return operations.keep_engineer(None, told, by=cast.access("head"), at=NOW)


def own(cast: Cast, name: str = "xiaohe") -> Access:
    """What the engineer may do."""
    return access_of(cast.people[name], NOW.date())


def unit(cast: Cast, serial: str = "CXW260A8260000001", at: datetime = NOW, **days: object) -> Unit:
    """A hood bought in January, with its customer."""
    customer = customers.register(
        "张三丰", phone="13800005678", address="中山路1号", by=cast.access("agent"), at=NOW
    )
    given = {"purchased_on": moment(2026, 1, 10).date()} | days
    model = Model.objects.get(company=cast.company, code="CXW-260-A8")
    return products.register_unit(serial, model, customer=customer, by=cast.access("agent"), at=at, **given)


def order(cast: Cast, who: str = "agent", at: datetime = NOW, **told: object) -> Order:
    """A repair of the hood for outlet GZ001."""
    given: dict[str, object] = {
        "kind": "repair", "outlet": cast.outlets["GZ001"], "fault": "油烟机异响", "contact": "张三丰", "phone": "13800005678", "address": "中山路1号", "model": "CXW-260-A8",
    }  # fmt: skip
    return operations.make(Job(**(given | told)), by=cast.access(who), at=at)


def dispatched(cast: Cast, made: Order, to: Engineer, first: datetime = NOW + timedelta(hours=2), **more: object) -> Order:  # fmt: skip
    return operations.dispatch(
        made, to, first, first + timedelta(hours=2), by=cast.access("agent"), at=NOW, **more
    )


def photo(cast: Cast, made: Order, purpose: str, by: Access, at: datetime) -> None:
    """A photograph whose pixels are one colour."""
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", JPEG_SIZE, "white").save(out, "JPEG")
    operations.add_photo(made, out.getvalue(), "a.jpg", purpose, by=by, at=at)


def planned(cast: Cast, made: Order, by: Access, at: datetime, **changes: object) -> Plan:
    """The motor is worn: a new one, labour and travel."""
    part = products.keep_part("M-260", "电机总成", 12000, component="电机", by=cast.access("admin"), at=NOW)
    told: dict[str, object] = {
        "cause": "电机轴承磨损", "content": "更换电机总成", "method": "拆下风轮，更换电机", "steps": "断电；拆风轮；换电机；试机", "minutes": 60,
        "lines": [Line("labour", work="replace", component="电机"), Line("part", part=part, price_fen=16000), Line("travel")],
    }  # fmt: skip
    return operations.draft_plan(made, **(told | changes), by=by, at=at)


def signed(made: Order, purpose: str, by: Access, at: datetime, name: str = "张三丰") -> Signature:
    return operations.sign(made, purpose, name, SCRAWL, by=by, at=at)


KM = Decimal(30)


def maintained(cast: Cast, done_at: datetime, **told: object) -> Order:
    """A maintenance of a hood in warranty, from dispatch to the customer's signature: the shortest whole life."""
    he = Engineer.objects.filter(person=cast.people.get("xiaohe")).first() or engineer(cast)
    made = order(
        cast, at=done_at - timedelta(hours=4), **({"kind": "maintenance", "unit": unit(cast)} | told)
    )
    first = done_at - timedelta(hours=2)
    made = operations.dispatch(
        made, he, first, first + timedelta(hours=2), by=cast.access("agent"), at=made.made_at
    )
    by = own(cast)
    made = operations.arrive(made, by=by, at=first)
    operations.write_checks(made, {"items_done": (None, "风道清洗")}, by=by, at=done_at)
    made = operations.complete(made, action="清洗保养", work="adjust", km=KM, by=by, at=done_at)
    return operations.accept_work(made, signed(made, "acceptance", by, done_at), rating=5, by=by, at=done_at)
