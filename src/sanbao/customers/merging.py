"""Two records of one customer become one, and can be taken apart again.

What hangs on a customer is asked of the models themselves: every row of any module that points at the customer moves to the one that is
kept, and the numbers of the moved rows are written down, so that undoing moves exactly these back.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Field, ManyToOneRel, Model
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.finding import numbers
from sanbao.audit import operations as audit
from sanbao.customers.models import Consent, Contact, Customer, Merge
from sanbao.customers.permissions import May
from sanbao.ui.refusal import Refusal

UNDO_DAYS = 30
LOOKED_AT = 1_000  # the newest customers, among which duplicates are looked for
_OWN = {Merge, Customer}  # what tells of merging does not move with it


def hanging() -> list[tuple[type[Model], "Field[Any, Any]"]]:
    """Every table that points at a customer, with the field, in one order."""
    relations = (
        each for each in Customer._meta.get_fields(include_hidden=True) if isinstance(each, ManyToOneRel)
    )
    found = [(each.related_model, each.field) for each in relations if each.related_model not in _OWN]
    return sorted(found, key=lambda pair: (pair[0]._meta.label_lower, pair[1].name))


def _rows(model: type[Model]) -> Any:
    return model._default_manager.all()


@transaction.atomic
def merge(gone: Customer, kept: Customer, *, by: Access, at: datetime) -> Merge:
    """`gone` was `kept`'s duplicate: everything that hangs on it moves over, it stays on record and shows the way.

    Telephones both have are ended on the duplicate, and what both agreed to stays with each. Refusals: the same record twice, one
    that was merged or erased already.
    """
    by.require(May.MERGE)
    if gone.pk == kept.pk:
        raise Refusal(_("That is the same record twice; choose the other one."), code="same")
    pair = {
        row.pk: row
        for row in Customer.objects.visible_to(by, May.MERGE)
        .select_for_update(of=("self",))
        .filter(pk__in=(gone.pk, kept.pk))
        .order_by("pk")
    }
    gone, kept = pair[gone.pk], pair[kept.pk]
    for row in (gone, kept):
        if row.merged_into_id:
            raise Refusal(_("%(number)s was merged already.") % {"number": row.number}, code="merged")
        if row.erased_at:
            raise Refusal(_("%(number)s has been erased; nothing can be merged with it.") % {"number": row.number}, code="erased")  # fmt: skip
    told: dict[str, Any] = {"places": [sorted(gone.places), sorted(kept.places)], "vip": kept.vip}
    for name in ("contacts", "addresses"):
        first = getattr(gone, name).filter(preferred=True, ended_at__isnull=True)
        told[f"preferred_{name}"] = sorted(first.values_list("pk", flat=True))
    living = Contact.objects.filter(customer=gone, ended_at__isnull=True)
    same = living.exclude(phone="").filter(
        phone__in=list(Contact.objects.filter(customer=kept, ended_at__isnull=True).values_list("phone", flat=True)),
        email="", wechat="", wecom="", wecom_kf="",
    )  # fmt: skip
    told["ended"] = sorted(same.values_list("pk", flat=True))
    Contact.objects.filter(pk__in=told["ended"]).update(ended_at=at, preferred=False)
    for name in ("contacts", "addresses"):
        if getattr(kept, name).filter(preferred=True, ended_at__isnull=True).exists():
            getattr(gone, name).filter(pk__in=told[f"preferred_{name}"]).update(preferred=False)
    agreed = Consent.objects.filter(customer=kept, withdrawn_at__isnull=True).values_list(
        "purpose", flat=True
    )
    moved: dict[str, list[int]] = {}
    for model, field in hanging():
        rows = _rows(model).filter(**{field.name: gone})
        if model is Consent:
            rows = rows.exclude(withdrawn_at__isnull=True, purpose__in=list(agreed))
        pks = sorted(rows.values_list("pk", flat=True))
        if pks:
            moved[f"{model._meta.label_lower}.{field.name}"] = pks
            _rows(model).filter(pk__in=pks).update(**{field.name: kept})
    kept.places, kept.vip = sorted({*kept.places, *gone.places}), kept.vip or gone.vip
    kept.save(update_fields=["places", "vip"])
    gone.merged_into = kept
    gone.save(update_fields=["merged_into"])
    made = Merge.objects.create(
        company_id=kept.company_id, gone=gone, kept=kept, moved=moved, before=told, made_at=at, made_by_id=by.person_id
    )  # fmt: skip
    audit.record("customers:customer:merged", kept, by=by, at=at, gone=gone.pk, rows=sum(map(len, moved.values())))  # fmt: skip
    return made


@transaction.atomic
def undo(done: Merge, *, by: Access, at: datetime) -> Customer:
    """Take two records apart again: what was moved goes back, what came since stays with the one that was kept.

    Refused after thirty days, after an erasure, and while the one that was kept is itself merged into a third.
    """
    by.require(May.MERGE)
    done = Merge.objects.select_for_update().get(pk=done.pk)
    pair = {
        row.pk: row
        for row in Customer.objects.select_for_update()
        .filter(pk__in=(done.gone_id, done.kept_id))
        .order_by("pk")
    }
    gone, kept = pair[done.gone_id], pair[done.kept_id]
    if done.undone_at:
        raise Refusal(_("That was undone already."), code="undone")
    if at > done.made_at + timedelta(days=UNDO_DAYS):
        raise Refusal(_("That is more than %(days)d days ago; register the customer anew and write the numbers into the notes.") % {"days": UNDO_DAYS}, code="late")  # fmt: skip
    if gone.erased_at or kept.erased_at:
        raise Refusal(_("One of the two has been erased since; there is nothing left to take apart."), code="erased")  # fmt: skip
    if kept.merged_into_id:
        raise Refusal(_("%(number)s has itself been merged since; undo that first.") % {"number": kept.number}, code="merged")  # fmt: skip
    for model, field in hanging():
        pks = done.moved.get(f"{model._meta.label_lower}.{field.name}", [])
        _rows(model).filter(pk__in=pks, **{field.name: kept}).update(**{field.name: gone})
    Contact.objects.filter(pk__in=done.before["ended"], customer=gone).update(ended_at=None)
    for name in ("contacts", "addresses"):
        theirs = getattr(gone, name)
        if not theirs.filter(preferred=True, ended_at__isnull=True).exists():
            theirs.filter(pk__in=done.before[f"preferred_{name}"], ended_at__isnull=True).update(
                preferred=True
            )
    theirs, ours = (set(places) for places in done.before["places"])
    kept.places = sorted(ours | (set(kept.places) - theirs))
    kept.vip = kept.vip and (done.before["vip"] or not gone.vip)
    kept.save(update_fields=["places", "vip"])
    gone.merged_into = None
    gone.save(update_fields=["merged_into"])
    done.undone_at, done.undone_by_id = at, by.person_id
    done.save(update_fields=["undone_at", "undone_by"])
    audit.record("customers:customer:unmerged", kept, by=by, at=at, gone=gone.pk)
    return gone


def same_as(customer: Customer, access: Access, *, most: int = 8) -> list[Customer]:
    """Others with one of the customer's telephones or mail addresses, or with the name and an address: perhaps the same one."""
    contacts = list(customer.contacts.filter(ended_at__isnull=True).values_list("phone", "email"))
    phones, mails = {p for p, _m in contacts if p}, {m for _p, m in contacts if m}
    living = Contact.objects.filter(company_id=customer.company_id, ended_at__isnull=True)
    found: set[int] = set()
    for name, values in (("phone", phones), ("email", mails)):
        for value in sorted(values):
            found |= set(living.filter(**{name: value}).values_list("customer_id", flat=True)[:most])
    named = Customer.objects.visible_to(access, May.SEE).filter(
        name=customer.name, addresses__text__in=list(customer.addresses.values_list("text", flat=True))
    )
    found |= set(named.values_list("pk", flat=True)[:most])
    found.discard(customer.pk)
    rows = Customer.objects.visible_to(access, May.SEE).filter(pk__in=found, merged_into__isnull=True)
    return list(rows.order_by("-pk")[:most])


def pairs(access: Access, *, most: int = 50) -> list[tuple[Customer, Customer]]:
    """Pairs that look like one customer, among the newest LOOKED_AT: the newer one first."""
    rows = Customer.objects.visible_to(access, May.MERGE).filter(merged_into__isnull=True)
    newest = numbers(rows, most=LOOKED_AT)
    found: dict[tuple[int, int], None] = {}
    contacts = Contact.objects.filter(ended_at__isnull=True, customer__merged_into__isnull=True)
    phones = dict.fromkeys(
        contacts.filter(customer__in=newest).exclude(phone="").values_list("phone", flat=True)
    )
    holders: dict[str, list[int]] = {}
    shared = contacts.filter(company_id=access.company_id, phone__in=list(phones))
    for phone, pk in shared.values_list("phone", "customer_id").order_by("-customer_id"):
        holders.setdefault(phone, []).append(pk)
    for who in holders.values():
        for newer, older in _next_to(dict.fromkeys(who)):
            found[newer, older] = None
    known = rows.in_bulk({pk for pair in found for pk in pair})
    return [(known[a], known[b]) for a, b in found if a in known and b in known][:most]


def _next_to(who: Iterable[int]) -> Iterable[tuple[int, int]]:
    people = list(who)
    return zip(people, people[1:], strict=False)
