"""The JSON API at /api/v1/: the same operations and the same visibility as the pages. OpenAPI at /api/v1/openapi.json.

Whoever calls shows a token (`Authorization: Bearer sb_…`, made on the page "API tokens") or is signed in by session; a session's
writes need its CSRF token. Each endpoint declares its permission, as every page does.
"""

import json
import re
from dataclasses import replace
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, RawPostDataException
from django.urls import URLPattern
from django.utils import timezone, translation
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from ninja.security import HttpBearer, SessionAuth

from sanbao.accounts import origin, tokens
from sanbao.accounts.access import Access
from sanbao.backtests.api import router as backtests
from sanbao.callbacks.api import router as callbacks
from sanbao.complaints.api import router as complaints
from sanbao.customers.api import router as customers
from sanbao.documents.api import router as documents
from sanbao.edge.hygiene import Dirty, read_json, refuse
from sanbao.hooks.api import router as hooks
from sanbao.improvements.api import router as improvements
from sanbao.intake.api import router as intake
from sanbao.intake.times_api import router as times
from sanbao.knowledge.api import router as knowledge
from sanbao.outlets.queries import access_of
from sanbao.products.api import router as products
from sanbao.products.units_api import router as units
from sanbao.regulations.api import router as regulations
from sanbao.settlements.api import router as settlements
from sanbao.surveys.api import router as surveys
from sanbao.ui.pages import Mark, Scope
from sanbao.ui.refusal import Refusal, TooMany
from sanbao.workorders.api import router as workorders


class Plain(BaseRenderer):
    """JSON with Chinese as Chinese."""

    media_type = "application/json"
    charset = "utf-8"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return json.dumps(data, ensure_ascii=False, default=str).encode()


class Careful(Parser):
    """JSON as the edge reads it: no name twice, no NaN, no half characters, at most a megabyte and 32 levels."""

    def parse_body(self, request: HttpRequest) -> Any:
        if not hasattr(request, "json"):
            request.json = read_json(request.body)  # type: ignore[attr-defined]
        return request.json


class ByToken(HttpBearer):
    """A person's token: the request acts with the posts its owner holds in the token's company today, within the token's scopes."""

    def authenticate(self, request: HttpRequest, token: str) -> Access | None:
        now, address = timezone.now(), origin.address(request)
        found = tokens.use(token, address=address, at=now)
        if found is None:
            return None
        access = access_of(found.person, timezone.localdate(), company_id=found.company_id, request="api")
        if access.company_id != found.company_id:
            return None  # its owner has no post there any more
        request.token = found  # type: ignore[attr-defined]
        request.access = tokens.narrow(access, found)  # type: ignore[attr-defined]
        return request.access  # type: ignore[attr-defined,no-any-return]


class BySession(SessionAuth):
    """The signed-in person of the pages; writes are protected against other sites by the CSRF token."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Access | None:
        if not request.user.is_authenticated:
            return None
        access: Access = request.access  # type: ignore[attr-defined]
        return access if access.company_id else None


api = NinjaAPI(
    title="Sanbao",
    version="1",
    renderer=Plain(),
    parser=Careful(),
    auth=[ByToken(), BySession(csrf=True)],
    docs_url=None,
    urls_namespace="api",
)
api.add_router("/requests", intake)
api.add_router("/settlements", settlements)
api.add_router("/knowledge", knowledge)
api.add_router("/improvements", improvements)
api.add_router("/surveys", surveys)
api.add_router("/working-times", times)
api.add_router("/orders", workorders)
api.add_router("/callbacks", callbacks)
api.add_router("/complaints", complaints)
api.add_router("/products", products)
api.add_router("/customers", customers)
api.add_router("/units", units)
api.add_router("/webhooks", hooks)
api.add_router("/regulations", documents)
api.add_router("/rules", regulations)
api.add_router("/backtests", backtests)


def _answer(request: HttpRequest, status: int, code: str, sentence: str, **more: Any) -> HttpResponse:
    return api.create_response(request, {"code": code, "sentence": sentence, **more}, status=status)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """What an operation refuses, with the field and the rows it is about."""
    response = _answer(
        request, refusal.status, refusal.code, str(refusal), field=refusal.field, details=refusal.details
    )
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja itself refuses: an empty body where JSON is asked for."""
    if error.status_code == 400:
        return refuse(request, Dirty("no_json"))
    return _answer(request, error.status_code, "refused", str(error))


@api.exception_handler(RawPostDataException)
def a_form(request: HttpRequest, error: RawPostDataException) -> HttpResponse:
    """A form where JSON is asked for: it was read as a form already."""
    return refuse(request, Dirty("content_type", 415))


@api.exception_handler(Dirty)
def dirty(request: HttpRequest, error: Dirty) -> HttpResponse:
    return refuse(request, error)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What does not fit the declared fields, each with its place."""
    sentence = translation.gettext("Some fields do not fit; see `detail`.")
    return _answer(request, 422, "invalid", sentence, detail=error.errors)


@api.exception_handler(PermissionDenied)
def denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    sentence = translation.gettext("Your post does not permit this.")
    return _answer(request, 403, "denied", sentence, permission=str(error))


@api.exception_handler(ObjectDoesNotExist)
@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Exception) -> HttpResponse:
    return _answer(request, 404, "missing", translation.gettext("There is no such thing here."))


def marked_urls() -> list[URLPattern]:
    """The API's URLs, each with the marks of the endpoints at it; `require_marks` refuses an address where one has none."""
    patterns, _app, _namespace = api.urls
    marks: dict[str, tuple[Mark | None, ...]] = {}
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            at = f"{prefix}/{path}".replace("//", "/").strip("/")
            marks[_plain(at)] = tuple(
                replace(mark, methods=tuple(operation.methods))
                if (mark := getattr(operation.view_func, "mark", None))
                else None
                for operation in view.operations
            )
    for pattern in patterns:
        own = OPEN.get(str(pattern.pattern)) or marks.get(_plain(str(pattern.pattern)))
        pattern.callback.mark = own  # type: ignore[attr-defined]
    return patterns


def _plain(path: str) -> str:
    """An address without the types of its arguments: Ninja writes {pk}, Django <pk>."""
    return re.sub(r"[{<](?:\w+:)?(\w+)[}>]", r"<\1>", path).strip("/")


# The description of the API holds nothing of anybody, and signing in is asked for all the same.
OPEN = {
    "openapi.json": Mark("", "anyone", ("GET",), Scope.NONE, (), "public"),
    "": Mark("", "anyone", ("GET",), Scope.NONE, (), "public"),
}
