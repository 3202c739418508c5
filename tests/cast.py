"""The same few people and outlets in every story. Made up; through operations, as everybody does it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Company, Person
from sanbao.intake import operations as desk
from sanbao.intake.models import Category, Request
from sanbao.outlets import operations as outlets
from sanbao.outlets.models import Outlet, Region
from sanbao.outlets.queries import access_of
from sanbao.products import operations as products
from sanbao.regulations import operations as regulations
from sanbao.settlements import operations
from sanbao.settlements.models import Finding, Sheet, Statement

SHANGHAI = ZoneInfo("Asia/Shanghai")
PASSWORD = "a long enough password"
APRIL = date(2026, 4, 1)


def moment(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment in Shanghai."""
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


NOW = moment(2026, 5, 20)


@dataclass
class Cast:
    """A maker with two regions and three outlets, and somebody on every post."""

    company: Company
    people: dict[str, Person] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)
    outlets: dict[str, Outlet] = field(default_factory=dict)

    def access(self, name: str) -> Access:
        """What a person may do today."""
        return access_of(self.people[name], NOW.date())

    def sheet(self, outlet: str = "GZ001", month: date = APRIL, **changes: object) -> Sheet:
        """A sheet in warranty, part replaced, 30 km: 60 + 20 yuan; `changes` replace fields."""
        fields: dict[str, object] = {
            "number": f"{outlet}-{Sheet.objects.count() + 1:04}",
            "customer": "张三",
            "phone": "13800005678",
            "address": "中山路1号",
            "model": "CXW-260-A8",
            "serial": "CXW260A8260000001",
            "purchased_on": date(2026, 1, 10),
            "reported_on": month.replace(day=8),
            "completed_on": month.replace(day=9),
            "fault": "异响",
            "action": "更换电机",
            "component": "电机",
            "work": "replace",
            "km": Decimal(30),
            "engineer": "小何",
        }
        fields.update(changes)
        return operations.write_sheet(self.outlets[outlet], month, fields, by=self.access("clerk"), at=NOW)

    def request(self, category: str = "repair-noise", who: str = "agent", **told: object) -> Request:
        """A request by telephone about a hood's noise; `told` replaces what is asked."""
        given: dict[str, object] = {
            "channel": "phone",
            "category": Category.objects.get(company=self.company, code=category),
            "subject": "油烟机异响",
            "severity": "part",
            "contact": "张三",
            "phone": "13800005678",
            "address": "中山路1号",
        }
        given.update(told)
        at = given.pop("at", NOW)
        return desk.register(desk.Ask(**given), by=self.access(who), at=at)

    def received(self, outlet: str = "GZ001", month: date = APRIL, on: date = date(2026, 5, 9)) -> None:
        """Paper and electronic copy both arrived on a day."""
        operations.register_receipt(
            self.outlets[outlet], month, paper_on=on, electronic_on=on, by=self.access("clerk"), at=NOW
        )

    def found(self, sheet: Sheet, kind: str, **told: object) -> Finding:
        """A finding that the callback clerk has registered and the supervisor has confirmed."""
        finding = operations.register_finding(sheet, kind, by=self.access("callbacks"), at=NOW, **told)
        return operations.confirm_finding(finding, version=None, by=self.access("supervisor"), at=NOW)

    def statement(self, outlet: str = "GZ001", month: date = APRIL, upto: str = "draft") -> Statement:
        """The outlet's statement, moved on to a state by the people whose posts it takes."""
        statement = operations.make_statement(self.outlets[outlet], month, by=self.access("clerk"), at=NOW)
        for noun, who, state in (
            ("submission", "clerk", "submitted"),
            ("check", "supervisor", "checked"),
            ("approval", "head", "approved"),
            ("payment", "finance", "paid"),
        ):
            if statement.state == upto:
                break
            statement = operations.move(statement, noun, version=None, by=self.access(who), at=NOW)
            assert statement.state == state
        return statement


_POSTS = {
    "clerk": "settlement-clerk",
    "callbacks": "callback-clerk",
    "supervisor": "supervisor",
    "head": "head",
    "finance": "finance",
    "auditor": "auditor",
    "admin": "administrator",
    "agent": "hotline-agent",
    "support": "support-engineer",
}
MODELS = {"CXW-260-A8": "吸油烟机", "JZT-B52": "燃气灶", "JSQ25-13C": "燃气热水器", "DSF60-E2": "电热水器"}


def assemble(code: str = "maker", prefix: str = "", short: str = "和灶") -> Cast:
    """Found a company with its cast. `prefix` keeps sign-in names of a second company apart."""
    at = moment(2026, 1, 4)
    regulations.load_shipped(at=at)
    company = Company.objects.create(
        code=code, name=f"{short}厨卫电器有限公司", short_name=short, hotline="400-000-1234"
    )
    cast = Cast(company)
    founder = Access(None, company.pk, (Grant("administrator"),))
    founder = Access(_person(cast, "admin", prefix).pk, company.pk, founder.grants)
    for name, role in _POSTS.items():
        person = cast.people.get(name) or _person(cast, name, prefix)
        outlets.appoint(person, role, by=founder, at=at)
    for region, codes in (("华东", ("GZ001", "NB011")), ("华南", ("SZ021",))):
        cast.regions[region] = outlets.open_region(region, by=founder, at=at)
        for number in codes:
            cast.outlets[number] = outlets.open_outlet(
                cast.regions[region], number, f"{number}服务网点", by=founder, at=at
            )
            outlets.appoint(
                _person(cast, f"owner-{number}", prefix),
                "outlet-owner",
                outlet=cast.outlets[number],
                by=founder,
                at=at,
            )
    for name, region in (("east", "华东"), ("south", "华南")):
        outlets.appoint(
            _person(cast, name, prefix), "region-manager", region=cast.regions[region], by=founder, at=at
        )
    outlets.appoint(
        _person(cast, "outlet-clerk", prefix), "outlet-clerk", outlet=cast.outlets["GZ001"], by=founder, at=at
    )
    for model, category in MODELS.items():
        products.keep_model(model, category, by=founder, at=at)
    desk.found_desk(by=founder, at=at)
    return cast


def _person(cast: Cast, name: str, prefix: str) -> Person:
    cast.people[name] = Person.objects.create_person(f"{prefix}{name}", name)
    return cast.people[name]
