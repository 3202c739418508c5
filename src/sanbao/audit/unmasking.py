"""Showing a person's data in full: a permission, a reason, an event (GN-8). Every page that unmasks goes through here."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from sanbao.audit.operations import handed_out
from sanbao.ui.refusal import Refusal


def reason_in(request: HttpRequest) -> str:
    """The reason the reader gives; a Refusal beside the field where there is none."""
    reason = " ".join(request.POST.get("reason", "").replace("\0", "").split())[:200]
    if not reason:
        raise Refusal(_("Say what you need the data for."), field="reason", code="reason")
    return reason


def unmasked(request: HttpRequest, thing: Model, action: str, **details: Any) -> None:
    """Write down that these data were shown in full, and what for. Call it before showing them."""
    handed_out(action, thing, request, reason=reason_in(request), **details)


def once(response: HttpResponse, page: str) -> HttpResponse:
    """The answer, with the page one is led to if the same form is sent again: what was shown once is not shown twice for one reason."""
    response.headers["Location"] = page
    return response
