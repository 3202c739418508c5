"""Gives every request its access: who is at work here, with which posts, read anew each time so that rights taken away end at once."""

from collections.abc import Callable

from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from sanbao.accounts import scope, sessions
from sanbao.accounts.access import NOBODY, Access
from sanbao.edge import kept
from sanbao.outlets.queries import access_from, postings_of, posts_told


def access(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Set `request.access` (an Access) and `request.postings`, both read only when a view asks for them; and the ways into a scope."""

    def middleware(request: HttpRequest) -> HttpResponse:
        number = getattr(request, "number", "")  # edge/watch.py gave it

        def postings() -> list:
            if not request.user.is_authenticated:
                return []
            if sessions.read_along(request.user.pk) is not None:
                return posts_told(sessions.along("posts", request.user.pk))
            held = postings_of(request.user, timezone.localdate())
            kept.know(held[0].tokens if held else None)
            return held

        def at_work() -> Access:
            # Read once, they stand in the request as they are: each look through a SimpleLazyObject costs as much as a call.
            request.user = get_user(request)
            request.access = (
                access_from(
                    request.user,
                    request.postings,
                    company_id=request.session.get("company"),
                    request=number,
                    address=request.META.get("REMOTE_ADDR", ""),
                )
                if request.user.is_authenticated
                else NOBODY
            )
            return request.access

        request.postings = SimpleLazyObject(postings)
        request.access = SimpleLazyObject(at_work)
        request.open_scope = lambda: scope.opened(request.access)
        request.scope_of_transaction = lambda: scope.through(request.access)
        request.no_scope = scope.closed
        return get_response(request)

    return middleware
