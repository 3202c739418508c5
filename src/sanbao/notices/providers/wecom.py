"""WeCom (企业微信): a text of an application to one member. The address is the member's account name."""

from urllib.parse import quote

from django.conf import settings

from sanbao.notices.failures import Permanent
from sanbao.notices.models import Message
from sanbao.notices.providers import http, weixin
from sanbao.notices.providers.interface import Receipt, number_of, said

_CODES = weixin.Codes(
    token=(42001, 40014),
    recipient=(40003, 60111, 81013, 82001),
    for_good=(44004, 45002, 40058, 40008),
    busy=(45009, 45011, 45033),
    login=(40001, 40013, 40056, 48002, 60011, 60020, 301002),
)


class WeCom:
    """`message/send` with WeCom's own check for second copies."""

    def send(self, message: Message) -> Receipt:
        """With a kept token; refused for good where the member does not exist or has not joined."""
        body = http.as_json(
            {
                "touser": message.address,
                "msgtype": "text",
                "agentid": settings.WECOM_AGENT,
                "text": {"content": weixin.cut(f"{message.subject}\n{said(message).body}")},
                "enable_duplicate_check": 1,
                "duplicate_check_interval": 4 * 3600,
            }
        )
        path = f"{settings.WECOM_URL}/cgi-bin/message/send"
        found = weixin.post((settings.WECOM_URL, settings.WECOM_CORP), member_token, path, body, _CODES)
        if found.get("invaliduser") or found.get("unlicenseduser"):
            raise Permanent("recipient", "invaliduser")
        return Receipt(str(found.get("msgid") or number_of(message)))


def member_token(anew: bool) -> tuple[str, int]:
    """A token; WeCom gives everybody the same until it ends."""
    corp, secret = quote(settings.WECOM_CORP, safe=""), quote(settings.WECOM_SECRET, safe="")
    url = f"{settings.WECOM_URL}/cgi-bin/gettoken?corpid={corp}&corpsecret={secret}"
    return weixin.token_in(http.ask(url, sends=False))
