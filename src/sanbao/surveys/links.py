"""A survey's link: the invitation's number, signed. It opens that one questionnaire and nothing else.

How long it can be answered is the invitation's business; the signature outlives it, so that who comes late is told so.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from sanbao.accounts.models import Company
from sanbao.surveys.models import Invitation

VALID = timedelta(days=366)
_SALT = "sanbao.surveys.invitation"


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(sep="~", salt=_SALT)


def token(invitation: Invitation) -> str:
    """What stands in the link. It is a key: it goes to the customer only, and into no log."""
    return _signer().sign(str(invitation.pk))


def path(company: Company, invitation: Invitation) -> str:
    """The link's path."""
    return reverse("survey:answer", args=[company.code, token(invitation)])


def address(company: Company, invitation: Invitation) -> str:
    """The whole link for a message; empty where the installation does not know its own address (SANBAO_SITE)."""
    return settings.SITE_URL + path(company, invitation) if settings.SITE_URL else ""


def read(company: Company, given: str) -> Invitation:
    """The invitation of a link. Invitation.DoesNotExist for a changed one, an old one, another company's, and one that was never sent."""
    try:
        pk = int(_signer().unsign(given, max_age=VALID))
    except (signing.BadSignature, ValueError):
        raise Invitation.DoesNotExist from None
    rows = Invitation.objects.select_related("version__questionnaire", "order", "company")
    found: Invitation = rows.get(pk=pk, company_id=company.pk, sent_at__isnull=False)
    return found
