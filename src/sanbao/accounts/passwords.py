"""What a password must be, and setting one.

Two policies, chosen for the installation by SANBAO_PASSWORDS. "asvs" follows OWASP ASVS 5.0, 6.2: length is what counts, no rules of
composition, no change without a reason. "mlps" adds what assessors of 网络安全等级保护 ask for; see docs/adr/accounts-passwords.md.
"""

import re
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts import sessions
from sanbao.accounts.models import Company, PastPassword, Person, same_form
from sanbao.ui.refusal import Refusal

LONGEST = 128  # ASVS 6.2.9 asks for at least 64


class Policy(NamedTuple):
    """`kinds` of characters a password needs, `days` until it must be changed (0: never), how many of the last are refused."""

    shortest: int
    kinds: int
    days: int
    history: int
    source: str


POLICIES = {
    "asvs": Policy(12, 0, 0, 0, "OWASP ASVS 5.0: 6.2.1, 6.2.5, 6.2.10; 12 characters are the house's"),
    "mlps": Policy(12, 3, 90, 5, "GB/T 22239-2019 8.1.4.1 a); the figures are ours (facts/china.md 9.2)"),
}
_KINDS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
# Words everybody here would think of (ASVS 6.2.11); the company's and the person's own names are added to them.
_CONTEXT = ("sanbao", "三包", "售后", "password", "passwort", "mima", "密码", "admin", "管理员")


def policy() -> Policy:
    """The policy of this installation."""
    return POLICIES[settings.PASSWORD_POLICY]


def rules() -> list[str]:
    """What the policy asks for, in sentences, shown beside the field (ASVS 6.1.2)."""
    now = policy()
    told = [
        _("At least %(shortest)d characters, at most %(longest)d; a sentence is best.")
        % {"shortest": now.shortest, "longest": LONGEST},
        _("Not a common password, and not made of your name, the company's or the program's."),
    ]
    if now.kinds:
        told.append(
            _("At least %(kinds)d kinds of: small letters, capitals, digits, others.") % {"kinds": now.kinds}
        )
    if now.history:
        told.append(_("None of your last %(count)d passwords.") % {"count": now.history})
    if now.days:
        told.append(_("To be changed every %(days)d days.") % {"days": now.days})
    return told


def require_good(raw: str, person: Person) -> None:
    """Refuse a password the policy does not allow, with what to do about it."""
    text, now = same_form(raw), policy()
    if len(text) < now.shortest:
        _refuse(_("Use at least %(shortest)d characters.") % {"shortest": now.shortest})
    if len(text) > LONGEST:
        _refuse(_("Use at most %(longest)d characters.") % {"longest": LONGEST})
    if sum(bool(re.search(kind, text)) for kind in _KINDS) < now.kinds:
        _refuse(
            _("Use at least %(kinds)d kinds of: small letters, capitals, digits, others.")
            % {"kinds": now.kinds}
        )
    if _is_common(text):
        _refuse(_("This password is one of those tried first. Choose another."))
    if _is_context(text, person):
        _refuse(_("This password is made of names anybody here would think of. Choose another."))
    if now.history and _was_used(raw, person, now.history):
        _refuse(_("You have had this password before. Choose another."))


def _refuse(sentence: str) -> None:
    raise Refusal(sentence, code="password", field="password")


@cache
def _common() -> set[str]:
    """Twenty thousand, read when the first password is set: few processes see one."""
    found: set[str] = CommonPasswordValidator().passwords
    return found


def _is_common(text: str) -> bool:
    """In the list of common passwords, with or without what people put behind it, or hardly more than one character."""
    plain = text.lower().strip()
    bare = re.sub(r"[\W\d_]+$", "", plain)
    return plain in _common() or bare in _common() or len(set(plain)) < 5


def _is_context(text: str, person: Person) -> bool:
    """Whether little is left of it without the names that are known here."""
    left = text.casefold()
    companies = Company.objects.values_list("code", "name", "short_name")[:50]
    words = [*_CONTEXT, person.username, person.name, *(word for company in companies for word in company)]
    for word in sorted({same_form(word).casefold() for word in words}, key=len, reverse=True):
        if len(word) > 3 or (len(word) > 1 and not word.isascii()):
            left = left.replace(word, "")
    return len(re.sub(r"[\W\d_]", "", left)) < 4 and len(left) < len(text)


def _was_used(raw: str, person: Person, history: int) -> bool:
    past = PastPassword.objects.filter(person=person).order_by("-id").values_list("password", flat=True)
    return any(check_password(same_form(raw), each) for each in [person.password, *past[: history - 1]])


@transaction.atomic
def put(person: Person, raw: str, *, at: datetime, here: SessionBase | None = None) -> None:
    """Set a password that the policy allows. All sessions but the one `here` end (ASVS 7.4.3)."""
    require_good(raw, person)
    kept = policy().history
    if kept and person.has_usable_password():
        PastPassword.objects.create(person=person, password=person.password, at=at)
    old = PastPassword.objects.filter(person=person).order_by("-id").values_list("pk", flat=True)[kept:]
    PastPassword.objects.filter(pk__in=list(old)).delete()
    person.set_password(raw)
    person.password_set_at = at
    person.save(update_fields=["password", "password_set_at"])
    sessions.end_all(person, but=here)


def is_too_old(person: Person, at: datetime) -> bool:
    """Whether the policy asks for another password before anything else."""
    days = policy().days
    if not days or not person.has_usable_password():
        return False
    return person.password_set_at is None or person.password_set_at <= at - timedelta(days=days)
