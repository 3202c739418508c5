"""Carrying calls to other systems: the outbox's leases, pauses and fence (notices.carrying), and the order of each thing's events.

At least once: a call whose answer was lost is made again under the same number. A failure lets the whole address rest, so that one
system that is down holds nobody else up; five calls given up in a row pause the subscription and tell the administrators.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.hooks.kinds import PING, kind
from sanbao.hooks.models import Delivery, Subscription
from sanbao.hooks.permissions import May
from sanbao.notices import carrying
from sanbao.notices.failures import Permanent, Temporary, Unsure
from sanbao.notices.providers import http
from sanbao.notices.sealing import Unreadable, opened
from sanbao.notices.signing import signed
from sanbao.notices.telling import tell
from sanbao.outlets.queries import holders

MOST_ATTEMPTS = carrying.MOST_ATTEMPTS
DEAD_IN_ROW = 5
LONGEST_REST = timedelta(minutes=15)
KEPT = timedelta(days=30)

Call = Callable[[Delivery, datetime], int]


def drain(*, now: Callable[[], datetime] = timezone.now, most: int = 1_000) -> int:
    """Make the calls that are due, one after another, outside any transaction; how many were tried. Any number may drain at once."""
    for tried in range(most):
        delivery = lease(now())
        if delivery is None:
            return tried
        _attempt(delivery, now)
    return most


@transaction.atomic
def lease(at: datetime) -> Delivery | None:
    """Take the next call that is due, or whose worker let its lease run out; None where there is none."""
    taken: Delivery | None = carrying.take(
        lambda: _next(at), at, most=MOST_ATTEMPTS, bury=lambda delivery: _count_dead(delivery, at)
    )
    return taken


def _next(at: datetime) -> Delivery | None:
    """The call to make, locked: none overtakes an earlier one about the same thing to the same subscription."""
    active = Subscription.State.ACTIVE
    earlier = Delivery.objects.filter(
        subscription=OuterRef("subscription"),
        thing=OuterRef("thing"),
        pk__lt=OuterRef("pk"),
        state__in=carrying.TRYABLE,
    )
    awake = Q(subscription__rests_until__isnull=True) | Q(subscription__rests_until__lte=at)
    found: Delivery | None = (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("subscription")
        .filter(carrying.free(at), state__in=carrying.TRYABLE, due_at__lte=at)
        .filter((Q(subscription__state=active) & awake) | Q(kind=PING))
        .filter(~Exists(earlier))
        .order_by("due_at", "pk")
        .first()
    )
    return found


def _attempt(delivery: Delivery, now: Callable[[], datetime]) -> None:
    carrying.attempt(
        lambda: {"answer": call(delivery, now())},
        write=lambda **fields: _write(delivery, fields, now()),
        later=lambda error, at, unsure=False: _write(
            delivery, carrying.after_failure(delivery, error, at, most=MOST_ATTEMPTS, unsure=unsure), at
        ),
        now=now,
    )


def call(delivery: Delivery, at: datetime) -> int:
    """One signed call; the status of the yes. Only an answer of 2xx is one: nothing is followed."""
    subscription = delivery.subscription
    body = http.as_json(_body(delivery))
    answer = http.ask(subscription.url, body=body, headers=_headers(delivery, body, at))
    if 200 <= answer.status < 300:
        return answer.status
    delivery.answer = answer.status
    if answer.status == 410:
        raise Permanent("refused", answer.status)
    raise (Unsure if answer.status >= 500 else Temporary)("answered", answer.status)


def _body(delivery: Delivery) -> dict[str, Any]:
    """What is said. People's data are read now, so that what was erased or corrected since is not sent."""
    found = kind(delivery.kind)
    body: dict[str, Any] = dict(delivery.body)
    if delivery.subscription.personal and found is not None:
        body["person"] = found.person(int(delivery.thing.rpartition(":")[2]))
    return body


def _headers(delivery: Delivery, body: bytes, at: datetime) -> dict[str, str]:
    subscription, stamp = delivery.subscription, str(int(at.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Sanbao",
        "X-Sanbao-Event": delivery.kind,
        "X-Sanbao-Delivery": delivery.number,
        "X-Sanbao-Timestamp": stamp,
        "X-Sanbao-Signature": signed(_secret(subscription.secret), stamp, body),
    }
    if subscription.secret_before and subscription.before_until and at < subscription.before_until:
        headers["X-Sanbao-Signature-Before"] = signed(_secret(subscription.secret_before), stamp, body)
    return headers


def _secret(sealed: str) -> str:
    try:
        return opened(sealed).body
    except Unreadable:
        raise Permanent("key-gone") from None


@transaction.atomic
def _write(delivery: Delivery, fields: dict[str, Any], at: datetime) -> None:
    """Write the result down, and what it says about the address."""
    if not carrying.write(delivery, {"answer": delivery.answer} | fields):
        return
    subscriptions = Subscription.objects.filter(pk=delivery.subscription_id)
    if fields["state"] == Delivery.State.SENT:
        subscriptions.exclude(failed_in_row=0, dead_in_row=0, rests_until=None).update(
            failed_in_row=0, dead_in_row=0, rests_until=None
        )
        return
    failed = delivery.subscription.failed_in_row + 1
    rest = min(carrying.pause(min(failed, MOST_ATTEMPTS)), LONGEST_REST)
    subscriptions.update(failed_in_row=F("failed_in_row") + 1, rests_until=at + rest)
    if fields["state"] == Delivery.State.DEAD:
        _count_dead(delivery, at)


def _count_dead(delivery: Delivery, at: datetime) -> None:
    """One more that was given up; at the fifth in a row the subscription pauses by itself, and the administrators are told."""
    if delivery.kind == PING:
        return
    found = Subscription.objects.select_for_update(of=("self",)).get(pk=delivery.subscription_id)
    found.dead_in_row += 1
    stops = found.dead_in_row >= DEAD_IN_ROW and found.state == Subscription.State.ACTIVE
    if stops:
        found.state, found.paused_at, found.paused_by = Subscription.State.PAUSED, at, None
        found.version += 1
    found.save()
    if stops:
        by = Access(None, found.company_id, request="hooks")
        audit.record("hooks:subscription:stopped", found, by=by, at=at, dead=found.dead_in_row)
        people = holders(found.company_id, May.KEEP, on=timezone.localdate(at))
        tell(
            people, "hooks:stopped", about=found, by=by, at=at, key=f"{found.pk}:{found.version}",
            name=found.name, count=found.dead_in_row,
        )  # fmt: skip


def forget(at: datetime) -> int:
    """Calls are kept for thirty days: those that have ended, and those that waited so long for a paused subscription."""
    gone, _by_model = Delivery.objects.filter(made_at__lt=at - KEPT).exclude(state="sending").delete()
    return gone
