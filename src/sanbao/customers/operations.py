"""Keeping customers. Every change comes through here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Func, Value
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.scope import as_owner
from sanbao.audit import operations as audit
from sanbao.customers.models import Address, Consent, Contact, Customer
from sanbao.customers.permissions import May
from sanbao.outlets.models import Outlet
from sanbao.ui.refusal import Refusal

AMENDABLE = (
    "kind", "name", "initials", "vip", "tags", "note", "plan", "reach_by", "language", "no_marketing", "do_not_call",
)  # fmt: skip


def initials_of(name: str) -> str:
    """The first letters of a name's pinyin, in small letters: 张三 is zs; letters and digits stand for themselves."""
    from pypinyin import (  # its dictionary takes 55 MB, and few processes register customers
        Style,
        lazy_pinyin,
    )

    found = "".join(
        lazy_pinyin(name, style=Style.FIRST_LETTER, errors=lambda rest: [c for c in rest if c.isalnum()])
    )
    return found.lower()[:40]


@transaction.atomic
def register(
    name: str,
    *,
    kind: str = Customer.Kind.PERSON,
    phone: str = "",
    email: str = "",
    wechat: str = "",
    address: str = "",
    outlet: Outlet | None = None,
    vip: bool = False,
    note: str = "",
    by: Access,
    at: datetime,
) -> Customer:
    """Register a customer, with one contact and one address where they are given. Telephone and name come read (ui.readers)."""
    by.require(May.KEEP)
    return admit(
        name, kind=kind, phone=phone, email=email, wechat=wechat, address=address, outlet=outlet, vip=vip, note=note, by=by, at=at
    )  # fmt: skip


@transaction.atomic
def admit(
    name: str,
    *,
    kind: str = Customer.Kind.PERSON,
    phone: str = "",
    email: str = "",
    wechat: str = "",
    address: str = "",
    outlet: Outlet | None = None,
    vip: bool = False,
    note: str = "",
    by: Access,
    at: datetime,
) -> Customer:
    """As `register`, for whoever came by a channel of the company's: `by` is the company's own access, with nobody in person."""
    if not name.strip():
        raise Refusal(
            _("A customer has a name; write how they are to be addressed."), field="name", code="name"
        )
    places = [outlet.pk] if outlet else sorted(by.outlets or ())
    customer = Customer.objects.create(
        company_id=by.company_id, number=_numbers(by.company_id, 1)[0], kind=kind, name=name.strip()[:80],
        initials=initials_of(name), vip=vip, note=note[:500], places=places, made_at=at, made_by_id=by.person_id,
    )  # fmt: skip
    if phone or email or wechat:
        Contact.objects.create(
            company_id=by.company_id,
            customer=customer,
            phone=phone,
            email=email.lower(),
            wechat=wechat,
            preferred=True,
        )
    if address:
        Address.objects.create(
            company_id=by.company_id, customer=customer, text=address[:200], preferred=True
        )
    audit.record(
        "customers:customer:registered",
        customer,
        by=by,
        at=at,
        outlet_id=outlet.pk if outlet else None,
        kind=kind,
    )
    return customer


@dataclass(slots=True)
class New:
    """A customer that comes with many others: fields of `Customer` by name, with contacts, addresses and consents (purpose: how given)."""

    name: str
    number: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    phones: Sequence[str] = ()
    email: str = ""
    address: str = ""
    consents: Sequence[str] = ()


@transaction.atomic
def register_many(
    rows: Sequence[New],
    how: str,
    *,
    by: Access,
    at: datetime,
    step: Callable[[int], None] = lambda done: None,
) -> list[Customer]:
    """Register many customers in a few statements, all or none; `how` says how the consents were given."""
    by.require(May.KEEP)
    unknown = {name for row in rows for name in row.fields} - set(AMENDABLE)
    if unknown:
        raise TypeError(f"a customer has no {', '.join(sorted(unknown))}")
    numbers = iter(_numbers(by.company_id, sum(1 for row in rows if not row.number)))
    places = sorted(by.outlets or ())
    made: list[Customer] = []
    for at_row, row in enumerate(rows):
        if at_row % 500 == 0:
            step(at_row)
        fields = {"initials": initials_of(row.name), **row.fields}
        made.append(
            Customer(
                company_id=by.company_id,
                number=row.number or next(numbers),
                name=row.name[:80],
                places=places,
                made_at=at,
                made_by_id=by.person_id,
                **fields,
            )
        )
    Customer.objects.bulk_create(made, batch_size=2000)
    contacts, addresses, consents = [], [], []
    for customer, row in zip(made, rows, strict=True):
        ways = [{"phone": phone} for phone in row.phones] or ([{}] if row.email else [])
        for place, way in enumerate(ways):
            email = row.email if place == 0 else ""
            contacts.append(
                Contact(company_id=by.company_id, customer=customer, email=email, preferred=place == 0, **way)
            )
        if row.address:
            addresses.append(
                Address(company_id=by.company_id, customer=customer, text=row.address[:200], preferred=True)
            )
        consents += [
            Consent(company_id=by.company_id, customer=customer, purpose=purpose, how=how[:200], given_at=at, given_to_id=by.person_id)
            for purpose in row.consents
        ]  # fmt: skip
    Contact.objects.bulk_create(contacts, batch_size=2000)
    Address.objects.bulk_create(addresses, batch_size=2000)
    Consent.objects.bulk_create(consents, batch_size=2000)
    audit.record_all(
        "customers:customer:registered", made, by=by, at=at, details=lambda customer: {"kind": customer.kind}
    )
    return made


@transaction.atomic
def amend(customer: Customer, changes: dict[str, Any], *, by: Access, at: datetime) -> Customer:
    """Change what is known about a customer; `changes` are fields of AMENDABLE, others are refused as a fault of ours."""
    by.require(May.KEEP)
    found = _locked(customer, by)
    unknown = set(changes) - set(AMENDABLE)
    if unknown:
        raise TypeError(f"a customer has no {', '.join(sorted(unknown))} to amend")
    said = {name: value for name, value in changes.items() if getattr(found, name) != value}
    if "name" in said:
        if not said["name"].strip():
            raise Refusal(
                _("A customer has a name; write how they are to be addressed."), field="name", code="name"
            )
        said.setdefault("initials", initials_of(said["name"]))
    for name, value in said.items():
        setattr(found, name, value)
    if said:
        found.save(update_fields=list(said))
        audit.record("customers:customer:amended", found, by=by, at=at, fields=sorted(said))
    return found


@transaction.atomic
def add_contact(
    customer: Customer,
    *,
    name: str = "",
    role: str = "",
    phone: str = "",
    email: str = "",
    wechat: str = "",
    wecom: str = "",
    preferred: bool = False,
    by: Access,
    at: datetime,
) -> Contact:
    """One more way to reach a customer. The same telephone twice for one customer is refused."""
    by.require(May.KEEP)
    found = _locked(customer, by)
    if not (phone or email or wechat or wecom):
        raise Refusal(_("Give a telephone number or an e-mail address."), field="phone", code="unreachable")
    living = found.contacts.filter(ended_at__isnull=True)
    if phone and living.filter(phone=phone).exists():
        raise Refusal(_("This number is there already."), field="phone", code="known")
    if preferred or not living.exists():
        living.filter(preferred=True).update(preferred=False)
        preferred = True
    contact = Contact.objects.create(
        company_id=found.company_id, customer=found, name=name[:60], role=role[:40], phone=phone, email=email.lower(),
        wechat=wechat, wecom=wecom, preferred=preferred,
    )  # fmt: skip
    audit.record("customers:contact:added", found, by=by, at=at, contact=contact.pk)
    return contact


@transaction.atomic
def tie(
    customer: Customer, *, wechat: str = "", wecom: str = "", wecom_kf: str = "", by: Access, at: datetime
) -> Contact | None:
    """The account by which somebody writes belongs to this customer: by it they are found from now on. None where that is known.

    Whoever had it before has it no longer: an account is one person's. Called by what somebody decided elsewhere (a request's customer).
    """
    given = {"wechat": wechat, "wecom": wecom, "wecom_kf": wecom_kf}
    account = {name: value for name, value in given.items() if value}
    rows = Contact.objects.filter(company_id=customer.company_id, ended_at__isnull=True, **account)
    for other in rows.exclude(customer=customer).select_for_update(of=("self",)):
        other.ended_at, other.preferred = at, False
        other.save(update_fields=["ended_at", "preferred"])
        audit.record("customers:contact:ended", other.customer, by=by, at=at, contact=other.pk)
    if rows.filter(customer=customer).exists():
        return None
    contact = Contact.objects.create(company_id=customer.company_id, customer=customer, **account)
    audit.record("customers:contact:added", customer, by=by, at=at, contact=contact.pk)
    return contact


@transaction.atomic
def end_contact(contact: Contact, *, by: Access, at: datetime) -> None:
    """A number or address that no longer reaches the customer; it stays on record."""
    by.require(May.KEEP)
    found = _locked(contact.customer, by)
    found.contacts.filter(pk=contact.pk, ended_at__isnull=True).update(ended_at=at, preferred=False)
    audit.record("customers:contact:ended", found, by=by, at=at, contact=contact.pk)


@transaction.atomic
def add_address(
    customer: Customer,
    text: str,
    *,
    label: str = "",
    province: str = "",
    city: str = "",
    district: str = "",
    coordinates: str = "",
    preferred: bool = False,
    by: Access,
    at: datetime,
) -> Address:
    """One more address. `coordinates` come read (ui.readers.places)."""
    by.require(May.KEEP)
    found = _locked(customer, by)
    if not text.strip():
        raise Refusal(_("Write the address."), field="text", code="address")
    living = found.addresses.filter(ended_at__isnull=True)
    if preferred or not living.exists():
        living.filter(preferred=True).update(preferred=False)
        preferred = True
    address = Address.objects.create(
        company_id=found.company_id, customer=found, text=text.strip()[:200], label=label[:40], province=province[:20],
        city=city[:20], district=district[:20], coordinates=coordinates, preferred=preferred,
    )  # fmt: skip
    audit.record("customers:address:added", found, by=by, at=at, address=address.pk)
    return address


@transaction.atomic
def locate_address(address: Address, coordinates: str, *, by: Access, at: datetime) -> Address:
    """Write down where an address lies, or forget it (""). They are the customer's data: kept to find the door and to reckon the way."""
    by.require(May.KEEP)
    found = _locked(address.customer, by)
    kept = found.addresses.filter(pk=address.pk, ended_at__isnull=True).first()
    if kept is None:
        raise Refusal(_("This address is no longer valid."), code="ended")
    if kept.coordinates != coordinates:
        kept.coordinates = coordinates
        kept.save(update_fields=["coordinates"])
        audit.record(
            "customers:address:located", found, by=by, at=at, address=kept.pk, known=bool(coordinates)
        )
    return kept  # type: ignore[no-any-return]


def note_place(customer: Customer, text: str, coordinates: str, *, by: Access, at: datetime) -> None:
    """The customer let the place be taken at the door: it is kept with the address of these words, where none is known yet.

    Asked within another module's operation, which has asked for the right.
    """
    known = Address.objects.filter(customer=customer, ended_at__isnull=True, coordinates="")
    address = next((row for row in known if str(row) == text), None)
    if address is not None:
        Address.objects.filter(pk=address.pk, coordinates="").update(coordinates=coordinates)
        audit.record("customers:address:located", customer, by=by, at=at, address=address.pk, known=True)


@transaction.atomic
def end_address(address: Address, *, by: Access, at: datetime) -> None:
    """An address that is no longer the customer's; it stays on record."""
    by.require(May.KEEP)
    found = _locked(address.customer, by)
    found.addresses.filter(pk=address.pk, ended_at__isnull=True).update(ended_at=at, preferred=False)
    audit.record("customers:address:ended", found, by=by, at=at, address=address.pk)


@transaction.atomic
def give_consent(customer: Customer, purpose: str, how: str, *, by: Access, at: datetime) -> Consent:
    """The customer agrees to something; how it was given is the evidence."""
    by.require(May.KEEP)
    found = _locked(customer, by)
    if not how.strip():
        raise Refusal(
            _("Say how the customer agreed: on the telephone, in writing, on the page."),
            field="how",
            code="how",
        )
    if found.consents.filter(purpose=purpose, withdrawn_at__isnull=True).exists():
        raise Refusal(_("The customer has agreed to this already."), field="purpose", code="given")
    consent = Consent.objects.create(
        company_id=found.company_id, customer=found, purpose=purpose, how=how.strip()[:200], given_at=at, given_to_id=by.person_id
    )  # fmt: skip
    audit.record("customers:consent:given", found, by=by, at=at, purpose=purpose)
    return consent


@transaction.atomic
def withdraw_consent(consent: Consent, *, by: Access, at: datetime) -> None:
    """The customer takes it back."""
    by.require(May.KEEP)
    found = _locked(consent.customer, by)
    if found.consents.filter(pk=consent.pk, withdrawn_at__isnull=True).update(withdrawn_at=at):
        audit.record("customers:consent:withdrawn", found, by=by, at=at, purpose=consent.purpose)


@transaction.atomic
def note_no_calls(customer: Customer, words: str, *, by: Access, at: datetime) -> None:
    """The customer said on the telephone not to be called any more. Asked within another module's operation, which has asked for the right."""
    with as_owner("a customer's wish holds wherever the customer is served"):
        found = Customer.objects.select_for_update().get(pk=customer.pk)
        if found.do_not_call:
            return
        found.do_not_call = True
        found.save(update_fields=["do_not_call"])
        audit.record("customers:customer:no-calls", found, by=by, at=at, reason=words.strip()[:200])


def serve(customer: Customer, outlet: Outlet, *, by: Access, at: datetime) -> None:
    """From now on the outlet serves the customer, and its people see it. Asked within another module's operation, which has asked for the right."""
    told = Customer.objects.filter(pk=customer.pk).exclude(places__contains=[outlet.pk])
    added = Func("places", Value(outlet.pk), function="array_append")
    if told.update(places=added):
        audit.record("customers:customer:served", customer, by=by, at=at, outlet_id=outlet.pk)


def _locked(customer: Customer, by: Access) -> Customer:
    found = Customer.objects.visible_to(by, May.KEEP).select_for_update(of=("self",)).get(pk=customer.pk)
    if found.merged_into_id:
        raise Refusal(_("This was a duplicate; change the customer it was merged into."), code="merged")
    return found


def _numbers(company_id: int | None, count: int) -> list[str]:
    """The next customer numbers of the company, K1, K2, …"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT edge_next_number('customer', %s) FROM generate_series(1, %s)", [company_id, count]
        )
        return [f"K{number}" for (number,) in cursor.fetchall()]
