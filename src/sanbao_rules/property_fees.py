"""Monthly fees of sold public housing: bands, fixed fees, lift and pump split, shops and offices (PF-1 to PF-8).

Amounts are fen. A fee outside its band is refused; one above the standard needs the owners' assembly's resolution.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.money import percent_of, yuan
from sanbao_rules.rulebook import Dated, Rulebook, because

BUILDING = "property_fees.building"
HOUSEHOLD = "property_fees.household"
PREMISES = "property_fees.premises"
PAYER = "property_fees.payer"
EQUAL = "property_fees.equal"

Amount = Decimal | str | int


class UnknownFee(ValueError):
    """An item of the fees nobody is named to pay. The message names those the book knows."""


def building(storeys: int, on: date, *, book: Rulebook, lift: bool = False) -> Decision:
    """multi_storey or high_rise, which the notice leaves open (A-34)."""
    reading, limit = book.value("high_rise_reading", on), book.value("multi_storey_most", on)
    by_storeys = storeys > limit.value
    high = {"lift_or_storeys": lift or by_storeys, "lift": lift, "storeys": by_storeys}[reading.value]
    kind = "high_rise" if high else "multi_storey"
    reason = because(reading, "building", kind=kind, storeys=storeys, limit=limit.value)
    return Decision(BUILDING, kind, (reason,), book.cited)


def household(
    storeys: int,
    area: Amount,
    management: Amount,
    on: date,
    *,
    book: Rulebook,
    lift: bool = False,
    tenant: bool = False,
    resolution: bool = False,
    cleaning: Amount | None = None,
    security: Amount | None = None,
) -> Decision:
    """A household's month: {"accepted", "owner", "tenant", "fund"} in fen. `tenant` rents from the public owner.

    `cleaning` and `security` are given only where the assembly agreed on more than the standard.
    """
    kind = building(storeys, on, book=book, lift=lift)
    band = book.value(str(kind.answer), on)
    fees, reasons = {}, [because(band, "management_fee", amount=yuan(management), kind=kind.answer)]
    faults = _band_faults(management, band, resolution, book, on)
    for name, agreed in (("cleaning", cleaning), ("security", security)):
        standard = book.value(name, on)
        fees[name] = yuan(standard.value if agreed is None else agreed)
        reasons.append(because(standard, "fixed_fee", fee=name, amount=fees[name]))
        if fees[name] != yuan(standard.value):
            faults += _above(fees[name], yuan(standard.value), resolution, book, on)
    owner_lift = fund_lift = 0
    if lift:
        owner_lift, fund_lift, told = _lift(Decimal(area), book, on)
        reasons.append(told)
    if any(fault.code != "above_standard" for fault in faults):
        answer = {"accepted": False, "owner": 0, "tenant": 0, "fund": 0}
        return Decision(HOUSEHOLD, answer, tuple(faults), book.cited, (kind,))
    tenant_pays = fees["cleaning"] + fees["security"] if tenant else 0
    owner_pays = yuan(management) + owner_lift + fees["cleaning"] + fees["security"] - tenant_pays
    if tenant:
        reasons.append(because(book.value("tenant_pays", on), "tenant_pays", amount=tenant_pays))
    reasons += faults
    reasons.append(because(band, "owner_total", owner=owner_pays, fund=fund_lift))
    answer = {"accepted": True, "owner": owner_pays, "tenant": tenant_pays, "fund": fund_lift}
    return Decision(HOUSEHOLD, answer, tuple(reasons), book.cited, (kind,))


def _band_faults(fee: Amount, band: Dated, resolution: bool, book: Rulebook, on: date) -> list[Reason]:
    least, most = yuan(band.value["least"]), yuan(band.value["most"])
    if yuan(fee) > most:
        return _above(yuan(fee), most, resolution, book, on)
    return [because(band, "below_band", amount=yuan(fee), least=least)] if yuan(fee) < least else []


def _above(fee: int, standard: int, resolution: bool, book: Rulebook, on: date) -> list[Reason]:
    """Services above the standard raise the fee when the assembly's resolution is on record (PF-7); less is refused."""
    rule = book.value("above_standard", on)
    if fee < standard:
        return [because(rule, "below_standard", amount=fee, standard=standard)]
    code = "above_standard" if resolution else "no_resolution"
    return [because(rule, code, amount=fee, standard=standard)]


def _lift(area: Decimal, book: Rulebook, on: date) -> tuple[int, int, Reason]:
    """Lift and pump running cost: what the owner pays and what the maintenance fund pays, each rounded once."""
    total, owner, fund = (book.value(name, on) for name in ("lift_total", "lift_owner", "lift_fund"))
    by_owner, by_fund = yuan(area * owner.value), yuan(area * fund.value)
    told = because(total, "lift_split", area=area, total=total.value, owner=by_owner, fund=by_fund)
    return by_owner, by_fund, told


def premises(rent: Amount, area: Amount, cleaning_rate: Amount, on: date, *, book: Rulebook) -> Decision:
    """A shop's or an office's month: management as a share of the rent, by the owner; cleaning by the user (PF-8)."""
    share, band = book.value("management_share_of_rent", on), book.value("cleaning_per_m2", on)
    rate = Decimal(cleaning_rate)
    if not band.value["least"] <= rate <= band.value["most"]:
        reason = because(
            band, "rate_out_of_band", rate=rate, least=band.value["least"], most=band.value["most"]
        )
        return Decision(PREMISES, {"accepted": False, "owner": 0, "user": 0}, (reason,), book.cited)
    owner, user = percent_of(yuan(rent), Decimal(share.value)), yuan(Decimal(area) * rate)
    reasons = (
        because(share, "share_of_rent", rent=yuan(rent), share=share.value, owner=owner),
        because(band, "cleaning_by_area", area=Decimal(area), rate=rate, user=user),
    )
    return Decision(PREMISES, {"accepted": True, "owner": owner, "user": user}, reasons, book.cited)


def payer(item: str, on: date, *, book: Rulebook) -> Decision:
    """Who pays for an item: owner, tenant or user, or the maintenance fund (PF-5)."""
    for name, parameter in book.parameters.items():
        if parameter.unit == "cases":
            listed = book.value(name, on)
            if item in listed.value:
                who = listed.value[item]["payer"]
                return Decision(PAYER, who, (because(listed, "payer", item=item, who=who),), book.cited)
    raise UnknownFee(f"nobody is named to pay for {item!r}")


def equal(fees: Sequence[Amount], on: date, *, book: Rulebook) -> Decision:
    """One estate does not charge differently for the same service (PF-1). `fees` are those of one service in one estate."""
    rule = book.value("one_estate", on)
    different = sorted({yuan(fee) for fee in fees})
    code = "same_fee" if len(different) < 2 else "different_fees"
    reason = because(rule, code, least=different[0], most=different[-1], count=len(different))
    return Decision(EQUAL, len(different) < 2, (reason,), book.cited)
