"""What a customer does at the counter without walls. The company's own door does it (`door`): nobody in person, with no permission."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Company
from sanbao.customers import queries as customers
from sanbao.files import operations as files
from sanbao.files.models import StoredFile
from sanbao.intake import operations as intake
from sanbao.intake.models import Request
from sanbao.products import queries as products

MOST_PHOTOS = 6


def door(company: Company) -> Access:
    """The company's own work for whoever stands outside: it reaches requests of every outlet, and holds no permission (no person)."""
    return Access(None, company.pk, (Grant("door", None, None),), name="", request="portal")


@transaction.atomic
def ask(
    company: Company, wanted: intake.Ask, *, photos: Sequence[tuple[bytes, str]] = (), at: datetime
) -> Request:
    """Register what a customer asks for on the web, and confirm its receipt (BA-2, ST-2). Call it in the scope of `door`.

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
    return made


def keep(photos: Sequence[tuple[bytes, str]], by: Access, at: datetime) -> list[StoredFile]:
    """Keep the photographs, drawn anew without what the camera wrote beside them."""
    return [files.keep_image(data, name, by=by, at=at).file for data, name in photos[:MOST_PHOTOS]]
