"""Before money moves: a fresh proof of who sits there; and keys that move money only if they were made to."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts import passwords, tokens
from sanbao.accounts.factors import Authenticator, Kind
from sanbao.accounts.mfa import Adapter
from sanbao.accounts.models import Session, Token
from sanbao.accounts.roles import all_permissions
from sanbao.audit.models import Event
from sanbao.settlements.models import Statement
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, PASSWORD, Cast
from tests.modules.accounts.test_factors import SECRET, _code

pytestmark = pytest.mark.django_db
CONFIRM = "accounts:confirm"


@pytest.fixture
def statement(cast: Cast) -> Statement:
    """A checked statement that waits for the head's approval."""
    cast.sheet()
    cast.received()
    passwords.put(cast.people["head"], PASSWORD, at=NOW)
    return cast.statement(upto="checked")


def _stale(browser: Client) -> Client:
    """The same browser, twenty minutes after signing in."""
    Session.objects.update(began_at=timezone.now() - timedelta(minutes=20))
    return browser


def _approve(browser: Client, statement: Statement, **headers: str):
    where = reverse("settlements:move", args=[statement.pk, "approval"])
    return browser.post(where, {"version": statement.version}, headers=headers)


def _state(statement: Statement) -> str:
    statement.refresh_from_db()
    return statement.state


def test_right_after_signing_in_money_moves_without_another_question(sign_in, statement) -> None:
    browser = sign_in("head")
    assert _approve(browser, statement).status_code == 303
    assert _state(statement) == "approved"


def test_later_the_reader_confirms_and_comes_back_to_the_button(sign_in, statement) -> None:
    """ASVS 7.5.3. What was pressed is not done by itself."""
    browser = _stale(sign_in("head"))
    page = f"/settlements/statements/{statement.pk}/"
    sent = _approve(browser, statement, Referer=f"http://testserver{page}")
    assert sent.url.startswith(reverse(CONFIRM))
    assert _state(statement) == "checked"
    fields = {"next": f"http://testserver{page}", "password": PASSWORD}
    assert browser.get(sent.url).status_code == 200
    before = browser.cookies["session"].value
    back = browser.post(reverse(CONFIRM), fields)
    assert back.url.endswith(page)
    assert browser.cookies["session"].value != before  # ASVS 7.2.4
    assert _state(statement) == "checked"
    assert _approve(browser, statement).status_code == 303
    assert _state(statement) == "approved"


def test_control_without_the_guard_money_moves_on_an_old_session(sign_in, statement, monkeypatch) -> None:
    """The guard is off."""
    from sanbao.ui import guard

    monkeypatch.setattr(guard, "BEFORE", [])
    _approve(_stale(sign_in("head")), statement)
    assert _state(statement) == "approved"


def test_a_confirmation_lasts_a_quarter_of_an_hour_and_the_session_no_longer_than_before(
    sign_in, statement, cast: Cast
) -> None:
    browser = _stale(sign_in("head"))
    began = Session.objects.get().began_at
    browser.post(reverse(CONFIRM), {"password": PASSWORD})
    assert Session.objects.get().began_at == began  # ASVS 7.3.2
    session = browser.session
    session["confirmed-at"] -= 16 * 60
    session.save()
    assert _approve(browser, statement).url.startswith(reverse(CONFIRM))


def test_a_wrong_password_confirms_nothing_and_is_counted(sign_in, statement) -> None:
    """ASVS 6.3.1."""
    browser = _stale(sign_in("head"))
    tries = [browser.post(reverse(CONFIRM), {"password": "wrong"}).status_code for _ in range(6)]
    assert tries == [422] * 5 + [429]
    assert browser.post(reverse(CONFIRM), {"password": PASSWORD}).status_code == 429
    assert _approve(browser, statement).url.startswith(reverse(CONFIRM))


def test_a_code_confirms_too_and_is_used_up(sign_in, statement, cast: Cast) -> None:
    data = {"secret": Adapter().encrypt(SECRET), "last_step": 0}
    Authenticator.objects.create(user=cast.people["head"], type=Kind.TOTP, data=data)
    browser, code = _stale(sign_in("head")), _code(timezone.now())
    assert browser.post(reverse(CONFIRM), {"code": code}).status_code == 303
    assert _approve(browser, statement).status_code == 303
    assert browser.post(reverse(CONFIRM), {"code": code}).status_code == 422


@pytest.mark.parametrize(
    "fields", [{}, {"password": ""}, {"code": "1"}, {"credential": "{"}, {"password": "a\x00"}]
)
def test_an_empty_or_broken_confirmation_is_refused(sign_in, statement, fields) -> None:
    assert _stale(sign_in("head")).post(reverse(CONFIRM), fields).status_code in (400, 422)


@pytest.mark.parametrize(
    "elsewhere",
    ["https://example.org/", "//example.org", "javascript:alert(1)", "http://testserver@example.org"],
)
def test_nobody_is_led_to_another_site(sign_in, statement, elsewhere: str) -> None:
    browser = _stale(sign_in("head"))
    assert "example.org" not in _approve(browser, statement, Referer=elsewhere).url
    answer = browser.post(reverse(CONFIRM), {"password": PASSWORD, "next": elsewhere})
    assert answer.url == "/"


def test_htmx_sends_the_whole_page_to_confirm(sign_in, statement) -> None:
    answer = _approve(_stale(sign_in("head")), statement, **{"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith(reverse(CONFIRM))
    assert _state(statement) == "checked"


def test_moves_without_money_ask_nothing(sign_in, cast: Cast) -> None:
    cast.sheet()
    cast.received()
    draft = cast.statement(upto="draft")
    browser = _stale(sign_in("clerk"))
    browser.post(reverse("settlements:move", args=[draft.pk, "submission"]), {"version": draft.version})
    assert _state(draft) == "submitted"


def test_a_program_signed_in_by_session_is_told_to_confirm(sign_in, statement) -> None:
    answer = _stale(sign_in("head")).post(
        f"/api/v1/settlements/statements/{statement.pk}/moves/approval",
        {"version": statement.version},
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "confirm")
    assert _state(statement) == "checked"


@pytest.mark.parametrize(
    ("name", "who"),
    [("accounts:app", "clerk"), ("accounts:add-passkey", "clerk"), ("accounts:recovery-codes", "clerk"), ("accounts:tokens", "clerk"), ("accounts:add-person", "admin")],
)  # fmt: skip
def test_changing_a_way_in_asks_for_a_fresh_proof(sign_in, name: str, who: str) -> None:
    """ASVS 7.5.1."""
    assert _stale(sign_in(who)).post(reverse(name), {}).url.startswith(reverse(CONFIRM))


# Keys.


def _by_key(cast: Cast, who: str, scopes: list[str], method: str, path: str, body: object = None):
    now = timezone.now()
    _token, secret = Token.make(
        cast.people[who], cast.company, "t", at=now, expires_at=now + timedelta(days=9), scopes=scopes
    )
    browser = Client(headers={"Authorization": f"Bearer {secret}"}, REMOTE_ADDR="10.1.2.3")
    return getattr(browser, method)(f"/api/v1/settlements{path}", data=body, content_type="application/json")


def test_a_key_moves_money_only_with_the_scope_for_it(cast: Cast, statement) -> None:
    """ASVS 8.3.3."""
    path, body = f"/statements/{statement.pk}/moves/approval", {"version": statement.version}
    for scopes in (["read"], ["write"], ["read", "write", "personal"]):
        assert _by_key(cast, "head", scopes, "post", path, body).status_code == 403
    assert _state(statement) == "checked"
    assert _by_key(cast, "head", ["read", "money"], "post", path, body).status_code == 200
    assert _state(statement) == "approved"


def test_a_key_gives_nothing_its_owner_has_not(cast: Cast, statement) -> None:
    path, body = f"/statements/{statement.pk}/moves/approval", {"version": statement.version}
    assert _by_key(cast, "clerk", list(tokens.Scope), "post", path, body).status_code == 403


def test_a_key_for_looking_writes_nothing_and_one_for_writing_reads_nothing(cast: Cast, statement) -> None:
    receipt = {"outlet": "GZ001", "month": "2026-04", "paper_on": "2026-05-09"}
    assert _by_key(cast, "clerk", ["read"], "get", "/statements").status_code == 200
    assert _by_key(cast, "clerk", ["read"], "put", "/receipts", receipt).status_code == 403
    assert _by_key(cast, "clerk", ["write"], "get", "/statements").status_code == 403


def test_every_permission_falls_into_a_scope() -> None:
    scopes = {permission: tokens.scope_of(permission) for permission in all_permissions()}
    assert {permission for permission, scope in scopes.items() if scope == tokens.Scope.MONEY} == tokens.MONEY
    assert scopes["settlements:customer:unmask"] == tokens.Scope.PERSONAL
    assert scopes["settlements:statement:view"] == tokens.Scope.READ
    assert scopes["accounts:person:manage"] == tokens.Scope.WRITE


def test_the_last_use_is_shown_with_its_address(cast: Cast, statement, sign_in) -> None:
    _by_key(cast, "clerk", ["read"], "get", "/statements")
    token = Token.objects.get()
    assert token.last_used_from == "10.1.2.3"
    assert "10.1.2.3" in sign_in("clerk").get(reverse("accounts:tokens")).content.decode()


def test_keys_stop_at_once_with_their_owner(cast: Cast, statement) -> None:
    """ASVS 7.4.2."""
    cast.people["clerk"].is_active = False
    cast.people["clerk"].save()
    assert _by_key(cast, "clerk", ["read"], "get", "/statements").status_code == 401


def test_making_and_revoking_a_key_leave_events(sign_in, cast: Cast) -> None:
    browser = sign_in("clerk")
    fields = {"name": "book-keeping", "days": "30", "scopes": ["read", "write"]}
    browser.post(reverse("accounts:tokens"), fields)
    browser.post(reverse("accounts:revoke-token", args=[Token.objects.get().pk]))
    actions = list(
        Event.objects.filter(by=cast.people["clerk"]).order_by("id").values_list("action", flat=True)
    )
    assert actions == ["accounts:token:made", "accounts:token:revoked"]
    assert Event.objects.get(action="accounts:token:made").details["scopes"] == ["read", "write"]


@pytest.mark.parametrize(
    "change",
    [{"days": "367"}, {"days": "0"}, {"scopes": []}, {"scopes": ["root"]}, {"name": ""}, {"days": "９００"}],
)
def test_a_key_without_end_or_scope_is_refused(sign_in, cast: Cast, change) -> None:
    fields = {"name": "x", "days": "30", "scopes": ["read"], **change}
    assert sign_in("clerk").post(reverse("accounts:tokens"), fields).status_code == 422
    assert not Token.objects.exists()


def test_the_operation_refuses_a_key_for_longer_than_a_year(cast: Cast) -> None:
    with pytest.raises(Refusal):
        tokens.make(cast.people["clerk"], "x", scopes=["read"], days=400, by=cast.access("clerk"), at=NOW)
