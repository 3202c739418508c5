"""The mark of an API endpoint: what `@page` is to a page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest

from sanbao.ui import guard
from sanbao.ui.pages import Mark, Scope, as_events

Endpoint = Callable[..., Any]


def endpoint(
    permission: str, *, scope: Scope, audit: str | tuple[str, ...] | None, rate: str = "api"
) -> Callable[[Endpoint], Endpoint]:
    """Declare an endpoint's permission, scope, events and rate; the guard keeps to them before anything else is looked at."""
    mark = Mark(str(permission), "api", (), scope, as_events(audit), rate)

    def marked(view: Endpoint) -> Endpoint:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return guard.endpoint(request, mark, lambda: view(request, *args, **kwargs))

        guarded.mark = mark  # type: ignore[attr-defined]
        return guarded

    return marked
