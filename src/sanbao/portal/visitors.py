"""Who stands at the door: a customer is known by a request's link, or by a code sent to the telephone.

A page of a thing (a request, a work order, a registration) asks one question, `may_open(request, company, thing, by_link=…)`: the link has
opened it already, or the visit's telephone is the thing's, or the one customer whom that telephone belongs to is the thing's. A thing
needs a `company_id`, a `phone` and a `customer_id`. `visitor.things()` says the same as a condition, for lists.

A code has six digits, lives for ten minutes, and for five tries by the browser that asked for it: its address carries a signed number, so nobody
else can use the tries up. It is sent to whatever mobile number is given, known or not, so that answer and time tell nothing (ASVS 6.3.8).
A visit is a row: the cookie carries a random key of which only the hash is kept, and ending it ends it everywhere.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.audit import operations as audit
from sanbao.customers import queries as customers
from sanbao.customers.models import Customer
from sanbao.edge import rates
from sanbao.notices import addresses
from sanbao.notices import operations as notices
from sanbao.notices.choosing import usable
from sanbao.notices.models import Message
from sanbao.portal.models import Code, Visit
from sanbao.ui.refusal import Refusal, TooMany

COOKIE = "sanbao_visit"
CODE_LASTS, VISIT_LASTS = timedelta(minutes=10), timedelta(hours=2)
MOST_TRIES = 5
_SALT = "sanbao.portal.code"


def company_of(code: str) -> Company:
    """The company whose pages these are; 404 where there is none."""
    return get_object_or_404(Company, code=code)


def brake(rate: str, who: str) -> None:
    """Count one try in the database; refuse what is one too many."""
    if seconds := rates.wait(rate, who):
        raise TooMany(seconds)


def address_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


# Who it is


class Thing(Protocol):
    """Something with a party: whom it was made for, and the telephone that was given."""

    company_id: int
    phone: str
    customer_id: int | None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has shown that a telephone is theirs. `customer`: the one customer it belongs to; none where it belongs to several."""

    visit: Visit
    company_id: int
    phone: str
    customer: Customer | None
    shared: bool

    @property
    def address(self) -> str:
        """The customer's first address, for a form that need not ask for it again."""
        if self.customer is None:
            return ""
        rows = self.customer.addresses.filter(ended_at__isnull=True)
        first = rows.order_by("-preferred", "id").first()
        return str(first) if first else ""

    def is_party(self, thing: Thing) -> bool:
        """Whether the thing is this visitor's: made with this telephone, or for this customer."""
        if thing.company_id != self.company_id:
            return False
        theirs = self.customer is not None and thing.customer_id == self.customer.pk
        return theirs or (bool(thing.phone) and thing.phone == self.phone)

    def things(self) -> Q:
        """The same as a condition, for rows with `phone` and `customer`."""
        mine = Q(company_id=self.company_id, phone=self.phone)
        return mine | Q(company_id=self.company_id, customer=self.customer) if self.customer else mine


def visitor(request: HttpRequest, company: Company) -> Visitor | None:
    """Whoever has come in by a code to this company's pages, and whose visit has not ended. Call it in the scope of the door."""
    key = request.COOKIES.get(COOKIE, "")
    if not key:
        return None
    found = Visit.objects.filter(
        company_id=company.pk,
        key_hash=_digest("visit", key),
        ended_at__isnull=True,
        expires_at__gt=timezone.now(),
    ).first()
    if found is None:
        return None
    known = customers.by_contact(company.pk, phone=found.phone)
    return Visitor(found, company.pk, found.phone, known[0] if len(known) == 1 else None, len(known) > 1)


def may_open(request: HttpRequest, company: Company, thing: Thing, *, by_link: bool = False) -> bool:
    """Whether whoever asks is the thing's party: by its link (the caller has read its signature), or by a code to its telephone."""
    if thing.company_id != company.pk:
        return False
    if by_link:
        return True
    who = visitor(request, company)
    return who is not None and who.is_party(thing)


# Coming in and going


def can_send() -> bool:
    """Whether this installation sends SMS at all."""
    return usable(Message.Channel.SMS)


@transaction.atomic
def send_code(company: Company, phone: str, *, by: Access, at: datetime) -> str:
    """Send a code to the number; what stands in the address of the page on which it is typed. Refuses what is no mobile number."""
    try:
        number = addresses.read(Message.Channel.SMS, phone)
    except Refusal as refusal:
        raise Refusal(str(refusal), field="phone", code="no_mobile") from None
    typed = f"{secrets.randbelow(10**6):06}"
    code = Code(
        company_id=company.pk, phone=number, code_hash=_digest("code", f"{company.pk}:{number}:{typed}"), made_at=at, expires_at=at + CODE_LASTS
    )  # fmt: skip
    code.save(force_insert=True)
    minutes = str(CODE_LASTS.seconds // 60)
    words = _("%(code)s is your code at %(company)s, for %(minutes)s minutes. We never ask for it by telephone.") % {
        "code": typed, "company": company.short_name, "minutes": minutes
    }  # fmt: skip
    notices.send(
        number, _("Your code"), words, key=f"portal:code:{code.pk}", about=code, by=by, at=at, channel=Message.Channel.SMS,
        kind="portal:code", values={"code": typed, "minutes": minutes}, secret=True,
    )  # fmt: skip
    audit.record("portal:code:sent", code, by=by, at=at)
    return signing.dumps(code.pk, salt=_SALT)


def asked_number(company: Company, handle: str, *, at: datetime) -> str:
    """The number a code was sent to, for the browser that asked for it; empty where the address is no good any more."""
    code = Code.objects.filter(pk=_number(handle), company_id=company.pk, expires_at__gt=at).first()
    return code.phone if code else ""


@transaction.atomic
def enter(company: Company, handle: str, typed: str, *, by: Access, at: datetime) -> tuple[Visit, str] | None:
    """Begin a visit by a code that is right, in time, and used for the first time; else None. The try is counted either way.

    A code lets in once, also when it is sent twice at the same moment: its row is locked.
    """
    code = _locked(company, _number(handle))
    if code is None or code.used_at is not None or code.expires_at <= at or code.tries >= MOST_TRIES:
        return None
    code.tries += 1
    right = constant_time_compare(code.code_hash, _digest("code", f"{company.pk}:{code.phone}:{typed}"))
    code.used_at = at if right else None
    code.save(update_fields=["tries", "used_at"])
    if not right:
        return None
    key = secrets.token_urlsafe(32)
    visit = Visit(
        company_id=company.pk, phone=code.phone, key_hash=_digest("visit", key), begun_at=at, expires_at=at + VISIT_LASTS
    )  # fmt: skip
    visit.save(force_insert=True)
    audit.record("portal:visit:begun", visit, by=by, at=at)
    return visit, key


@transaction.atomic
def leave(visit: Visit, *, by: Access, at: datetime) -> None:
    """End the visit: its cookie opens nothing any more, on whatever machine it lies."""
    if Visit.objects.filter(pk=visit.pk, ended_at__isnull=True).update(ended_at=at):
        audit.record("portal:visit:ended", visit, by=by, at=at)


def let_in(answer: HttpResponse, company: Company, key: str) -> HttpResponse:
    """Give the browser its cookie: for this company's pages only, and not for scripts."""
    answer.set_cookie(
        COOKIE, key, max_age=int(VISIT_LASTS.total_seconds()), path=reverse("portal:home", args=[company.code]), httponly=True,
        samesite="Lax", secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return answer


def let_out(answer: HttpResponse, company: Company) -> HttpResponse:
    answer.delete_cookie(COOKIE, path=reverse("portal:home", args=[company.code]), samesite="Lax")
    return answer


def forget(at: datetime) -> int:
    """Delete the codes and visits that have been over for a day. How many; the caller opens the scope."""
    over = at - timedelta(days=1)
    return sum(kind.objects.filter(expires_at__lt=over).delete()[0] for kind in (Code, Visit))


def _locked(company: Company, number: int) -> Code | None:
    return Code.objects.select_for_update(of=("self",)).filter(pk=number, company_id=company.pk).first()


def _number(handle: str) -> int:
    """The number of the code behind an address; 0 where it was not made here or is too old."""
    try:
        number: Any = signing.loads(handle, salt=_SALT, max_age=CODE_LASTS)
    except signing.BadSignature:
        return 0
    return number if isinstance(number, int) else 0


def _digest(what: str, text: str) -> str:
    """Keyed, so that a copy of the database alone does not tell which of a million codes it was."""
    return hmac.new(
        settings.SECRET_KEY.encode(), f"portal:{what}:{text}".encode(), hashlib.sha256
    ).hexdigest()
