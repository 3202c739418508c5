"""Signatures, photographs, and the parts that go in and out (OP-2, KA-6.1)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.files import operations as files
from sanbao.products.models import Part
from sanbao.ui.refusal import Refusal
from sanbao.workorders import strokes
from sanbao.workorders.models import Order, Photo, Signature, UsedPart
from sanbao.workorders.operations.reaching import grown, refuse_ended, taken_up

MOST_PHOTOS = 40
MOST_PARTS = 60


@transaction.atomic
def sign(order: Order, purpose: str, name: str, drawn: str, *, by: Access, at: datetime, device_at: datetime | None = None) -> Signature:  # fmt: skip
    """Keep a signature drawn on the glass: `drawn` are its strokes as points, from which the picture is made here.

    Refused: what is no signature, as a single dot or a short line (strokes.read).
    """
    found = taken_up(order, by)
    if purpose not in Signature.Purpose.values:
        raise Refusal(_("Say what is signed."), field="purpose", code="purpose")
    if not name.strip():
        raise Refusal(_("Write the name of whoever signs."), field="name", code="name")
    picture = strokes.picture(strokes.read(drawn))
    kept = files.keep(picture, f"{found.number}-{purpose}.png", by=by, at=at)
    found.signatures.filter(purpose=purpose, withdrawn_at__isnull=True).update(withdrawn_at=at)
    made = Signature.objects.create(order=found, purpose=purpose, name=name.strip()[:60], file=kept, at=at, device_at=device_at, by_id=by.person_id)  # fmt: skip
    grown(found)
    audit.record(
        "workorders:order:signature", found, by=by, at=at, outlet_id=found.outlet_id, purpose=purpose
    )
    return made


@transaction.atomic
def add_photo(order: Order, data: bytes, name: str, purpose: str, *, by: Access, at: datetime) -> Photo:
    """Keep a photograph of the job, drawn anew without what the camera wrote beside it."""
    found = taken_up(order, by)
    refuse_ended(found)
    if purpose not in Photo.Purpose.values:
        raise Refusal(_("Say what the photograph shows."), field="purpose", code="purpose")
    if found.photos.count() >= MOST_PHOTOS:
        raise Refusal(
            _("An order has at most %(most)d photographs.") % {"most": MOST_PHOTOS}, field="file", code="many"
        )
    kept = files.keep_image(data, name, by=by, at=at)
    made = Photo.objects.create(
        order=found,
        purpose=purpose,
        file=kept.file,
        thumbnail=kept.thumbnail,
        taken_at=kept.taken_at,
        at=at,
        by_id=by.person_id,
    )
    grown(found)
    audit.record(
        "workorders:order:photographed", found, by=by, at=at, outlet_id=found.outlet_id, purpose=purpose
    )
    return made


@transaction.atomic
def account_for(
    order: Order,
    part: Part,
    fate: str,
    *,
    quantity: int = 1,
    new_code: str = "",
    old_code: str = "",
    component: str = "",
    signature: Signature | None = None,
    by: Access,
    at: datetime,
) -> UsedPart:
    """A part was fitted; what became of the old one is said with it. Left with the customer, the customer has signed for it (OP-2).

    The price, and whether it is free, come from the confirmed plan; a part that is in no plan is free only in warranty.
    """
    found = taken_up(order, by)
    refuse_ended(found)
    if part.company_id != found.company_id:
        raise Refusal(_("Only parts of our own catalogue are fitted (KA-6.1)."), field="part", code="foreign")
    if (
        found.unit is not None
        and part.fits.exists()
        and not part.fits.filter(pk=found.unit.model_id).exists()
    ):
        raise Refusal(
            _("%(part)s does not fit %(model)s. Look at the part number.") % {"part": part, "model": found.unit.model},
            field="part", code="fit",
        )  # fmt: skip
    if fate not in UsedPart.Fate.values:
        raise Refusal(_("Say what became of the old part (OP-2)."), field="fate", code="fate")
    if not 1 <= quantity <= 999:
        raise Refusal(_("How many? From 1 to 999."), field="quantity", code="quantity")
    if fate == UsedPart.Fate.CUSTOMER and signature is None:
        signature = found.signatures.filter(purpose="old_parts", withdrawn_at__isnull=True).last()
        if signature is None:
            raise Refusal(
                _("The customer keeps the old part: have it signed for first (OP-2)."),
                field="fate",
                code="unsigned",
            )
    if found.parts.filter(withdrawn_at__isnull=True).count() >= MOST_PARTS:
        raise Refusal(
            _("An order has at most %(most)d parts.") % {"most": MOST_PARTS}, field="part", code="many"
        )
    planned = _planned(found, part)
    made = UsedPart.objects.create(
        order=found, part=part, component=component.strip()[:60] or part.component, quantity=quantity, new_code=new_code.strip()[:60],
        old_code=old_code.strip()[:60], fate=fate, signature=signature, at=at, by_id=by.person_id,
        price_fen=planned.price_fen if planned else 0, free=planned.free if planned else found.cover == Order.Cover.IN,
    )  # fmt: skip
    if not found.component:
        found.component = made.component
    found.work = Order.Work.REPLACE
    grown(found)
    audit.record("workorders:order:part-used", found, by=by, at=at, outlet_id=found.outlet_id, part=part.code, quantity=quantity, fate=fate)  # fmt: skip
    return made


def _planned(order: Order, part: Part):  # type: ignore[no-untyped-def]
    """The line of the confirmed plan that names the part."""
    plan = order.plans.filter(state="confirmed").first()
    return plan.lines.filter(part=part).first() if plan else None


@transaction.atomic
def take_back_part(used: UsedPart, *, by: Access, at: datetime) -> UsedPart:
    """It was not fitted after all."""
    found = taken_up(used.order, by)
    refuse_ended(found)
    used = UsedPart.objects.select_for_update().get(pk=used.pk, order=found)
    if used.withdrawn_at:
        raise Refusal(_("This was taken back already."), code="withdrawn")
    used.withdrawn_at = at
    used.save(update_fields=["withdrawn_at"])
    grown(found)
    audit.record(
        "workorders:order:part-withdrawn", found, by=by, at=at, outlet_id=found.outlet_id, part=used.part.code
    )
    return used
