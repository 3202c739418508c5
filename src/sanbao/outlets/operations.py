"""Opening regions and outlets, and giving people posts."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts import scope, sessions
from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.accounts.roles import ROLES
from sanbao.audit import operations as audit
from sanbao.notices.telling import tell
from sanbao.outlets.models import Outlet, Posting, Region
from sanbao.outlets.queries import postings_of
from sanbao.ui.refusal import Refusal


@transaction.atomic
def open_region(name: str, *, by: Access, at: datetime) -> Region:
    """Add a region to the company."""
    by.require("outlets:outlet:manage")
    try:
        with transaction.atomic():
            region = Region.objects.create(company_id=by.company_id, name=name)
    except IntegrityError:
        raise Refusal(_("There is already a region “%(name)s”.") % {"name": name}, field="name") from None
    audit.record("outlets:region:opened", region, by=by, at=at, region_id=region.pk)
    return region


@transaction.atomic
def open_outlet(region: Region, code: str, name: str, *, by: Access, at: datetime, **profile: Any) -> Outlet:
    """Add an outlet to a region. The code is the one on its record sheets, and its own within the company."""
    by.require("outlets:outlet:manage")
    try:
        with transaction.atomic():
            outlet = Outlet.objects.create(
                company_id=by.company_id, region=region, code=code.strip().upper(), name=name, **profile
            )
    except IntegrityError:
        raise Refusal(_("The outlet code %(code)s is taken.") % {"code": code}, field="code") from None
    audit.record("outlets:outlet:opened", outlet, by=by, at=at, outlet_id=outlet.pk, region_id=region.pk)
    return outlet


@transaction.atomic
def appoint(
    person: Person,
    role: str,
    *,
    region: Region | None = None,
    outlet: Outlet | None = None,
    by: Access,
    at: datetime,
) -> Posting:
    """Give a person a post (CO-1). The post's level says whether it needs a region or an outlet."""
    by.require("accounts:person:manage")
    level = ROLES[role].level
    if (level == "region") != (region is not None) or (level == "outlet") != (outlet is not None):
        raise Refusal(
            _("This post is held at %(level)s level; choose its place.") % {"level": level}, field="role"
        )
    try:
        with transaction.atomic():
            posting = Posting.objects.create(
                person=person, company_id=by.company_id, role=role, region=region, outlet=outlet
            )
    except IntegrityError:
        raise Refusal(_("%(name)s already holds this post.") % {"name": person.name}, field="role") from None
    audit.record("outlets:posting:given", posting, by=by, at=at)
    if person.pk != by.person_id:
        tell([person], "accounts:post-given", about=person, by=by, at=at, key=f"post:{posting.pk}", person=person.name, post=role)  # fmt: skip
    return posting


@transaction.atomic
def dismiss(posting: Posting, *, on: date, by: Access, at: datetime) -> None:
    """End a posting: from that day it gives no right any more."""
    by.require("accounts:person:manage")
    posting.ended_on = on
    posting.save(update_fields=["ended_on"])
    audit.record("outlets:posting:ended", posting, by=by, at=at, on=on.isoformat())
    person = posting.person
    if person.pk != by.person_id:
        tell(
            [person], "accounts:post-ended", about=person, by=by, at=at, key=f"post:{posting.pk}:{on}",
            person=person.name, post=posting.role, day=on,
        )  # fmt: skip
    with scope.everything("whether the person holds any post in any company"):
        left = postings_of(posting.person, timezone.localdate(at))
    if not left:
        sessions.end_all(posting.person)  # ASVS 7.4.2: whoever has left is out at once


@transaction.atomic
def add_person(
    username: str,
    name: str,
    password: str | None,
    role: str,
    *,
    region: Region | None = None,
    outlet: Outlet | None = None,
    by: Access,
    at: datetime,
) -> Person:
    """Add somebody with a first post; without a password they set one by a link (credentials.make_link)."""
    by.require("accounts:person:manage")
    try:
        with transaction.atomic():
            person = Person.objects.create_person(username, name, password)
    except IntegrityError:
        raise Refusal(
            _("The sign-in name %(name)s is taken.") % {"name": username}, field="username"
        ) from None
    audit.record("accounts:person:added", person, by=by, at=at)
    appoint(person, role, region=region, outlet=outlet, by=by, at=at)
    return person


@transaction.atomic
def change_outlet(
    outlet: Outlet, region: Region, name: str, *, by: Access, at: datetime, **profile: Any
) -> Outlet:
    """Change an outlet's region, name and profile. The event keeps what was before."""
    by.require("outlets:outlet:manage")
    wanted = {"region_id": region.pk, "name": name, **profile}
    stored = Outlet.objects.select_for_update().get(pk=outlet.pk, company_id=by.company_id)
    before = {
        field: getattr(stored, field) for field, value in wanted.items() if getattr(stored, field) != value
    }
    if not before:
        return stored
    for field in before:
        setattr(stored, field, wanted[field])
    stored.save(update_fields=list(before))
    told = {field: [_plain(old), _plain(wanted[field])] for field, old in before.items()}
    audit.record(
        "outlets:outlet:changed",
        stored,
        by=by,
        at=at,
        outlet_id=stored.pk,
        region_id=stored.region_id,
        changes=told,
    )
    return stored


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
