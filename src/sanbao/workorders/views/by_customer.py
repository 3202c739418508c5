"""What the desk does for the customer's page of an order: shows or sends its link, answers a wish for another time."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from sanbao.ui.formats import masked_contact
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.workorders import letters, links, operations, queries
from sanbao.workorders.models import Order, Wish
from sanbao.workorders.permissions import May
from sanbao.workorders.states import State

_LINK = ("workorders:order:link-shown", "workorders:order:link-sent", "")


@page(May.WORK, "GET", "POST", scope=Scope.PLACES, audit=_LINK, rate="write")
def customer_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The link to the customer's page, as address and code, to copy or to have sent. It is a key: who saw it stays on record."""
    rows = Order.objects.visible_to(request.access, May.WORK)
    return _customer_page(request, rows, pk, "workorders:customer-page", "workorders:order")


@page(May.OWN, "GET", "POST", scope=Scope.OWN, audit=_LINK, rate="write")
def own_customer_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The same on the engineer's phone: the customer scans it at the door. One's own orders only."""
    return _customer_page(
        request, queries.mine(request.access), pk, "workorders:job-customer-page", "workorders:job"
    )


def _customer_page(
    request: HttpRequest, rows: QuerySet[Order], pk: int, here: str, back: str
) -> HttpResponse:
    import segno

    found = get_object_or_404(
        rows.filter(erased_at__isnull=True).select_related("request", "company", "customer"), pk=pk
    )
    refusal = None
    try:
        sent = operations.hand_link(
            found, send=request.method == "POST", by=request.access, at=timezone.now()
        )
        if sent:
            messages.success(request, _("Sent."))
            return go(here, pk)
    except Refusal as told:
        refusal = told
    root = settings.SITE_URL or f"{request.scheme}://{request.get_host()}"
    address = root + links.path(found.company, found)
    channel, way = letters.way_to(found)
    context = {
        "order": found, "address": address, "refusal": refusal, "channel": channel, "way": masked_contact(way), "back": reverse(back, args=[pk]),
        "code": mark_safe(segno.make(address, error="m").svg_inline(scale=5, border=2)),  # noqa: S308 — drawn by segno from an address of ours
    }  # fmt: skip
    return show(request, "workorders/customer_page.html", context, status=refusal.status if refusal else 200)


class AnswerForm(forms.Form):
    """Yes to one of the times, or no and why."""

    begin = forms.DateTimeField(required=False)
    reason = forms.CharField(required=False, max_length=200)


@page(
    May.DISPATCH, "POST", scope=Scope.PLACES, audit=("workorders:wish:granted", "workorders:wish:declined", ""), rate="write"
)  # fmt: skip
def answer_wish(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Yes or no to the customer's wish; after a yes whoever was dispatched for another time is dispatched anew."""
    rows = Order.objects.visible_to(request.access, May.DISPATCH)
    wish: Wish = get_object_or_404(Wish.objects.filter(order__in=rows).select_related("order"), pk=number, order=pk)  # fmt: skip
    form = AnswerForm(request.POST)
    now: dict[str, Any] = {"by": request.access, "at": timezone.now()}
    try:
        if not form.is_valid():
            raise Refusal(next(iter(form.errors.values()))[0])
        if form.cleaned_data["begin"]:
            operations.grant_wish(wish, form.cleaned_data["begin"], **now)
        else:
            operations.decline_wish(wish, form.cleaned_data["reason"], **now)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return go("workorders:order", pk)
    if form.cleaned_data["begin"] and wish.order.state in (State.DISPATCHED, State.ACCEPTED):
        messages.warning(request, _("Agreed with the customer. The engineer is still planned for the old time: dispatch anew."))  # fmt: skip
        return go("workorders:dispatch", pk)
    messages.success(request, _("The customer is told."))
    return go("workorders:order", pk)
