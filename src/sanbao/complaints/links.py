"""A complaint's link: its number, signed. It opens the customer's page of that complaint and nothing else, for a year after it was given."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from sanbao.accounts.models import Company
from sanbao.complaints.models import Complaint
from sanbao.intake import links as requests

VALID = timedelta(days=366)
_SALT = "sanbao.portal.complaint"


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(sep="~", salt=_SALT)


def token(complaint: Complaint) -> str:
    """What stands in the link. It is a key: it goes to the customer only, and into no log."""
    return _signer().sign(str(complaint.pk))


def path(company: Company, complaint: Complaint) -> str:
    """The page on which the customer follows it: the request's own where it was born of one, so that one link is enough."""
    if complaint.request is not None:
        return requests.path(company, complaint.request)
    return reverse("portal:complaint", args=[company.code, token(complaint)])


def address(company: Company, complaint: Complaint) -> str:
    """The whole link for a letter; empty where the installation does not know its own address (SANBAO_SITE)."""
    return settings.SITE_URL + path(company, complaint) if settings.SITE_URL else ""


def read(company: Company, given: str) -> Complaint:
    """The complaint of a link. Complaint.DoesNotExist for a wrong one, an old one, another company's, and an erased one."""
    try:
        pk = int(_signer().unsign(given, max_age=VALID))
    except (signing.BadSignature, ValueError):
        raise Complaint.DoesNotExist from None
    found: Complaint = Complaint.objects.select_related("company", "request").get(
        pk=pk, company_id=company.pk, erased_at__isnull=True
    )
    return found
