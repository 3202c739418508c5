"""Small requirements of ASVS 5.0, each asked of the running pages: what browsers are told, what is never sent, what nobody may do."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse

from sanbao.accounts.models import Token
from sanbao.files import operations as files
from sanbao.outlets import operations as outlets
from sanbao.ui.pages import marks, walk
from tests.cast import NOW, Cast, moment

ROOT = Path(__file__).parents[2]
SOURCES = [*(ROOT / "src").rglob("*.py")]
LONG = "长得很的一句口令 correct horse battery staple, " * 3
# Every page anybody may open without having signed in, and why.
PUBLIC = {
    "health", "ready", "metrics", "set_language", "ui:theme", "ui:components", "api:openapi-json", "api:api-root",
    "accounts:link", "accounts:sign-in", "accounts:sign-in-passkey", "accounts:sign-out", "accounts:second-factor", "accounts:set-password",
    "portal:home", "portal:policy", "portal:ask", "portal:find", "portal:mine", "portal:code", "portal:leave", "portal:register", "portal:registration", "portal:request", "portal:write", "portal:confirm", "portal:withdraw", "portal:file",
    "portal:complaint", "portal:complaint-write",
    "portal:order", "portal:order-agree", "portal:order-decline", "portal:order-wish", "portal:order-accept", "portal:order-return", "portal:order-rate", "portal:order-again", "portal:order-file", "portal:order-paper",
    "published:documents", "published:document",
    "survey:answer",  # the customer's: the signed link is the key
    "workorders:manifest", "workorders:worker", "workorders:offline",  # the shell of the installed app: nothing of anybody
}  # fmt: skip


def _page(cast: Cast, sign_in: Any, who: str, name: str) -> HttpResponse:
    return sign_in(who).get(reverse(name))


def test_what_people_type_stands_in_pages_as_text(cast: Cast, sign_in: Any) -> None:
    """ASVS 1.1.2, 1.2.1, 3.2.2: markup in a name comes out as letters."""
    outlets.open_region("<img src=x onerror=alert(1)>", by=cast.access("admin"), at=NOW)
    page = _page(cast, sign_in, "admin", "outlets:regions").content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_a_script_in_a_name_is_only_a_text_of_the_json(cast: Cast) -> None:
    """ASVS 1.2.3, 4.1.1: the API answers application/json with its charset, and nothing breaks out of it."""
    _token, secret = Token.make(
        cast.people["clerk"], cast.company, "t", at=NOW, expires_at=moment(2099, 1, 1), scopes=["read"]
    )
    answer = Client(headers={"Authorization": f"Bearer {secret}"}).get(
        "/api/v1/settlements/statements?outlet=%3Cscript%3E"
    )
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def _calls(tree: ast.AST) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    names.append(name if isinstance(node.func, ast.Name) else f".{name}")
    return names


FORBIDDEN = {"eval", "exec", "__import__", ".from_string"}


def test_nothing_evaluates_text_or_makes_templates_of_it() -> None:
    """ASVS 1.3.2, 1.3.7, 1.5.2: no eval, no exec, no template from a string, no pickle in the program."""
    found = []
    for path in SOURCES:
        tree = ast.parse(path.read_text("utf-8"))
        found += [(path.name, name) for name in _calls(tree) if name in FORBIDDEN]
        found += [
            (path.name, alias.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
            if alias.name in ("pickle", "marshal", "shelve")
            or getattr(node, "module", "") in ("pickle", "marshal", "shelve")
        ]
    assert found == []


def test_control_an_eval_would_be_found() -> None:
    assert "eval" in _calls(ast.parse("eval('1')"))


def test_no_answer_invites_other_sites(cast: Cast, sign_in: Any) -> None:
    """ASVS 3.4.2: no Access-Control-Allow-Origin, whatever the Origin says."""
    for path in ("/", "/api/v1/settlements/statements", "/healthz"):
        answer = sign_in("clerk").get(path, headers={"Origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "path",
    ["/", "/sign-in/", "/nowhere/", "/api/v1/settlements/statements", "/settlements/sheets/?export=xlsx"],
)
def test_every_answer_tells_the_browser_not_to_sniff_nor_to_tell_where_it_comes_from(
    cast: Cast, sign_in: Any, path: str
) -> None:
    """ASVS 3.4.4, 3.4.5."""
    answer = sign_in("clerk").get(path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] in (
        "same-origin",
        "no-referrer",
        "strict-origin-when-cross-origin",
    )


def test_scripts_styles_and_calls_come_from_here_alone(cast: Cast, sign_in: Any) -> None:
    """ASVS 14.2.3: no tracker could be reached."""
    policy = sign_in("clerk").get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert not re.findall(r"https?://|\*|unsafe-", policy)


def test_a_form_from_another_site_is_refused(cast: Cast) -> None:
    """ASVS 3.5.1: without the page's own token nothing is written."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.people["admin"])
    answer = client.post(reverse("outlets:regions"), {"name": "x"})
    assert answer.status_code == 403
    assert not cast.company.region_set.filter(name="x").exists()


def test_what_can_be_opened_only_by_get_hands_out_but_changes_nothing() -> None:
    """ASVS 3.5.3: events of pages that know only GET are of handing something out."""
    handing_out = ("exported", "printed", "unmasked", "taken", "downloaded", "called-up", "given")
    wrong = [
        (name, event)
        for _path, name, view in walk(get_resolver().url_patterns)
        for mark in marks(view)
        if set(mark.methods) <= {"GET", "HEAD"}
        for event in mark.audit
        if event and not event.endswith(handing_out)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "name", ['a"b.txt', "a\r\nX-Evil: 1.txt", "../../etc/passwd", "说明 书.txt", "a;filename=b.html"]
)
def test_a_download_s_name_can_t_break_out_of_its_header(cast: Cast, name: str) -> None:
    """ASVS 5.4.1, 5.4.2."""
    stored = files.keep(b"x", name, by=cast.access("clerk"), at=NOW)
    said = files.download(stored).headers["Content-Disposition"]
    assert said.startswith("attachment")
    assert "\n" not in said
    assert "/" not in said.replace("utf-8''", "").replace("%2F", "")


def test_the_password_field_hides_what_is_typed_and_lets_managers_work(cast: Cast) -> None:
    """ASVS 6.2.6, 6.2.7."""
    page = Client().get(reverse("accounts:sign-in")).content.decode()
    field = re.search(r'<input[^>]*id="id_password"[^>]*>', page)
    assert field
    assert 'type="password"' in field[0]
    assert 'autocomplete="current-password"' in field[0]
    assert "onpaste" not in page


def test_a_long_password_is_kept_whole_and_hashed_slowly(cast: Cast) -> None:
    """ASVS 6.2.8, 6.2.9, 11.4.2: 64 characters and more, none cut off, argon2."""
    from django.contrib.auth.password_validation import validate_password

    person = cast.people["clerk"]
    validate_password(LONG, person)
    person.set_password(LONG)
    assert person.check_password(LONG)
    assert not person.check_password(LONG[:-1])
    assert identify_hasher(person.password).algorithm in ("argon2", "md5"), "tests may hash quickly"
    source = (ROOT / "src/sanbao/site/settings.py").read_text("utf-8")
    assert source.index("Argon2PasswordHasher") > source.index("PASSWORD_HASHERS")


def test_who_has_not_signed_in_finds_only_the_pages_of_this_list() -> None:
    """ASVS 6.3.4: no way in that nobody knows of. A new public page stands in PUBLIC, or begins with “help” or “hooks”."""
    public = {
        name
        for _path, name, view in walk(get_resolver().url_patterns)
        for mark in marks(view)
        if mark.audience == "anyone"
    }
    assert {
        name for name in public if not re.search(r"(^|:)(help|hook|public|file)|:article", name)
    } - PUBLIC == set()


def test_keys_are_long_and_never_twice_the_same(cast: Cast) -> None:
    """ASVS 6.5.3, 6.5.4, 11.5.1: a token has 128 bits at the least."""
    made = {
        Token.make(
            cast.people["clerk"], cast.company, "t", at=NOW, expires_at=moment(2099, 1, 1), scopes=["read"]
        )[1]
        for _time in range(50)
    }
    assert len(made) == 50
    assert min(len(secret) for secret in made) >= 32


def test_chance_that_guards_something_comes_from_the_system() -> None:
    """ASVS 11.5.1, 7.2.3: `random` is used only where nothing is guarded."""
    uses = {
        path.relative_to(ROOT / "src").as_posix()
        for path in SOURCES
        if re.search(r"^(import random|from random import)", path.read_text("utf-8"), re.M)
    }
    # A back-test's nightly sample says beforehand which decisions of a day it asks: that is meant.
    harmless = ("sanbao/backtests/", "sanbao/site/demo/", "sanbao/notices/", "sanbao_run/", "sanbao/ui/")
    assert [path for path in sorted(uses) if not path.startswith(harmless)] == []


def test_an_invented_session_is_no_session_and_signing_in_makes_a_new_one(cast: Cast, settings: Any) -> None:
    """ASVS 7.2.1, 7.2.2, 7.2.4."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    assert client.get("/").status_code == 302
    client.force_login(cast.people["clerk"])
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != "x" * 32


@pytest.mark.parametrize("name", ["home", "settlements:statements", "accounts:sessions"])
def test_signing_out_is_in_sight_everywhere(cast: Cast, sign_in: Any, name: str) -> None:
    """ASVS 7.4.4."""
    assert reverse("accounts:sign-out") in _page(cast, sign_in, "clerk", name).content.decode()


def test_trace_is_not_answered(cast: Cast, sign_in: Any) -> None:
    """ASVS 13.4.4."""
    assert sign_in("clerk").trace("/").status_code == 405


@pytest.mark.parametrize(
    "path", ["/", "/settlements/sheets/", "/accounts/sessions/", "/api/v1/settlements/statements"]
)
def test_private_answers_stay_out_of_every_cache(cast: Cast, sign_in: Any, path: str) -> None:
    """ASVS 14.2.2, 14.3.2."""
    answer = sign_in("clerk").get(path)
    if answer.status_code != 404:
        assert "no-store" in answer.headers["Cache-Control"]


# What an engineer has done without a signal waits in the phone until it is sent: docs/adr/workorders-outbox.md.
OUTBOX = {("phone_outbox.js", "indexedDB"), ("phone.js", "localStorage"), ("signout.js", "localStorage")}


def test_the_browser_s_storage_holds_nothing_of_the_business() -> None:
    """ASVS 14.3.3: scripts keep nothing but the look, if anything; the phone's outbox is the one exception."""
    kept = {
        (path.name, use.partition(".")[0])
        for path in (ROOT / "frontend" / "js").glob("*.js")
        for use in re.findall(
            r"(?:localStorage|sessionStorage|indexedDB|document\.cookie)[^;\n]*", path.read_text("utf-8")
        )
        if "theme" not in use
    }
    assert kept == OUTBOX


def test_numbers_beyond_every_range_are_refused(cast: Cast, sign_in: Any) -> None:
    """ASVS 1.4.2: a number that fits nowhere is said to be wrong."""
    answer = sign_in("clerk").post(
        reverse("settlements:sheet-write"),
        {
            "outlet": cast.outlets["GZ001"].pk,
            "month": "2026-04",
            "number": "N-1",
            "km": "9" * 40,
            "charged_fen": "9" * 40,
        },
    )
    assert answer.status_code == 422


def test_days_in_the_wrong_order_are_refused_together(cast: Cast, sign_in: Any) -> None:
    """ASVS 2.2.2, 2.2.3: at the server, whatever the page would have said."""
    answer = sign_in("clerk").post(
        reverse("settlements:sheet-write"),
        {
            "outlet": cast.outlets["GZ001"].pk,
            "month": "2026-04",
            "number": "N-1",
            "void": "on",
            "reported_on": "2026-04-09",
            "completed_on": "2026-04-08",
        },
    )
    assert answer.status_code == 422
