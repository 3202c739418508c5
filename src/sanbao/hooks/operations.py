"""Every change of subscriptions, and announcing an event to them in the transaction of the change it tells of."""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.audit import moves
from sanbao.audit import operations as audit
from sanbao.audit.models import Event
from sanbao.edge.kept import kept
from sanbao.edge.storing import fresh
from sanbao.hooks.kinds import KINDS, OF_ACTION, PING, kind
from sanbao.hooks.models import Delivery, Subscription
from sanbao.hooks.permissions import May
from sanbao.hooks.states import CALL_MOVES, MOVES
from sanbao.notices.sealing import Content, seal
from sanbao.ui.refusal import Refusal

BOTH_VALID = timedelta(hours=24)
MOST_SUBSCRIPTIONS = 50


@transaction.atomic
def subscribe(
    name: str, url: str, kinds: Sequence[str], *, personal: bool = False, reason: str = "", by: Access, at: datetime
) -> tuple[Subscription, str]:  # fmt: skip
    """Call an address of another system for these kinds of events; the secret that signs the calls is returned once.

    `personal`: with people's data, which takes a permission of its own and a reason that the event log keeps (GN-8).
    """
    by.require(May.KEEP)
    living = Subscription.objects.filter(company_id=by.company_id).exclude(state=Subscription.State.RETIRED)
    if living.count() >= MOST_SUBSCRIPTIONS:
        raise Refusal(
            _("There are %(most)d subscriptions already; end one that is not needed.") % {"most": MOST_SUBSCRIPTIONS},
            code="most",
        )  # fmt: skip
    secret = _new_secret()
    subscription = Subscription(
        company_id=by.company_id, secret=seal(Content(secret, {})), made_at=at, made_by_id=by.person_id
    )
    _fill(subscription, name, url, kinds)
    subscription.save(force_insert=True)
    audit.record(
        "hooks:subscription:made", subscription, by=by, at=at, url=subscription.url, kinds=subscription.kinds
    )
    if personal:
        _open(subscription, reason, by, at)
    return subscription, secret


@transaction.atomic
def change(
    subscription: Subscription,
    name: str,
    url: str,
    kinds: Sequence[str],
    *,
    personal: bool = False,
    reason: str = "",
    by: Access,
    at: datetime,
) -> Subscription:
    """Another name, address or choice of events. What waits already goes to the new address."""
    by.require(May.KEEP)
    found = _locked(subscription, by)
    before = (found.name, found.url, found.kinds)
    _fill(found, name, url, kinds)
    if (found.name, found.url, found.kinds) != before:
        found.version += 1
        found.save()
        audit.record("hooks:subscription:changed", found, by=by, at=at, url=found.url, kinds=found.kinds)
    if personal and not found.personal:
        _open(found, reason, by, at)
    elif found.personal and not personal:
        found.personal = False
        found.version += 1
        found.save()
        audit.record("hooks:subscription:closed", found, by=by, at=at)
    return found


def _open(subscription: Subscription, reason: str, by: Access, at: datetime) -> None:
    by.require(May.UNMASK)
    if not reason.strip():
        raise Refusal(_("Say what the other system needs people's data for."), field="reason", code="reason")
    subscription.personal = True
    subscription.version += 1
    subscription.save()
    audit.record("hooks:subscription:opened", subscription, by=by, at=at, reason=reason.strip()[:200])


def _fill(subscription: Subscription, name: str, url: str, kinds: Sequence[str]) -> None:
    if not name.strip():
        raise Refusal(_("Give it a name: which system is it?"), field="name", code="name")
    from sanbao.edge.fetch import may_be_called  # and with it httpx, which no other page needs

    if not may_be_called(url):
        raise Refusal(
            _("This address may not be called. Give one of the public Internet that begins with https://; a system of your own house has to be named in SANBAO_FETCH_ALLOWED first."),
            field="url", code="address",
        )  # fmt: skip
    chosen = [code for code in KINDS if code in kinds]
    if not chosen or set(kinds) - set(chosen):
        raise Refusal(_("Choose the events it is called for."), field="kinds", code="kinds")
    subscription.name, subscription.url, subscription.kinds = name.strip()[:60], url, chosen


@transaction.atomic
def renew_secret(subscription: Subscription, *, by: Access, at: datetime) -> tuple[Subscription, str]:
    """A new secret, returned once. For a day the calls carry the signature of the one before, too."""
    by.require(May.KEEP)
    found, secret = _locked(subscription, by), _new_secret()
    found.secret_before, found.before_until = found.secret, at + BOTH_VALID
    found.secret = seal(Content(secret, {}))
    found.version += 1
    found.save()
    audit.record("hooks:subscription:secret-renewed", found, by=by, at=at)
    return found, secret


def _new_secret() -> str:
    return f"sbh_{secrets.token_urlsafe(32)}"


def move(subscription: Subscription, noun: str, *, version: int | None, by: Access, at: datetime) -> Subscription:  # fmt: skip
    """Pause, go on or end. What happens while it is paused waits; of one that has ended nothing is sent any more."""

    def effects(thing: Subscription) -> None:
        if noun == "resumption":
            thing.failed_in_row = thing.dead_in_row = 0
            thing.rests_until = None
        if noun == "retirement":
            thing.paused_at = thing.paused_by_id = None
            thing.secret_before = ""
            thing.deliveries.filter(state=Delivery.State.WAITING).update(
                state=Delivery.State.DISCARDED, discarded_at=at, discarded_by_id=by.person_id, ended_at=at
            )

    moved: Subscription = moves.make(
        MOVES[noun], subscription, version=version, by=by, at=at, effects=effects
    )
    return moved


@transaction.atomic
def ping(subscription: Subscription, *, by: Access, at: datetime) -> Delivery:
    """A test call; it goes out even while the subscription is paused, so that one can try before going on."""
    by.require(May.KEEP)
    found = _locked(subscription, by)
    number = uuid.uuid4().hex
    delivery: Delivery = Delivery.objects.create(
        subscription=found, **_row(PING, number, found, {}, _code_of(by.company_id), by, at)
    )
    audit.record("hooks:subscription:pinged", found, by=by, at=at)
    return delivery


def move_delivery(delivery: Delivery, noun: str, *, version: int | None, by: Access, at: datetime) -> Delivery:  # fmt: skip
    """A person has a call tried once more, with as many attempts as at first, or discards it."""

    def obstacles(thing: Delivery) -> None:
        if thing.subscription.state == Subscription.State.RETIRED:
            raise Refusal(_("The subscription has ended: nothing is sent to it any more."), code="retired")

    def effects(thing: Delivery) -> None:
        if noun == "retry":
            thing.attempts_before, thing.due_at, thing.ended_at = thing.attempts, at, None
            Subscription.objects.filter(pk=thing.subscription_id).update(rests_until=None)
        else:
            thing.ended_at = at

    moved: Delivery = moves.make(
        CALL_MOVES[noun],
        delivery,
        version=version,
        by=by,
        at=at,
        obstacles=obstacles if noun == "retry" else lambda thing: None,
        effects=effects,
        details=lambda thing: {"kind": thing.kind},
    )
    return moved


def _locked(subscription: Subscription, by: Access) -> Subscription:
    found: Subscription = (
        Subscription.objects.visible_to(by, May.KEEP).select_for_update(of=("self",)).get(pk=subscription.pk)
    )
    if found.state == Subscription.State.RETIRED:
        raise Refusal(_("The subscription has ended; make a new one."), code="retired")
    return found


# Announcing


def announce(
    code: str, thing: Model, *, by: Access, at: datetime, once: str = "", details: Mapping[str, Any] | None = None
) -> int:  # fmt: skip
    """Tell every subscription to this kind of event, in the caller's transaction: undone with it. How many calls were written.

    `once` says which happening, where the same may be announced twice: the same again writes nothing.
    """
    told = _told(code, by)
    if not told:
        return 0
    number = sha256(f"{by.company_id}:{code}:{once}".encode()).hexdigest()[:32] if once else uuid.uuid4().hex
    row = _row(code, number, thing, details or {}, _code_of(by.company_id), by, at)
    rows = [Delivery(subscription_id=pk, **row) for pk in told]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _told(code: str, by: Access) -> list[int]:
    """The subscriptions that are called for such an event."""
    return [pk for pk, kinds in _living(by.company_id) if code in kinds] if by.company_id else []


def _living(company_id: int | None) -> list[tuple[int, list[str]]]:
    """The subscriptions that have not ended, with their kinds: asked with every change, so kept in the process."""
    return kept(
        ("subscriptions", company_id),
        ("hooks_subscription",),
        lambda: list(
            Subscription.objects.filter(company_id=company_id)
            .exclude(state=Subscription.State.RETIRED)
            .values_list("pk", "kinds")
        ),
    )


def hear(events: Sequence[Event], things: Sequence[Model], by: Access) -> list[Model]:
    """What the event log records is announced where a kind names it: the calls, to be stored with the events (audit.operations.HEARERS)."""
    found = OF_ACTION.get(events[0].action)
    told = _told(found.code, by) if found else []
    if not found or not told:
        return []
    company = _code_of(by.company_id)
    rows = [
        _row(found.code, uuid.uuid4().hex, thing, event.details, company, by, event.at)
        for event, thing in zip(events, things, strict=True)
    ]
    return [fresh(Delivery, subscription_id=pk, **row) for row in rows for pk in told]


def _code_of(company_id: int | None) -> str:
    """A company's code, which hardly ever changes."""
    return kept(
        ("company's code", company_id),
        ("accounts_company",),
        lambda: Company.objects.values_list("code", flat=True).get(pk=company_id),
    )


@lru_cache(16)
def _clock(at: datetime) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")


def _row(
    code: str, number: str, thing: Model, details: Mapping[str, Any], company: str, by: Access, at: datetime
) -> dict[str, Any]:  # fmt: skip
    found = kind(code)
    assert found is not None
    body: dict[str, Any] = {
        "id": number,
        "kind": code,
        "at": _clock(at),
        "company": company,
        "object": found.describe(thing),
    }
    if change := {name: details[name] for name in found.details if details.get(name) not in (None, "")}:
        body["change"] = change
    return {
        "company_id": by.company_id, "number": number, "kind": code,
        "thing": f"{thing._meta.label_lower}:{thing.pk}", "body": body, "made_at": at, "due_at": at,
    }  # fmt: skip
