"""Founding a company: the one thing nobody in it can do, for its first administrator has nobody above to act for."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Company, Person
from sanbao.audit import operations as audit
from sanbao.outlets import operations
from sanbao.ui.refusal import Refusal


@transaction.atomic
def found(
    code: str,
    name: str,
    short_name: str,
    *,
    username: str,
    person_name: str,
    hotline: str = "",
    address: str = "",
    at: datetime,
) -> tuple[Company, Access]:
    """Make a company with its first administrator, who has no password yet; returns both, the administrator as who may go on."""
    try:
        with transaction.atomic():
            company = Company.objects.create(
                code=code, name=name, short_name=short_name, hotline=hotline, address=address
            )
    except IntegrityError:
        raise Refusal(_("There is already a company “%(code)s”.") % {"code": code}, field="code") from None
    try:
        with transaction.atomic():
            person = Person.objects.create_person(username, person_name)
    except IntegrityError:
        raise Refusal(
            _("The sign-in name %(name)s is taken.") % {"name": username}, field="username"
        ) from None
    founder = Access(person.pk, company.pk, (Grant("administrator"),), person_name)
    audit.record("accounts:company:founded", company, by=founder, at=at)
    operations.appoint(person, "administrator", by=founder, at=at)
    return company, founder
