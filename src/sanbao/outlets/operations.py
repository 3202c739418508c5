"""Opening regions and outlets, giving people posts, and keeping their certificates."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from sanbao.accounts import scope, sessions
from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.accounts.roles import ROLES
from sanbao.audit import operations as audit
from sanbao.files.models import StoredFile
from sanbao.notices.telling import tell
from sanbao.outlets.models import Certificate, Outlet, Posting, Region
from sanbao.outlets.queries import holders, postings_of
from sanbao.ui.refusal import Refusal

SEE_CERTIFICATES, KEEP_CERTIFICATES = "outlets:certificate:view", "outlets:certificate:keep"
ENDS_SOON = timedelta(days=30)


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


@transaction.atomic
def keep_certificate(
    person: Person,
    kind: str,
    number: str,
    *,
    issued_on: date,
    valid_until: date | None = None,
    name: str = "",
    issuer: str = "",
    file: StoredFile | None = None,
    by: Access,
    at: datetime,
) -> Certificate:
    """Write down a certificate. The same number again, of the same person, replaces the earlier one: so it is renewed.

    Refused: one that nobody could have yet, that ends before it begins, or whose number is somebody else's.
    """
    by.require(KEEP_CERTIFICATES)
    today = timezone.localdate(at)
    number = "".join(number.split()).upper()
    if kind not in Certificate.Kind.values:
        raise Refusal(_("Choose what the certificate is for."), field="kind", code="kind")
    if not number or len(number) > 40:
        raise Refusal(_("Write the number as it stands on the certificate, at most 40 characters."), field="number", code="number")  # fmt: skip
    if issued_on > today:
        raise Refusal(
            _("It can't have been issued in the future. Today is %(day)s.") % {"day": today.isoformat()}, field="issued_on", code="future"
        )  # fmt: skip
    if valid_until is not None and valid_until < issued_on:
        raise Refusal(_("It ends before it was issued."), field="valid_until", code="ends_before")
    if kind == Certificate.Kind.OTHER and not name.strip():
        raise Refusal(_("Say what the certificate is called."), field="name", code="name")
    if not Posting.objects.filter(company_id=by.company_id, person=person, ended_on__isnull=True).exists():
        raise Refusal(_("%(name)s holds no post here.") % {"name": person.name}, field="person", code="no_post")  # fmt: skip
    Person.objects.select_for_update().get(
        pk=person.pk
    )  # two colleagues with the same certificate: one after the other
    living = Certificate.objects.filter(
        company_id=by.company_id, kind=kind, number=number, ended_on__isnull=True
    )
    earlier = living.select_for_update(of=("self",)).first()
    if earlier is not None and earlier.person_id != person.pk:
        raise Refusal(
            _("This number is written down for another person already; look at the certificate again."), field="number", code="taken"
        )  # fmt: skip
    if earlier is not None:
        if (earlier.issued_on, earlier.valid_until) == (issued_on, valid_until) and file is None:
            return earlier
        _end(earlier, today, _("replaced by a newer one"))
    try:
        with transaction.atomic():
            made = Certificate.objects.create(
                company_id=by.company_id, person=person, kind=kind, name=name.strip()[:80], number=number,
                issuer=issuer.strip()[:80], issued_on=issued_on, valid_until=valid_until, file=file,
            )  # fmt: skip
    except IntegrityError:
        raise Refusal(
            _("This number is written down for another person already; look at the certificate again."), field="number", code="taken"
        ) from None  # fmt: skip
    audit.record(
        "outlets:certificate:kept", made, by=by, at=at, person=person.pk, kind=kind, until=valid_until.isoformat() if valid_until else "",
        replaced=earlier.pk if earlier else None,
    )  # fmt: skip
    return made


@transaction.atomic
def end_certificate(certificate: Certificate, *, reason: str, by: Access, at: datetime) -> Certificate:
    """A certificate no longer counts from today: withdrawn, lost, or written down by mistake. It stays on the person's page."""
    by.require(KEEP_CERTIFICATES)
    found = Certificate.objects.visible_to(by, KEEP_CERTIFICATES).select_for_update(of=("self",)).get(pk=certificate.pk)  # fmt: skip
    if found.ended_on is not None:
        raise Refusal(_("This certificate has ended already."), code="ended")
    if not reason.strip():
        raise Refusal(_("Say why."), field="reason", code="reason")
    _end(found, timezone.localdate(at), reason.strip())
    audit.record("outlets:certificate:ended", found, by=by, at=at, person=found.person_id, kind=found.kind, reason=reason.strip()[:200])  # fmt: skip
    return found


def _end(certificate: Certificate, on: date, why: str) -> None:
    certificate.ended_on, certificate.ended_why = on, why[:200]
    certificate.save(update_fields=["ended_on", "ended_why"])


def tell_of_ending_certificates(at: datetime) -> int:
    """Tell the holders of certificates that end within thirty days, and those who keep them; each certificate is told once."""
    today = timezone.localdate(at)
    with scope.everything("certificates of every company"):
        ending = list(
            Certificate.objects.filter(
                ended_on__isnull=True, valid_until__gte=today, valid_until__lte=today + ENDS_SOON, person__is_active=True
            ).select_related("person").order_by("pk")
        )  # fmt: skip
        for certificate in ending:
            by = Access(None, certificate.company_id, request="job")
            words = {
                "certificate": {"zh": _in("zh-hans", certificate), "en": _in("en", certificate)},
                "day": certificate.valid_until,
            }
            tell([certificate.person], "outlets:own-certificate", about=certificate, by=by, at=at, **words)
            keepers = holders(certificate.company_id, KEEP_CERTIFICATES, on=today, but=certificate.person_id)
            tell(keepers, "outlets:certificate", about=certificate, by=by, at=at, person=certificate.person.name, **words)  # fmt: skip
    return len(ending)


def _in(language: str, certificate: Certificate) -> str:
    with translation.override(language):
        return str(certificate)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
