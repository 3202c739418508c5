"""A request's link: the request's number, signed. It opens that request and nothing else, for a year after it was given."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from sanbao.accounts.models import Company
from sanbao.intake.models import Request

VALID = timedelta(days=366)
_SALT = "sanbao.portal.request"


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(sep="~", salt=_SALT)


def token(request: Request) -> str:
    """What stands in the link. It is a key: it goes to the customer only, and into no log."""
    return _signer().sign(str(request.pk))


def path(company: Company, request: Request) -> str:
    """The link's path."""
    return reverse("portal:request", args=[company.code, token(request)])


def address(company: Company, request: Request) -> str:
    """The whole link for a letter; empty where the installation does not know its own address (SANBAO_SITE)."""
    return settings.SITE_URL + path(company, request) if settings.SITE_URL else ""


def read(company: Company, given: str) -> Request:
    """The request of a link. Request.DoesNotExist for a wrong one, an old one, another company's, and an erased one."""
    try:
        pk = int(_signer().unsign(given, max_age=VALID))
    except (signing.BadSignature, ValueError):
        raise Request.DoesNotExist from None
    return Request.objects.select_related("category", "outlet").get(
        pk=pk, company_id=company.pk, erased_at__isnull=True
    )
