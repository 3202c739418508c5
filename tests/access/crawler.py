"""Reads everything one person can reach: links, forms' GETs, fragments, exports, PDFs, the API, errors; and keeps every word of it."""

import html
import io
import os
import re
import shutil
import subprocess
import zipfile
from collections import Counter, deque
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve

from tests.access.canaries import plain
from tests.access.world import undone

HTMX = {"HX-Request": "true"}
FULL = os.environ.get("SANBAO_FAULTS") == "1"
AT_MOST_ALIKE = 5 if FULL else 3  # addresses of one page (and one thing) that differ in their query only
AT_MOST_EXPORTS = 3 if FULL else 2  # and sheets of paper, which take long to make
AT_MOST_OF_A_VIEW = 10 if FULL else 6
AT_MOST_FORMS = 3 if FULL else 1  # further ones to the same view, about another thing
LEAVE_ALONE = (
    "accounts:sign-out",
    "set_language",
    "theme",
    "accounts:company",
    "accounts:end-session",
    "accounts:end-other-sessions",
)
_LINK = re.compile(r'\b(?:href|hx-get|src)="([^"]+)"')
_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.S)
_NAME = re.compile(r'<(input|select|textarea|button)\b([^>]*?\bname="([^"]+)"[^>]*)>', re.S)
_OPTION = re.compile(r'<option\b[^>]*\bvalue="([^"]*)"')
_TARGET = re.compile(r'\bhx-target="#([\w-]+)"')


@dataclass
class Reading:
    """What one person has read: the words of every answer by surface, and where each came from."""

    pages: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    words: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    dead: list[tuple[str, int, str]] = field(
        default_factory=list
    )  # address, status, the page that leads there
    views: set[str] = field(default_factory=set)

    def keep(self, surface: str, where: str, text: str) -> None:
        self.pages[surface] += 1
        self.bytes[surface] += len(text.encode())
        self.words.setdefault(surface, []).append((where, plain(text)))

    def met(self, birds: set[str]) -> dict[str, list[str]]:
        """Which of the canaries were met, and where first."""
        met: dict[str, list[str]] = {}
        for texts in self.words.values():
            whole = "\n".join(text for _where, text in texts)
            for bird in birds:
                if bird in whole:
                    met.setdefault(bird, []).extend(where for where, text in texts if bird in text)
        return met

    def count(self, surface: str, birds: set[str]) -> int:
        """How many of the canaries stand in a surface."""
        whole = "\n".join(text for _where, text in self.words.get(surface, []))
        return sum(bird in whole for bird in birds)


class Crawler:
    """Goes everywhere a person's pages lead, from their home on."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.reading = Reading()
        self.alike: Counter[tuple[str, str]] = Counter()
        self.seen: set[str] = set()
        self.found_on: dict[str, str] = {}
        self.queue: deque[str] = deque(["/"])
        self.forms: dict[str, tuple[str, dict[str, str]]] = {}

    def crawl(self) -> Reading:
        """Read everything; then every form, sent wrongly; then what is not there."""
        while self.queue:
            self._visit(self.queue.popleft())
        self._send_forms()
        for path in (
            "/nothing/",
            "/settlements/statements/987654321/",
            "/outlets/987654321/",
            "/ledger/?code=x&outlet=1",
        ):
            self._keep(self.client.get(path), path)
        return self.reading

    def _visit(self, url: str) -> None:
        answer = self._ask("get", url)
        if answer.status_code >= 400:
            self.reading.dead.append((url, answer.status_code, self.found_on.get(url, "")))
        text = self._keep(answer, url)
        if location := answer.headers.get("Location"):
            self._note(location, url)
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            return
        for found in _LINK.findall(text):
            self._note(html.unescape(found), url)
        self._note_forms(text, url)
        targets = {"list", "lines"} & (set(_TARGET.findall(text)) | {"list"})
        if self.alike[self._kind(url), "fragments"] < 2:
            self.alike[self._kind(url), "fragments"] += 1
            for target in targets:
                part = self.client.get(url, headers=HTMX | {"HX-Target": target})
                self._keep(part, f"{url} #{target}", "fragment")

    def _ask(self, method: str, url: str, data: dict[str, str] | None = None) -> HttpResponse:
        cookies = self.client.cookies.copy()
        with undone():
            answer = getattr(self.client, method)(url, data) if data is not None else self.client.get(url)
            if answer.streaming:
                answer.content_read = b"".join(answer.streaming_content)
        for name in set(self.client.cookies) - set(cookies):
            self.reading.keep("cookies", url, self.client.cookies[name].value)
        if method == "post":
            self.client.cookies = cookies
        return answer

    def _note(self, link: str, base: str) -> None:
        """Queue an address, unless enough like it have been read."""
        parts = urlsplit(link)
        if parts.scheme or parts.netloc or not link or link.startswith("#"):
            return
        path = parts.path or urlsplit(base).path
        if not path.startswith("/") or path.startswith("/static/"):
            return
        url = f"{path}?{parts.query}" if parts.query else path
        if url in self.seen:
            return
        self.seen.add(url)
        self.found_on[url] = base
        kind = (path, "export" if "export=" in parts.query else "")
        view = (self._kind(url), "view")
        most = AT_MOST_EXPORTS if kind[1] else AT_MOST_ALIKE
        of_a_view = AT_MOST_EXPORTS if re.search("pdf|print|paper", view[0]) else AT_MOST_OF_A_VIEW
        if self.alike[kind] >= most or self.alike[view] >= of_a_view:
            return
        self.alike[kind] += 1
        self.alike[view] += 1
        self.queue.append(url)

    def _kind(self, url: str) -> str:
        try:
            return resolve(urlsplit(url).path).view_name
        except Resolver404:
            return url

    def _note_forms(self, text: str, url: str) -> None:
        for attributes, inside in _FORM.findall(text):
            action = html.unescape((re.search(r'\baction="([^"]*)"', attributes) or [None, ""])[1]) or url
            fields, options = {}, {}
            for kind, rest, name in _NAME.findall(inside):
                value = re.search(r'\bvalue="([^"]*)"', rest)
                fields[name] = html.unescape(value[1]) if value else ""
                if kind == "select":
                    options[name] = _OPTION.findall(
                        inside.split(f'name="{name}"', 1)[1].split("</select>", 1)[0]
                    )
            if 'method="post"' in attributes.lower():
                view = self._kind(action)
                key = f"{view} {action if self.alike[view, 'forms'] < AT_MOST_FORMS else ''}"
                if view not in LEAVE_ALONE and key not in self.forms:
                    self.alike[view, "forms"] += 1
                    self.forms[key] = (action, fields)
            else:
                path = urlsplit(action).path
                for name, values in options.items():
                    for value in values[:8]:
                        self._note(f"{path}?{urlencode({name: html.unescape(value)})}", url)
                for name in fields:
                    if name == "q":
                        self._note(f"{path}?q=QV", url)

    def _send_forms(self) -> None:
        """Each form twice: filled with what does not fit, and as it stands with a reason, for what it then shows."""
        for action, fields in list(self.forms.values()):
            for said in ("%", "reason"):
                body = {
                    name: value or said for name, value in fields.items() if name != "csrfmiddlewaretoken"
                }
                if said == "%":
                    body |= {
                        name: "%" for name in fields if name not in ("csrfmiddlewaretoken", "version", "seen")
                    }
                answer = self._ask("post", action, body)
                self._keep(answer, f"POST {action}")

    def _keep(self, answer: HttpResponse, where: str, surface: str = "") -> str:
        """Put away what an answer says, unpacked; returns its text."""
        self.reading.keep("headers", where, unquote(str(dict(answer.headers))))
        self.reading.views.add(self._kind(where.removeprefix("POST ").split(" ")[0]))
        content = getattr(answer, "content_read", None) if answer.streaming else answer.content
        kind = answer.headers.get("Content-Type", "").split(";")[0]
        if content is None:
            content = b""
        if content[:2] == b"PK":
            text = unpacked(content)
            surface = "workbook"
        elif content[:4] == b"%PDF":
            text = pdf_text(content)
            surface = "pdf"
        else:
            text = content.decode("utf-8", "replace")
            if answer.status_code >= 400 and not surface:
                surface = "error"
            surface = surface or {"text/html": "page", "application/json": "json"}.get(kind, "other")
            if kind == "text/html":
                self.reading.keep(surface, where, html.unescape(text))
                return text
        self.reading.keep(surface, where, text)
        return text


def unpacked(content: bytes) -> str:
    """Every word of a workbook: all cells, names, comments and properties."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    text = html.unescape("\n".join(parts))
    # Money is kept as a number of yuan; write each with two places, as the canaries are.
    numbers = re.findall(r"<v>(-?\d+(?:\.\d+)?)</v>", text)
    return text + "\n" + "\n".join(f"{abs(float(number)):.2f}" for number in numbers if len(number) < 16)


def pdf_text(content: bytes) -> str:
    """The text of a PDF; empty without pdftotext (the test says so)."""
    if not shutil.which("pdftotext"):
        return ""
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, timeout=60, check=False
    ).stdout.decode("utf-8", "replace")


def query_of(url: str) -> dict[str, str]:
    """An address's query."""
    return dict(parse_qsl(urlsplit(url).query))
