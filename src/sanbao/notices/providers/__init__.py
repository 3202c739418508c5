"""Who carries messages away: one interface for e-mail, SMS, WeCom, WeChat and WeChat customer service.

What went wrong is told in the three words of failures.py. Secrets come from the settings only. No provider writes an address or a text
into a log.
"""

from django.conf import settings

from sanbao.notices.models import Message
from sanbao.notices.providers.customer_service import CustomerService, is_set_up
from sanbao.notices.providers.interface import Nobody, Provider, Receipt
from sanbao.notices.providers.sms import Gateway, SignedRpc
from sanbao.notices.providers.smtp import Smtp
from sanbao.notices.providers.wechat import WeChat
from sanbao.notices.providers.wecom import WeCom

__all__ = [
    "CustomerService",
    "Gateway",
    "Nobody",
    "Provider",
    "Receipt",
    "SignedRpc",
    "Smtp",
    "WeChat",
    "WeCom",
    "provider_for",
]


def provider_for(channel: str) -> Provider:
    """What this installation has set up for the channel."""
    match channel:
        case Message.Channel.EMAIL if settings.EMAIL_HOST:
            return Smtp()
        case Message.Channel.SMS if settings.SMS_URL:
            return SignedRpc() if settings.SMS_STYLE == "rpc" else Gateway()
        case Message.Channel.WECOM if settings.WECOM_CORP:
            return WeCom()
        case Message.Channel.WECHAT if settings.WECHAT_APP:
            return WeChat()
        case Message.Channel.WECOM_KF if is_set_up():
            return CustomerService()
    return Nobody()
