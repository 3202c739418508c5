"""Second factors: codes of an authenticator app, recovery codes, passkeys. The mechanisms are allauth's; what is kept is its table.

A code works once: its time step is kept under a row lock and no earlier or equal one is heard again, in whatever process
(ASVS 6.5.1). One step before and after the present one is heard, so a clock may be half a minute wrong (ASVS 6.5.5).
"""

import hmac
import json
from datetime import datetime
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from sanbao.accounts.models import Person, same_form
from sanbao.accounts.roles import ROLES
from sanbao.ui.refusal import Refusal

Kind = Authenticator.Type
STEP = 30  # seconds a code stands
DRIFT = 1  # steps a clock may be wrong
SECRET = "totp-secret"  # noqa: S105  where the session keeps the key of an authenticator that is being set up
MOST_PASSKEYS = 10


def of(person: Person) -> list[Authenticator]:
    """The person's factors, without the recovery codes."""
    return list(Authenticator.objects.filter(user=person).exclude(type=Kind.RECOVERY_CODES).order_by("id"))


def has(person: Person) -> bool:
    """Whether the person has a second factor."""
    return Authenticator.objects.filter(user=person).exclude(type=Kind.RECOVERY_CODES).exists()


def kinds_of(person: Person) -> list[str]:
    """The person's factors in words."""
    names = {
        Kind.TOTP: _("authenticator app"),
        Kind.WEBAUTHN: _("passkey"),
        Kind.RECOVERY_CODES: _("recovery codes"),
    }
    found = Authenticator.objects.filter(user=person).values_list("type", flat=True)
    return [names[kind] for kind in names if kind in set(found)]


def required(roles: list[str]) -> bool:
    """Whether somebody with these posts needs a second factor (roles.py)."""
    return any(ROLES[role].second_factor for role in roles if role in ROLES)


@transaction.atomic
def accept(person: Person, code: str, *, at: datetime) -> str:
    """Use a code up: "totp" or "recovery" says which it was; Refusal if it is neither, or was used before."""
    digits = "".join(same_form(code).split()).replace("-", "")
    held = {
        each.type: each
        for each in Authenticator.objects.select_for_update().filter(user=person).exclude(type=Kind.WEBAUTHN)
    }
    if (app := held.get(Kind.TOTP)) and _use_step(app, digits, at):
        return "totp"
    if (codes := held.get(Kind.RECOVERY_CODES)) and RecoveryCodes(codes).validate_code(digits):
        return "recovery"
    raise Refusal(
        _("This code is wrong or was used already. Wait for the next one."), field="code", code="code"
    )


def _use_step(app: Authenticator, digits: str, at: datetime) -> bool:
    step = matching_step(get_adapter().decrypt(app.data["secret"]), digits, at)
    if step is None or step <= app.data.get("last_step", -1):
        return False
    app.data["last_step"] = step
    app.last_used_at = at
    app.save(update_fields=["data", "last_used_at"])
    return True


def matching_step(secret: str, digits: str, at: datetime) -> int | None:
    """The time step whose code this is, near the present one."""
    now = int(at.timestamp()) // STEP
    for step in (now, now - DRIFT, now + DRIFT):
        expected = format_hotp_value(hotp_value(secret, step))
        if hmac.compare_digest(expected.encode(), digits.encode(errors="replace")):
            return step
    return None


# An authenticator app.


def new_secret(request: HttpRequest) -> str:
    """The key of the app that is being set up; the same until it is, so that reloading the page does no harm."""
    kept = request.session.get(SECRET)
    if kept:
        return str(get_adapter().decrypt(kept))
    secret = generate_totp_secret()
    request.session[SECRET] = get_adapter().encrypt(secret)
    return secret


def picture(person: Person, secret: str) -> str:
    """The key as a QR code, as an address for an <img>."""
    import segno

    url = get_adapter().build_totp_url(person, secret)
    return str(segno.make(url, error="m").svg_data_uri(scale=5, border=2, light="white"))


@transaction.atomic
def add_app(request: HttpRequest, person: Person, code: str, *, at: datetime) -> list[str]:
    """Take the app whose code proves that it has the key; another app of the person's is replaced. Returns new recovery codes, if any."""
    secret = new_secret(request)
    step = matching_step(secret, "".join(same_form(code).split()), at)
    if step is None:
        raise Refusal(
            _("This code is not right. Is the clock of the phone right?"), field="code", code="code"
        )
    Person.objects.select_for_update().get(pk=person.pk)
    Authenticator.objects.filter(user=person, type=Kind.TOTP).delete()
    data = {"secret": get_adapter().encrypt(secret), "last_step": step}
    Authenticator.objects.create(user=person, type=Kind.TOTP, data=data, created_at=at, last_used_at=at)
    request.session.pop(SECRET, None)
    return first_recovery_codes(person)


# Recovery codes.


def first_recovery_codes(person: Person) -> list[str]:
    """Recovery codes for somebody who has none yet; an empty list for who has."""
    if Authenticator.objects.filter(user=person, type=Kind.RECOVERY_CODES).exists():
        return []
    return list(RecoveryCodes.activate(person).get_unused_codes())


@transaction.atomic
def new_recovery_codes(person: Person) -> list[str]:
    """Other recovery codes; the earlier ones end."""
    Person.objects.select_for_update().get(pk=person.pk)
    if not has(person):
        raise Refusal(_("Set up an authenticator app or a passkey first."))
    Authenticator.objects.filter(user=person, type=Kind.RECOVERY_CODES).delete()
    return first_recovery_codes(person)


def codes_left(person: Person) -> int | None:
    """How many recovery codes are unused; None without any."""
    found = Authenticator.objects.filter(user=person, type=Kind.RECOVERY_CODES).first()
    return len(RecoveryCodes(found).get_unused_codes()) if found else None


# Passkeys. The browser's answer is anybody's JSON; whatever is wrong with it is the same refusal.

_BAD = (ValidationError, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)


def _wrong_key() -> Refusal:
    return Refusal(_("The passkey was not accepted. Try again."), code="passkey")


def _read(text: str) -> dict[str, Any]:
    if len(text) > 20_000:
        raise _wrong_key()
    try:
        credential = json.loads(text)
    except (ValueError, RecursionError):
        raise _wrong_key() from None
    if not isinstance(credential, dict) or not isinstance(credential.get("response"), dict):
        raise _wrong_key()
    return credential


def _webauthn() -> Any:
    """allauth's passkeys: fido2 and cryptography behind them are loaded by whoever uses a passkey, not by every process."""
    from allauth.mfa.webauthn.internal import auth

    return auth


def begin_passkey(person: Person) -> str:
    """What the browser needs to make a passkey: kept on the device, unlocked by finger, face or PIN. As JSON."""
    return json.dumps(_webauthn().begin_registration(person, passwordless=True))


@transaction.atomic
def add_passkey(person: Person, name: str, text: str) -> list[str]:
    """Keep the public half of a passkey just made. Returns new recovery codes, if any."""
    credential = _read(text)
    if Authenticator.objects.filter(user=person, type=Kind.WEBAUTHN).count() >= MOST_PASSKEYS:
        raise Refusal(_("You have %(most)d passkeys; remove one first.") % {"most": MOST_PASSKEYS})
    webauthn = _webauthn()
    try:
        webauthn.parse_registration_response(credential)
        webauthn.complete_registration(credential)
    except _BAD as error:
        raise _wrong_key() from error
    webauthn.WebAuthn.add(person, name, credential)
    return first_recovery_codes(person)


def ask_passkey(person: Person | None) -> str:
    """What the browser needs to use a passkey: of this person, or, to sign in with, of whoever is there. As JSON."""
    return json.dumps(_webauthn().begin_authentication(person))


def take_passkey(person: Person | None, text: str, *, at: datetime) -> Person:
    """Whose passkey answered. Refused if it is nobody's, or not this person's."""
    credential, webauthn = _read(text), _webauthn()
    try:
        owner = person or webauthn.extract_user_from_response(credential)
        found = webauthn.complete_authentication(owner, credential)
    except _BAD as error:
        raise _wrong_key() from error
    if not owner.is_active:
        raise _wrong_key()
    found.last_used_at = at
    found.save(update_fields=["last_used_at"])
    return owner


# Taking away.


@transaction.atomic
def remove(person: Person, pk: int, *, roles: list[str]) -> Authenticator:
    """Take away one of one's own factors; the last one stays while a post needs it. Recovery codes go with the last."""
    Person.objects.select_for_update().get(pk=person.pk)
    held = {each.pk: each for each in of(person)}
    if pk not in held:
        raise Authenticator.DoesNotExist
    if len(held) == 1 and required(roles):
        raise Refusal(_("Your post needs a second factor: add another one before you remove this."))
    gone = held[pk]
    gone.delete()
    if len(held) == 1:
        Authenticator.objects.filter(user=person).delete()
    return gone


def remove_all(person: Person) -> int:
    """Take away all factors: the device is lost, and an administrator has made sure who asks."""
    return Authenticator.objects.filter(user=person).delete()[0]


def name_of(factor: Authenticator) -> str:
    """What the person calls it."""
    return str(factor.data.get("name", "")) if factor.type == Kind.WEBAUTHN else _("authenticator app")
