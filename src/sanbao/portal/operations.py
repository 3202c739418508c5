"""What a customer does at the counter without walls. The company's own door does it (`door`): nobody in person, with no permission."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Company
from sanbao.complaints import operations as complaints
from sanbao.customers import queries as customers
from sanbao.files import operations as files
from sanbao.files.models import StoredFile
from sanbao.intake import operations as intake
from sanbao.intake.models import Category, Request
from sanbao.intake.states import Channel
from sanbao.products import queries as products
from sanbao.products import registering
from sanbao.products.models import Registration
from sanbao.products.registering import Told

MOST_PHOTOS = 6


def door(company: Company) -> Access:
    """The company's own work for whoever stands outside: it reaches requests of every outlet, and holds no permission (no person)."""
    return Access(None, company.pk, (Grant("door", None, None),), name="", request="portal")


@transaction.atomic
def ask(
    company: Company, wanted: intake.Ask, *, about: str = "", photos: Sequence[tuple[bytes, str]] = (), at: datetime
) -> Request:  # fmt: skip
    """Register what a customer asks for on the web, and confirm its receipt (BA-2, ST-2). Call it in the scope of `door`.

    `about`: what a complaint is about, a matter of its rulebook; it says nothing where nobody complains.

    A telephone or mail address that belongs to exactly one customer makes it that customer's; the serial number finds the unit.
    """
    by = door(company)
    known = customers.by_contact(company.pk, phone=wanted.phone) if wanted.phone else []
    unit = products.unit_of_serial(company.pk, wanted.serial) if wanted.serial else None
    made = intake.receive(
        replace(wanted, customer=known[0] if len(known) == 1 else None, unit=unit, files=keep(photos, by, at)),
        by=by, at=at,
    )  # fmt: skip
    intake.acknowledge(made, by=by, at=at)
    if made.category.kind == Category.Kind.COMPLAINT:
        _complain(made, wanted, about, by, at)
    return made


def _complain(made: Request, wanted: intake.Ask, about: str, by: Access, at: datetime) -> None:
    """A request of a class of complaints is a complaint at once, so that its clocks begin with it; where the customer does not say what it
    is about, the desk does later."""
    danger = bool(wanted.flags)
    told = complaints.Told(
        channel="web", kind=about or "other", harm="danger" if danger else "trouble", flags=["safety"] if danger else [], subject=made.subject,
        description=made.description, customer=made.customer, contact=made.contact, phone=made.phone, email=made.email, address=made.address,
        unit=made.unit, model=made.model, serial=made.serial, request=made, origin="portal",
    )  # fmt: skip
    complaints.receive(told, by=by, at=at)


@transaction.atomic
def register(
    company: Company, told: Told, *, photo: tuple[bytes, str] | None = None, at: datetime
) -> Registration:
    """Keep what a customer registers by the label's code (DP-2). Somebody else's appliance becomes a request, so that the desk looks into it in time."""
    by = door(company)
    proof = files.keep_image(*photo, by=by, at=at).file if photo else None
    made = registering.register(replace(told, proof=proof), by=by, at=at)
    is_new = made.registered_at == at
    if is_new and Registration.Doubt.OWNER in made.doubts:
        _ask_whose(made, by, at)
    return made


def _ask_whose(made: Registration, by: Access, at: datetime) -> None:
    """A request for the desk: whose is it? It says nothing of the other customer."""
    classes = Category.objects.filter(company_id=by.company_id, retired_at__isnull=True)
    category = classes.filter(code="advice-warranty").first() or classes.order_by("path").first()
    if category is None:  # a desk without classes: the registration itself still waits
        return
    intake.receive(
        intake.Ask(
            channel=Channel.WEB, category=category, contact=made.name, phone=made.phone, address=made.address, serial=made.serial,
            model=made.model.code if made.model else "", unit=products.unit_of_serial(made.company_id, made.serial),
            subject=_("Whose appliance is it? Registration %(number)s") % {"number": made.number},
            description=_("A customer registers an appliance that is registered to somebody else. Check the registration, ask both."),
        ),
        by=by, at=at,
    )  # fmt: skip


def keep(photos: Sequence[tuple[bytes, str]], by: Access, at: datetime) -> list[StoredFile]:
    """Keep the photographs, drawn anew without what the camera wrote beside them."""
    return [files.keep_image(data, name, by=by, at=at).file for data, name in photos[:MOST_PHOTOS]]
