"""Second factors: needed by some posts, asked for when signing in, used once, lost and taken away."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts import factors, passwords
from sanbao.accounts.factors import Authenticator, Kind, hotp_value
from sanbao.accounts.mfa import Adapter
from sanbao.accounts.models import Session
from sanbao.accounts.roles import ROLES
from sanbao.audit.models import Event
from sanbao.outlets import credentials
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, PASSWORD, Cast
from tests.modules.accounts.soft_key import SoftKey

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def _code(at: datetime, secret: str = SECRET) -> str:
    return f"{hotp_value(secret, int(at.timestamp()) // 30):06}"


def _with_app(person) -> list[str]:
    """Give a person an app and recovery codes; the codes."""
    data = {"secret": Adapter().encrypt(SECRET), "last_step": 0}
    Authenticator.objects.create(user=person, type=Kind.TOTP, data=data)
    return factors.first_recovery_codes(person)


@pytest.fixture
def finance(cast: Cast):
    passwords.put(cast.people["finance"], PASSWORD, at=NOW)
    return cast.people["finance"]


def _password(username: str = "finance", **more: str) -> Client:
    browser = Client()
    browser.post(reverse("accounts:sign-in"), {"username": username, "password": PASSWORD, **more})
    return browser


def _factor(browser: Client, **fields: str):
    return browser.post(reverse("accounts:second-factor"), fields)


def _is_in(browser: Client) -> bool:
    return browser.get(reverse("accounts:sessions")).status_code == 200


# Who needs one.


def test_finance_and_administrators_need_a_second_factor() -> None:
    """ASVS 6.3.3."""
    assert {role.code for role in ROLES.values() if role.second_factor} == {"finance", "administrator"}


@pytest.mark.parametrize("who", ["finance", "admin"])
def test_without_one_nothing_opens_but_setting_it_up(cast: Cast, sign_in, settings, who: str) -> None:
    """ASVS 6.3.3; also for HTMX, writes and the API."""
    settings.SECOND_FACTOR = "required"
    browser = sign_in(who)
    for page in ("home", "outlets:list", "accounts:tokens"):
        assert browser.get(reverse(page)).url == reverse("accounts:security")
    assert browser.post(reverse("accounts:tokens"), {"name": "x", "days": "9"}).url == reverse(
        "accounts:security"
    )
    htmx = browser.get("/", headers={"HX-Request": "true"})
    assert (htmx.status_code, htmx.headers["HX-Redirect"]) == (204, reverse("accounts:security"))
    for page in ("accounts:security", "accounts:app", "accounts:add-passkey"):
        assert browser.get(reverse(page)).status_code == 200


def test_the_api_is_closed_too_without_one(cast: Cast, sign_in, settings) -> None:
    settings.SECOND_FACTOR = "required"
    answer = sign_in("finance").get("/api/v1/settlements/statements")
    assert (answer.status_code, answer.json()["code"]) == (403, "account")


def test_other_posts_need_none(cast: Cast, sign_in, settings) -> None:
    settings.SECOND_FACTOR = "required"
    assert sign_in("clerk").get("/").status_code == 200


def test_a_post_given_today_asks_for_one_at_once(cast: Cast, sign_in, settings) -> None:
    from sanbao.outlets import operations as outlets

    settings.SECOND_FACTOR = "required"
    browser = sign_in("clerk")
    outlets.appoint(cast.people["clerk"], "finance", by=cast.access("admin"), at=NOW)
    assert browser.get("/").url == reverse("accounts:security")


def test_a_demonstration_only_reminds(cast: Cast, sign_in, settings) -> None:
    settings.SECOND_FACTOR = "postponed"
    page = sign_in("finance").get("/")
    assert page.status_code == 200
    assert "双重验证" in page.content.decode()
    assert "双重验证" not in sign_in("clerk").get("/").content.decode()


# An authenticator app.


def test_setting_up_an_app_proves_the_key_and_gives_recovery_codes_once(
    cast: Cast, sign_in, settings
) -> None:
    settings.SECOND_FACTOR = "required"
    browser = sign_in("finance")
    page = browser.get(reverse("accounts:app"))
    secret = page.context["secret"].replace(" ", "")
    assert browser.get(reverse("accounts:app")).context["secret"].replace(" ", "") == secret
    wrong = _code(timezone.now() - timedelta(hours=1), secret)
    assert browser.post(reverse("accounts:app"), {"code": wrong}).status_code == 422
    shown = browser.post(reverse("accounts:app"), {"code": _code(timezone.now(), secret)})
    assert len(shown.context["codes"]) == 10
    assert browser.get("/").status_code == 200
    kept = Authenticator.objects.get(type=Kind.TOTP)
    assert secret not in str(kept.data)  # ASVS 13.3.1: encrypted
    assert secret not in str(list(Session.objects.values()))
    assert Event.objects.filter(action="accounts:factor:added", by=cast.people["finance"]).exists()


def test_signing_in_takes_password_and_code(finance) -> None:
    """ASVS 6.3.3; 6.1.3 every way in asks for both."""
    _with_app(finance)
    browser = _password(next="/outlets/")
    assert not _is_in(browser)
    assert _factor(browser, code="000000").status_code == 422
    assert not _is_in(browser)
    answer = _factor(browser, code=_code(timezone.now()))
    assert answer.url == "/outlets/"
    assert _is_in(browser)


def test_a_code_is_not_heard_twice(finance) -> None:
    """ASVS 6.5.1: nor in another process, for what was used stands in the database."""
    _with_app(finance)
    code = _code(timezone.now())
    assert _factor(_password(), code=code).status_code == 303
    again = _password()
    assert _factor(again, code=code).status_code == 422
    assert not _is_in(again)


@pytest.mark.parametrize(
    ("seconds", "heard"), [(-30, True), (0, True), (30, True), (-90, False), (90, False)]
)
def test_a_clock_may_be_half_a_minute_wrong(cast: Cast, seconds: int, heard: bool) -> None:
    """ASVS 6.5.5."""
    step = factors.matching_step(SECRET, _code(NOW + timedelta(seconds=seconds)), NOW)
    assert (step is not None) == heard


def test_an_earlier_code_is_not_heard_after_a_later_one(cast: Cast, finance) -> None:
    _with_app(finance)
    factors.accept(finance, _code(NOW), at=NOW)
    with pytest.raises(Refusal):
        factors.accept(finance, _code(NOW - timedelta(seconds=30)), at=NOW)


def test_codes_can_not_be_guessed(finance) -> None:
    """ASVS 6.3.1, 6.6.3: not even with the right password, from one browser after the other."""
    _with_app(finance)
    tries = [_factor(_password(), code=f"{n:06}").status_code for n in range(6)]
    assert tries == [422] * 5 + [429]
    browser = _password()
    assert _factor(browser, code=_code(timezone.now())).status_code == 429
    assert not _is_in(browser)


def test_full_width_digits_and_spaces_are_read(finance) -> None:
    _with_app(finance)
    code = _code(timezone.now())
    wide = "".join(chr(ord(digit) - 48 + 0xFF10) for digit in code)
    assert _factor(_password(), code=f" {wide[:3]} {wide[3:]} ").status_code == 303


@pytest.mark.parametrize("code", ["", "x" * 31, "\x00", "𠮷", "-1", "[]"])
def test_strange_codes_are_refused_and_never_a_fault(finance, code: str) -> None:
    _with_app(finance)
    assert _factor(_password(), code=code).status_code in (400, 422)


def test_the_second_step_is_worth_nothing_without_the_first(finance) -> None:
    _with_app(finance)
    assert _factor(Client(), code=_code(timezone.now())).url == reverse("accounts:sign-in")


def test_the_first_step_is_worth_nothing_after_ten_minutes_or_another_password(finance, monkeypatch) -> None:
    _with_app(finance)
    browser, late = _password(), _password()
    from sanbao.accounts import signing_in

    request = type("R", (), {"session": late.session})()
    assert signing_in.pending(request, at=timezone.now()) is not None
    assert signing_in.pending(request, at=timezone.now() + timedelta(minutes=11)) is None
    passwords.put(finance, "horse battery staple!", at=timezone.now())
    assert _factor(browser, code=_code(timezone.now())).url == reverse("accounts:sign-in")


def test_signing_in_leads_to_no_other_site_after_the_second_step(finance) -> None:
    _with_app(finance)
    browser = _password(next="https://example.org/")
    assert _factor(browser, code=_code(timezone.now())).url == "/"


# Recovery codes.


def test_a_recovery_code_lets_in_once_and_leaves_an_event(finance) -> None:
    """ASVS 6.5.1, 6.5.2."""
    codes = _with_app(finance)
    assert _factor(_password(), code=f"{codes[0][:5]} {codes[0][5:]}").status_code == 303
    assert _factor(_password(), code=codes[0]).status_code == 422
    assert _factor(_password(), code=codes[1]).status_code == 303
    assert factors.codes_left(finance) == 8
    assert Event.objects.filter(action="accounts:factor:recovery-code-used").count() == 2


def test_new_recovery_codes_end_the_old(cast: Cast, sign_in, finance) -> None:
    codes = _with_app(finance)
    browser = sign_in("finance")
    page = browser.post(reverse("accounts:recovery-codes"))
    assert set(page.context["codes"]).isdisjoint(codes)
    with pytest.raises(Refusal):
        factors.accept(finance, codes[0], at=NOW)


def test_without_a_factor_there_are_no_recovery_codes(cast: Cast, sign_in) -> None:
    assert sign_in("clerk").post(reverse("accounts:recovery-codes")).status_code == 303
    assert not Authenticator.objects.exists()


def _race(person, code: str) -> int:
    won: list[str] = []
    barrier = threading.Barrier(8)

    def run() -> None:
        barrier.wait()
        try:
            won.append(factors.accept(person, code, at=NOW))
        except Refusal:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(won)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["totp", "recovery"])
def test_of_eight_who_use_a_code_at_once_one_wins(cast: Cast, kind: str) -> None:
    """ASVS 6.5.1, 15.4.2."""
    codes = _with_app(cast.people["finance"])
    assert _race(cast.people["finance"], _code(NOW) if kind == "totp" else codes[3]) == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_row_lock_several_win(cast: Cast, monkeypatch) -> None:
    """The guard is off: the authenticator's row is read without its lock, a moment before it is written."""
    import time

    _with_app(cast.people["finance"])

    def unlocked(person, code: str, *, at: datetime) -> str:
        app = Authenticator.objects.get(user=person, type=Kind.TOTP)
        time.sleep(0.05)
        if factors._use_step(app, code, at):
            return "totp"
        raise Refusal("")

    monkeypatch.setattr(factors, "accept", unlocked)
    assert _race(cast.people["finance"], _code(NOW)) > 1


# Passkeys.


def _add_passkey(browser: Client, name: str = "office") -> SoftKey:
    key = SoftKey()
    options = browser.get(reverse("accounts:add-passkey"), secure=True).context["passkey"]
    fields = {"name": name, "credential": key.create(options)}
    page = browser.post(reverse("accounts:add-passkey"), fields, secure=True)
    assert page.status_code in (200, 303), page.context["form"].errors
    return key


def test_a_passkey_is_added_and_signs_in_as_second_factor(finance, sign_in) -> None:
    """ASVS 6.3.3, 6.7."""
    key = _add_passkey(sign_in("finance"))
    browser = _password()
    options = browser.get(reverse("accounts:second-factor"), secure=True).context["passkey"]
    fields = {"credential": key.get(options)}
    assert browser.post(reverse("accounts:second-factor"), fields, secure=True).status_code == 303
    assert _is_in(browser)


def test_a_passkey_alone_signs_in(finance, sign_in) -> None:
    key = _add_passkey(sign_in("finance"))
    browser = Client()
    options = browser.get(reverse("accounts:sign-in-passkey"), secure=True).context["passkey"]
    answer = key.get(options)
    where = reverse("accounts:sign-in-passkey")
    assert browser.post(where, {"credential": answer}, secure=True).status_code == 303
    assert _is_in(browser)
    replayed = Client()
    replayed.get(where, secure=True)
    assert replayed.post(where, {"credential": answer}, secure=True).status_code == 422  # another challenge


def test_a_passkey_that_was_not_unlocked_does_not_sign_in_alone(finance, sign_in) -> None:
    """ASVS 6.3.3: alone it must be two factors, so the device must have asked."""
    key = _add_passkey(sign_in("finance"))
    browser, where = Client(), reverse("accounts:sign-in-passkey")
    options = browser.get(where, secure=True).context["passkey"]
    assert (
        browser.post(where, {"credential": key.get(options, user_verified=False)}, secure=True).status_code
        == 422
    )


def test_the_passkey_of_another_person_is_refused(finance, cast: Cast, sign_in) -> None:
    _add_passkey(sign_in("finance"))
    foreign = _add_passkey(sign_in("clerk"))
    browser, where = _password(), reverse("accounts:second-factor")
    options = browser.get(where, secure=True).context["passkey"]
    assert browser.post(where, {"credential": foreign.get(options)}, secure=True).status_code == 422
    alone, where = Client(), reverse("accounts:sign-in-passkey")
    options = alone.get(where, secure=True).context["passkey"]
    from fido2.utils import websafe_encode

    handle = websafe_encode(str(finance.pk).encode())
    assert (
        alone.post(where, {"credential": foreign.get(options, handle=handle)}, secure=True).status_code == 422
    )
    assert not _is_in(alone)


def test_a_passkey_made_for_another_site_is_refused(finance, sign_in) -> None:
    key = _add_passkey(sign_in("finance"))
    browser, where = Client(), reverse("accounts:sign-in-passkey")
    options = browser.get(where, secure=True).context["passkey"]
    evil = key.get(options, origin="https://sanbao.example.org")
    assert browser.post(where, {"credential": evil}, secure=True).status_code == 422


def test_the_passkey_of_somebody_deactivated_is_refused(finance, cast: Cast, sign_in) -> None:
    key = _add_passkey(sign_in("finance"))
    credentials.deactivate(finance, reason="left", by=cast.access("admin"), at=timezone.now())
    browser, where = Client(), reverse("accounts:sign-in-passkey")
    options = browser.get(where, secure=True).context["passkey"]
    assert browser.post(where, {"credential": key.get(options)}, secure=True).status_code == 422


@pytest.mark.parametrize(
    "text",
    ["", "x", "null", "[]", "1", '{"response": 1}', '{"response": {}}', '{"response": {"userHandle": "%%%"}}',
     '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30", "authenticatorData": "", "signature": "", "userHandle": "MQ"}}',
     '{"response": {"userHandle": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"}}', "[" * 5000, '{"response": {"userHandle": ["a"]}}'],
)  # fmt: skip
def test_a_broken_answer_is_refused_and_never_a_fault(finance, sign_in, text: str) -> None:
    for browser, where in (
        (Client(), "accounts:sign-in-passkey"),
        (sign_in("finance"), "accounts:add-passkey"),
    ):
        browser.get(reverse(where), secure=True)
        fields = {"credential": text, "name": "x"}
        assert browser.post(reverse(where), fields, secure=True).status_code in (400, 422)


# Taking away.


def test_the_last_factor_stays_while_a_post_needs_one(finance, sign_in) -> None:
    _with_app(finance)
    browser = sign_in("finance")
    app = Authenticator.objects.get(type=Kind.TOTP)
    browser.post(reverse("accounts:remove-factor", args=[app.pk]))
    assert factors.has(finance)
    _add_passkey(browser)
    browser.post(reverse("accounts:remove-factor", args=[app.pk]))
    assert [factor.type for factor in factors.of(finance)] == [Kind.WEBAUTHN]
    assert Event.objects.filter(action="accounts:factor:removed").count() == 1


def test_nobody_takes_away_the_factor_of_another(finance, sign_in) -> None:
    _with_app(finance)
    app = Authenticator.objects.get(type=Kind.TOTP)
    assert sign_in("clerk").post(reverse("accounts:remove-factor", args=[app.pk])).status_code == 404


def test_an_administrator_takes_away_the_factors_of_a_lost_device_with_a_reason(
    finance, cast: Cast, sign_in
) -> None:
    """ASVS 6.5.6."""
    _with_app(finance)
    phone, admin = sign_in("finance"), sign_in("admin")
    where = reverse("accounts:reset-factors", args=[finance.pk])
    admin.post(where, {"reason": " "})
    assert factors.has(finance)
    admin.post(where, {"reason": "手机丢失，本人到场"})
    assert not factors.has(finance)
    assert not _is_in(phone)
    assert Event.objects.get(action="accounts:factor:reset").details["reason"] == "手机丢失，本人到场"
    assert sign_in("head").post(where, {"reason": "x"}).status_code == 403
