"""The bell's page: what I was told, what of it is unread."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from sanbao.notices import reading, telling
from sanbao.ui.filters import Unreadable, read_id
from sanbao.ui.pages import Scope, go, page, show


@page.signed_in(scope=Scope.OWN, audit=None, rate="page")
def notices(request: HttpRequest) -> HttpResponse:
    """Unread lines, or all; newest first, fifty to a page."""
    everything = request.GET.get("show") == "all"
    rows = reading.mine(request.access).order_by("-pk")
    if not everything:
        rows = rows.filter(read_at=None)
    before = _before(request)
    found = list((rows.filter(pk__lt=before) if before else rows)[: reading.PAGE + 1])
    here = reverse("notices:notices")
    context: dict[str, Any] = {
        "shown": reading.shown(found[: reading.PAGE], request.access),
        "everything": everything,
        "tabs": [
            {"label": gettext("Unread"), "url": here, "active": not everything},
            {"label": gettext("All"), "url": f"{here}?show=all", "active": everything},
        ],
        "pages": _pages(here, everything, before, found),
    }
    return show(request, "notices/notices.html", context)


def _before(request: HttpRequest) -> int | None:
    """The line the page comes after; what can't be read is the first page."""
    try:
        return read_id(request.GET.get("before", ""))
    except Unreadable:
        return None


def _pages(here: str, everything: bool, before: int | None, found: list[Any]) -> dict[str, str]:
    cut = "show=all&" if everything else ""
    later = f"{here}?{cut}before={found[reading.PAGE - 1].pk}" if len(found) > reading.PAGE else ""
    return {"first_url": f"{here}?{cut}" if before else "", "previous_url": "", "next_url": later}


@page.signed_in("POST", scope=Scope.OWN, audit=None, rate="write")
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a line as read and go to its thing. A line of a thing that is no longer mine to see is not found."""
    notice = get_object_or_404(reading.mine(request.access), pk=pk)
    telling.read([notice.pk], by=request.access, at=timezone.now())
    return go(reading.url(notice, request.access) or "notices:notices")


@page.signed_in("POST", scope=Scope.OWN, audit=None, rate="write")
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    count = telling.read_all(by=request.access, at=timezone.now())
    if count:
        messages.success(
            request,
            ngettext("%(count)d notice marked as read.", "%(count)d notices marked as read.", count)
            % {"count": count},
        )
    return go("notices:notices")
