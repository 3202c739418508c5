"""Writing a message with the change it tells of, and carrying it away afterwards under a lease.

Nothing is lost: the row commits with the change, and a lease that runs out lets another worker send. Nothing is sent twice, except
where a provider may have accepted what it did not confirm, or a worker died between the provider's yes and writing it down.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import moves
from sanbao.notices import addresses, carrying
from sanbao.notices.carrying import LEASE, LONGEST_PAUSE, MOST_ATTEMPTS
from sanbao.notices.holding import held_until
from sanbao.notices.models import Message
from sanbao.notices.providers import Provider, provider_for
from sanbao.notices.sealing import Content, seal
from sanbao.notices.states import MOVES
from sanbao.ui.refusal import Refusal

__all__ = ["LEASE", "LONGEST_PAUSE", "MOST_ATTEMPTS", "drain", "lease", "move", "send"]

ENDED = (Message.State.SENT, Message.State.DEAD, Message.State.DISCARDED)
_TRYABLE = (Message.State.WAITING, Message.State.SENDING)


@transaction.atomic
def send(
    address: str,
    subject: str,
    body: str,
    *,
    key: str,
    about: Model,
    by: Access,
    at: datetime,
    channel: str = Message.Channel.EMAIL,
    kind: str = "",
    values: Mapping[str, str] | None = None,
    secret: bool = False,
    due_at: datetime | None = None,
) -> Message:
    """Leave a message in the outbox, in the caller's transaction: undone with it. The same key again gives the message there is.

    `kind` and `values` choose and fill the template of a provider that sends no free texts (SMS, WeChat). `secret`: the text holds a
    link or code for one use, so it is kept sealed and is gone when the message has ended. Key and heading are shown to administrators:
    they name no customer; the text may. `due_at`: not before (quiet hours).

    Refuses an address the channel can't have, and a heading of several lines, which could smuggle in headers (ASVS 1.3.11).
    """
    address = addresses.read(channel, address)
    said = Content(body, {name: str(value) for name, value in (values or {}).items()})
    if len(subject.splitlines()) != 1 or "\0" in subject + body + "".join(said.values.values()):
        raise Refusal(_("A message's heading is one line of text."), field="subject", code="subject")
    message, _made = Message.objects.get_or_create(
        company_id=by.company_id,
        key=key,
        defaults={
            "channel": channel,
            "address": address,
            "subject": subject[:200],
            "body": seal(said) if secret else body,
            "kind": kind,
            "values": {} if secret else said.values,
            "secret": secret,
            "about": f"{about._meta.label_lower}:{about.pk}",
            "made_at": at,
            "due_at": due_at or at,
        },
    )
    return message


def move(
    message: Message, noun: str, *, version: int | None, by: Access, at: datetime, reason: str = ""
) -> Message:
    """A person tries a dead letter once more, with as many attempts as at first, or discards what shall not go, and says why.

    Refuses the second try of a text with a link for one use: the link is gone, a new one must be made.
    """
    effects = {"retry": _try_again, "discard": _end}
    moved: Message = moves.make(
        MOVES[noun],
        message,
        version=version,
        by=by,
        at=at,
        reason=reason,
        obstacles=_refuse_what_is_gone if noun == "retry" else lambda thing: None,
        effects=lambda thing: effects[noun](thing, at),
        details=lambda thing: {"channel": thing.channel},
    )
    return moved


def _refuse_what_is_gone(message: Message) -> None:
    if message.secret:
        raise Refusal(
            _("The link in it was for one use and is gone. Have a new one made where it came from."),
            code="gone",
        )


def _try_again(message: Message, at: datetime) -> None:
    message.attempts_before, message.due_at, message.ended_at = message.attempts, at, None
    message.reason = ""


def _end(message: Message, at: datetime) -> None:
    message.ended_at = at
    if message.secret:
        message.body = ""


@transaction.atomic
def lease(at: datetime) -> Message | None:
    """Take the next message that is due, or whose worker let its lease run out; None where there is none.

    Whoever finds a message taken up as often as allowed lays it aside as dead instead: it may be what kills workers. One whose
    recipient has had enough for now is put off. None overtakes an earlier one to the same address on the same channel.
    """
    taken: Message | None = carrying.take(
        lambda: _next(at), at, most=MOST_ATTEMPTS, held_until=lambda message: held_until(message, at), bury=_bury
    )  # fmt: skip
    return taken


def _bury(message: Message) -> None:
    """A secret that has ended is gone."""
    if message.secret:
        message.body = ""


def _next(at: datetime) -> Message | None:
    """The message to take, locked. A link for one use stands outside the order: it tells of nothing that has a before and after."""
    earlier = Message.objects.filter(
        company=OuterRef("company"),
        channel=OuterRef("channel"),
        address=OuterRef("address"),
        pk__lt=OuterRef("pk"),
        state__in=_TRYABLE,
        secret=False,
    )
    found: Message | None = (
        Message.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(carrying.free(at), state__in=_TRYABLE, due_at__lte=at)
        .filter(Q(secret=True) | ~Exists(earlier))
        .order_by("due_at", "pk")
        .first()
    )
    return found


def drain(
    *,
    now: Callable[[], datetime] = timezone.now,
    provider: Callable[[str], Provider] = provider_for,
    most: int = 1_000,
) -> int:
    """Send what is due, one after another, outside any transaction; how many were tried. Any number may drain at once."""
    for tried in range(most):
        message = lease(now())
        if message is None:
            return tried
        _attempt(message, provider(message.channel), now)
    return most


def _attempt(message: Message, provider: Provider, now: Callable[[], datetime]) -> None:
    carrying.attempt(
        lambda: {"receipt": provider.send(message).number[:200]},
        write=lambda **fields: _write(message, **fields),
        later=lambda *told, **more: _later(message, *told, **more),
        now=now,
    )


def _later(message: Message, error: str, at: datetime, *, unsure: bool = False) -> None:
    """Once more after a pause that doubles, with up to half of it by chance; dead after the last attempt."""
    _write(message, **carrying.after_failure(message, error, at, most=MOST_ATTEMPTS, unsure=unsure))


def _write(message: Message, **fields: object) -> None:
    """Write the result down, unless another has taken the message up since. A secret that has ended is gone."""
    if message.secret and fields["state"] in ENDED:
        fields["body"] = ""
    carrying.write(message, fields)
