"""What somebody writes by WeChat, WeChat customer service, WeCom or SMS becomes a request, or joins the one it is about (ST-2, SR-2, BA-2).

Such a message names no request and seldom more than a sentence; people write five where a mail would be one. So it belongs to the newest
open request of the same account, or to one solved lately, unless it says a number.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.customers import queries as customers
from sanbao.customers.models import Customer
from sanbao.files.models import StoredFile
from sanbao.intake.models import Category, Entry, Request
from sanbao.intake.operations.acknowledging import acknowledge
from sanbao.intake.operations.mailing import MOST_RECEIPTS, NUMBER, NoRequest
from sanbao.intake.operations.registering import Ask, receive
from sanbao.intake.operations.talking import receive_message
from sanbao.intake.states import OPEN, Channel, State
from sanbao.notices.models import Address
from sanbao.ui.refusal import Refusal

LONGEST = 3_900
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
# A word of thanks after the solution asks for nothing: it stands with the request and opens it not again.
_THANKS = re.compile(
    r"(谢谢|多谢|感谢|谢了|好的|好|嗯|收到|知道了|明白|已解决|解决了|可以了|辛苦了?|不客气|ok|okay|thanks?|thank you|[您你们啦了哦呀哈吧的师傅！!。.，,~～\s👍🙏👌🌹😊🤝])+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """One message. `sender` is the account, `number` the message's own at its channel; `place` where its sender says to be;
    `name` what they call themselves there.

    `known`: of a kind that is understood; another joins a request there is, and makes none.
    """

    channel: str
    sender: str
    number: str
    words: str
    received_at: datetime
    place: str = ""
    known: bool = True
    name: str = ""


@transaction.atomic
def take_in_words(
    said: Said, files: Sequence[StoredFile], category: Category, *, days: int, by: Access, at: datetime
) -> Request:
    """The request the message has become or joined; NoRequest for what is nobody's work.

    A request solved within `days` is opened again. Messages of one account are taken in one after the other: two that come together are
    one request.
    """
    _queue_up(said, by)
    known = _customer(said, by)
    about, stray = _about(said, known, days, by, at)
    if about is not None:
        _join(about, said, files, by, at)
        return about
    if not said.known:
        raise NoRequest("unknown-kind")
    return _new(said, files, category, known, stray, by, at)


def _queue_up(said: Said, by: Access) -> None:
    key = f"writer:{by.company_id}:{said.channel}:{said.sender}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _customer(said: Said, by: Access) -> Customer | None:
    """Whose account it is, where somebody has said so and it is one customer's."""
    field = "phone" if said.channel == Channel.SMS else said.channel
    found = customers.by_contact(by.company_id or 0, **{field: said.sender})
    return found[0] if len(found) == 1 else None


def _about(
    said: Said, known: Customer | None, days: int, by: Access, at: datetime
) -> tuple[Request | None, str]:
    """The request the message is about; and a number it names that is not its sender's."""
    rows = Request.objects.filter(company_id=by.company_id, erased_at__isnull=True).exclude(
        state=State.CANCELLED, merged_into__isnull=True
    )
    mine = rows.filter(_by_account(said))
    if numbers := NUMBER.findall(said.words)[:5]:
        party = _by_account(said) | Q(customer=known) if known else _by_account(said)
        if (found := rows.filter(party, number__in=numbers).order_by("-pk").first()) is not None:
            return found, ""
    return _lately(mine, days, at), numbers[0] if numbers else ""


def _by_account(said: Said) -> Q:
    mine = Q(channel=said.channel, writer=said.sender)
    return mine | Q(phone=said.sender) if said.channel == Channel.SMS else mine


def _lately(mine: QuerySet[Request], days: int, at: datetime) -> Request | None:
    newest = mine.order_by("-pk")
    solved = newest.filter(state__in=(State.SOLVED, State.CLOSED), solved_at__gt=at - timedelta(days=days))
    still = Q(state__in=OPEN) | Q(
        merged_into__state__in=OPEN
    )  # what is said to a merged one is heard by the one that was kept
    return newest.filter(still).first() or solved.first()


def _join(about: Request, said: Said, files: Sequence[StoredFile], by: Access, at: datetime) -> None:
    try:
        receive_message(
            about, said.words[:LONGEST], channel=said.channel, external_id=said.number, files=files,
            reopens=bool(files) or not _THANKS.fullmatch(said.words.strip()), by=by, at=at,
        )  # fmt: skip
    except Refusal as refusal:
        if refusal.code != "loop":
            raise
        raise NoRequest("loop") from None


def _new(
    said: Said,
    files: Sequence[StoredFile],
    category: Category,
    known: Customer | None,
    stray: str,
    by: Access,
    at: datetime,
) -> Request:
    made = receive(
        Ask(
            channel=said.channel, category=category, subject=_heading(said.words), description=said.words[:LONGEST], customer=known,
            contact=said.name or _member(said), phone=said.sender if said.channel == Channel.SMS else "", address=said.place, writer=said.sender,
            received_at=min(said.received_at, at), external_id=said.number, files=files,
        ),
        by=by, at=at,
    )  # fmt: skip
    if stray:
        _note(
            made,
            _(
                "The message names %(number)s. Its sender is no party to that request, so it stands here by itself."
            )
            % {"number": stray},
            at,
        )
    if known is None:
        _hint(made, said, at)
    today = Request.objects.filter(
        company_id=by.company_id, writer=said.sender, channel=said.channel, made_at__gt=at - timedelta(days=1)
    )
    if today.count() <= MOST_RECEIPTS:
        acknowledge(made, by=by, at=at)
    return made


def _heading(words: str) -> str:
    """The first words, as much as a list shows."""
    first = " ".join(words.split("\n", 1)[0].split())
    return first if len(first) <= 40 else first[:39] + "…"


def _member(said: Said) -> str:
    """A colleague who writes by WeCom is called by name."""
    if said.channel != Channel.WECOM:
        return ""
    rows = Address.objects.filter(
        channel=said.channel, address=said.sender, person__is_active=True
    ).select_related("person")
    found = list(rows[:2])
    return found[0].person.name if len(found) == 1 else ""


def _hint(made: Request, said: Said, at: datetime) -> None:
    """A telephone in the words is no proof of who writes: it is shown to whoever decides, and ties nothing."""
    numbers = dict.fromkeys(_MOBILE.findall(said.words)[:3])
    found = {row.number for phone in numbers for row in customers.by_contact(made.company_id, phone=phone)}
    if found:
        _note(
            made,
            _(
                "The message names the telephone of %(numbers)s. Anybody can write a number: ask first, then choose the customer under “Edit”."
            )
            % {"numbers": ", ".join(sorted(found)[:5])},
            at,
        )


def _note(request: Request, words: str, at: datetime) -> None:
    Entry.objects.create(
        request=request,
        at=at,
        kind=Entry.Kind.NOTE,
        channel=request.channel,
        body=words,
        handler_id=request.assignee_id,
    )
