"""By which ways a customer can be written to about a request: what this installation sends by, and where the customer is reached."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from sanbao.customers.models import Contact
from sanbao.intake.models import Entry, Request
from sanbao.intake.states import BY_ACCOUNT, Channel
from sanbao.notices import addresses, failures, windows
from sanbao.notices.choosing import usable
from sanbao.notices.models import Message
from sanbao.notices.providers import templates
from sanbao.ui.refusal import Refusal

KIND = "intake:reply"
WINDOW = timedelta(hours=48)  # in which WeChat takes a free text for somebody who has written
LONGEST = {
    Channel.EMAIL: 8_000,
    Channel.WECHAT: 600,
    Channel.WECOM: 600,
    Channel.WECOM_KF: 600,
    Channel.SMS: 500,
}
MOST_CONTACTS = 20
ONE_SMS, OF_SEVERAL = 70, 67  # characters


@dataclass(frozen=True, slots=True)
class Way:
    """One way. `template`: only the provider's template, filled with the words, can go. `left`: how many messages more are taken."""

    channel: str
    address: str
    template: bool = False
    left: int | None = None

    @property
    def label(self) -> str:
        """As the form offers it."""
        label = str(Channel(self.channel).label)
        if self.left is not None:
            return _("%(way)s (%(left)d more until the customer writes)") % {"way": label, "left": self.left}
        return _("%(way)s (as a template)") % {"way": label} if self.template else label

    @property
    def longest(self) -> int:
        """How many characters it takes."""
        return LONGEST[Channel(self.channel)]


def ways(request: Request, at: datetime, entries: Iterable[Entry] | None = None) -> list[Way]:
    """The usable ways, the customer's own first: by which they wrote last.

    `entries`: the timeline's, newest first, where it has been read already. A mail address is a way even where no mail is sent here:
    then the letter stands among the dead ones, and says so.
    """
    heard = _heard(request) if entries is None else _last(entries)
    found = [way for way in _known(request, heard, at) if way is not None]
    newest = max(heard, key=lambda channel: heard[channel], default=request.channel)
    return sorted(found, key=lambda way: (way.channel != newest, not _sends(way.channel)))


def _heard(request: Request) -> dict[str, datetime]:
    rows = request.entries.filter(kind__in=(Entry.Kind.RECEIVED, Entry.Kind.MESSAGE_IN)).order_by("-id")
    return _last(rows[:50])


def _last(entries: Iterable[Entry]) -> dict[str, datetime]:
    """When the customer was last heard by each channel."""
    heard: dict[str, datetime] = {}
    for entry in entries:
        if entry.kind in (Entry.Kind.RECEIVED, Entry.Kind.MESSAGE_IN) and entry.channel:
            heard.setdefault(entry.channel, entry.at)
    return heard


def _known(request: Request, heard: dict[str, datetime], at: datetime) -> Iterable[Way | None]:
    own = _own(request)
    yield Way(Channel.EMAIL, own["email"]) if own["email"] else None
    yield _by_wechat(own["wechat"], heard.get(Channel.WECHAT), at)
    yield Way(Channel.WECOM, own["wecom"]) if own["wecom"] and _sends(Channel.WECOM) else None
    yield _by_customer_service(request, own["wecom_kf"], at)
    yield _by_sms(own["phone"])


def _own(request: Request) -> dict[str, str]:
    """Where the customer is reached: by what stands in the request, else by the customer's own contacts."""
    own = {"email": request.email, "phone": request.phone, "wechat": "", "wecom": "", "wecom_kf": ""}
    if request.channel in BY_ACCOUNT:
        own[request.channel] = request.writer
    if request.customer_id is None or all(own.values()):
        return own
    told = getattr(request, "contacts_told", None)
    if told is None:
        told = _living().filter(customer=request.customer_id).values(*own)[:MOST_CONTACTS]
    for contact in told:
        for name in own:
            own[name] = own[name] or contact[name]
    return own


def contacts_told() -> ArraySubquery:
    """Where the customer of a request is reached, read along with the request."""
    living = _living().filter(customer=OuterRef("customer"))
    told = JSONObject(email="email", phone="phone", wechat="wechat", wecom="wecom", wecom_kf="wecom_kf")
    return ArraySubquery(living.values(told=told)[:MOST_CONTACTS])


def _living() -> QuerySet[Contact]:
    return Contact.objects.filter(ended_at__isnull=True).order_by("-preferred", "id")


def _by_wechat(openid: str, heard_at: datetime | None, at: datetime) -> Way | None:
    """A text within the window; later a template, where one is set for replies."""
    if not openid or not _sends(Channel.WECHAT):
        return None
    if heard_at is not None and at - heard_at < WINDOW:
        return Way(Channel.WECHAT, openid)
    has = templates.has(settings.WECHAT_TEMPLATES, KIND)
    return Way(Channel.WECHAT, openid, template=True) if has else None


def _by_customer_service(request: Request, customer: str, at: datetime) -> Way | None:
    """A text within the window, while some of the five are left."""
    if not customer or not _sends(Channel.WECOM_KF):
        return None
    left = windows.room(request.company_id, customer, at).left
    return Way(Channel.WECOM_KF, customer, left=left) if left else None


def shut(request: Request, found: Iterable[Way], at: datetime) -> str:
    """Why a customer who writes by customer service can't be answered by it, and what to do instead; empty where they can, or write otherwise."""
    if request.channel != Channel.WECOM_KF or not request.writer or not _sends(Channel.WECOM_KF):
        return ""
    if any(way.channel == Channel.WECOM_KF for way in found):
        return ""
    return failures.sentence(windows.room(request.company_id, request.writer, at).why)


def _by_sms(phone: str) -> Way | None:
    if not phone or not _sends(Channel.SMS):
        return None
    only = settings.SMS_STYLE == "rpc"
    if only and not templates.has(settings.SMS_TEMPLATES, KIND):
        return None
    try:
        return Way(Channel.SMS, addresses.read(Message.Channel.SMS, phone), template=only)
    except Refusal:  # a telephone that gets no SMS
        return None


def _sends(channel: str) -> bool:
    return usable(channel)


def chosen(found: list[Way], channel: str) -> Way:
    """The way that was asked for, or the customer's own; a Refusal where there is none."""
    if not found:
        raise Refusal(
            _("There is no address to write to. Call, or add the customer's e-mail address first."), field="body", code="no_address"
        )  # fmt: skip
    for way in found:
        if channel in ("", way.channel):
            return way
    raise Refusal(
        _("The customer can't be written to by this way. Possible are: %(ways)s.")
        % {"ways": ", ".join(way.label for way in found)},
        field="channel",
        code="channel",
    )


def refuse_too_long(way: Way, body: str) -> None:
    """More than the way takes would arrive cut."""
    most = way.longest
    size = len(body)
    if size > most or (way.channel in BY_ACCOUNT and len(body.encode()) > 2_000):
        raise Refusal(
            _("%(way)s takes at most %(most)d characters; these are %(size)d. Write less, or send an e-mail.")
            % {"way": way.label, "most": most, "size": size},
            field="body",
            code="too_long",
        )


def parts_of_sms(body: str) -> int:
    """How many SMS a text makes."""
    return 1 if len(body) <= ONE_SMS else -(-len(body) // OF_SEVERAL)


def values(request: Request, body: str) -> dict[str, Any]:
    """What fills a template of a reply."""
    return {"number": request.number, "subject": request.subject, "content": body}
