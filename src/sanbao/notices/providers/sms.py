"""SMS: a plain HTTP gateway of JSON, or the signed requests of the big clouds in China.

SANBAO_SMS_STYLE chooses. "json": one's own gateway or a small provider; every call is signed with HMAC-SHA256 and bears a number that
stays the same when the message is sent again, so that the gateway can leave out the second copy. "rpc": sorted parameters signed with
HMAC-SHA1, template code and parameters, as Alibaba Cloud's SendSms and its kin want them.
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from sanbao.notices.failures import Permanent, Temporary, Unsure
from sanbao.notices.models import Message
from sanbao.notices.providers import http, templates
from sanbao.notices.providers.interface import Receipt, number_of, said
from sanbao.notices.signing import signed

# What the codes of the answer mean; one that is not here was refused, and is tried again.
_RECIPIENT = ("isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT", "isv.BLACK_KEY_CONTROL_LIMIT")
_BUSY = (
    "isv.BUSINESS_LIMIT_CONTROL",
    "isv.DAY_LIMIT_CONTROL",
    "Throttling",
    "Throttling.User",
    "ServiceUnavailable",
)
_LOGIN = (
    "isp.RAM_PERMISSION_DENY", "InvalidAccessKeyId.NotFound", "SignatureDoesNotMatch", "Forbidden.RAM",
    "isv.OUT_OF_SERVICE", "isv.AMOUNT_NOT_ENOUGH", "isv.ACCOUNT_NOT_EXISTS", "isv.ACCOUNT_ABNORMAL",
)  # fmt: skip
_FOR_GOOD = (
    "isv.SMS_TEMPLATE_ILLEGAL", "isv.SMS_SIGNATURE_ILLEGAL", "isv.TEMPLATE_MISSING_PARAMETERS", "isv.INVALID_PARAMETERS",
    "isv.INVALID_JSON_PARAM", "isv.PARAM_LENGTH_LIMIT", "isv.PARAM_NOT_SUPPORT_URL", "isv.SMS_CONTENT_ILLEGAL",
    "isv.TEMPLATE_PARAMS_ILLEGAL",
)  # fmt: skip
_UNSURE = ("isp.SYSTEM_ERROR", "InternalError", "isp.GATEWAY_ERROR")


class Gateway:
    """POST of JSON `{id, to, text, template, values}`; 2xx `{"id": …}` is a yes, 409 too: it had this number already."""

    def send(self, message: Message) -> Receipt:
        """One signed call."""
        content = said(message)
        body = http.as_json(
            {
                "id": number_of(message),
                "to": message.address,
                "text": content.body,
                "template": settings.SMS_TEMPLATES.get(message.kind, ""),
                "values": dict(content.values),
            }
        )
        stamp = str(int(timezone.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Key": settings.SMS_KEY,
            "X-Timestamp": stamp,
            "X-Signature": signed(settings.SMS_SECRET, stamp, body),
        }
        answer = http.ask(settings.SMS_URL, body=body, headers=headers)
        if answer.status == 409:
            return Receipt(number_of(message))
        if answer.status < 500:
            http.refuse_by_status(answer.status)
        number = http.read(answer).get("id")
        if not isinstance(number, str | int) or number == "":
            raise Unsure("nonsense", answer.status)
        return Receipt(str(number))


class SignedRpc:
    """Parameters in a POST form, sorted and signed; `Code` "OK" and `BizId` in the answer are a yes."""

    def send(self, message: Message) -> Receipt:
        """One signed call."""
        fields = {
            "AccessKeyId": settings.SMS_KEY,
            "Action": "SendSms",
            "Format": "JSON",
            "OutId": number_of(message),
            "PhoneNumbers": message.address.removeprefix("+"),
            "SignName": settings.SMS_SIGN,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureNonce": f"{number_of(message)}-{message.attempts}",
            "SignatureVersion": "1.0",
            "TemplateCode": templates.code_of(settings.SMS_TEMPLATES, message),
            "TemplateParam": http.as_json(templates.values_of(message)).decode(),
            "Timestamp": _moment(timezone.now()),
            "Version": "2017-05-25",
        }
        query = _query(fields)
        body = f"{query}&Signature={_escaped(signature('POST', query, settings.SMS_SECRET))}".encode()
        answer = http.ask(
            settings.SMS_URL, body=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
        found = http.read(answer)
        code = str(found.get("Code", ""))
        if code == "OK" and answer.status == 200:
            return Receipt(str(found.get("BizId", "")))
        _refuse(code, answer.status)
        raise Temporary("answered", code or answer.status)


def signature(method: str, query: str, secret: str) -> str:
    """Base64 of HMAC-SHA1 over "POST&%2F&" and the sorted query, escaped once more; the key is the secret and "&"."""
    text = f"{method}&{_escaped('/')}&{_escaped(query)}"
    return base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()).decode()


def _query(fields: dict[str, str]) -> str:
    return "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in sorted(fields.items()))


def _escaped(text: str) -> str:
    return quote(text, safe="-_.~")


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _refuse(code: str, status: int) -> None:
    """Raise what a code of the answer means, if it is known."""
    if code in _RECIPIENT:
        raise Permanent("recipient", code)
    if code in _FOR_GOOD:
        raise Permanent("refused", code)
    if code in _BUSY or status == 429:
        raise Temporary("busy", code or status)
    if code in _LOGIN:
        raise Temporary("login", code)
    if code in _UNSURE:
        raise Unsure("broke-off", code)
