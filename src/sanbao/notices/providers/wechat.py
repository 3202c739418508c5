"""WeChat official account (微信公众号): a template message to one follower. The address is the follower's openid."""

from django.conf import settings

from sanbao.notices.models import Message
from sanbao.notices.providers import http, templates, weixin
from sanbao.notices.providers.interface import Receipt, number_of

_CODES = weixin.Codes(
    token=(42001, 40014, 40001),
    recipient=(40003, 43004, 43019, 43101),
    for_good=(40037, 40039, 41028, 47001, 47003),
    busy=(45009, 45011, 45047),
    login=(40002, 40013, 40125, 40164, 41002, 41004, 48001, 50002),
)


class WeChat:
    """`message/template/send`; `client_msg_id` lets WeChat leave out a second copy."""

    def send(self, message: Message) -> Receipt:
        """With a kept token; refused for good where the openid follows the account no longer."""
        body = http.as_json(
            {
                "touser": message.address,
                "template_id": templates.code_of(settings.WECHAT_TEMPLATES, message),
                "client_msg_id": number_of(message),
                "data": {name: {"value": value} for name, value in templates.values_of(message).items()},
            }
        )
        path = f"{settings.WECHAT_URL}/cgi-bin/message/template/send"
        found = weixin.post((settings.WECHAT_URL, settings.WECHAT_APP), _fetch, path, body, _CODES)
        return Receipt(str(found.get("msgid") or number_of(message)))


def _fetch(anew: bool) -> tuple[str, int]:
    """A stable token: every process is given the same, so that none takes away another's."""
    body = http.as_json(
        {
            "grant_type": "client_credential",
            "appid": settings.WECHAT_APP,
            "secret": settings.WECHAT_SECRET,
            "force_refresh": anew,
        }
    )
    url = f"{settings.WECHAT_URL}/cgi-bin/stable_token"
    return weixin.token_in(
        http.ask(url, body=body, headers={"Content-Type": "application/json"}, sends=False)
    )
