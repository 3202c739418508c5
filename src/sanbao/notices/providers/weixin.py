"""What WeCom and WeChat have in common: a token in the address, and an answer with `errcode`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sanbao.notices.failures import Permanent, Temporary, Unsure
from sanbao.notices.providers import http, tokens

if TYPE_CHECKING:
    from sanbao.edge.fetch import Fetched

LONGEST = 2_048  # bytes of text that one message holds


@dataclass(frozen=True, slots=True)
class Codes:
    """What the numbers in `errcode` mean; one in none of them was refused, and is tried again. `told`: refused for good, with words of
    its own (failures.py)."""

    token: Collection[int]
    recipient: Collection[int]
    for_good: Collection[int]
    busy: Collection[int]
    login: Collection[int]
    late: Collection[int] = ()
    told: Mapping[int, str] = field(default_factory=dict)


class Late(Permanent):
    """The recipient has not written to us lately enough for a free text."""


def token_in(answer: "Fetched") -> tuple[str, int]:
    """The access token of an answer and its seconds. Temporary without one: nothing has been sent."""
    found = http.read(answer, sends=False)
    code, token, seconds = _code(found), found.get("access_token"), found.get("expires_in")
    if code not in (0, None):
        raise Temporary("busy" if code == -1 else "login", code)
    if not isinstance(token, str) or not token or not isinstance(seconds, int):
        raise Temporary("nonsense", answer.status)
    return token, seconds


def post(
    key: tuple[str, str],
    fetch: Callable[[bool], tuple[str, int]],
    path: str,
    body: bytes,
    codes: Codes,
    *,
    sends: bool = True,
    largest: int = http.LARGEST,
    repeated: Callable[[dict[str, Any]], bool] = lambda found: False,
) -> dict[str, Any]:
    """Send with the token; once more with a new one where the token no longer holds. `fetch(anew)` gets one.

    `sends=False` for a call that only asks. `repeated` knows the refusal that says: this I had already.
    """
    token = tokens.token(key, lambda: fetch(False))
    found = _sent(path, token, body, sends, largest)
    if _code(found) in codes.token:
        token = tokens.token(key, lambda: fetch(True), refused=token)
        found = _sent(path, token, body, sends, largest)
    code = _code(found)
    if code is None:
        raise (Unsure if sends else Temporary)("nonsense")
    if code != 0 and not repeated(found):
        _refuse(code, codes)
    return found


def cut(text: str) -> str:
    """As much as one message holds, whole characters, with an ellipsis where it was cut."""
    data = text.encode()
    return text if len(data) <= LONGEST else data[: LONGEST - 3].decode(errors="ignore") + "…"


def _sent(path: str, token: str, body: bytes, sends: bool, largest: int) -> dict[str, Any]:
    answer = http.ask(
        f"{path}?access_token={token}", body=body, headers={"Content-Type": "application/json"}, sends=sends, largest=largest
    )  # fmt: skip
    if answer.status < 500:
        http.refuse_by_status(answer.status)
    return http.read(answer, sends=sends)


def _code(found: dict[str, Any]) -> int | None:
    code = found.get("errcode")
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _refuse(code: int, codes: Codes) -> None:
    if code in codes.told:
        raise Permanent(codes.told[code], code)
    if code in codes.late:
        raise Late("window", code)
    if code in codes.recipient:
        raise Permanent("recipient", code)
    if code in codes.for_good:
        raise Permanent("refused", code)
    if code in codes.busy or code == -1:
        raise Temporary("busy", code)
    if code in codes.login or code in codes.token:
        raise Temporary("login", code)
    raise Temporary("answered", code)
