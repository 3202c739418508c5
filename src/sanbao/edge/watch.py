"""Sees every request from its first byte to its answer: gives it an id, times it, counts its statements, writes its line.

The second middleware of all, below the headers only, so that what the layers below refuse is seen too. The id goes out in the header
`X-Request-Id`, stands on the page of a fault and in every line of the log that belongs to the request; from outside it is taken over
only where a proxy of ours stands in front (settings.BEHIND_PROXY) and only if it looks like an id (ASVS 16.2.1, 16.3.x).
"""

import logging
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bound_contextvars

from sanbao.edge import kept, logs, masking, metrics
from sanbao.edge.hygiene import METHODS

_ID = re.compile(r"[0-9a-f]{16,32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Why the database broke a statement off, by PostgreSQL's code.
BROKEN_OFF = {
    "40P01": "deadlock", "40001": "serialization", "55P03": "lock", "57014": "statement", "25P03": "idle",
}  # fmt: skip
_REPLAYS = ("in_flight", "key_reused")


class Meter:
    """Counts a thread's statements and the seconds spent in them. Of what they say, only writes to stamped tables matter (kept.py)."""

    __slots__ = ("seconds", "statements")

    def __init__(self) -> None:
        self.statements = 0
        self.seconds = 0.0

    def __call__(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        kept.wrote(sql)
        begun = perf_counter()
        try:
            return execute(sql, params, many, context)
        except Exception as error:
            broken_off(error)
            raise
        finally:
            self.statements += 1
            self.seconds += perf_counter() - begun


def broken_off(error: Exception) -> None:
    """Tell of a statement that the database gave up for the sake of others."""
    if why := BROKEN_OFF.get(getattr(error.__cause__, "sqlstate", None) or ""):
        metrics.broken_off(why)
        logs.warn("database.broken-off", why=why)


@contextmanager
def metered() -> Iterator[Meter]:
    """Count what a piece of work asks of the database."""
    meter = Meter()
    with connection.execute_wrapper(meter):
        yield meter


def number_of(request: HttpRequest) -> str:
    """The id of a request: a trusted proxy's, else a new one."""
    told = request.META.get("HTTP_X_REQUEST_ID", "") if settings.BEHIND_PROXY else ""
    return told if _ID.fullmatch(told) else secrets.token_hex(8)


def refused(code: str) -> None:
    """Note why the request at hand is being refused; the last reason before a 4xx answer is the one that is told."""
    if (request := logs.current.get()) is not None:
        request.refused_for = code


class watch:
    """The middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.number = number_of(request)  # type: ignore[attr-defined]
        begun = perf_counter()
        current = logs.current.set(request)
        brought = masking.brought.set(lambda: inputs(request))
        try:
            with bound_contextvars(request=request.number), kept.knowing_nothing(), metered() as meter:  # type: ignore[attr-defined]
                response = self.get_response(request)
                write_down(request, response, perf_counter() - begun, meter)
        finally:
            masking.brought.reset(brought)
            logs.current.reset(current)
        response.headers["X-Request-Id"] = request.number  # type: ignore[attr-defined]
        return response


def write_down(request: HttpRequest, response: HttpResponse, seconds: float, meter: Meter) -> None:
    """The request's own line, and before it what a refusal means for security."""
    route, status = route_of(request), response.status_code
    code = getattr(request, "refused_for", "") if status >= 400 else ""
    if 400 <= status < 500:
        _suspect(request, status, code)
    metrics.request(route, method_of(request), status, seconds, meter.statements, meter.seconds, code)
    logs.tell(
        "request",
        logging.WARNING if status >= 500 else logging.INFO,
        route=route,
        method=method_of(request),
        status=status,
        ms=round(seconds * 1000, 1),
        statements=meter.statements,
        db_ms=round(meter.seconds * 1000, 1),
        **({"code": code} if code else {}),
    )


def route_of(request: HttpRequest) -> str:
    """The URL's name, never the address: numbers of things and secrets of links stay out."""
    match = request.resolver_match
    if match is not None:
        return match.view_name or match.route
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"


def method_of(request: HttpRequest) -> str:
    return request.method if request.method in METHODS else "other"


def _suspect(request: HttpRequest, status: int, code: str) -> None:
    """Security events that follow from the answer (ASVS 16.3.2, 16.3.3)."""
    match = request.resolver_match
    fields: dict[str, Any] = {"route": route_of(request), "address": address_of(request)}
    if status == 403 and code != "forgery":
        permission = getattr(getattr(match and match.func, "mark", None), "permission", "")
        logs.warn("permission.refused", code=code or "denied", permission=permission, **fields)
    elif status == 404 and match is not None and match.kwargs and logs.who():
        logs.warn("scope.refused", **fields)
    elif status == 401 and request.path_info.startswith("/api/"):
        logs.warn("token.refused", **fields)
    elif status == 429 and code == "too_many":
        logs.warn("rate.exceeded", **fields)
    elif code in _REPLAYS:
        logs.warn("replay.refused", code=code, **fields)
    elif status == 409:
        logs.tell("stale.refused", code=code or "stale", **fields)


def address_of(request: HttpRequest) -> str:
    """The client's address: behind our own proxy the last entry of X-Forwarded-For, which the proxy wrote; else the connection's."""
    told = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    return re.sub(r"[^0-9A-Fa-f:.%]", "", told.rpartition(",")[2] or request.META.get("REMOTE_ADDR", ""))[:45]


def inputs(request: HttpRequest) -> Iterable[str]:
    """Every text the request brought, for the masking of an exception's text. Nothing is read from the line that was not read before."""
    yield from masking.texts_in(request.GET)
    for _name, values in request.GET.lists():
        yield from values
    form = request.__dict__.get("_post")
    if form is not None:
        for _name, values in form.lists():
            yield from values
    for _name, files in (request.__dict__.get("_files") or {}).items():
        yield getattr(files, "name", "") or ""
    yield from masking.texts_in(request.__dict__.get("json"))
    yield from request.COOKIES.values()
    for name in (
        "HTTP_AUTHORIZATION",
        "HTTP_COOKIE",
        "HTTP_IDEMPOTENCY_KEY",
        "HTTP_X_CSRFTOKEN",
        "HTTP_REFERER",
    ):
        told = request.META.get(name, "")
        yield told
        yield told.rpartition(" ")[2]
    yield from (
        str(value) for value in (request.resolver_match.kwargs if request.resolver_match else {}).values()
    )
    yield request.META.get("QUERY_STRING", "")
