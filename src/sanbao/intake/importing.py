"""Requests from a file: every row becomes a request by the same rules as any other, and the same row comes once (DP-3, SR-2)."""

import difflib
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.customers.importing import Known
from sanbao.customers.models import Customer
from sanbao.imports import cells
from sanbao.imports.kinds import Field, Kind, Plan, Row, Say, Step, in_both
from sanbao.imports.models import Brought
from sanbao.intake import facts, operations, queries
from sanbao.intake.models import Category
from sanbao.intake.operations.registering import refuse_unless_sound
from sanbao.intake.permissions import May
from sanbao.intake.states import Channel
from sanbao.outlets.models import Outlet
from sanbao.products.models import Unit
from sanbao.ui.formats import masked_phone
from sanbao.ui.refusal import Refusal
from sanbao_rules import priority

CODE = "requests"
_CHANNELS = {
    **dict.fromkeys(("电话", "来电", "热线", "phone", "telephone"), "phone"),
    **dict.fromkeys(("邮件", "邮箱", "email", "e-mail"), "email"),
    **dict.fromkeys(("网站", "网页", "官网", "web", "website"), "web"),
    **dict.fromkeys(("微信", "公众号", "wechat"), "wechat"),
    **dict.fromkeys(("企业微信", "wecom"), "wecom"),
    **dict.fromkeys(("微信客服", "wecom_kf"), "wecom_kf"),
    **dict.fromkeys(("现场", "上门", "前台", "柜台", "门店", "walk_in", "walk-in", "counter"), "walk_in"),
    **dict.fromkeys(("其他系统", "接口", "api"), "api"),
    **dict.fromkeys(("excel", "excel文件", "导入", "表格", "import"), "import"),
}

FIELDS = (
    Field("external_id", ("外部单号", "External number"), ("原单号", "来源单号", "平台单号", "工单号", "单号", "external id", "ticket", "order number", "id"), cells.text(120), "A-1001"),
    Field("received_at", ("受理时间", "Received at"), ("收到时间", "报修时间", "来电时间", "接单时间", "接报时间", "登记时间", "创建时间", "提交时间", "反馈时间", "下单时间", "受理日期", "报修日期", "登记日期", "日期", "时间", "received", "reported at", "created at", "date", "time"), cells.moment, "2026-04-24 09:30"),
    Field("channel", ("来源渠道", "Channel"), ("渠道", "来源", "受理方式", "source"), cells.one_of(_CHANNELS, "电话、邮件、网站、微信、微信客服、企业微信、现场、Excel"), "电话"),
    Field("category", ("服务分类", "Class"), ("分类", "类别", "问题分类", "服务类型", "问题类型", "category", "type"), cells.text(60), required=True),
    Field("severity", ("严重程度", "Severity"), ("严重性", "紧急程度", "程度"), cells.text(40), "部分影响使用"),
    Field("subject", ("主题", "Subject"), ("标题", "事由", "报修内容", "故障现象", "报修事项", "诉求", "问题", "title", "summary"), cells.text(120), "油烟机异响", required=True),
    Field("description", ("详细描述", "Description"), ("描述", "问题描述", "详情", "故障描述", "内容", "备注", "details", "remarks"), cells.paragraphs(4000)),
    Field("contact", ("联系人", "Contact"), ("姓名", "客户姓名", "用户姓名", "客户名称", "顾客姓名", "报修人", "来电人", "用户", "contact name", "customer name", "name"), cells.name(60), "张三", personal="name"),
    Field("phone", ("联系电话", "Telephone"), ("电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "客户电话", "用户电话", "来电号码", "报修电话", "phone", "phone number", "mobile", "tel"), cells.phone, "13800000000", personal="phone"),
    Field("email", ("邮箱", "E-mail"), ("电子邮箱", "邮件地址", "email"), cells.email, personal="email"),
    Field("address", ("地址", "Address"), ("上门地址", "服务地址", "详细地址", "用户地址", "客户地址", "联系地址", "安装地址"), cells.text(200), personal="address"),
    Field("customer", ("客户编号", "Customer number"), ("客户号", "customer"), cells.code(20)),
    Field("serial", ("机身编码", "Serial number"), ("序列号", "产品序列号", "机身条码", "出厂编号", "机号", "条码", "sn", "serial"), cells.code(60)),
    Field("model", ("产品型号", "Model"), ("型号", "机型", "规格型号", "product model"), cells.code(40)),
    Field("flags", ("特殊情况", "Flags"), ("标记", "标志", "特别关注", "flag"), cells.text(100)),
    Field("outlet", ("服务网点", "Outlet"), ("网点", "网点编码", "网点编号", "outlet code"), cells.code(20)),
)  # fmt: skip
SENTENCES = {
    "unknown_class": ("没有服务分类“{value}”。相近的有：{near}。", "There is no class “{value}”. Near it are: {near}."),
    "class_like_none": ("没有服务分类“{value}”，也没有相近的。在用的有：{near}等。", "There is no class “{value}”, nor one like it. In use are {near} and others."),
    "class_by_part": ("“{value}”按服务分类“{taken}”读取。", "“{value}” was read as the class “{taken}”."),
    "retired_class": ("服务分类“{value}”已停用，请改用别的。相近的有：{near}。", "The class “{value}” is no longer used; choose another. Near it are: {near}."),
    "several_classes": ("有几个服务分类叫“{value}”：{near}。请填写分类代码。", "Several classes are called “{value}”: {near}. Fill in the code."),
    "unknown_severity": ("没有严重程度“{value}”，请写：{choices}。", "There is no severity “{value}”; write {choices}."),
    "unknown_flag": ("没有特殊情况“{value}”，请写：{choices}。", "There is no flag “{value}”; write {choices}."),
    "no_customer": ("没有客户 {value}，请核对编号，或先导入客户。", "There is no customer {value}; check the number, or import customers first."),
    "phone_shared": ("“{value}”同时属于客户 {numbers}，这条请求暂不归到客户名下。", "“{value}” belongs to customers {numbers}; the request is put under none of them."),
    "no_outlet": ("没有网点 {value}，请核对网点编码。", "There is no outlet {value}; check the code."),
    "unknown_serial": ("没有登记过机身编码 {value}，按原样记下。", "Serial number {value} is not registered; it is kept as written."),
    "brought": ("这一行以前已经导入过（{value}），跳过。", "This row has been brought before ({value}); left out."),
    "same_row": ("与第 {line} 行完全相同，只记一次。", "The same as line {line} in everything; it counts once."),
}  # fmt: skip
_FIELD_OF = {"phone": "phone", "subject": "subject", "received_at": "received_at", "category": "category"}


@lru_cache(5_000)
def _shape(words: str) -> str:
    return re.sub(r"[\s/／>＞·、-]", "", words).lower()


@dataclass
class Words:
    """The words that rows choose from, read once for a file: classes, severities, flags, with their nearest ones."""

    by: Access
    at: datetime
    near: dict[str, tuple[str, str] | None] = field(default_factory=dict)

    @cached_property
    def categories(self) -> dict[str, list[Category]]:
        found: dict[str, list[Category]] = defaultdict(list)
        rows = list(Category.objects.filter(company_id=self.by.company_id).select_related("team"))
        names = {row.pk: row.name for row in rows}
        for row in rows:
            whole = "".join(names.get(int(pk), "") for pk in row.path.strip("/").split("/"))
            for word in dict.fromkeys(map(_shape, (row.code, row.name, row.name_en, whole))):
                if word:
                    found[word].append(row)
        return found

    @cached_property
    def parts(self) -> dict[str, list[Category]]:
        """The classes in use by each word of a name that lists several: 异响 of 异响、振动."""
        found: dict[str, list[Category]] = defaultdict(list)
        for row in self.living:
            for part in re.split(r"[、/／]", row.name):
                if word := _shape(part):
                    found[word].append(row)
        return found

    @cached_property
    def severities(self) -> dict[str, str]:
        return self._book("severities")

    @cached_property
    def flags(self) -> dict[str, str]:
        return {word: code for word, code in self._book("flags").items() if code != "vip"}

    def _book(self, name: str) -> dict[str, str]:
        book = facts.service_book(self.by)
        codes = priority.words(book, timezone.localdate(self.at))[name]
        return {_shape(word): code for code in codes for word in (code, book.word(code, "zh"), book.word(code, "en"))}  # fmt: skip

    def choices(self, name: str) -> tuple[str, str]:
        book = facts.service_book(self.by)
        codes = [code for code in priority.words(book, timezone.localdate(self.at))[name] if code != "vip"]
        return "、".join(book.word(code, "zh") for code in codes), ", ".join(book.word(code, "en") for code in codes)  # fmt: skip

    def nearest(self, value: str) -> tuple[str, str] | None:
        """The classes in use whose names are like a word, in both languages; None where none is."""
        if value not in self.near:
            shape = _shape(value[:40])
            likeness = {
                row.pk: max(_alike(shape, _shape(row.name)), _alike(shape, _shape(row.name_en)))
                for row in self.living
            }
            close = sorted(
                (row for row in self.living if likeness[row.pk]), key=lambda row: -likeness[row.pk]
            )
            self.near[value] = _named(close[:3]) if close else None
        return self.near[value]

    @cached_property
    def living(self) -> list[Category]:
        """The classes in use, in the order of the tree."""
        return queries.classes(self.by.company_id)


def _alike(word: str, name: str) -> float:
    """How much of a word stands in a name. One character is by chance; a word within the other, or two characters side by side, is not."""
    if not set(word) & set(name):
        return 0
    if word in name or name in word:
        return 1 + min(len(word), len(name)) / max(len(word), len(name))
    together = difflib.SequenceMatcher(None, word, name, autojunk=False).find_longest_match().size
    least = 2 if not word.isascii() else 4
    shared = len(set(word) & set(name)) / len(set(word))
    return shared if together >= least else 0


def _named(rows: Sequence[Category]) -> tuple[str, str]:
    return "、".join(f"{row.name}（{row.code}）" for row in rows), ", ".join(
        f"{row.name_en or row.name} ({row.code})" for row in rows
    )


def _first_class(by: Access) -> str:
    """The first class in use that has no others below it, in the reader's language."""
    rows = queries.classes(by.company_id)
    above = {row.parent_id for row in rows}
    return next((str(row) for row in rows if row.pk not in above), "")


@dataclass(slots=True)
class There:
    """What the rows speak of, looked up for all of them at once."""

    known: Known
    units: dict[str, Unit]
    outlets: dict[str, Outlet]
    brought: set[str]

    @classmethod
    def of(cls, rows: Sequence[Row], keys: Iterable[str], by: Access) -> "There":
        numbers, phones, serials, codes = (
            {row[name] for row in rows if row[name]} for name in ("customer", "phone", "serial", "outlet")
        )
        units = Unit.objects.filter(company_id=by.company_id, serial__in=serials).select_related("model")
        outlets = Outlet.objects.visible_to(by, May.REGISTER).filter(code__in=codes) if codes else ()
        brought = Brought.objects.filter(company_id=by.company_id, kind=CODE, key__in=list(keys))
        return cls(
            Known.of(by.company_id, numbers, phones),
            {unit.serial: unit for unit in units} if serials else {},
            {outlet.code: outlet for outlet in outlets},
            set(brought.values_list("key", flat=True)),
        )


def _key(row: Row) -> str:
    """What makes two rows the same: the number they have outside, else everything that stands in them."""
    if external := row["external_id"]:
        return f"id:{external}"
    told = sorted((name, repr(value)) for name, value in row.values.items() if value not in (None, ""))
    return f"row:{hashlib.sha256(repr(told).encode()).hexdigest()}"


def examine(rows: Sequence[Row], known: str, by: Access, at: datetime, say: Say) -> Plan:
    """Which rows are new, and what is wrong with them; those brought before are left out."""
    keys = [_key(row) for row in rows]
    there, words = There.of(rows, keys, by), Words(by, at)
    plan, asks, seen = Plan(), list[tuple[str, operations.Ask]](), dict[str, Row]()
    for row, key in zip(rows, keys, strict=True):
        earlier = seen.setdefault(key, row)
        if earlier is not row:
            _tell_twice(row, earlier, key, plan, say)
            continue
        if key in there.brought:
            say("warning", "brought", row, "external_id", value=row["external_id"] or "—")
            plan.left_out += 1
            continue
        ask = _ask(row, there, words, say)
        if ask is None or row.bad or not _sound(ask, row, at, say):
            continue
        asks.append((key, ask))
    plan.adds, plan.work = len(asks), asks
    return plan


def _tell_twice(row: Row, earlier: Row, key: str, plan: Plan, say: Say) -> None:
    if row.values == earlier.values:
        say("warning", "same_row", row, "external_id", line=earlier.line)
        plan.left_out += 1
    else:
        say("error", "twice", row, "external_id", line=earlier.line, value=key.partition(":")[2])


def _ask(row: Row, there: There, words: Words, say: Say) -> operations.Ask | None:
    """What the row asks for; None where its class is not known."""
    category = _category(row, words, say)
    severity = _severity(row, words, say)
    flags = _flags(row, words, say)
    customer = _customer(row, there, say)
    outlet = there.outlets.get(row["outlet"]) if row["outlet"] else None
    if row["outlet"] and outlet is None:
        say("error", "no_outlet", row, "outlet", value=row["outlet"])
    serial = row["serial"] or ""
    unit = there.units.get(serial)
    if serial and unit is None:
        say("note", "unknown_serial", row, "serial", value=serial)
    if category is None:
        return None
    return operations.Ask(
        channel=row["channel"] or Channel.IMPORT, category=category, subject=row["subject"] or "", severity=severity,
        description=row["description"] or "", customer=customer, contact=row["contact"] or "", phone=row["phone"] or "",
        email=row["email"] or "", address=row["address"] or "", unit=unit, model=row["model"] or "", serial=serial,
        flags=flags, outlet=outlet, received_at=row["received_at"], external_id=row["external_id"] or "",
    )  # fmt: skip


def _category(row: Row, words: Words, say: Say) -> Category | None:
    value = row["category"]
    if not value:
        return None
    rows = words.categories.get(_shape(value), [])
    living = [each for each in rows if not each.retired_at]
    if len(living) == 1:
        return living[0]
    if len(living) > 1:
        say("error", "several_classes", row, "category", value=value, near=_named(living))
    elif len(parts := [] if rows else words.parts.get(_shape(value), [])) == 1:
        say(
            "note",
            "class_by_part",
            row,
            "category",
            value=value,
            taken=(parts[0].name, parts[0].name_en or parts[0].name),
        )
        return parts[0]
    else:
        near = words.nearest(value)
        code = "retired_class" if rows else "unknown_class" if near else "class_like_none"
        say("error", code, row, "category", value=value[:40], near=near or _named(words.living[:5]))
    return None


def _severity(row: Row, words: Words, say: Say) -> str:
    value = row["severity"]
    if not value:
        return ""
    code = words.severities.get(_shape(value))
    if code is None:
        say(
            "error",
            "unknown_severity",
            row,
            "severity",
            value=value[:40],
            choices=words.choices("severities"),
        )
    return code or ""


def _flags(row: Row, words: Words, say: Say) -> tuple[str, ...]:
    value = row["flags"]
    if not value:
        return ()
    found = []
    for part in re.split(r"[、,，;；/|]", value):
        if not part.strip():
            continue
        code = words.flags.get(_shape(part))
        if code is None:
            say("error", "unknown_flag", row, "flags", value=part[:40], choices=words.choices("flags"))
        else:
            found.append(code)
    return tuple(dict.fromkeys(found))


def _customer(row: Row, there: There, say: Say) -> Customer | None:
    """Whose request it is: by number; else by a telephone that belongs to one customer only."""
    if number := row["customer"]:
        customer = there.known.by_number.get(number)
        if customer is None or customer.merged_into_id:
            say("error", "no_customer", row, "customer", value=number)
            return None
        return customer
    owners = there.known.by_phone.get(row["phone"] or "", [])
    if len(owners) > 1:
        numbers = "、".join(owner.number for owner in owners)
        say("warning", "phone_shared", row, "phone", value=masked_phone(row["phone"]), numbers=numbers)
    return owners[0] if len(owners) == 1 else None


def _sound(ask: operations.Ask, row: Row, at: datetime, say: Say) -> bool:
    """The rule that every door asks, here for each row; a row that fails it is named."""
    received_at = ask.received_at or at
    try:
        refuse_unless_sound(ask, received_at, at)
    except Refusal as refusal:
        name = _FIELD_OF.get(refusal.field, "subject")
        say("error", "refused", row, name, **in_both(lambda: refuse_unless_sound(ask, received_at, at)))
        return False
    return True


def take(plan: Plan, by: Access, at: datetime, step: Step) -> list[tuple[str, int]]:
    """Every row becomes a request; what it came by is kept, so that it comes once."""
    asks: list[tuple[str, operations.Ask]] = plan.work
    made = operations.receive_many([ask for _key, ask in asks], by=by, at=at, step=step)
    return [(key, request.pk) for (key, _ask), request in zip(asks, made, strict=True)]


KIND = Kind(
    code=CODE,
    title=_("Requests"),
    what=_("What customers have asked for elsewhere: each becomes a request with priority and promises. The same row comes once."),
    permission=May.REGISTER,
    link="intake:requests",
    fields=FIELDS,
    examine=examine,
    take=take,
    known=("skip",),
    sentences=SENTENCES,
    own_examples={"category": _first_class},
)  # fmt: skip
