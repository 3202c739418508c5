"""Labels for units: model, serial number, hotline, and a code that opens the customer's pages with the serial filled in (KA-5.2)."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from sanbao.accounts.models import Company
from sanbao.products.models import Unit
from sanbao.ui import printing


def address_of(unit: Unit, company: Company, root: str) -> str:
    """What the label's code holds."""
    query = urlencode({"serial": unit.serial})
    return f"{root}{reverse('portal:register', args=[company.code])}?{query}"


def root_of(request: HttpRequest) -> str:
    return settings.SITE_URL or f"{request.scheme}://{request.get_host()}"


def pdf(units: Sequence[Unit], company: Company, root: str, language: str, *, at: datetime) -> bytes:
    """A sheet of labels, ten to an A4 page, in the order given."""
    import segno

    labels = []
    for unit in units:
        code = segno.make(address_of(unit, company, root), error="m", micro=False)
        labels.append(
            {
                "model": unit.model.code,
                "name": unit.model.name,
                "serial": unit.serial,
                "dots": ["".join("1" if dot else "0" for dot in row) for row in code.matrix],
            }
        )
    data = {
        "company": company.short_name, "hotline": company.hotline, "labels": labels, "printed_at": printing.moment(at),
    }  # fmt: skip
    return printing.pdf("unit-labels", data, language)
