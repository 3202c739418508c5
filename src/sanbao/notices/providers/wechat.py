"""WeChat official account (微信公众号): to one follower, whose openid is the address.

Who has written to us within 48 hours is answered by a customer-service text (`message/custom/send`); everybody else, and when WeChat
no longer takes a text, gets a template message.
"""

from django.conf import settings

from sanbao.notices.models import Message
from sanbao.notices.providers import http, templates, weixin
from sanbao.notices.providers.interface import Receipt, number_of, said

_CODES = weixin.Codes(
    token=(42001, 40014, 40001),
    recipient=(40003, 43004, 43019, 43101),
    for_good=(40037, 40039, 41028, 47001, 47003),
    busy=(45009, 45011, 45047),
    login=(40002, 40013, 40125, 40164, 41002, 41004, 48001, 50002),
)

_TEXT_CODES = weixin.Codes(
    token=(42001, 40014, 40001),
    recipient=(40003, 43004, 48008),
    for_good=(40008, 44004, 45002, 47001),
    busy=(45009, 45011),
    login=(40002, 40013, 40125, 40164, 41002, 41004, 48001, 50002),
    late=(45015, 45047),
)


class WeChat:
    """`message/template/send`, whose `client_msg_id` lets WeChat leave out a second copy; `message/custom/send` for answers."""

    def send(self, message: Message) -> Receipt:
        """With a kept token; refused for good where the openid follows the account no longer."""
        if message.kind not in templates.ANSWERS:
            return self._by_template(message)
        try:
            return self._as_text(message)
        except weixin.Late:
            if not templates.has(settings.WECHAT_TEMPLATES, message.kind):
                raise
        return self._by_template(message)

    def _as_text(self, message: Message) -> Receipt:
        body = http.as_json(
            {
                "touser": message.address,
                "msgtype": "text",
                "text": {"content": weixin.cut(said(message).body)},
            }
        )
        path = f"{settings.WECHAT_URL}/cgi-bin/message/custom/send"
        weixin.post((settings.WECHAT_URL, settings.WECHAT_APP), stable_token, path, body, _TEXT_CODES)
        return Receipt(number_of(message))

    def _by_template(self, message: Message) -> Receipt:
        body = http.as_json(
            {
                "touser": message.address,
                "template_id": templates.code_of(settings.WECHAT_TEMPLATES, message),
                "client_msg_id": number_of(message),
                "data": {name: {"value": value} for name, value in templates.values_of(message).items()},
            }
        )
        path = f"{settings.WECHAT_URL}/cgi-bin/message/template/send"
        found = weixin.post((settings.WECHAT_URL, settings.WECHAT_APP), stable_token, path, body, _CODES)
        return Receipt(str(found.get("msgid") or number_of(message)))


def stable_token(anew: bool) -> tuple[str, int]:
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
