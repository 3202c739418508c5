"""Every answer of the product carries the security headers, whoever asks and however it ends. Generated from the URL tree."""
# ruff: noqa: F401, F811 (a fixture of another file is asked for by its name)

import os
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import get_resolver, reverse

from sanbao.edge.headers import HEADERS
from sanbao.ui.pages import walk
from tests.access.test_matrix import Thing, pages, things
from tests.cast import PASSWORD, Cast

FULL = os.environ.get("SANBAO_FAULTS") == "1"
ROOT = Path(__file__).parents[3]
TEMPLATES = sorted((ROOT / "src" / "sanbao").rglob("templates/**/*.html"))


def lacks(answer: HttpResponse, *, static: bool = False) -> list[str]:
    """What the answer should say and does not."""
    found = [name for name, value in HEADERS.items() if answer.headers.get(name) != value]
    policy = answer.headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy or "*" in policy:
        found.append("Content-Security-Policy")
    if not static:
        if "no-store" not in answer.headers.get("Cache-Control", ""):
            found.append("Cache-Control")
        if not {"Cookie", "HX-Request"} <= {
            part.strip() for part in answer.headers.get("Vary", "").split(",")
        }:
            found.append("Vary")
    if "Server" in answer.headers or "X-Powered-By" in answer.headers:
        found.append("tells what it is made of")
    return found


# What is asked besides; each of every URL with SANBAO_FAULTS=1, else by turns.
FURTHER = [("PUT", {}), ("OPTIONS", {}), ("HEAD", {}), ("GET", {"HX-Request": "true", "HX-Target": "list"})]


def test_every_url_answers_everybody_with_all_headers(cast: Cast, things: dict[str, Thing]) -> None:
    """ASVS 3.4.1–3.4.8, 14.3.2, 14.3.3: also 302, 303, 401, 403, 404, 405, 409, 413, 422 and fragments."""
    wrong, seen = [], set()
    people = {
        who: Client(raise_request_exception=False) for who in ("", "clerk", "owner-GZ001", "admin", "finance")
    }
    for at, (path, name, _view) in enumerate(walk(get_resolver().url_patterns)):
        arguments = things[name].arguments if name in things else ()
        try:
            url = reverse(name, args=arguments)
        except Exception:
            url = "/" + re.sub(r"<[^>]+>", "1", path)  # the API's, and those the matrix gives no object
        # Visitors and the clerk ask every URL, one of the others too, in turn.
        others = list(people)[2:]
        for who, client in people.items():
            if who in others and who != others[at % len(others)] and not FULL:
                continue
            if who:
                client.force_login(cast.people[who])  # anew, for some of these end the session
            asked = [client.get(url), client.post(url, {"once": "x"})]
            if who == "clerk" or (not who and FULL):
                further = FURTHER if FULL else FURTHER[at % len(FURTHER) :][:1]
                asked += [client.generic(method, url, headers=headers) for method, headers in further]
            for answer in asked:
                seen.add(answer.status_code)
                if (missing := lacks(answer)) or answer.status_code == 500:
                    wrong.append(
                        (name or path, who, answer.request["REQUEST_METHOD"], answer.status_code, missing)
                    )
    assert wrong == []
    assert seen >= {200, 302, 401, 403, 404, 405, 422}, seen


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nothing/", 404), ("/api/v1/nothing", 404), ("/healthz", 200), ("/static/nothing.css", 404), ("/static/../../etc/passwd", 404), ("/%00", 400), ("/outlets", 301)],
)  # fmt: skip
def test_answers_without_a_view_have_them_too(db: None, path: str, status: int) -> None:
    """ASVS 3.4.x."""
    answer = Client(raise_request_exception=False).get(path)
    assert answer.status_code == status
    assert lacks(answer) == []


def test_static_files_have_them_and_may_be_cached(db: None) -> None:
    assert finders.find("ui/icon.svg")
    answer = Client().get("/static/ui/icon.svg")
    assert answer.status_code == 200
    assert lacks(answer, static=True) == []
    assert "no-store" not in answer.headers.get("Cache-Control", "")


@pytest.mark.parametrize(("path", "json"), [("/", False), ("/api/v1/settlements/statements", True)])
def test_a_fault_of_ours_has_them_and_tells_nothing(
    cast: Cast, sign_in, monkeypatch, path: str, json: bool
) -> None:
    """ASVS 16.5.1, 16.5.2, 13.4.2: no trace, no names of our code."""
    client = sign_in("clerk")
    client.raise_request_exception = False

    def fails(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr("sanbao.site.views.panels", fails)
    monkeypatch.setattr("sanbao.settlements.api.queries.statements", fails)
    answer = client.get(path)
    assert answer.status_code == 500
    assert lacks(answer) == []
    assert "secret" not in answer.text and "Traceback" not in answer.text
    assert not json or answer.json()["code"]


def test_djangos_own_suspicions_have_our_page(cast: Cast, sign_in, monkeypatch) -> None:
    """ASVS 16.5.1."""
    from django.core.exceptions import SuspiciousOperation

    def suspects(*_arguments: object) -> None:
        raise SuspiciousOperation

    monkeypatch.setattr("sanbao.site.views.panels", suspects)
    answer = sign_in("clerk").get("/")
    assert answer.status_code == 400
    assert lacks(answer) == []
    assert 'class="error-code"' in answer.text


INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|hx-on|hx-vals\s*=\s*[\"']js:|<iframe|<object|<embed|<base\b", re.I
)  # fmt: skip


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "src" / "sanbao")))
def test_no_template_holds_scripts_or_styles(path: Path) -> None:
    """ASVS 3.4.3, 3.7.x: nothing inline, so that the policy needs no exception."""
    assert (
        INLINE.findall(
            re.sub(
                r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}",
                "",
                path.read_text(encoding="utf-8"),
                flags=re.S,
            )
        )
        == []
    )


def test_no_page_holds_scripts_styles_or_anything_from_elsewhere(
    cast: Cast, things: dict[str, Thing]
) -> None:
    """ASVS 3.4.3, 3.6.1: what is really sent, whatever the templates' parts make of it."""
    client = Client(raise_request_exception=False)
    wrong, looked = [], 0
    for who in ("admin", "clerk", "owner-GZ001"):
        client.force_login(cast.people[who])
        for _path, name, mark in pages():
            if "GET" not in mark.methods:
                continue
            answer = client.get(reverse(name, args=things[name].arguments if name in things else ()))
            if (
                answer.status_code != 200
                or answer.streaming
                or not answer.headers["Content-Type"].startswith("text/html")
            ):
                continue
            looked += 1
            if found := INLINE.findall(answer.text) + re.findall(
                r"""(?:src|action)=["']?(?:https?:)?//[^"'\s]+""", answer.text
            ):
                wrong.append((name, found[:3]))
    assert wrong == []
    assert looked > 30


def test_the_policy_allows_nothing_but_our_own(db: None) -> None:
    """ASVS 3.4.3, 3.4.6."""
    policy = dict(
        part.strip().partition(" ")[::2] for part in Client().get("/sign-in/").headers["Content-Security-Policy"].split(";")
    )  # fmt: skip
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert (
        policy["script-src"]
        == policy["style-src"]
        == policy["connect-src"]
        == policy["form-action"]
        == "'self'"
    )


def test_htmx_is_hardened() -> None:
    """ASVS 3.7.x: what the page's own script may be made to do by an answer."""
    script = (ROOT / "frontend" / "js" / "requests.js").read_text(encoding="utf-8")
    for line in (
        "allowEval: false",
        "allowScriptTags: false",
        "includeIndicatorStyles: false",
        "selfRequestsOnly: true",
        "historyCacheSize: 0",
    ):
        assert line in script


def test_cookies_are_bound_to_the_host_over_https(cast: Cast) -> None:
    """ASVS 3.3.1, 3.3.2, 3.3.3, 3.3.4: Secure, SameSite, HttpOnly and the __Host- prefix."""
    import subprocess
    import sys

    asked = (
        "import os, json\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'sanbao.site.settings')\nfrom django.conf import settings as s\n"
        "print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME, s.THEME_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
        "s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE,"
        "s.CSRF_COOKIE_SAMESITE, s.LANGUAGE_COOKIE_SAMESITE, bool(s.SECURE_HSTS_SECONDS), s.FETCH_PLAIN_HTTP]))"
    )
    import json
    import os

    done = subprocess.run(
        [sys.executable, "-c", asked], env={**os.environ, "HTTPS": "1", "PYTHONPATH": str(ROOT / "src")}, capture_output=True, check=True, text=True
    )  # fmt: skip
    said = json.loads(done.stdout.splitlines()[-1])
    assert all(name.startswith("__Host-") for name in said[:4])
    assert said[4:9] == [True] * 5
    assert said[9:12] == ["Lax"] * 3
    assert said[12:] == [True, False]


def test_the_cookies_a_page_sets_are_closed(cast: Cast) -> None:
    """ASVS 3.3.2, 3.3.4."""
    with override_settings(SESSION_COOKIE_SECURE=True, CSRF_COOKIE_SECURE=True):
        client = Client()
        client.get("/sign-in/", secure=True)
        client.post("/sign-in/", {"username": "clerk", "password": PASSWORD}, secure=True)
        client.post("/language/", {"language": "en"}, secure=True)
        client.post("/theme/", {"theme": "dark"}, secure=True)
    assert {settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, settings.THEME_COOKIE_NAME} <= set(
        client.cookies
    )
    for name, cookie in client.cookies.items():
        assert cookie["samesite"] == "Lax", name
        assert cookie["path"] == "/", name
        assert not cookie["domain"], name
        if name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
            assert cookie["httponly"] and cookie["secure"], name
