"""What the customer is told about an order, with its link: by SMS, WeChat or mail, where this installation sends any and knows an address.

These are messages of the service itself, so no consent is asked for them (PIPL 13); they say nothing of anybody else. The link is a key:
the text is kept sealed and is gone once it was sent.
"""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.customers.models import Contact
from sanbao.intake.models import Request
from sanbao.notices import operations as notices
from sanbao.notices.addresses import read
from sanbao.notices.choosing import usable
from sanbao.notices.models import Message
from sanbao.ui.refusal import Refusal
from sanbao.workorders import links
from sanbao.workorders.models import Order, Plan

_CHANNELS = (Message.Channel.SMS, Message.Channel.WECHAT, Message.Channel.EMAIL)


def coming(order: Order, first: datetime, last: datetime, *, again: bool, by: Access, at: datetime) -> bool:
    """Somebody is coming, and when; `again`: another time, or somebody else, than was said before."""
    with _in_their_language():
        words = _("The time has changed: our engineer now comes %(when)s.") if again else _("Our engineer comes %(when)s.")  # fmt: skip
        return _send(order, "moved" if again else "dispatched", words % {"when": _when(first, last)}, by, at, when=_when(first, last))  # fmt: skip


def moved(order: Order, *, by: Access, at: datetime) -> bool:
    """The appointment is another one now."""
    if order.wanted_from is None or order.wanted_until is None:
        return False
    when = _when(order.wanted_from, order.wanted_until)
    with _in_their_language():
        return _send(order, "moved", _("Your appointment is now %(when)s.") % {"when": when}, by, at, when=when)  # fmt: skip


def offered(order: Order, plan: Plan, *, by: Access, at: datetime) -> bool:
    """Plan and price wait for a yes: also for who is not at home (KA-4.3)."""
    amount = f"{plan.charged_fen / 100:.2f}"
    with _in_their_language():
        words = _("Plan and price wait for your yes: you pay %(amount)s yuan. We begin only after it.") % {"amount": amount}  # fmt: skip
        return _send(order, "plan-offered", words, by, at, amount=amount)


def done(order: Order, *, by: Access, at: datetime) -> bool:
    """The work is done: look at it, sign for it, say how it was."""
    with _in_their_language():
        return _send(order, "done", _("The work is done. Please look at it, sign for it and rate it."), by, at)  # fmt: skip


def not_then(order: Order, why: str, *, by: Access, at: datetime) -> bool:
    """The time that was wished for can't be had."""
    with _in_their_language():
        words = _("The time you wished for is not possible: %(why)s. Please choose another one.") % {"why": why}  # fmt: skip
        return _send(order, "wish-declined", words, by, at)


def given(order: Order, *, by: Access, at: datetime) -> bool:
    """The link alone, sent by a colleague because the customer asks for it; whether there was a way."""
    with _in_their_language():
        return _send(order, "link", _("Here you follow the work, agree, sign and rate."), by, at)


def way_to(order: Order) -> tuple[str, str]:
    """The channel and address by which the customer is reached; two empty words where there is none."""
    for channel in _CHANNELS:
        if usable(channel):
            for known in _addresses(order, channel):
                try:
                    return channel, read(channel, known)
                except Refusal:  # a telephone on the wall takes no SMS
                    continue
    return "", ""


def _addresses(order: Order, channel: str) -> Iterator[str]:
    if channel == Message.Channel.SMS:
        yield from filter(None, [order.phone])
        return
    field = "wechat" if channel == Message.Channel.WECHAT else "email"
    if (
        field == "email" and order.request_id
    ):  # asked for, not read: whoever works here may not see the request
        yield from (
            Request.objects.filter(pk=order.request_id).exclude(email="").values_list("email", flat=True)
        )
    if order.customer_id:
        rows = Contact.objects.filter(customer_id=order.customer_id, ended_at__isnull=True).exclude(**{field: ""})  # fmt: skip
        yield from rows.order_by("-preferred", "id").values_list(field, flat=True)[:3]


def _send(order: Order, what: str, words: str, by: Access, at: datetime, **values: str) -> bool:
    channel, address = way_to(order)
    if not channel:
        return False
    company = Company.objects.get(pk=order.company_id)
    link = links.address(company, order)
    said = _("%(company)s, work order %(number)s: %(words)s") % {"company": company.short_name, "number": order.number, "words": words}  # fmt: skip
    if link:
        said += "\n" + _("Look here: %(link)s") % {"link": link}
    notices.send(
        address, _("Work order %(number)s") % {"number": order.number}, said, key=f"workorders:{what}:{order.pk}:{order.version}:{int(at.timestamp())}",
        about=order, by=by, at=at, channel=channel, kind=f"workorders:{what}", values={"number": order.number, "link": link} | values, secret=True,
    )  # fmt: skip
    return True


def _in_their_language() -> translation.override:
    """The customer's, not the colleague's who happens to be signed in."""
    return translation.override(settings.LANGUAGE_CODE)


def _when(first: datetime, last: datetime) -> str:
    begins, ends = timezone.localtime(first), timezone.localtime(last)
    return f"{begins:%Y-%m-%d %H:%M}–{ends:%H:%M}"
