"""Customers from a file: new ones are registered, known ones refused, left out or updated, as the sender has chosen."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.customers import operations
from sanbao.customers.models import Address, Consent, Contact, Customer
from sanbao.customers.permissions import May
from sanbao.imports import cells
from sanbao.imports.kinds import Field, Kind, Plan, Row, Say, Step
from sanbao.ui.formats import masked_phone

MOST_TAGS, LONGEST_TAG = 10, 20
OUR_NUMBER = re.compile(r"K\d+")

_KINDS = {
    **dict.fromkeys(("个人", "个人客户", "person", "individual", "家庭", "住户"), "person"),
    **dict.fromkeys(("单位", "公司", "企业", "企业客户", "单位客户", "company", "organisation", "organization"), "organisation"),
}  # fmt: skip
_REACH = {
    **dict.fromkeys(("电话", "来电", "手机", "phone", "telephone"), "phone"),
    **dict.fromkeys(("短信", "sms", "textmessage"), "sms"),
    **dict.fromkeys(("邮件", "邮箱", "电子邮件", "email", "e-mail"), "email"),
    **dict.fromkeys(("微信", "wechat"), "wechat"),
}
_CONSENTS = {
    **dict.fromkeys(("广告", "营销", "推广", "广告推送", "marketing", "advertising"), "marketing"),
    **dict.fromkeys(("调查", "回访调查", "满意度调查", "survey", "surveys"), "survey"),
    **dict.fromkeys(("提供给第三方", "共享", "对外提供", "sharing"), "sharing"),
    **dict.fromkeys(("定位", "位置", "location"), "location"),
    **dict.fromkeys(("照片", "拍照", "photos"), "photos"),
}


def _tags(cell: Any) -> list[str]:
    words = cells.text(300)(cell)
    tags = list(dict.fromkeys(part.strip() for part in re.split(r"[,，、;；]", words) if part.strip()))
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        raise cells.Bad("too_many_tags", count=MOST_TAGS, length=LONGEST_TAG)
    return tags


FIELDS = (
    Field("number", ("客户编号", "Customer number"), ("客户号", "客户代码", "会员号", "编号", "number", "no", "customer no"), cells.code(20)),
    Field("name", ("客户姓名", "Customer name"), ("姓名", "客户名称", "名称", "用户姓名", "顾客姓名", "单位名称", "公司名称", "name", "customer", "client"), cells.name(80), "张三", required=True, personal="name"),
    Field("kind", ("客户类型", "Type"), ("kind", "类型", "客户类别", "个人或单位", "person or company", "type"), cells.one_of(_KINDS, "个人、单位"), "个人"),
    Field("phones", ("电话", "Telephone"), ("联系电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "phone", "phone number", "mobile", "tel"), cells.phones, "13800000000", personal="phone"),
    Field("email", ("邮箱", "E-mail"), ("电子邮箱", "邮件", "电子邮件", "email", "mail"), cells.email, personal="email"),
    Field("address", ("地址", "Address"), ("联系地址", "详细地址", "住址", "安装地址", "客户地址"), cells.text(200), "某市某区某路1号", personal="address"),
    Field("vip", ("重要客户", "VIP"), ("vip客户", "是否vip", "是否重要客户", "important"), cells.yes_no, "否"),
    Field("reach_by", ("偏好的联系方式", "Preferred contact"), ("偏好", "prefers", "首选联系方式", "联系偏好", "prefers to be reached by"), cells.one_of(_REACH, "电话、短信、邮件、微信"), "电话"),
    Field("do_not_call", ("请勿致电", "Do not call"), ("does not want to be called", "免打扰", "不要打电话", "do not call"), cells.yes_no),
    Field("no_marketing", ("不接受广告", "No advertising"), ("拒绝广告", "拒绝营销", "no marketing"), cells.yes_no),
    Field("consents", ("已同意", "Agreed to"), ("同意事项", "授权", "consent", "consents"), cells.words_of(_CONSENTS, "广告、调查、照片、定位、提供给第三方")),
    Field("tags", ("标签", "Tags"), ("客户标签",), _tags),
    Field("plan", ("专属服务方案", "Individual service plan"), ("服务方案", "专属服务", "service plan", "plan"), cells.paragraphs(2000)),
    Field("note", ("备注", "Note"), ("说明", "remark", "remarks", "notes"), cells.paragraphs(500)),
)  # fmt: skip
SENTENCES = {
    "too_many_tags": ("最多 {count} 个标签，每个不超过 {length} 个字。", "At most {count} tags of {length} characters each."),
    "customer_known": ("“{value}”是客户 {number} 的，系统里已有。请删去这一行，或选择跳过、更新。", "“{value}” is customer {number}'s, who is known already. Delete the line, or choose to leave out or update known rows."),
    "customer_left_out": ("“{value}”是客户 {number} 的，系统里已有，跳过。", "“{value}” is customer {number}'s, who is known already; left out."),
    "customers_share": ("“{value}”同时属于客户 {numbers}，分不清是哪一位。请填写客户编号。", "“{value}” belongs to customers {numbers}; fill in the customer number to say which."),
    "customer_conflict": ("客户编号 {number} 与电话“{value}”（属于 {other}）对不上，请核对。", "Customer number {number} and telephone “{value}” (of {other}) do not go together; check them."),
    "number_of_ours": ("没有客户 {value}。新客户由系统编号，请把这一格留空。", "There is no customer {value}. New ones are numbered by the system; leave the cell empty."),
    "customer_merged": ("客户 {value} 已并入 {other}，请改用 {other}。", "Customer {value} was merged into {other}; use that number."),
    "nobody_reached": ("没有电话也没有邮箱，以后联系不上。", "Neither telephone nor e-mail: there is no way to reach the customer."),
}  # fmt: skip
_CHANGES = ("name", "kind", "vip", "tags", "note", "plan", "reach_by", "no_marketing", "do_not_call")


@dataclass(slots=True)
class Work:
    """What is to be done: customers to register, and known ones to change with their rows."""

    new: list[operations.New] = field(default_factory=list)
    changed: list[tuple[Customer, Row]] = field(default_factory=list)


@dataclass(slots=True)
class Known:
    """The company's customers that a file's rows may mean, by number and by telephone."""

    by_number: dict[str, Customer]
    by_phone: dict[str, list[Customer]]

    @classmethod
    def of(cls, company_id: int | None, numbers: set[str], phones: set[str]) -> "Known":
        rows = Customer.objects.filter(company_id=company_id, number__in=numbers).select_related(
            "merged_into"
        )
        contacts = Contact.objects.filter(
            company_id=company_id, phone__in=phones, ended_at__isnull=True, customer__merged_into__isnull=True
        ).select_related("customer")
        by_phone: dict[str, list[Customer]] = defaultdict(list)
        for contact in contacts.order_by("customer_id"):
            if contact.customer not in by_phone[contact.phone]:
                by_phone[contact.phone].append(contact.customer)
        return cls({row.number: row for row in rows}, by_phone)


def examine(rows: Sequence[Row], known: str, by: Access, at: datetime, say: Say) -> Plan:
    """Which rows are new, which are known, and what is wrong with them."""
    phones = {phone for row in rows for phone in row["phones"] or ()}
    there = Known.of(by.company_id, {row["number"] for row in rows if row["number"]}, phones)
    plan, work, seen = Plan(), Work(), dict[str, Row]()
    for row in rows:
        keys = [*([row["number"]] if row["number"] else []), *(row["phones"] or ())]
        earlier = next((key for key in keys if key in seen), None)
        if earlier is not None:
            shown = earlier if earlier == row["number"] else masked_phone(earlier)
            where = "number" if earlier == row["number"] else "phones"
            say("error", "twice", row, where, line=seen[earlier].line, value=shown)
        for key in keys:
            seen.setdefault(key, row)
        customer = _customer(row, there, say)
        if row.bad:
            continue
        if customer is None:
            if not (row["phones"] or row["email"]):
                say("warning", "nobody_reached", row, "phones")
            work.new.append(_new(row))
            plan.adds += 1
        elif known == "update":
            work.changed.append((customer, row))
            plan.updates += 1
        else:
            _tell_known(row, customer, known, say)
            plan.left_out += known == "skip"
    plan.work = work
    return plan


def _customer(row: Row, there: Known, say: Say) -> Customer | None:
    """The customer a row means, by number or by telephone; an error where it may mean several."""
    number, phones = row["number"], row["phones"] or ()
    by_number = there.by_number.get(number) if number else None
    if by_number is not None and by_number.merged_into is not None:
        say("error", "customer_merged", row, "number", value=number, other=by_number.merged_into.number)
        return None
    if number and by_number is None and OUR_NUMBER.fullmatch(number):
        say("error", "number_of_ours", row, "number", value=number)
    owners = {owner for phone in phones for owner in there.by_phone.get(phone, ())}
    shown = masked_phone(next((phone for phone in phones if there.by_phone.get(phone)), ""))
    if by_number is not None:
        if owners and by_number not in owners:
            other = "、".join(sorted(owner.number for owner in owners))
            say("error", "customer_conflict", row, "number", number=number, value=shown, other=other)
        return by_number
    if len(owners) > 1:
        numbers = "、".join(sorted(owner.number for owner in owners))
        say("error", "customers_share", row, "phones", value=shown, numbers=numbers)
        return None
    return next(iter(owners), None)


def _tell_known(row: Row, customer: Customer, known: str, say: Say) -> None:
    where = "number" if row["number"] == customer.number else "phones"
    value = customer.number if where == "number" else masked_phone((row["phones"] or ("",))[0])
    severity, code = ("error", "customer_known") if known == "refuse" else ("warning", "customer_left_out")
    say(severity, code, row, where, value=value, number=customer.number)


def _new(row: Row) -> operations.New:
    fields = {name: row[name] for name in _CHANGES[1:] if row[name] not in (None, "")}
    return operations.New(
        row["name"], row["number"] or "", fields, row["phones"] or (), row["email"] or "", row["address"] or "", row["consents"] or ()
    )  # fmt: skip


def take(plan: Plan, by: Access, at: datetime, step: Step) -> list[tuple[str, int]]:
    """Register the new ones, change the known ones; what a cell leaves empty stays as it is."""
    work: Work = plan.work
    operations.register_many(work.new, __("Excel import"), by=by, at=at, step=step)
    for place, (customer, row) in enumerate(work.changed):
        if place % 100 == 0:
            step(len(work.new) + place)
        _change(customer, row, by, at)
    return []


def _change(customer: Customer, row: Row, by: Access, at: datetime) -> None:
    changes = {name: row[name] for name in _CHANGES if row[name] not in (None, "")}
    operations.amend(customer, changes, by=by, at=at)
    living = partial(Contact.objects.filter, customer=customer, ended_at__isnull=True)
    for phone in row["phones"] or ():
        if not living(phone=phone).exists():
            operations.add_contact(customer, phone=phone, by=by, at=at)
    if row["email"] and not living(email=row["email"]).exists():
        operations.add_contact(customer, email=row["email"], by=by, at=at)
    if row["address"] and not any(
        str(each) == row["address"]
        for each in Address.objects.filter(customer=customer, ended_at__isnull=True)
    ):
        operations.add_address(customer, row["address"], by=by, at=at)
    given = set(
        Consent.objects.filter(customer=customer, withdrawn_at__isnull=True).values_list("purpose", flat=True)
    )
    for purpose in row["consents"] or ():
        if purpose not in given:
            operations.give_consent(customer, purpose, __("Excel import"), by=by, at=at)


KIND = Kind(
    code="customers",
    title=_("Customers"),
    what=_("Names, telephones, addresses and agreements. Known customers are found by number or telephone."),
    permission=May.KEEP,
    link="customers:list",
    fields=FIELDS,
    examine=examine,
    take=take,
    sentences=SENTENCES,
)
