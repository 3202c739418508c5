"""An order's link: its number, signed. It opens the customer's page of that order and nothing else, for a year after it was given."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from sanbao.accounts.models import Company
from sanbao.workorders.models import Order

VALID = timedelta(days=366)
_SALT = "sanbao.portal.order"


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(sep="~", salt=_SALT)


def token(order: Order) -> str:
    """What stands in the link. It is a key: it goes to the customer only, and into no log."""
    return _signer().sign(str(order.pk))


def path(company: Company, order: Order) -> str:
    """The link's path."""
    return reverse("portal:order", args=[company.code, token(order)])


def address(company: Company, order: Order) -> str:
    """The whole link for a letter; empty where the installation does not know its own address (SANBAO_SITE)."""
    return settings.SITE_URL + path(company, order) if settings.SITE_URL else ""


def read(company: Company, given: str) -> Order:
    """The order of a link. Order.DoesNotExist for a wrong one, an old one, another company's, and an erased one."""
    try:
        pk = int(_signer().unsign(given, max_age=VALID))
    except (signing.BadSignature, ValueError):
        raise Order.DoesNotExist from None
    rows = Order.objects.select_related("company", "engineer", "request", "unit__model", "cover_decision", "age_decision", "site_decision", "outlet", "checked_by", "repeat_of")  # fmt: skip
    found: Order = rows.get(pk=pk, company_id=company.pk, erased_at__isnull=True)
    return found
