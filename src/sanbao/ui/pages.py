"""What a view must declare, and the three things it does: get, ask, show.

Every view carries a mark: `@page(permission)`, `@page.public` or `@page.signed_in`. `require_marks()` walks the URL tree when it
is loaded and refuses to start with an unmarked view, so that no page can be added without saying who may open it.
Out of role is 403; out of scope is 404 and comes from `visible_to`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import URLPattern, URLResolver

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a view says of itself. `permission` is empty for pages open to everyone signed in, or to anyone."""

    permission: str
    audience: str  # "anyone", "signed in" or "permitted"
    methods: tuple[str, ...]


def _marked(view: View, mark: Mark) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in mark.methods and not (request.method == "HEAD" and "GET" in mark.methods):
            return HttpResponseNotAllowed(mark.methods)
        if mark.audience != "anyone":
            if not request.user.is_authenticated:
                return _ask_to_sign_in(request)
            if mark.permission and not request.access.may(mark.permission):
                raise PermissionDenied(mark.permission)
        response = view(request, *args, **kwargs)
        if mark.audience != "anyone":
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    guarded.mark = mark  # type: ignore[attr-defined]
    return guarded


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send the visitor to the sign-in page; a fragment asks the whole page to go there."""
    if request.htmx:
        return HttpResponse(status=401, headers={"HX-Redirect": resolve_url("accounts:sign-in")})
    return redirect_to_login(request.get_full_path())


class _Page:
    """The decorator. `@page("settlements:statement:view", "GET")` marks a view for those whose post permits it."""

    def __call__(self, permission: str, *methods: str) -> Callable[[View], View]:
        mark = Mark(str(permission), "permitted", methods or ("GET",))
        return lambda view: _marked(view, mark)

    def signed_in(self, *methods: str) -> Callable[[View], View]:
        """Open to whoever has signed in, whatever the post: one's own home, language, password."""
        mark = Mark("", "signed in", methods or ("GET",))
        return lambda view: _marked(view, mark)

    def public(self, *methods: str) -> Callable[[View], View]:
        """Open to anyone: sign-in, health. Say why in the view's docstring."""
        mark = Mark("", "anyone", methods or ("GET",))
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
    bare = [path for path, _, view in walk(patterns) if not isinstance(getattr(view, "mark", None), Mark)]
    if bare:
        raise ImproperlyConfigured(
            "These URLs do not say who may open them; mark their views with @page(permission), @page.signed_in() or "
            f"@page.public(): {', '.join(bare)}"
        )
    return patterns
