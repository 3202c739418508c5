"""How work is prepared: engineers, the tree of faults, the check lists."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.ui.refusal import Refusal
from sanbao.workorders import first_setup
from sanbao.workorders.models import Check, Engineer, Fault, Order
from sanbao.workorders.permissions import May
from sanbao.workorders.states import WITH_ENGINEER


def _refuse_outlets(by: Access) -> None:
    """The tree and the lists are the company's: an outlet uses them, headquarters keeps them."""
    by.require(May.MANAGE)
    if not by.reach(May.MANAGE).whole:
        raise Refusal(_("Headquarters keeps the fault tree and the check lists. Tell it what is missing."), code="headquarters")  # fmt: skip


@transaction.atomic
def found_setup(*, by: Access, at: datetime) -> None:
    """Give a company the fault tree and the check lists to begin with (first_setup.py); what is there already stays."""
    _refuse_outlets(by)
    if (
        Fault.objects.filter(company_id=by.company_id).exists()
        or Check.objects.filter(company_id=by.company_id).exists()
    ):
        raise Refusal(_("There are faults or check lists already; change them one by one."), code="founded")
    for category, groups in first_setup.FAULTS:
        for code, name, name_en, below in groups:
            above = keep_fault(
                None, {"code": code, "name": name, "name_en": name_en, "category": category}, by=by, at=at
            )
            for code_below, zh, en, cause, cure, component, minutes in below:
                fields = {
                    "code": code_below,
                    "name": zh,
                    "name_en": en,
                    "category": category,
                    "parent": above,
                    "cause": cause,
                    "cure": cure,
                }
                keep_fault(None, fields | {"component": component, "minutes": minutes}, by=by, at=at)
    for position, (kind, category, text, text_en, answer) in enumerate(first_setup.CHECKS, 1):
        keep_check(
            None,
            {
                "kind": kind,
                "category": category,
                "text": text,
                "text_en": text_en,
                "answer": answer,
                "position": position,
            },
            by=by,
            at=at,
        )


@transaction.atomic
def keep_engineer(engineer: Engineer | None, fields: dict[str, Any], *, by: Access, at: datetime) -> Engineer:
    """Add an engineer, or change what is written of one. Whoever has open orders stays with the outlet until they are done."""
    by.require(May.MANAGE)
    held = Engineer.objects.visible_to(by, May.MANAGE).select_for_update(of=("self",)).get(pk=engineer.pk) if engineer else Engineer(company_id=by.company_id, made_at=at)  # fmt: skip
    for name, value in fields.items():
        setattr(held, name, value)
    if by.outlets is not None and held.outlet_id not in by.outlets:
        raise Refusal(_("Choose one of your outlets."), field="outlet", code="outlet")
    if engineer and "outlet" in fields and engineer.outlet_id != held.outlet_id and _open_orders(held):
        raise Refusal(_("%(who)s still has open orders of the outlet; dispatch them anew first.") % {"who": held.person.name}, field="outlet", code="busy")  # fmt: skip
    try:
        with transaction.atomic():
            held.save()
    except IntegrityError:
        raise Refusal(_("%(who)s is on the list already.") % {"who": held.person.name}, field="person", code="twice") from None  # fmt: skip
    audit.record(f"workorders:engineer:{'changed' if engineer else 'added'}", held, by=by, at=at, outlet_id=held.outlet_id, person=held.person_id)  # fmt: skip
    return held


@transaction.atomic
def retire_engineer(engineer: Engineer, *, by: Access, at: datetime) -> Engineer:
    """Take somebody off the list; open orders have to be given to others first."""
    by.require(May.MANAGE)
    held = Engineer.objects.visible_to(by, May.MANAGE).select_for_update(of=("self",)).get(pk=engineer.pk)
    if _open_orders(held):
        raise Refusal(
            _("%(who)s still has open orders; dispatch them anew first.") % {"who": held.person.name},
            code="busy",
        )
    held.retired_at = at
    held.save()
    audit.record(
        "workorders:engineer:retired", held, by=by, at=at, outlet_id=held.outlet_id, person=held.person_id
    )
    return held  # type: ignore[no-any-return]


def _open_orders(engineer: Engineer) -> bool:
    return bool(Order.objects.filter(company_id=engineer.company_id, engineer=engineer.person, state__in=WITH_ENGINEER).exists())  # fmt: skip


@transaction.atomic
def keep_fault(fault: Fault | None, fields: dict[str, Any], *, by: Access, at: datetime) -> Fault:
    """Add a fault to the tree, or change one. It can't be put below itself."""
    _refuse_outlets(by)
    held = Fault.objects.visible_to(by, May.MANAGE).select_for_update(of=("self",)).get(pk=fault.pk) if fault else Fault(company_id=by.company_id)  # fmt: skip
    before = held.path
    for name, value in fields.items():
        setattr(held, name, value)
    if fault and held.parent and held.parent.path.startswith(before):
        raise Refusal(_("A fault can't stand below itself."), field="parent", code="loop")
    try:
        with transaction.atomic():
            held.save()
            held.path = f"{held.parent.path if held.parent else '/'}{held.pk}/"
            if len(held.path) > 100:
                raise Refusal(_("The tree is too deep."), field="parent", code="deep")
            held.save(update_fields=["path"])
    except IntegrityError:
        raise Refusal(_("The code %(code)s is in use already.") % {"code": held.code}, field="code", code="twice") from None  # fmt: skip
    if before and before != held.path:
        for below in Fault.objects.filter(company_id=held.company_id, path__startswith=before).exclude(
            pk=held.pk
        ):
            below.path = held.path + below.path[len(before) :]
            below.save(update_fields=["path"])
    audit.record(f"workorders:fault:{'changed' if fault else 'added'}", held, by=by, at=at, code=held.code)
    return held


@transaction.atomic
def retire_fault(fault: Fault, *, by: Access, at: datetime) -> Fault:
    """A fault is no longer chosen; orders that name it keep it. What stands below it goes with it."""
    _refuse_outlets(by)
    held = Fault.objects.visible_to(by, May.MANAGE).get(pk=fault.pk)
    Fault.objects.filter(company_id=held.company_id, path__startswith=held.path, retired_at__isnull=True).update(retired_at=at)  # fmt: skip
    held.retired_at = at
    audit.record("workorders:fault:retired", held, by=by, at=at, code=held.code)
    return held  # type: ignore[no-any-return]


@transaction.atomic
def keep_check(check: Check | None, fields: dict[str, Any], *, by: Access, at: datetime) -> Check:
    """Add a line to a check list, or write it anew: what orders have answered stays with the line they answered."""
    _refuse_outlets(by)
    if check is not None:
        Check.objects.visible_to(by, May.MANAGE).filter(pk=check.pk, retired_at__isnull=True).update(
            retired_at=at
        )
    made = Check.objects.create(company_id=by.company_id, **fields)
    audit.record(f"workorders:check:{'changed' if check else 'added'}", made, by=by, at=at, kind=made.kind)
    return made  # type: ignore[no-any-return]


@transaction.atomic
def retire_check(check: Check, *, by: Access, at: datetime) -> Check:
    """A line is no longer asked."""
    _refuse_outlets(by)
    held = Check.objects.visible_to(by, May.MANAGE).get(pk=check.pk)
    held.retired_at = at
    held.save(update_fields=["retired_at"])
    audit.record("workorders:check:retired", held, by=by, at=at, kind=held.kind)
    return held  # type: ignore[no-any-return]


@transaction.atomic
def move_check(check: Check, up: bool, *, by: Access, at: datetime) -> None:
    """Put a line one place up or down in its list; the list's lines are numbered anew."""
    _refuse_outlets(by)
    held = Check.objects.visible_to(by, May.MANAGE).get(pk=check.pk, retired_at__isnull=True)
    rows = list(
        Check.objects.select_for_update(of=("self",))
        .filter(company_id=held.company_id, kind=held.kind, category=held.category, retired_at__isnull=True)
        .order_by("position", "id")
    )
    place = next(number for number, row in enumerate(rows) if row.pk == held.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return
    places = sorted(row.position for row in rows)
    if len(set(places)) < len(places):
        places = list(range(1, len(rows) + 1))
    rows[place], rows[other] = rows[other], rows[place]
    for row, position in zip(rows, places, strict=True):
        if row.position != position:
            row.position = position
            row.save(update_fields=["position"])
    audit.record("workorders:check:moved", held, by=by, at=at, kind=held.kind)
