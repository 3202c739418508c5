"""What the menus of a list send: everything goes back to the list it came from, with what has been done or what to do instead."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from sanbao.ui.lists import in_places
from sanbao.ui.pages import Scope, go, page
from sanbao.ui.refusal import Refusal
from sanbao.views import operations
from sanbao.views.models import View


@page.signed_in("POST", scope=Scope.OWN, audit=("views:view:saved", ""), rate="write")
def save(request: HttpRequest) -> HttpResponse:
    """Keep the present cut under a name."""

    def done() -> str:
        view = operations.save(
            request.POST.get("list", ""), request.POST.get("name", ""), _cut(request),
            shared_with=request.POST.get("shared_with", ""), by=request.access, at=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("The view “%(name)s” has been kept.") % {"name": view.name})
        return f"view={view.pk}"

    return _back(request, done)


@page.signed_in("POST", scope=Scope.OWN, audit=("views:view:changed", ""), rate="write")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name, shared with others or with nobody."""
    view = _found(request, pk)

    def done() -> str:
        operations.change(
            view, request.POST.get("name", ""), shared_with=request.POST.get("shared_with", view.shared_with),
            by=request.access, at=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("The view has been changed."))
        return f"view={pk}"

    return _back(request, done)


@page.signed_in("POST", scope=Scope.OWN, audit=("views:view:replaced", ""), rate="write")
def replacement(request: HttpRequest, pk: int) -> HttpResponse:
    """The present cut in the view's place."""
    view = _found(request, pk)

    def done() -> str:
        operations.replace(view, _cut(request), by=request.access, at=timezone.now())
        messages.success(request, _("The view now shows the present cut."))
        return f"view={pk}"

    return _back(request, done)


@page.signed_in("POST", scope=Scope.OWN, audit="views:view:deleted", rate="write")
def deletion(request: HttpRequest, pk: int) -> HttpResponse:
    """The view goes; the list stays as it is shown."""
    view = _found(request, pk)

    def done() -> str:
        operations.delete(view, by=request.access, at=timezone.now())
        messages.success(request, _("The view “%(name)s” has been deleted.") % {"name": view.name})
        return "in=all"

    return _back(request, done)


@page.signed_in("POST", scope=Scope.OWN, audit=("views:habit:default", ""), rate="write")
def default(request: HttpRequest, pk: int) -> HttpResponse:
    """The list opens with this view."""
    return _back(request, lambda: _open_with(request, _seen(request, pk), begins=True))


@page.signed_in("POST", scope=Scope.OWN, audit=("views:habit:default", ""), rate="write")
def default_end(request: HttpRequest, pk: int) -> HttpResponse:
    """The list opens whole again."""
    return _back(request, lambda: _open_with(request, _seen(request, pk), begins=False))


def _open_with(request: HttpRequest, view: View, *, begins: bool) -> str:
    operations.open_with(view.list_name, view if begins else None, by=request.access, at=timezone.now())
    told = _("The list now opens with “%(name)s”.") if begins else _("The list opens whole again.")
    messages.success(request, told % {"name": view.name} if begins else told)
    return f"view={view.pk}"


@page.signed_in("POST", scope=Scope.OWN, audit=("views:habit:columns", ""), rate="write")
def columns(request: HttpRequest) -> HttpResponse:
    """The columns ticked, in their places: kept for the person; within a view they are part of the address, to be kept with the view."""

    def done() -> str:
        chosen = [] if "reset" in request.POST else in_places(request.POST)
        cut = {key: values for key, values in _asked(request).lists() if key != "columns"}
        if cut.get("in", ["all"]) == ["all"]:
            operations.keep_columns(
                request.POST.get("list", ""), chosen, by=request.access, at=timezone.now()
            )
            chosen = []
        return _text(cut | ({"columns": chosen} if chosen else {}))

    return _back(request, done)


def _found(request: HttpRequest, pk: int) -> View:
    """A view the person may change."""
    view = _seen(request, pk)
    if not operations.may_change(view, request.access):
        raise Http404
    return view


def _seen(request: HttpRequest, pk: int) -> View:
    if request.access.company_id is None:
        raise Http404
    view: View | None = View.objects.visible_to(request.access).filter(pk=pk).first()
    if view is None:
        raise Http404
    return view


def _asked(request: HttpRequest) -> QueryDict:
    """The list's address as it was when the menu was opened."""
    return QueryDict(request.POST.get("cut", "")[:40_000])


def _cut(request: HttpRequest) -> dict[str, list[str]]:
    return {
        key: [value.replace("\0", "") for value in values]
        for key, values in _asked(request).lists()
        if key not in ("in", "view", "after", "before", "export")
    }


def _text(cut: dict[str, list[str]]) -> str:
    query = QueryDict(mutable=True)
    for key, values in cut.items():
        query.setlist(key, values)
    return query.urlencode()


def _back(request: HttpRequest, do: Callable[[], str]) -> HttpResponse:
    """Do it and go back to the list; what is refused is said there, over the same cut."""
    if request.access.company_id is None:
        raise PermissionDenied
    path = request.POST.get("path", "")
    try:
        query = do()
    except Refusal as refusal:
        messages.error(request, str(refusal))
        query = _asked(request).urlencode()
    return go(f"{_list_page(request, path)}?{query}" if query else _list_page(request, path))


def _list_page(request: HttpRequest, path: str) -> str:
    """The page to go back to, if it is one of ours."""
    try:
        resolve(path)
    except Resolver404:
        return "/"
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts={request.get_host()}) else "/"
