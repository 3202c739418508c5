"""What becomes of a low score: a request, or a word that it was looked into (DP-6, GN-2)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.intake import operations as intake
from sanbao.intake.models import Category, Request
from sanbao.intake.states import Channel
from sanbao.surveys.models import Response
from sanbao.surveys.permissions import May
from sanbao.ui.refusal import Refusal


def request_for(response: Response, *, by: Access, at: datetime) -> Request | None:
    """Register a request from an answer, about its order; None where the desk has no class for it. Inside the caller's transaction."""
    order = response.order
    classes = Category.objects.filter(company_id=response.company_id, retired_at__isnull=True)
    category = (
        classes.filter(code="service").first() or classes.filter(nature="complaint").order_by("path").first()
    )
    if order is None or category is None:
        return None
    asked = intake.Ask(
        channel=Channel.WEB, category=category, customer=order.customer, contact=order.contact, phone=order.phone, address=order.address,
        unit=order.unit, model=order.model, serial=order.serial, outlet=order.outlet,
        subject=_("Survey: %(stars)s stars for %(order)s") % {"stars": response.score, "order": order.number},
        description=response.words,
    )  # fmt: skip
    made = intake.receive(asked, by=by, at=at)
    response.request = made
    response.save(update_fields=["request"])
    return made


@transaction.atomic
def register_request(response: Response, *, by: Access, at: datetime) -> Request:
    """A colleague takes a low score up as a request: the desk calls the customer, with the promises of any request."""
    found = _held(response, by)
    if found.request_id:
        raise Refusal(_("There is a request from this answer already."), code="twice")
    if found.order is None:
        raise Refusal(_("The answer is anonymous: there is nobody to call."), code="anonymous")
    made = request_for(found, by=by, at=at)
    if made is None:
        raise Refusal(
            _("The desk has no class for complaints about service; set one up first."), code="no_class"
        )
    audit.record(
        "surveys:response:taken-up", found, by=by, at=at, outlet_id=found.outlet_id, request=made.number
    )
    return made


@transaction.atomic
def look_into(response: Response, words: str, *, by: Access, at: datetime) -> Response:
    """Say what came of a low score."""
    found = _held(response, by)
    if not words.strip():
        raise Refusal(_("Write down what came of it."), field="words", code="words")
    if found.looked_at is not None:
        raise Refusal(_("Somebody has looked into it already."), code="twice")
    found.looked_at, found.looked_by_id, found.looked_words = at, by.person_id, words.strip()[:500]
    found.save(update_fields=["looked_at", "looked_by", "looked_words"])
    audit.record("surveys:response:looked-into", found, by=by, at=at, outlet_id=found.outlet_id)
    return found


def _held(response: Response, by: Access) -> Response:
    by.require(May.ENTER)
    rows = Response.objects.visible_to(by, May.ENTER).select_related(
        "order__customer", "order__unit", "order__outlet"
    )
    held: Response = rows.select_for_update(of=("self",)).get(pk=response.pk)
    return held
