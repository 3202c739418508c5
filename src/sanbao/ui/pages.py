"""What a view must declare, and the three things it does: get, ask, show.

Every view carries a mark: `@page(permission, …)`, `@page.public(…)` or `@page.signed_in(…)`, and an API endpoint `@endpoint(…)`
(endpoints.py). A mark says who may open it, whose rows it works with, which events it leaves and how often one may ask; guard.py
keeps to it. `require_marks()` walks the URL tree when it is loaded and refuses to start with a view that lacks any of it, so no page
can be added without. Out of role is 403; out of scope is 404 and comes from `visible_to`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import URLPattern, URLResolver

from sanbao.edge.rates import RATES

View = Callable[..., HttpResponse]
SAFE = ("GET", "HEAD")


class Scope(StrEnum):
    """Whose rows a view works with. Outside an open scope companies' rows can't be read at all."""

    NONE = "none"  # no company's rows: sign-in, health, the look itself
    OWN = "own"  # what belongs to the signed-in person
    COMPANY = "company"  # rows without a place: everybody whose post carries the permission sees the same
    PLACES = "places"  # rows of the company, regions or outlets the person's posts reach


@dataclass(frozen=True, slots=True)
class Mark:
    """What a view says of itself. `permission` is empty for pages open to everyone signed in, or to anyone.

    `audit` are the events of which a success leaves at least one ("module:thing:verb", `*` for any verb; with "" among them it may
    leave none, as a bulk move of which every row is refused); none for views that change and hand out nothing worth an event. `rate` is a name in edge/rates.py.
    A `piecewise` view's write is not one transaction: it does each piece in one of its own (guard.piece), and answers for each.
    """

    permission: str
    audience: str  # "anyone", "signed in", "permitted" or "api"
    methods: tuple[str, ...]
    scope: Scope
    audit: tuple[str, ...]
    rate: str
    piecewise: bool = False

    def __post_init__(self) -> None:
        if self.rate not in RATES:
            raise ImproperlyConfigured(
                f"There is no rate “{self.rate}”: add it to edge/rates.py, or name one of it."
            )
        if not isinstance(self.scope, Scope):
            raise ImproperlyConfigured(f"A view's scope is one of {', '.join(Scope)}, not {self.scope!r}.")


def as_events(audit: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """A mark's `audit` as a tuple."""
    return () if audit is None else (audit,) if isinstance(audit, str) else tuple(audit)


def _marked(view: View, mark: Mark) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        from sanbao.ui import guard  # it needs show() and the mark

        if request.method not in mark.methods and not (request.method == "HEAD" and "GET" in mark.methods):
            return HttpResponseNotAllowed(mark.methods)
        response = guard.page(request, mark, lambda: view(request, *args, **kwargs))
        if mark.audience != "anyone":
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    guarded.mark = mark  # type: ignore[attr-defined]
    return guarded


class _Page:
    """The decorator. `@page("settlements:statement:view", scope=Scope.PLACES, audit=None, rate="page")`."""

    def __call__(
        self, permission: str, *methods: str, scope: Scope, audit: str | tuple[str, ...] | None, rate: str, piecewise: bool = False
    ) -> Callable[[View], View]:  # fmt: skip
        mark = Mark(str(permission), "permitted", methods or ("GET",), scope, as_events(audit), rate, piecewise)  # fmt: skip
        return lambda view: _marked(view, mark)

    def signed_in(
        self, *methods: str, scope: Scope, audit: str | tuple[str, ...] | None, rate: str
    ) -> Callable[[View], View]:
        """Open to whoever has signed in, whatever the post: one's own home, language, password."""
        mark = Mark("", "signed in", methods or ("GET",), scope, as_events(audit), rate)
        return lambda view: _marked(view, mark)

    def public(self, *methods: str, audit: str | tuple[str, ...] | None, rate: str) -> Callable[[View], View]:
        """Open to anyone: sign-in, health. Say why in the view's docstring. No scope is opened."""
        mark = Mark("", "anyone", methods or ("GET",), Scope.NONE, as_events(audit), rate)
        return lambda view: _marked(view, mark)


page = _Page()


def show(request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200,
         parts: Iterable[str] = ()) -> HttpResponse:  # fmt: skip
    """Answer with a page, or with the one named part of it that HTMX asks for.

    The part's name is the id of the element it replaces; only the parts the view lists may be asked for.
    """
    target = request.htmx.target if request.htmx else None
    name = f"{template}#{target}" if target and target in parts else template
    response = render(request, name, context or {}, status=status)
    response.headers["Vary"] = "Cookie, HX-Request, HX-Target"
    return response


def go(to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """After a change: send the reader to the page that shows it (303, so that reloading repeats nothing)."""
    return HttpResponseRedirect(resolve_url(to, *args, **kwargs), status=303)


def walk(
    patterns: Iterable[URLPattern | URLResolver], prefix: str = "", space: str = ""
) -> Iterator[tuple[str, str, Any]]:
    """Every URL below: (path, full name, view)."""
    for pattern in patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(
                pattern.url_patterns, here, space + (f"{pattern.namespace}:" if pattern.namespace else "")
            )
        else:
            yield here, space + (pattern.name or ""), pattern.callback


def require_marks(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Refuse to start while any URL has no mark; returns the patterns, so that `urlpatterns = require_marks([...])`."""
    bare = [path for path, _, view in walk(patterns) if not marks(view)]
    if bare:
        raise ImproperlyConfigured(
            "These URLs do not say who may open them, whose rows they work with, which events they leave and how often one may "
            "ask; mark their views with @page(permission, …), @page.signed_in(…), @page.public(…) or @endpoint(permission, …): "
            f"{', '.join(bare)}"
        )
    return patterns


def marks(view: Any) -> tuple[Mark, ...]:
    """A view's mark; of an API address one for each endpoint. Empty if any is missing."""
    mark = getattr(view, "mark", None)
    found = mark if isinstance(mark, tuple) else (mark,)
    return found if all(isinstance(each, Mark) for each in found) else ()
