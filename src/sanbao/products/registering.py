"""Registering an appliance by the code on its label, and what the desk makes of it (DP-2, KA-5.1).

A customer's registration changes nothing that is known: it waits, with its doubts named, until a colleague accepts it (then it is a unit with
its warranty decided), corrects or refuses it.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.customers import operations as customers
from sanbao.customers import queries as known_customers
from sanbao.customers.models import Address, Consent, Customer
from sanbao.decisions.queries import source_of
from sanbao.files.models import StoredFile
from sanbao.products import covering, operations
from sanbao.products.models import Model, Registration, Unit
from sanbao.regulations.queries import book_in_force
from sanbao.ui.refusal import Refusal, Stale
from sanbao.ui.why import WhySentence
from sanbao_rules import warranty
from sanbao_rules.explain import explain

CHECK = "products:registration:check"
FEWEST = 6
CORRECTABLE = ("serial", "model", "purchased_on", "source", "seller")


@dataclass(frozen=True, slots=True)
class Told:
    """What a customer says about an appliance. `confirmed`: the telephone was proven by a code; `model`: its code, where it is known."""

    serial: str
    purchased_on: date
    source: str
    name: str
    phone: str
    confirmed: bool = False
    seller: str = ""
    address: str = ""
    model: str = ""
    proof: StoredFile | None = None
    marketing: bool = False


def read_serial(company_id: int | None, serial: str, model: str = "") -> tuple[Unit | None, Model | None]:
    """The unit of a serial number, or the model whose numbers begin so. Refuses what is no number of ours: another maker's, or mistyped."""
    serial = serial.strip().upper()
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9./-]*", serial) or len(serial) < FEWEST:
        raise Refusal(
            _("A serial number has at least %(fewest)d letters and digits. Copy it from the label.") % {"fewest": FEWEST},
            field="serial", code="serial",
        )  # fmt: skip
    unit = Unit.objects.filter(company_id=company_id, serial=serial).select_related("model").first()
    if unit is not None:
        return unit, unit.model
    models = list(Model.objects.filter(company_id=company_id))
    begun = [each for each in models if (head := _plain(each.code)) and _plain(serial).startswith(head)]
    said = [each for each in models if model and _plain(each.code) == _plain(model)]
    if not begun and not said:
        raise Refusal(
            _("This does not look like one of our serial numbers: it may be another maker's appliance, or mistyped. Look at the label again; if it names one of our models, write the model, too."),
            field="serial", code="not_ours",
        )  # fmt: skip
    return None, max(begun, key=lambda each: len(each.code), default=said[0] if said else None)


def _plain(code: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", code.upper())


@transaction.atomic
def register(told: Told, *, by: Access, at: datetime) -> Registration:
    """Keep what a customer registers, for the desk to check. The same once more while it waits is the one there is."""
    serial = told.serial.strip().upper()
    unit, model = read_serial(by.company_id, serial, told.model)
    _look_at_day(told.purchased_on, unit, at)
    with connection.cursor() as cursor:  # two at once: the second finds the first
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"registration:{by.company_id}:{serial}:{told.phone}"],
        )
    waiting = Registration.objects.filter(
        company_id=by.company_id, serial=serial, phone=told.phone, state=Registration.State.WAITING
    ).first()
    if waiting is not None:
        return waiting
    made = Registration.objects.create(
        company_id=by.company_id, number=_number(by.company_id), serial=serial, model=model, purchased_on=told.purchased_on, source=told.source,
        seller=told.seller, proof=told.proof, name=told.name, phone=told.phone, confirmed=told.confirmed, address=told.address,
        marketing=told.marketing, registered_at=at, doubts=_doubts(told, unit),
    )  # fmt: skip
    audit.record("products:registration:made", made, by=by, at=at, doubts=made.doubts)
    return made


def _doubts(told: Told, unit: Unit | None) -> list[str]:
    """What the desk has to look at."""
    doubt = Registration.Doubt
    known = known_customers.by_contact(unit.company_id, phone=told.phone) if unit else []
    found = {
        doubt.SERIAL: unit is None,
        doubt.OWNER: unit is not None
        and unit.customer_id is not None
        and (not told.confirmed or unit.customer_id not in {each.pk for each in known}),
        doubt.DAY: unit is not None
        and unit.purchased_on is not None
        and unit.purchased_on != told.purchased_on,
        doubt.PHONE: not told.confirmed,
        doubt.PROOF: told.proof is None,
    }
    return [str(each) for each, is_so in found.items() if is_so]


def _look_at_day(day: date, unit: Unit | None, at: datetime) -> None:
    if day > timezone.localdate(at):
        raise Refusal(_("This day has not come yet."), field="purchased_on", code="future")
    if day.year < 1990:
        raise Refusal(_("This day is too long ago."), field="purchased_on", code="too_old")
    if unit is not None and unit.produced_on is not None and day < unit.produced_on:
        raise Refusal(
            _("The appliance was made after this day. Look at the invoice again."), field="purchased_on", code="before_made"
        )  # fmt: skip


@transaction.atomic
def correct(registration: Registration, changes: dict[str, Any], *, by: Access, at: datetime) -> Registration:
    """Put right what was mistyped; the doubts about serial number and day are looked at anew."""
    found = _waiting(registration, by)
    unknown = set(changes) - set(CORRECTABLE)
    if unknown:
        raise TypeError(f"a registration has no {', '.join(sorted(unknown))} to correct")
    said = {name: value for name, value in changes.items() if getattr(found, name) != value}
    for name, value in said.items():
        setattr(found, name, value)
    unit = Unit.objects.filter(company_id=found.company_id, serial=found.serial).first()
    _look_at_day(found.purchased_on, unit, at)
    if unit is not None:
        found.model_id = unit.model_id
    told = Told(
        found.serial, found.purchased_on, found.source, found.name, found.phone, found.confirmed, proof=found.proof
    )  # fmt: skip
    found.doubts = _doubts(told, unit)
    found.save()
    if said:
        audit.record("products:registration:corrected", found, by=by, at=at, fields=sorted(said))
    return found


@transaction.atomic
def accept(
    registration: Registration,
    *,
    customer: Customer | None = None,
    take_over: bool = False,
    by: Access,
    at: datetime,
) -> Unit:
    """It is right: the unit is the customer's from now on, with its day of purchase and its warranty decided.

    `customer`: whose it is, where the telephone does not say; `take_over`: it was somebody else's and has changed hands.
    """
    found = _waiting(registration, by)
    if found.model is None:
        raise Refusal(_("Say which model it is before you accept it."), field="model", code="model_missing")
    owner = customer or _customer(found, by, at)
    unit = Unit.objects.filter(company_id=found.company_id, serial=found.serial).first()
    if unit is not None and unit.customer_id is not None and unit.customer_id != owner.pk and not take_over:
        raise Refusal(
            _("The appliance is another customer's. Ask both; if it has changed hands, tick that it has."), field="take_over", code="owned"
        )  # fmt: skip
    known = {
        "address": _address(found, owner, by, at), "purchased_on": found.purchased_on, "source": found.source, "seller": found.seller,
        **({"proof": found.proof} if found.proof else {}),
    }  # fmt: skip
    if unit is None:
        unit = operations.register_unit(found.serial, found.model, customer=owner, by=by, at=at, **known)
    else:
        if unit.customer_id != owner.pk:
            unit = operations.hand_over_unit(unit, owner, by=by, at=at)
        unit = operations.amend_unit(unit, known, by=by, at=at)
    agreed = owner.consents.filter(purpose=Consent.Purpose.MARKETING, withdrawn_at__isnull=True).exists()
    if found.marketing and not agreed:
        how = _("Ticked on the customer's page, registration %(number)s.") % {"number": found.number}
        customers.give_consent(owner, Consent.Purpose.MARKETING, how, by=by, at=at)
    found.state, found.unit, found.customer = Registration.State.ACCEPTED, unit, owner
    found.checked_at, found.checked_by_id = at, by.person_id
    found.save()
    audit.record("products:registration:accepted", found, by=by, at=at, unit=unit.pk)
    return unit


@transaction.atomic
def refuse(registration: Registration, reason: str, *, by: Access, at: datetime) -> Registration:
    """It is not right; the customer reads why."""
    found = _waiting(registration, by)
    if not reason.strip():
        raise Refusal(_("Say why: the customer reads it."), field="reason", code="reason")
    found.state, found.reason = Registration.State.REFUSED, reason.strip()[:200]
    found.checked_at, found.checked_by_id = at, by.person_id
    found.save()
    audit.record("products:registration:refused", found, by=by, at=at)
    return found


def registrations(access: Access) -> QuerySet[Registration]:
    """Those a person may check."""
    return Registration.objects.visible_to(access, CHECK).select_related("model")


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the warranty of one component would be, if what was registered is right; and why."""

    component: str
    last_day: date
    holds: bool
    sentences: list[WhySentence]


def foreseen(registration: Registration, language: str, *, today: date | None = None) -> list[Foreseen]:
    """The warranty by the days as they were registered. The decision itself is made and kept when the desk accepts."""
    if registration.model is None:
        return []
    today = today or timezone.localdate()
    book = book_in_force(registration.company_id, covering.BOOK)
    told = []
    for component in covering.components(registration.model.category, registration.purchased_on, book):
        made = warranty.cover(
            category=registration.model.category, component=component, purchased_on=registration.purchased_on, installed_on=None,
            delivered_on=None, book=book,
        )  # fmt: skip
        sentences = [
            WhySentence(
                each.text, each.clause, each.clause_text, source_of(each.clause, {book.name: book}, language)
            )
            for each in explain(made, book, language)
        ]
        told.append(Foreseen(component, made.answer, made.answer >= today, sentences))
    return told


def _waiting(registration: Registration, by: Access) -> Registration:
    by.require(CHECK)
    rows = Registration.objects.visible_to(by, CHECK).select_for_update(of=("self",))
    found: Registration = rows.select_related("model", "proof").get(pk=registration.pk)
    if found.state != Registration.State.WAITING:
        raise Stale(_("This registration has been checked already."), code="checked")
    return found


def _customer(found: Registration, by: Access, at: datetime) -> Customer:
    """The one customer with this telephone, or a new one."""
    known = known_customers.by_contact(found.company_id, phone=found.phone)
    if len(known) > 1:
        raise Refusal(
            _("Several customers have this telephone. Write the number of the one it is."), field="customer", code="several"
        )  # fmt: skip
    if known:
        return known[0]
    return customers.register(found.name, phone=found.phone, address=found.address, by=by, at=at)


def _address(found: Registration, owner: Customer, by: Access, at: datetime) -> Address | None:
    """Where it stands: the customer's address of these words, added where there is none."""
    if not found.address:
        return None
    living = owner.addresses.filter(ended_at__isnull=True)
    same = next((each for each in living if str(each) == found.address), None)
    return same or customers.add_address(owner, found.address, by=by, at=at)


def _number(company_id: int | None) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT edge_next_number('registration', %s)", [company_id])
        return f"R{cursor.fetchone()[0]}"
