"""Which addresses a channel can have, in the one form in which they are kept."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from sanbao.notices.models import Message
from sanbao.ui.readers import values
from sanbao.ui.refusal import Refusal

_MOBILE = re.compile(r"1[3-9]\d{9}|\+[1-9]\d{6,14}")
_WECOM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_WECHAT = re.compile(r"[A-Za-z0-9_-]{20,40}")
_WECOM_KF = re.compile(r"[A-Za-z0-9_-]{6,64}")


def read(channel: str, address: str) -> str:
    """The address as it is kept; a Refusal (field "address") where the channel can have no such address (ASVS 1.3.11).

    E-mail as it stands; a mobile number in its plain form (13800001234, +85261234567), typed in whatever way people type it; a member's
    id in WeCom (account name); an openid of a WeChat official account; the external_userid of a customer of WeChat customer service.
    """
    match channel:
        case Message.Channel.EMAIL:
            return _mail(address)
        case Message.Channel.SMS:
            return _mobile(address)
        case Message.Channel.WECOM:
            return _matching(_WECOM, address, _("This is not the account name of a member in WeCom."))
        case Message.Channel.WECHAT:
            return _matching(_WECHAT, address, _("This is not an openid of WeChat."))
        case Message.Channel.WECOM_KF:
            return _matching(
                _WECOM_KF, address, _("This is not a customer's number of WeChat customer service.")
            )
    raise Refusal(_("There is no such way to send messages."), field="channel", code="channel")


def _mail(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError:
        raise _refused(_("This is not an e-mail address.")) from None
    return address


def _mobile(address: str) -> str:
    try:
        number = values.telephone(address)
    except values.Bad:
        number = ""
    return _matching(_MOBILE, number, _("This is not a mobile number that can get an SMS."))


def _matching(shape: re.Pattern[str], address: str, sentence: str) -> str:
    if not shape.fullmatch(address):
        raise _refused(sentence)
    return address


def _refused(sentence: str) -> Refusal:
    return Refusal(sentence, field="address", code="address")
