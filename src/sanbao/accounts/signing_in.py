"""Signing in: who it is, and that nothing is learnt from being refused.

A wrong name, a wrong password, a person who was deactivated and one who has set no password yet get the same sentence after the same
work (ASVS 6.3.8); the hash of a password is computed in every case.
"""

from datetime import datetime, timedelta

from django.contrib.auth import login
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from sanbao.accounts import factors, lockout, origin, sessions
from sanbao.accounts.events import tell
from sanbao.accounts.models import Person, SignIn, same_form
from sanbao.edge import logs
from sanbao.ui.refusal import Refusal

PENDING = "second-factor"
PATIENCE = timedelta(minutes=10)


class ByPassword(ModelBackend):
    """Django's own way of asking for name and password: one hash is computed whether or not there is such a person."""

    def get_user(self, user_id: int) -> Person | None:
        """The person at work; the row that came with the session of this very request will do."""
        person = sessions.read_along(user_id)
        if person is None:
            return super().get_user(user_id)
        return person if self.user_can_authenticate(person) else None


def by_password(request: HttpRequest, username: str, password: str, *, at: datetime) -> Person:
    """The person with this name and password. Refuses with one sentence for whatever is wrong, and with a wait after many failures."""
    name = same_form(username)
    subjects = (("name", name), ("address", origin.address(request)))
    person = Person.objects.filter(username=name).first()
    try:
        closes = lockout.count(*subjects, at=at)
    except lockout.TooMany:
        write(request, person, SignIn.Outcome.LOCKED, "password", at)
        raise
    found = ByPassword().authenticate(request, username=name, password=password)
    if found is None:
        write(request, person, SignIn.Outcome.WRONG, "password", at)
        if person and closes:
            tell("accounts:person:locked", person, at=at, address=origin.address(request))
        raise Refusal(
            _("Name and password do not belong together. Mind capital letters, and try again."), code="wrong"
        )
    lockout.forgive(*subjects)
    return found


def enter(request: HttpRequest, person: Person, way: str, *, at: datetime) -> None:
    """Begin the person's session, under a new key (ASVS 7.2.4)."""
    request.session.pop(PENDING, None)
    login(request, person, backend="sanbao.accounts.signing_in.ByPassword")
    write(request, person, SignIn.Outcome.DONE, way, at)


def wait_for_factor(request: HttpRequest, person: Person, leads_to: str, *, at: datetime) -> None:
    """Keep, for ten minutes, who has given the right password and still owes the second factor."""
    request.session[PENDING] = {
        "person": person.pk,
        "password": person.get_session_auth_hash(),
        "until": (at + PATIENCE).timestamp(),
        "next": leads_to,
    }


def pending(request: HttpRequest, *, at: datetime) -> tuple[Person, str] | None:
    """Who owes the second factor, and where they want to go; None if nobody does, or the password was changed meanwhile."""
    kept = request.session.get(PENDING)
    if not kept or kept["until"] < at.timestamp():
        return None
    person = Person.objects.filter(pk=kept["person"], is_active=True).first()
    if person is None or not constant_time_compare(kept["password"], person.get_session_auth_hash()):
        return None
    return person, kept["next"]


def by_factor(request: HttpRequest, person: Person, code: str, credential: str, *, at: datetime) -> str:
    """Judge a code or a passkey of the person's, counted like passwords; which it was. Refuses what is wrong (ASVS 6.3.1)."""
    subjects = (("code", str(person.pk)), ("address", origin.address(request)))
    closes = lockout.count(*subjects, at=at)
    try:
        if credential:
            factors.take_passkey(person, credential, at=at)
            way = "passkey"
        else:
            way = factors.accept(person, code, at=at)
    except Refusal:
        tell("accounts:factor:refused", person, at=at, address=origin.address(request))
        if closes:
            tell("accounts:person:locked", person, at=at, address=origin.address(request))
        raise
    lockout.forgive(*subjects)
    logs.tell("factor.accepted", account=person.pk, way=way, address=origin.address(request))
    if way == "recovery":
        tell("accounts:factor:recovery-code-used", person, at=at, address=origin.address(request))
    return way


_ACTIONS = {
    SignIn.Outcome.DONE: "accounts:person:signed-in",
    SignIn.Outcome.WRONG: "accounts:person:sign-in-refused",
    SignIn.Outcome.LOCKED: "accounts:person:sign-in-refused",
}


def write(
    request: HttpRequest, person: Person | None, outcome: SignIn.Outcome, way: str, at: datetime
) -> None:
    """Write the try down, for the person and for the event log (ASVS 16.3.1)."""
    address, device = origin.address(request), origin.device(request)
    SignIn.objects.create(
        person=person, at=at, outcome=outcome, way=way, address=address, device=device
    )  # fmt: skip
    if (
        person is None or outcome == SignIn.Outcome.LOCKED
    ):  # the name that was tried is never written: it may be a password
        locked = outcome == SignIn.Outcome.LOCKED
        logs.warn(
            "sign-in.locked" if locked else "sign-in.failed",
            way=way,
            address=address,
            account=person and person.pk,
        )
    if person and outcome != SignIn.Outcome.LOCKED:  # while the door is closed, tries are kept here only
        tell(_ACTIONS[outcome], person, at=at, address=address, device=device, way=way)
