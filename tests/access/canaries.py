"""Two companies of which every text and number is marked, so that a leak shows wherever it comes out.

A mark is a character nobody writes (it survives masking and cutting) and a word of capitals (it survives in codes). Amounts are
unmistakable numbers, read back from the books afterwards: what a row of one organisation alone says, is a canary too.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldError
from django.db.models import BigIntegerField, CharField, TextField
from django.utils import timezone

from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Company, Person, Token
from sanbao.accounts.scoped import Scoped
from sanbao.outlets import operations as outlets
from sanbao.outlets.models import Outlet, Region
from sanbao.outlets.queries import access_of
from sanbao.privacy.models import Request
from sanbao.products import operations as products
from sanbao.regulations import facts
from sanbao.regulations import operations as regulations
from sanbao.regulations.queries import edition_in_force, rulebook
from sanbao.settlements import operations
from sanbao.settlements.models import Sheet
from sanbao.ui import formats
from tests.cast import APRIL, NOW, moment
from tests.months import row, xlsx

AT = moment(2026, 1, 4)
MARCH = APRIL.replace(month=3)


@dataclass(frozen=True)
class Mark:
    """What marks an organisation's texts: a character, a word, four digits."""

    letter: str
    word: str
    digits: str

    def text(self, what: str = "") -> str:
        return f"{self.letter}{what}{self.word}"

    @property
    def phone(self) -> str:
        return f"138{self.digits}{self.digits}"


HEAD, BRANCHES = "headquarters", ("one", "two", "three")
MARKS = {
    "A": {
        HEAD: Mark("爩", "QVAHZ", "8317"), "one": Mark("龘", "QVAIZ", "8311"),
        "two": Mark("靐", "QVAJZ", "8312"), "three": Mark("齉", "QVAKZ", "8313"),
    },
    "B": {
        HEAD: Mark("灪", "QVBHZ", "9427"), "one": Mark("麤", "QVBIZ", "9421"),
        "two": Mark("鱻", "QVBJZ", "9422"), "three": Mark("驫", "QVBKZ", "9423"),
    },
}  # fmt: skip


@dataclass
class Marked:
    """A company of which everything is marked."""

    name: str
    company: Company
    people: dict[str, Person] = field(default_factory=dict)
    outlets: dict[str, Outlet] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)

    @property
    def marks(self) -> dict[str, Mark]:
        return MARKS[self.name]

    def access(self, who: str) -> Access:
        return access_of(self.people[who], NOW.date())

    def person(self, who: str, branch: str = HEAD) -> Person:
        mark = self.marks[branch]
        self.people[who] = Person.objects.create_person(f"{mark.word}-{who}".lower(), mark.text(who))
        return self.people[who]


_POSTS = {
    "clerk": "settlement-clerk", "callbacks": "callback-clerk", "supervisor": "supervisor", "head": "head",
    "finance": "finance", "auditor": "auditor", "admin": "administrator",
}  # fmt: skip


def found(name: str) -> Marked:
    """A company with three outlets in two regions, a paid, a submitted and a drafted month, and something of every kind."""
    head = MARKS[name][HEAD]
    marked = Marked(
        name,
        Company.objects.create(
            code=head.word.lower(), name=head.text("公司"), short_name=head.text(), hotline=head.phone
        ),
    )
    first = Access(marked.person("admin").pk, marked.company.pk, (Grant("administrator"),))
    for who, role in _POSTS.items():
        outlets.appoint(marked.people.get(who) or marked.person(who), role, by=first, at=AT)
    admin = marked.access("admin")
    marked.regions = {
        each: outlets.open_region(head.text(each), by=admin, at=AT) for each in ("east", "south")
    }
    for region in ("east", "south"):
        outlets.appoint(
            marked.person(region), "region-manager", region=marked.regions[region], by=admin, at=AT
        )
    for branch in BRANCHES:
        _open(marked, branch, admin)
    _goods(marked, admin)
    _tariff(marked, admin)
    for number, branch in enumerate(BRANCHES):
        _month(marked, branch, number + (4 if name == "B" else 1))
    _head_office(marked)
    return marked


def _open(marked: Marked, branch: str, admin: Access) -> None:
    mark = marked.marks[branch]
    region = marked.regions["south" if branch == "three" else "east"]
    outlet = outlets.open_outlet(
        region, mark.word, mark.text("网点"), contact=mark.text("联系"), phone=mark.phone,
        address=mark.text("地址"), by=admin, at=AT,
    )  # fmt: skip
    marked.outlets[branch] = outlet
    for who, role in (("owner", "outlet-owner"), ("writer", "outlet-clerk")):
        outlets.appoint(marked.person(f"{who}-{branch}", branch), role, outlet=outlet, by=admin, at=AT)
    outlets.change_outlet(
        outlet,
        region,
        mark.text("服务网点"),
        contact=mark.text("联系人"),
        by=admin,
        at=AT + timedelta(days=1),
    )


def _goods(marked: Marked, admin: Access) -> None:
    head = marked.marks[HEAD]
    products.keep_model(f"CXW-{head.word}", "吸油烟机", name=head.text("机"), by=admin, at=AT)
    products.keep_model(f"JZT-{head.word}", "燃气灶", name=head.text("灶"), by=admin, at=AT)
    price = 3_141_592 if marked.name == "A" else 2_718_281
    products.keep_part(f"P-{head.word}", head.text("电机"), price, component=head.text("件"), by=admin, at=AT)


def _tariff(marked: Marked, admin: Access) -> None:
    """The company's own travel values and an edition's name of its own."""
    read = rulebook(edition_in_force(marked.company.pk, "charges"))
    _works, rows = facts.tariff_table(read, NOW.date(), "zh")
    labour = {
        category: {work: Decimal(str(fee)) for work, fee in fees.items()} for category, _name, fees in rows
    }
    free = facts.travel_values(read, NOW.date())["free_km"]
    rate = Decimal("2.37") if marked.name == "A" else Decimal("2.53")
    changes = facts.tariff_changes(date(2026, 1, 1), labour, free, rate)
    regulations.set_own_values("charges", changes, edition=f"{marked.marks[HEAD].word}.1", by=admin, at=AT)


def _sheet(marked: Marked, branch: str, month: date, number: int, **changes: Any) -> Sheet:
    mark = marked.marks[branch]
    fields: dict[str, Any] = {
        "number": f"{mark.word}-{month:%m}{number:03}", "customer": mark.text("客"), "phone": mark.phone,
        "address": mark.text("路一号院二栋"), "model": f"CXW-{marked.marks[HEAD].word}", "serial": f"SN{mark.word}{number}",
        "purchased_on": date(2026, 1, 10), "reported_on": month.replace(day=8), "completed_on": month.replace(day=9),
        "fault": mark.text("响"), "action": mark.text("换"), "component": mark.text("电机"), "work": "replace",
        "km": Decimal("30"), "engineer": mark.text("工"),
    }  # fmt: skip
    return operations.write_sheet(
        marked.outlets[branch], month, fields | changes, by=marked.access(f"owner-{branch}"), at=NOW
    )


def _month(marked: Marked, branch: str, salt: int) -> None:
    """April settled as far as the branch stands for, March handed in as a file that was not taken over."""
    mark, head = marked.marks[branch], marked.marks[HEAD]
    outlet, owner = marked.outlets[branch], marked.access(f"owner-{branch}")
    sheets = [
        _sheet(marked, branch, APRIL, 1, km=Decimal(1311 + 217 * salt)),
        _sheet(marked, branch, APRIL, 2, km=Decimal(47 + salt)),
        _sheet(marked, branch, APRIL, 3, claimed_out=True, charged_fen=4_130_017 + 111_301 * salt),
    ]
    callbacks = marked.access("callbacks")
    found = [
        operations.register_finding(sheets[1], "late_service", note=mark.text("晚"), evidence=[mark.text("证")], by=callbacks, at=NOW),
        operations.register_finding(
            sheets[2], "overcharge", note=mark.text("多收"), refund_fen=2_120_019 + 101_303 * salt, by=callbacks, at=NOW,
        ),
    ]  # fmt: skip
    for finding in found:
        operations.confirm_finding(finding, version=None, by=marked.access("supervisor"), at=NOW)
    operations.register_receipt(
        outlet, APRIL, paper_on=date(2026, 5, 9), electronic_on=date(2026, 5, 9), by=marked.access("clerk"), at=NOW
    )  # fmt: skip
    statement = operations.make_statement(outlet, APRIL, by=marked.access("clerk"), at=NOW)
    upto = {"one": 4, "two": 2, "three": 1}[branch]
    steps = (("submission", "clerk"), ("check", "supervisor"), ("approval", "head"), ("payment", "finance"))
    for step, who in steps[:upto]:
        statement = operations.move(statement, step, version=None, by=marked.access(who), at=NOW)
    asked = operations.answer(statement, "question", note=mark.text("问"), sheet=sheets[0], by=owner, at=NOW)
    operations.reply(asked, f"{mark.text('答')}{head.word}", by=marked.access("clerk"), at=NOW)
    if branch == "three":
        operations.move(
            statement, "return", version=None, by=marked.access("supervisor"), at=NOW, reason=mark.text("退")
        )
    cells = row(
        单号=f"{mark.word}-M1",
        用户姓名=mark.text("客"),
        联系电话=mark.phone,
        地址=mark.text("路"),
        维修工=mark.text("工"),
    )
    operations.read_hand_in(outlet, MARCH, xlsx([cells]), f"{mark.text('三月')}.xlsx", by=owner, at=NOW)
    loose = _sheet(marked, branch, MARCH, 9)
    operations.withdraw_sheet(loose, by=owner, at=NOW)
    _sheet(marked, branch, MARCH, 8)
    Token.make(
        marked.people[f"owner-{branch}"], marked.company, mark.text("钥"), at=NOW, expires_at=_later(900)
    )


def _head_office(marked: Marked) -> None:
    head = marked.marks[HEAD]
    Token.make(marked.people["clerk"], marked.company, head.text("钥"), at=NOW, expires_at=_later(900))
    Request.objects.create(
        company=marked.company, kind="erase", phone=marked.marks["one"].phone, shown=head.text("***"),
        reason=head.text("信"), asked_at=NOW, asked_by=marked.people["head"],
    )  # fmt: skip


def _later(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


# What is to be looked for


Organisation = tuple[str, str]  # the company's name and the branch, or HEAD
LEAST = 100_000  # fen; smaller numbers are met by chance


def organisations() -> list[Organisation]:
    """All organisations."""
    return [(company, branch) for company in MARKS for branch in (HEAD, *BRANCHES)]


def canaries(companies: dict[str, Marked]) -> dict[Organisation, set[str]]:
    """Every canary by its organisation: its marks, its telephone in full and masked, every marked text and every unmistakable
    amount of its rows. What more than one organisation's rows say is nobody's canary."""
    said: dict[str, set[Organisation]] = {}
    places = {
        outlet.pk: (name, branch)
        for name, marked in companies.items()
        for branch, outlet in marked.outlets.items()
    }
    names = {marked.company.pk: name for name, marked in companies.items()}
    for model in apps.get_models():
        for whose, values in _rows(model, places, names):
            for value in values:
                for text in _texts(value):
                    said.setdefault(text, set()).add(whose)
    birds: dict[Organisation, set[str]] = {each: set() for each in organisations()}
    for text, whose_all in said.items():
        if len(whose_all) == 1:
            birds[next(iter(whose_all))].add(text)
    for company, branch in birds:
        mark = MARKS[company][branch]
        birds[company, branch] |= {mark.letter, mark.word, mark.phone, formats.masked_phone(mark.phone)}
    return birds


def _rows(
    model: Any, places: dict[int, Organisation], names: dict[int, str]
) -> list[tuple[Organisation, list[Any]]]:
    """The values of a model's rows, each row with its organisation; only models that know their company."""
    rows = model._default_manager.all()
    if not isinstance(rows, Scoped) or not rows.company_path:
        return []
    fields = [
        each.attname for each in model._meta.concrete_fields
        if isinstance(each, CharField | TextField | BigIntegerField) and not each.is_relation and not each.primary_key
        and not each.choices
    ]  # fmt: skip
    try:
        told = list(rows.values_list(rows.company_path, rows.outlet_path, *fields))
    except FieldError:
        told = [(company, None, *values) for company, *values in rows.values_list(rows.company_path, *fields)]
    return [
        (places.get(outlet) or (names[company], HEAD), values)
        for company, outlet, *values in told
        if company in names
    ]


def _texts(value: Any) -> list[str]:
    """The forms in which a value is looked for; nothing for what might be met by chance."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int):
        return (
            []
            if abs(value) < LEAST or abs(value) > 10**10
            else [f"{abs(value) // 100}.{abs(value) % 100:02d}"]
        )
    marked = any(
        mark.letter in value or mark.word in value for each in MARKS.values() for mark in each.values()
    )
    return [value] if marked and len(value) < 200 else []


Birds = dict[Organisation, set[str]]


def foreign_to(company: str, branches: tuple[str, ...], birds: Birds) -> set[str]:
    """The canaries somebody must not meet: the other company's and other outlets', unless their own rows say the same."""
    own = set().union(*(birds[company, branch] for branch in branches))
    said = "\n".join(own)
    others = [each for each in organisations() if each[0] != company or each[1] not in branches]
    return {bird for each in others for bird in birds[each] if bird not in said}


_SPACE_IN_NUMBERS = re.compile("(?<=\\d)[,\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}\N{THIN SPACE}](?=\\d)")


def plain(text: str) -> str:
    """Text in which amounts are written without separators, as the canaries are."""
    return _SPACE_IN_NUMBERS.sub("", text)
