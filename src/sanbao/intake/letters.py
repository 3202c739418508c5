"""An e-mail as it came over the wire, read into what the desk needs. Nothing here touches the database, and nothing raises.

Mails are written by thousands of programs, some of them broken: headers are decoded one by one, an unknown charset is tried as UTF-8 and
GB 18030, and what can't be read is shown with replacement marks rather than lost.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import Header, decode_header
from email.message import Message
from email.utils import getaddresses
from html.parser import HTMLParser

MOST_PARTS = 100
MOST_FILES = 20
LONGEST_TEXT = 100_000
LONGEST_HEADER = 2_000
# What a mail program or a careless click would run. Kept out, and said so.
RUNS = frozenset(
    "exe com bat cmd scr pif js jse vbs vbe wsf wsh hta msi msp ps1 jar lnk reg dll cpl apk app dmg iso img".split()
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail. `number` is its Message-ID, or a digest where it has none; `answers` are the numbers it replies to, the nearest first.

    `automatic`: written by a machine (an absence notice, a bounce, a newsletter): never answered, never a request.
    `kept_out` are the names of files that could run.
    """

    number: str
    sender: str
    name: str
    subject: str
    text: str
    files: tuple[tuple[str, bytes], ...]
    kept_out: tuple[str, ...]
    answers: tuple[str, ...]
    automatic: bool


def read(raw: bytes) -> Letter:
    """Read a mail, whatever it is."""
    mail = message_from_bytes(raw)
    name, sender = _sender(mail)
    texts, pages, files, kept_out = _parts(mail)
    own = _ids(_header(mail, "Message-ID"))
    text = "\n".join(texts).strip() or _plain("\n".join(pages))
    return Letter(
        number=own[0] if own else hashlib.sha256(raw).hexdigest(),
        sender=sender,
        name=name[:60],
        subject=" ".join(_header(mail, "Subject").split())[:200],
        text=_clean(text)[:LONGEST_TEXT],
        files=tuple(files[:MOST_FILES]),
        kept_out=(*kept_out, *(file for file, _data in files[MOST_FILES:])),
        answers=tuple(reversed(_ids(f"{_header(mail, 'References')} {_header(mail, 'In-Reply-To')}"))),
        automatic=_is_automatic(mail, sender),
    )  # fmt: skip


def without_quotation(text: str) -> str:
    """What the writer has written, without the letter it answers; the whole where nothing else is left."""
    kept: list[str] = []
    for line in text.splitlines():
        if _QUOTES.match(line.strip()):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line)
    return "\n".join(kept).strip() or text.strip()


_QUOTES = re.compile(
    r"(-{2,}\s*(原始邮件|原邮件|回复的邮件|转发的邮件|Original Message|Forwarded [Mm]essage)"
    r"|(发件人|From)\s*[:：].*[@＠]"
    r"|On .{5,150} wrote:$"
    r"|.{0,120}(写道|寫道)\s*[:：]$)"
)


def _header(mail: Message, name: str) -> str:
    raw = mail.get(name, "")
    try:
        pieces = decode_header(raw if isinstance(raw, Header) else raw[:LONGEST_HEADER])
    except Exception:
        return _clean(str(raw)[:LONGEST_HEADER])
    read = [piece if isinstance(piece, str) else _decoded(piece, charset or "") for piece, charset in pieces]
    # Where the decoder makes nothing of it, it is shown as it was written.
    return _clean("".join(read)[:LONGEST_HEADER]).strip() or _clean(str(raw)[:LONGEST_HEADER]).strip()


def _decoded(data: bytes, charset: str) -> str:
    named = {"gb2312": "gb18030", "gbk": "gb18030", "unknown-8bit": "utf-8"}.get(
        charset.lower(), charset
    ) or "utf-8"
    for each in (named, "utf-8", "gb18030"):
        try:
            return data.decode(each)
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("utf-8", "replace")


def _clean(text: str) -> str:
    """Without characters that stand for nothing on paper; line ends as ours."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")
    return "".join(c for c in text if c >= " " or c in "\n\t")


def _sender(mail: Message) -> tuple[str, str]:
    which = "Reply-To" if mail.get("Reply-To") else "From"
    raw = mail.get(which, "")
    # Bytes above ASCII, which no header may have: decoded whole. Else the address is looked for before the name is decoded.
    written = _header(mail, which) if isinstance(raw, Header) else raw[:LONGEST_HEADER]
    for name, address in getaddresses([written]):
        if re.fullmatch(r"[^@\s<>,;\"]{1,64}@[A-Za-z0-9.-]{1,189}", address):
            return _named(name), address.lower()
    return "", ""


def _named(name: str) -> str:
    held = Message()
    held["Subject"] = name.replace("\n", " ").replace("\r", " ")
    return _header(held, "Subject")


def _ids(text: str) -> list[str]:
    return re.findall(r"<([^<>\s]{3,200})>", text)


def _parts(mail: Message) -> tuple[list[str], list[str], list[tuple[str, bytes]], list[str]]:
    texts: list[str] = []
    pages: list[str] = []
    files: list[tuple[str, bytes]] = []
    kept_out: list[str] = []
    for part in _walk(mail):
        kind, named = part.get_content_type(), _file_name(part)
        data = _data(part)
        if not named and kind in ("text/plain", "text/html"):
            charset = str(part.get_param("charset") or "")
            (texts if kind == "text/plain" else pages).append(_decoded(data, charset))
        elif data and named.rpartition(".")[2].lower() in RUNS:
            kept_out.append(named)
        elif data:
            files.append((named or f"{kind.replace('/', '.')}", data))
    return texts, pages, files, kept_out


def _walk(mail: Message) -> Iterator[Message]:
    """The leaves, at most a hundred: a mail of a thousand parts is made to hurt."""
    waiting, seen = [mail], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        inner = part.get_payload()
        if part.is_multipart() and isinstance(inner, list):
            waiting = [each for each in inner if isinstance(each, Message)][:MOST_PARTS] + waiting
        else:
            yield part


def _data(part: Message) -> bytes:
    try:
        found = part.get_payload(decode=True)
    except Exception:
        found = str(part.get_payload()).encode("utf-8", "replace")
    return found if isinstance(found, bytes) else b""


def _file_name(part: Message) -> str:
    try:
        raw = part.get_filename() or ""
    except Exception:
        return ""
    held = Message()
    held["Subject"] = str(raw).replace("\n", " ").replace("\r", " ")
    return re.sub(r"[\\/\x00-\x1f]", "_", _header(held, "Subject"))[:150]


def _is_automatic(mail: Message, sender: str) -> bool:
    said = {
        name: str(mail.get(name, "")).strip().lower()
        for name in ("Auto-Submitted", "Precedence", "Return-Path")
    }
    local = sender.partition("@")[0]
    return bool(
        not sender
        or said["Auto-Submitted"] not in ("", "no")
        or said["Precedence"] in ("bulk", "junk", "list", "auto_reply")
        or said["Return-Path"] == "<>"
        or any(mail.get(name) for name in ("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"))
        or re.fullmatch(r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)([+-].*)?", local)
        or mail.get_content_type() == "multipart/report"
    )  # fmt: skip


class _Page(HTMLParser):
    """The words of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "script", "head", "title"):
            self.hidden += 1
        elif tag in ("br", "p", "div", "tr", "li", "h1", "h2", "h3", "table", "blockquote"):
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "head", "title"):
            self.hidden = max(0, self.hidden - 1)
        elif tag in ("p", "div", "tr", "li"):
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words.append(re.sub(r"\s+", " ", data))


def _plain(page: str) -> str:
    reader = _Page()
    try:
        reader.feed(page[: LONGEST_TEXT * 4])
        reader.close()
    except Exception:
        return re.sub(r"<[^>]*>", " ", page[:LONGEST_TEXT])
    return re.sub(r"\n\s*\n\s*", "\n\n", "".join(reader.words)).strip()
