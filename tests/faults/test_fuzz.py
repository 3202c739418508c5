"""Generated requests by the thousand: every form, every list's address and every endpoint; no five-hundred, none over two seconds.

Forms are taken from the pages as they stand, endpoints from the API's own description (schemathesis), so that what is made tomorrow is
in it by itself. Everything follows from a seed: the same part sends the same requests. In full size with SANBAO_FAULTS=1.
"""

import os
import random
import re
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_from_bytes, urlencode, urlsplit

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given
from hypothesis import seed as seeded
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode

from sanbao.accounts import scope
from sanbao.site.api import api
from sanbao.ui import filters
from tests.access.doors import pages
from tests.access.things import CLERK, Thing, make_things
from tests.access.world import World, undone
from tests.cast import Cast, assemble
from tests.faults.test_mass_assignment import Forms, Sent
from tests.faults.test_queries import HOSTILE, LISTS, understood
from tests.months import row, xlsx

FULL = os.environ.get("SANBAO_FAULTS") == "1"
PARTS = range(16 if FULL else 1)
OF_FORMS, OF_ADDRESSES, OF_AN_ENDPOINT = (720, 560, 70) if FULL else (150, 100, 4)
SECONDS = 2.0
READERS = (
    "admin",
    "clerk",
    "owner-GZ001",
    "callbacks",
    "supervisor",
    "head",
    "finance",
    "auditor",
    "east",
    "outlet-clerk",
    "agent",
    "support",
)
NUMBERS = (
    "0",
    "-1",
    "1",
    "1.5",
    "0.005",
    "1e3",
    "１２",
    "²",
    "99999999999",
    "9223372036854775808",
    "-0",
    "+5",
    "1,000",
    "٣",
)
DAYS = (
    "2026-04-01",
    "2026-04",
    "2024-02-29",
    "2026-02-29",
    "1899-12-31",
    "2101-01-01",
    "45000",
    "2026/4/1",
    "2026年4月1日",
    "1.4.26",
    "9999-12-31",
)
BROKEN = (b"\x00", b"\xff", b"\xed\xa0\x80", b"a\x00b", b"\xf0\x9f\x98")
FORM = "application/x-www-form-urlencoded"
LEAVE_ALONE = ("sign-out", "/sessions/")


@dataclass
class Found:
    """What the requests met: how many by status, the faults, what was slow twice, and the slowest."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def told(self, record_property: Callable[[str, Any], None]) -> None:
        """Leave the figures for `./dev faults`."""
        record_property("requests", self.statuses.total())
        record_property("accepted", sum(n for status, n in self.statuses.items() if status < 400))
        record_property("five hundreds", len(self.faults))
        record_property("over 2 s", len(self.slow))
        record_property("slowest, s", round(self.slowest, 2))


@dataclass
class Ground:
    """A company with an object for every address, and a signed-in browser for everybody."""

    cast: Cast
    things: dict[str, Thing]
    clients: dict[str, Client]
    forms: list[tuple[Client, Sent]] = field(default_factory=list)
    lists: list[tuple[Client, str, list[str]]] = field(default_factory=list)


@pytest.fixture(scope="module")
def module_ground(django_db_setup: None, django_db_blocker: Any) -> Iterator[Ground]:
    """Built once for the file, in a transaction that is taken back."""
    with django_db_blocker.unblock(), scope.everything("tests"), transaction.atomic():
        cast = assemble()
        known = make_things(World(cast, cast, {str(CLERK): cast.people["clerk"]}))
        clients = {}
        for who in READERS:
            clients[who] = Client(raise_request_exception=False)
            clients[who].force_login(cast.people[who])
        yield Ground(cast, known, clients)
        transaction.set_rollback(True)


@pytest.fixture
def ground(module_ground: Ground, db: None) -> Ground:
    """The file's company."""
    return module_ground


@pytest.fixture
def seen(ground: Ground) -> Ground:
    """With every form and every address that somebody can reach, found by opening the pages."""
    if not ground.forms:
        _look_around(ground)
    return ground


def _look_around(ground: Ground) -> None:
    """Open every page as two who see something there, in full size as everybody."""
    seen: set[Any] = set()
    looked: Counter[str] = Counter()
    visitor = Client(raise_request_exception=False)
    doors = [("accounts:sign-in", visitor)] + [
        (name, client) for client in ground.clients.values() for _path, name, mark in pages() if "GET" in mark.methods
    ]  # fmt: skip
    for name, client in doors:
        if looked[name] >= 2 and not FULL:
            continue
        path = reverse(name, args=ground.things[name].arguments if name in ground.things else ())
        with undone():
            page = client.get(path)
        if page.status_code != 200 or page.streaming:
            continue
        looked[name] += 1
        text = page.text if page.headers["Content-Type"].startswith("text/html") else ""
        if path not in seen:
            seen.add(path)
            ground.lists.append((client, path, sorted({*understood(text, path), *LISTS, "export"})))
        for form in Forms(text).forms if text else ():
            form.action = urlsplit(form.action).path or path
            key = (form.action, frozenset(form.declared))
            if key not in seen and not any(part in form.action for part in LEAVE_ALONE):
                seen.add(key)
                ground.forms.append((client, form))


# What is sent


def value(dice: random.Random, plain: str = "") -> str:
    """What stands there, something near it, or something quite different."""
    kind = dice.random()
    if kind < 0.45:
        return plain
    if kind < 0.60 and plain:
        return bent(dice, plain)
    if kind < 0.80:
        return dice.choice((*HOSTILE, *NUMBERS, *DAYS))
    if kind < 0.88:
        return str(dice.randint(0, 3000))
    return letters(dice, dice.choice((0, 1, 3, 20, 40, 100, 101, 400, 3000)))


def bent(dice: random.Random, plain: str) -> str:
    """One small change: a letter gone, doubled, replaced, or the end cut off."""
    at = dice.randrange(len(plain))
    return dice.choice(
        (plain[:at] + plain[at + 1 :], plain[:at] + plain[at] * 2 + plain[at:], plain[:at], plain + letters(dice, 1),
         plain[:at] + letters(dice, 1) + plain[at + 1 :], f" {plain} ", plain.upper())
    )  # fmt: skip


def letters(dice: random.Random, count: int) -> str:
    """Letters of every plane, without halves of pairs (those are sent as bytes)."""
    planes = ((32, 126), (160, 0x24F), (0x4E00, 0x9FFF), (0xFF00, 0xFFEF), (0x600, 0x6FF), (0x1F300, 0x1FAFF), (0x20000, 0x2A6DF), (1, 31), (0xE000, 0xFFFD))  # fmt: skip
    low, high = dice.choice(planes)
    return "".join(chr(dice.randint(low, high)) for _ in range(count))


def body_of(dice: random.Random, form: Sent) -> dict[str, Any]:
    """A form's fields: some left out, some twice, some bent; sometimes a key of its own and a stranger's."""
    body: dict[str, Any] = {}
    for name in sorted(form.declared - {"", "csrfmiddlewaretoken", "once"}):
        if dice.random() < 0.08:
            continue
        body[name] = value(dice, str(form.fields.get(name, "")))
        if dice.random() < 0.05:
            body[name] = [body[name], value(dice)]
    if dice.random() < 0.3:
        body["once"] = value(dice, f"key-{dice.randint(1, 50):08}")
    if dice.random() < 0.1:
        body[letters(dice, 5)] = value(dice)
    return body


def file_of(dice: random.Random) -> SimpleUploadedFile:
    """A workbook, sound or with bytes changed; a list in some character set; or noise."""
    name = dice.choice(
        ("a.xlsx", "a.xls", "a.csv", "a.png", "a", "数据.xlsx", "../../a.csv", "a" * 200 + ".xlsx")
    )
    kind = dice.random()
    if kind < 0.6:
        content = bytearray(xlsx([row(单号=value(dice, "F-1"), 产品型号=value(dice, "CXW-260-A8"))]))
        for _ in range(dice.choice((0, 0, 1, 20))):
            content[dice.randrange(len(content))] = dice.randrange(256)
    elif kind < 0.85:
        text = (
            ",".join(value(dice, "单号") for _ in range(8)) + "\n" + ",".join(value(dice) for _ in range(8))
        )
        content = bytearray(text.encode(dice.choice(("utf-8", "gb18030", "utf-16")), "replace"))
    else:
        content = bytearray(dice.randbytes(dice.choice((0, 1, 500, 20_000))))
    return SimpleUploadedFile(name, bytes(content), dice.choice(("text/csv", "application/zip", "")))


def elsewhere(dice: random.Random, path: str) -> str:
    """The address, now and then with another number in it."""
    if dice.random() < 0.85:
        return path
    number = dice.choice(("0", "1", str(dice.randint(1, 5000)), "987654321", "9" * 18, "9" * 30))
    return re.sub(r"/\d+(?=/)", f"/{number}", path, count=1)


def query_of(dice: random.Random, names: list[str]) -> str:
    """Some of the names an address knows, with values of every kind; sometimes bytes that are no text."""
    parts = [(name, value(dice, "1")) for name in dice.sample(names, min(len(names), dice.randint(1, 6)))]
    parts = [(name, "xlsx" if name == "export" and dice.random() < 0.5 else said) for name, said in parts]
    query = urlencode(parts)[:3900]
    if dice.random() < 0.05:
        query += f"&{dice.choice(names)}={quote_from_bytes(dice.choice(BROKEN))}"
    return query


def headers_of(dice: random.Random) -> dict[str, str]:
    """A browser's, a fragment's or a program's."""
    return dice.choice(
        ({}, {}, {"HX-Request": "true", "HX-Target": dice.choice(("list", "lines", letters(dice, 4)))},
         {"Accept": "application/json"}, {"Accept-Language": "en"})
    )  # fmt: skip


# How it is sent and looked at


def ask(found: Found, client: Client, what: str, send: Callable[[Client], HttpResponse]) -> int:
    """One request, taken back afterwards. What is slow is asked again: slow twice is slow, once may be the machine's."""
    status, took, fault = _once(client, send)
    if took > SECONDS:
        _status, again, _fault = _once(client, send)
        if again > SECONDS:
            found.slow.append(f"{what[:300]}: {took:.1f} and {again:.1f} s")
        else:  # stands in the run's summary, so that what always happens to be slow once is seen
            warnings.warn(f"slow the first time only, {took:.1f} s: {what[:200]}", stacklevel=2)
    found.statuses[status] += 1
    found.slowest = max(found.slowest, took)
    if status >= 500:
        found.faults.append(f"{status} {what[:600]}\n    {fault}")
    return status


def _once(client: Client, send: Callable[[Client], HttpResponse]) -> tuple[int, float, str]:
    cookies = client.cookies.copy()
    began = time.monotonic()
    with undone():
        answer = send(client)
        if answer.streaming:
            b"".join(answer.streaming_content)
    took = time.monotonic() - began
    client.cookies = cookies
    error = getattr(answer, "exc_info", None)
    return answer.status_code, took, "".join(traceback.format_exception(*error)[-3:]) if error else ""


def send_forms(ground: Ground, dice: random.Random, count: int) -> Found:
    """So many generated forms."""
    found = Found()
    for _ in range(count):
        client, form = dice.choice(ground.forms)
        path, body, headers = elsewhere(dice, form.action), body_of(dice, form), headers_of(dice)
        if form.has_file and dice.random() < 0.2:
            body["file"] = file_of(dice)
        if form.has_file or dice.random() < 0.3:
            ask(
                found,
                client,
                f"POST {path} {body}",
                lambda c, p=path, b=body, h=headers: c.post(p, _fresh(b), headers=h),
            )
            continue
        text = urlencode(body, doseq=True)
        if dice.random() < 0.03:
            text += f"&{letters(dice, 2) if dice.random() < 0.3 else 'name'}={quote_from_bytes(dice.choice(BROKEN))}"
        ask(
            found,
            client,
            f"POST {path} {body}",
            lambda c, p=path, t=text, h=headers: c.post(p, t, FORM, headers=h),
        )
    return found


def _fresh(body: dict[str, Any]) -> dict[str, Any]:
    """The body with its file at its beginning: it may be sent twice."""
    if (file := body.get("file")) and hasattr(file, "seek"):
        file.seek(0)
    return body


def send_addresses(ground: Ground, dice: random.Random, count: int) -> Found:
    """So many generated addresses."""
    found = Found()
    for _ in range(count):
        client, path, names = dice.choice(ground.lists)
        if dice.random() < 0.1:
            client = dice.choice(list(ground.clients.values()))
        address, headers = f"{elsewhere(dice, path)}?{query_of(dice, names)}", headers_of(dice)
        ask(found, client, f"GET {address}", lambda c, a=address, h=headers: c.get(a, headers=h))
    return found


SCHEMA = schemathesis.openapi.from_dict(api.get_openapi_schema(path_prefix="/api/v1/"))
ENDPOINTS = [result.ok() for result in SCHEMA.get_all_operations()]
CALLERS = {"moves": "clerk", "answers": "owner-GZ001", "findings": "callbacks", "hand-ins": "owner-GZ001"}


def send_calls(ground: Ground, endpoint: Any, count: int) -> Found:
    """So many calls of an endpoint from its own description, half of them against it; the numbers in addresses are real ones at times."""
    found, dice = Found(), random.Random(endpoint.label)
    who = next((caller for part, caller in CALLERS.items() if part in endpoint.path), "clerk")
    client, statement = ground.clients[who], ground.things["settlements:move"].arguments[0]
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @hypothesis_settings(
            max_examples=count, database=None, phases=[Phase.generate], deadline=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @seeded(20261123)
        @given(endpoint.as_strategy(generation_mode=mode))
        def call(case: Any) -> None:
            path = case.formatted_path
            if dice.random() < 0.6:
                path = re.sub(r"/statements/[^/]+", f"/statements/{statement}", path)
            query = urlencode(case.query or {}, doseq=True, errors="surrogatepass")[:3900]
            headers = {k: v for k, v in (case.headers or {}).items() if v.isascii() and v.isprintable()}
            if dice.random() < 0.8:
                headers.pop("Authorization", None)
            if dice.random() < 0.3:
                headers["Idempotency-Key"] = value(dice, f"key-{dice.randint(1, 50):08}").encode("ascii", "ignore").decode()  # fmt: skip
                headers = {k: v for k, v in headers.items() if v.isprintable()}
            data, kind = content_of(case, dice)
            ask(
                found,
                client,
                f"{case.method} {path}?{query} {kind} {data[:300]!r}",
                lambda c: c.generic(
                    case.method, f"{path}?{query}" if query else path, data, kind, headers=headers
                ),
            )

        call()
    return found


def content_of(case: Any, dice: random.Random) -> tuple[bytes, str]:
    """A case's body as bytes, and what it says it is."""
    kind = case.media_type or "application/json"
    if kind == "application/json":
        prepared = case.as_transport_kwargs(base_url="http://testserver")
        if "json" in prepared and prepared["json"] is not None:
            return _json(prepared["json"]), kind
        data = prepared.get("data")
        return (data if isinstance(data, bytes) else str(data or "").encode("utf-8", "surrogatepass")), kind
    given = case.body if isinstance(case.body, dict) else {}
    edge, file = "part", file_of(dice) if dice.random() < 0.3 else None
    pieces = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{said}\r\n'.encode(
            "utf-8", "replace"
        )
        for name, said in given.items()
        if name != "file"
    ]
    content = file.read() if file else _bytes(given.get("file", b""))
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{file.name if file else "a.csv"}"\r\n\r\n'
    return b"".join(
        [*pieces, head.encode(), content, f"\r\n--{edge}--\r\n".encode()]
    ), f"multipart/form-data; boundary={edge}"


def _bytes(said: Any) -> bytes:
    return said if isinstance(said, bytes) else str(said).encode("utf-8", "replace")


def _json(said: Any) -> bytes:
    import json

    return json.dumps(said, default=str).encode("utf-8", "surrogatepass")


# The tests


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_no_generated_form_makes_a_fault(seen: Ground, part: int, record_property: Any) -> None:
    """ASVS 2.2.1, 16.5.1: every form of every page, with fields bent, doubled, missing and strange."""
    found = send_forms(seen, random.Random(f"forms {part}"), OF_FORMS)

    found.told(record_property)
    assert found.faults == [], "\n".join(found.faults[:10])
    assert found.slow == []
    assert sum(n for status, n in found.statuses.items() if status < 400) > OF_FORMS / 20, found.statuses


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_no_generated_address_makes_a_fault(seen: Ground, part: int, record_property: Any) -> None:
    """ASVS 2.2.1, 15.2.2: every page, list, fragment and export under queries of every kind."""
    found = send_addresses(seen, random.Random(f"addresses {part}"), OF_ADDRESSES)

    found.told(record_property)
    assert found.faults == [], "\n".join(found.faults[:10])
    assert found.slow == []
    assert found.statuses[200] > OF_ADDRESSES / 4, found.statuses


@pytest.mark.slow
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.label)
def test_no_generated_call_makes_a_fault(ground: Ground, endpoint: Any, record_property: Any) -> None:
    """ASVS 4.1.1, 16.5.1: every endpoint of the API, from its own description and against it."""
    found = send_calls(ground, endpoint, OF_AN_ENDPOINT)

    found.told(record_property)
    assert found.faults == [], "\n".join(found.faults[:10])
    assert found.slow == []


def test_control_without_the_guards_of_addresses_the_generator_finds_faults(
    ground: Ground, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guards off: the hygiene layer, and the filters' reading behind it. Each alone keeps five-hundreds away."""
    monkeypatch.setattr(filters, "clean_text", lambda text: text)
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "hygiene" not in name]
    bare = Client(raise_request_exception=False)
    bare.force_login(ground.cast.people["clerk"])
    there = [(bare, reverse("settlements:sheets"), ["q"])]

    found = send_addresses(
        Ground(ground.cast, ground.things, {"clerk": bare}, [], there), random.Random(1), 150
    )

    assert found.faults


def test_control_what_takes_too_long_is_seen(seen: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock's guard: with a limit of nothing every answer is too slow."""
    monkeypatch.setitem(globals(), "SECONDS", 0.0)

    assert len(send_addresses(seen, random.Random(1), 3).slow) == 3
