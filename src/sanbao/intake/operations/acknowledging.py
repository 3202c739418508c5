"""The receipt of a request is confirmed to the customer at once (BA-2), by the way they wrote where we can, else by mail or SMS."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.intake import links
from sanbao.intake.models import Entry, Request
from sanbao.intake.states import Channel
from sanbao.notices import operations as notices
from sanbao.notices.choosing import usable
from sanbao.notices.models import Message

_TOLD = {
    Channel.WECHAT: gettext_lazy("Receipt confirmed by WeChat."),
    Channel.WECOM: gettext_lazy("Receipt confirmed by WeCom."),
    Channel.WECOM_KF: gettext_lazy("Receipt confirmed by WeChat customer service."),
}


def key_of(request: int) -> str:
    """The key of the message that confirms a request's receipt."""
    return f"intake:received:{request}"


def acknowledge(request: Request, *, by: Access, at: datetime) -> bool:
    """Confirm the receipt with the request's link; whether anything was sent. In the caller's transaction.

    The text holds a key (the link), so it is kept sealed. It is no first answer: a person gives that.
    """
    if request.channel in _TOLD and request.writer and usable(request.channel):
        channel, address, said = request.channel, request.writer, str(_TOLD[Channel(request.channel)])
    elif request.email and usable(Message.Channel.EMAIL):
        channel, address, said = Message.Channel.EMAIL, request.email, _("Receipt confirmed by e-mail.")
    elif request.phone and usable(Message.Channel.SMS):
        channel, address, said = Message.Channel.SMS, request.phone, _("Receipt confirmed by SMS.")
    else:
        return False
    company = Company.objects.get(pk=request.company_id)
    link = links.address(company, request)
    words = _("%(company)s has received your request %(number)s “%(subject)s”.") % {
        "company": company.short_name,
        "number": request.number,
        "subject": request.subject,
    }
    if link:
        words += "\n" + _("Follow it here: %(link)s") % {"link": link}
    notices.send(
        address, f"[{request.number}] {request.subject}", words, key=key_of(request.pk), about=request, by=by, at=at,
        channel=channel, kind="intake:received", values={"number": request.number, "link": link}, secret=True,
    )  # fmt: skip
    Entry.objects.create(
        request=request, at=at, kind=Entry.Kind.MESSAGE_OUT, channel=channel, internal=False, body=said,
    )  # fmt: skip
    return True
