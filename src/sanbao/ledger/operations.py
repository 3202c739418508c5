"""Posting and reversing. The only door to the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.ledger.models import Account, Entry, Posting
from sanbao.ui.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Place:
    """An account by name: its code, and the outlet it is kept for (None: the company's own)."""

    code: str
    outlet_id: int | None = None
    region_id: int | None = None


@transaction.atomic
def post(
    kind: str, amounts: Mapping[Place, int], *, source: Model, key: str, by: Access, at: datetime
) -> Entry | None:
    """Write one entry: amounts in fen by account, plus for debit, minus for credit, summing to zero.

    Zero amounts are left out; an entry without any amount is not written and None is returned. A key used before
    returns the entry it wrote then (the same call twice has one effect).
    """
    amounts = {place: amount for place, amount in amounts.items() if amount}
    if sum(amounts.values()) != 0:
        raise ValueError(f"{kind}: the amounts do not sum to zero: {amounts}")
    if not amounts:
        return None
    return _write(kind, amounts, source._meta.label_lower, source.pk, key=key, by=by, at=at)


@transaction.atomic
def reverse(entry: Entry, *, key: str, by: Access, at: datetime) -> Entry:
    """Write the opposite of an entry. An entry is reversed once; a reversal is not reversed but posted anew."""
    if Entry.objects.filter(reverses=entry).exists():
        raise Refusal(_("This entry has been reversed already."), code="reversed")
    amounts = {
        Place(posting.account.code, posting.account.outlet_id, posting.account.region_id): -posting.amount
        for posting in entry.postings.select_related("account")
    }
    return _write(
        f"{entry.kind}:reversed",
        amounts,
        entry.source,
        entry.source_id,
        key=key,
        by=by,
        at=at,
        reverses=entry,
    )


def _write(
    kind: str,
    amounts: Mapping[Place, int],
    source: str,
    source_id: int,
    *,
    key: str,
    by: Access,
    at: datetime,
    reverses: Entry | None = None,
) -> Entry:
    if (known := Entry.objects.filter(company_id=by.company_id, key=key).first()) is not None:
        return known
    accounts = _accounts(amounts, by.company_id)
    entry = Entry.objects.create(
        company_id=by.company_id,
        key=key,
        kind=kind,
        source=source,
        source_id=source_id,
        at=at,
        by_id=by.person_id,
        reverses=reverses,
    )
    Posting.objects.bulk_create(
        [Posting(entry=entry, account=accounts[place], amount=amount) for place, amount in amounts.items()]
    )
    return entry


def _accounts(places: Mapping[Place, int], company_id: int | None) -> dict[Place, Account]:
    """The accounts of these places, opened where new and locked in id order, so that two entries never deadlock."""
    Account.objects.bulk_create(
        [
            Account(
                company_id=company_id, code=place.code, outlet_id=place.outlet_id, region_id=place.region_id
            )
            for place in places
        ],
        ignore_conflicts=True,
    )
    wanted = Q(pk__in=[])
    for place in places:
        wanted |= (
            Q(code=place.code, outlet_id=place.outlet_id)
            if place.outlet_id
            else Q(code=place.code, outlet_id__isnull=True)
        )
    rows = (
        Account.objects.select_for_update().filter(wanted, company_id=company_id, unit="CNY").order_by("id")
    )
    found = {(row.code, row.outlet_id): row for row in rows}
    return {place: found[place.code, place.outlet_id] for place in places}
