"""What a person must do before anything else opens: set up a second factor that their post needs, change a password that is too old."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts import factors, passwords
from sanbao.accounts.stepup import send
from sanbao.ui.pages import Mark
from sanbao.ui.refusal import Refusal

# What stays open, so that one can do it, or go.
OPEN = frozenset((
    "accounts:security", "accounts:app", "accounts:add-passkey", "accounts:recovery-codes", "accounts:password",
    "accounts:confirm", "accounts:sign-out", "accounts:company", "accounts:sessions", "accounts:end-session",
    "accounts:end-other-sessions", "set_language",
))  # fmt: skip


class Closed(Refusal):
    """A program signed in by session meets the same gate."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            _("Set up your second factor, or change your password, on the pages first."), code="account"
        )


def lacks_factor(request: HttpRequest) -> bool:
    """Whether a post held today, in whatever company, needs a second factor that the person has not set up."""
    return factors.required([posting.role for posting in request.postings]) and not factors.has(request.user)


def look(request: HttpRequest, mark: Mark) -> HttpResponse | None:
    """In guard.BEFORE: None, or the page where it is to be done."""
    if mark.audience == "anyone" or getattr(request, "token", None):
        return None
    where = request.resolver_match
    if where is not None and where.view_name in OPEN:
        return None
    asked = ""
    if passwords.is_too_old(request.user, timezone.now()):
        asked = "accounts:password"
    elif settings.SECOND_FACTOR == "required" and lacks_factor(request):
        asked = "accounts:security"
    if not asked:
        return None
    if mark.audience == "api":
        raise Closed
    return send(request, resolve_url(asked))


def reminder(request: HttpRequest) -> bool:
    """Whether to remind of a second factor that is postponed: only in a demonstration."""
    return settings.SECOND_FACTOR == "postponed" and request.user.is_authenticated and lacks_factor(request)
