"""What stands between the URL and the view: the mark is kept to, a change is one transaction, done once, and leaves its event.

A view is run in its scope. A write is run in one transaction with the answer kept under the sender's key (edge/once.py), and once more
if the database had to break it off for a deadlock; a lock that others hold too long becomes a sentence instead of a wait.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from contextvars import ContextVar
from fnmatch import fnmatchcase
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.edge import metrics, once, rates
from sanbao.edge.models import Answered
from sanbao.edge.storing import in_one_message
from sanbao.ui.pages import SAFE, Mark, Scope
from sanbao.ui.refusal import Busy, Refusal, Stale, TooMany

# What modules above look at before a view is run: each answers None, or the page to show instead (step-up, a second factor).
BEFORE: list[Callable[[HttpRequest, Mark], HttpResponse | None]] = []

DEADLOCK, SERIALIZATION = "40P01", "40001"
LOCK_TIMEOUT, CANCELED = "55P03", "57014"

_left: ContextVar[list[str] | None] = ContextVar("events left", default=None)


def leave(event: str) -> None:
    """An event was written: the audit module says so, and the guard compares it with the view's mark."""
    if (left := _left.get()) is not None:
        left.append(event)


def page(request: HttpRequest, mark: Mark, run: Callable[[], HttpResponse]) -> HttpResponse:
    """Run a page's view under its mark."""
    if mark.audience != "anyone":
        if not request.user.is_authenticated:
            return _ask_to_sign_in(request)
        if mark.permission and not request.access.may(mark.permission):
            raise PermissionDenied(mark.permission)
    _brake(request, mark)
    for look in BEFORE:
        if (instead := look(request, mark)) is not None:
            return instead
    if request.method in SAFE or mark.audience == "anyone" or mark.piecewise:
        return _traced(request, mark, lambda: _in_scope(request, mark, run))
    return _traced(request, mark, lambda: _write(request, mark, run))


def endpoint(request: HttpRequest, mark: Mark, run: Callable[[], Any]) -> Any:
    """Run an API endpoint under its mark; the answer is plain data, or the kept answer of an earlier call."""
    request.access.require(mark.permission)
    _brake(request, mark)
    for look in BEFORE:
        if (instead := look(request, mark)) is not None:
            return instead
    if request.method in SAFE:
        return _in_scope(request, mark, run)
    return _traced(request, mark, lambda: _write(request, mark, run))


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send the visitor to the sign-in page; a fragment asks the whole page to go there."""
    if request.htmx:
        return HttpResponse(status=401, headers={"HX-Redirect": resolve_url("accounts:sign-in")})
    return redirect_to_login(request.get_full_path())


def _who(request: HttpRequest) -> str:
    access = getattr(request, "access", None)  # missing where the look is shown alone, in its own tests
    if access and access.person_id:
        return f"{access.person_id}:{access.company_id}"
    return str(request.META.get("REMOTE_ADDR", ""))


def _brake(request: HttpRequest, mark: Mark) -> None:
    if seconds := rates.wait(mark.rate, _who(request)):
        raise TooMany(seconds)


def _in_scope(request: HttpRequest, mark: Mark, run: Callable[[], Any]) -> Any:
    with _scope(request, mark):
        return run()


def _scope(request: HttpRequest, mark: Mark, way: str = "open_scope") -> AbstractContextManager[None]:
    """The mark's scope; without a post there is nothing to open, and companies' rows stay closed."""
    if mark is _OF_A_VISITOR:
        return nullcontext()
    if mark.scope == Scope.NONE or request.access.company_id is None:
        no_scope: Callable[[], AbstractContextManager[None]] = getattr(request, "no_scope", nullcontext)
        return no_scope()
    scope: AbstractContextManager[None] = getattr(request, way, request.open_scope)()
    return scope


def _write(request: HttpRequest, mark: Mark, run: Callable[[], Any]) -> Any:
    """One transaction, tried once more after a deadlock."""
    door = "page" if mark.audience != "api" else "api"
    return _twice(lambda: _attempt(request, mark, run), door, lambda: _rewind(request))


def piece(run: Callable[[], Any]) -> Any:
    """One piece of a piecewise view's work: a transaction of its own, tried once more after a deadlock."""

    def whole() -> Any:
        with transaction.atomic():
            return run()

    return _twice(whole, "page", lambda: None)


def _twice(attempt: Callable[[], Any], door: str, rewind: Callable[[], None]) -> Any:
    nested = connection.in_atomic_block
    try:
        return attempt()
    except OperationalError as error:
        code = getattr(error.__cause__, "sqlstate", "")
        if code in (LOCK_TIMEOUT, CANCELED):
            raise Busy from error
        if code not in (DEADLOCK, SERIALIZATION) or nested:
            raise
    metrics.retry(door)
    rewind()
    return attempt()


def carry_out(request: HttpRequest, run: Callable[[], HttpResponse]) -> HttpResponse:
    """A public view's change, in the scope it has opened itself: one transaction, once under the form's key, again after a deadlock."""
    return _write(request, _OF_A_VISITOR, run)


_OF_A_VISITOR = Mark("", "anyone", ("POST",), Scope.NONE, (), "public")


def _rewind(request: HttpRequest) -> None:
    """Undo what the broken-off attempt did to the request itself: files read to their end, messages to the reader."""
    for files in request.FILES.lists():
        for file in files[1]:
            file.seek(0)
    if queued := getattr(request, "_messages", None):
        queued._queued_messages.clear()


def _attempt(request: HttpRequest, mark: Mark, run: Callable[[], Any]) -> Any:
    try:
        key = once.key_in(request)
    except once.Unfit:
        raise Refusal(
            _("An Idempotency-Key has 8 to 80 letters, digits, “.”, “:”, “_” or “-”."), code="key_unfit"
        ) from None
    with transaction.atomic(), ExitStack() as scope:
        if not key:
            scope.enter_context(_scope(request, mark, "scope_of_transaction"))
            return run()
        asked = once.read(request, _who(request), key)
        with in_one_message():
            scope.enter_context(_scope(request, mark, "scope_of_transaction"))
            told = once.take(asked)
        taken, earlier = told()
        if not taken:
            raise Stale(
                _("The same request is being carried out at this moment. Wait a little, then look."),
                code="in_flight",
            )
        if earlier is not None:
            return _again(request, mark, asked, earlier)
        answer = run()
        _keep(asked, answer)
        return answer


def _again(request: HttpRequest, mark: Mark, asked: once.Request, earlier: Answered) -> HttpResponse:
    """The answer of the first time."""
    if not once.is_same(asked, earlier):
        raise Refusal(
            _(
                "This form has been sent already, with other contents. Load the page anew and fill it in again."
            ),
            code="key_reused",
        )
    if mark.audience == "api":
        return HttpResponse(
            earlier.content or "{}", status=earlier.status, content_type="application/json; charset=utf-8",
            headers={"Idempotent-Replayed": "true"},
        )  # fmt: skip
    request.done_before = True
    messages.info(request, _("This was done already; it has not been done a second time."))
    return HttpResponseRedirect(earlier.location or request.get_full_path(), status=303)


def _keep(asked: once.Request, answer: Any) -> None:
    now = timezone.now()
    if not isinstance(answer, HttpResponse):
        once.keep(asked, status=200, content=json.dumps(answer, ensure_ascii=False, default=str), at=now)
    elif answer.status_code < 400:
        once.keep(asked, status=answer.status_code, location=answer.headers.get("Location", ""), at=now)


def _traced(request: HttpRequest, mark: Mark, run: Callable[[], Any]) -> Any:
    """Where settings.CHECK_EVENTS is on (tests, development), a success must leave an event the mark names."""
    if not settings.CHECK_EVENTS:
        return run()
    left: list[str] = []
    token = _left.set(left)
    try:
        answer = run()
    finally:
        _left.reset(token)
    named = any(fnmatchcase(event, pattern) for event in left for pattern in mark.audit)
    if mark.audit and "" not in mark.audit and not named and _must_leave(request, answer):
        raise AssertionError(
            f"{request.method} {request.path} left {left or 'no event'}, not {' or '.join(mark.audit)}"
        )
    if not mark.audit and left:
        raise AssertionError(f"{request.method} {request.path} left {left}, which its mark does not name")
    return answer


def _must_leave(request: HttpRequest, answer: Any) -> bool:
    """A write that went through, or a file handed out; a form shown again, and the answer of an earlier time, need leave nothing."""
    if not isinstance(answer, HttpResponse):
        return True
    if request.method in SAFE:
        return "attachment" in answer.headers.get("Content-Disposition", "")
    done_before = "Idempotent-Replayed" in answer.headers or getattr(request, "done_before", False)
    return answer.status_code in (301, 302, 303) and not done_before
