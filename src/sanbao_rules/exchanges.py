"""An instrument maker's returns, exchanges and rework: when they are granted, and who bears the cost (RW-1 to RW-7)."""

from collections.abc import Collection, Mapping
from datetime import date

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.periods import add_years
from sanbao_rules.returns import UnknownReturn
from sanbao_rules.rulebook import Dated, Rulebook, because

INSTRUMENT = "returns.instrument"
COST = "returns.cost"
WISHES = ("return", "exchange")


def instrument(
    wish: str,
    ground: str,
    on: date,
    *,
    book: Rulebook,
    delivered_on: date | None = None,
    special_order: bool = False,
    agrees: Collection[str] = (),
    exception_approved: bool = False,
) -> Decision:
    """{"verdict": granted, needs_approval, needs_agreement, rework, explain or refused, "missing"}."""
    grounds = book.value("grounds", on)
    if wish not in WISHES or ground not in grounds.value:
        raise UnknownReturn(
            f"{wish} for {ground!r} is not provided for; known are {', '.join(grounds.value)}; {', '.join(WISHES)}"
        )
    if special_order and ground != "beyond_repair" and not exception_approved:
        special = book.value("special_orders", on)
        return _made("needs_approval", [because(special, "special_order")], book)
    if ground in ("beyond_repair", "major_repairable"):
        return _in_warranty(wish, ground, on, book, delivered_on, agrees)
    if ground == "late_delivery":
        return _made("granted", [because(book.value("special_orders", on), "late_delivery")], book)
    treatment = _case(ground, on, book)
    if ground == "wrong_type":
        verdict = "granted" if exception_approved else "needs_approval"
        return _made(verdict, [because(treatment[1], "wrong_type_told", who=treatment[0]["approver"])], book)
    verdict = {"department_error": "granted", "misuse": "explain"}.get(ground, "rework")
    return _made(verdict, [because(treatment[1], f"{verdict}_told", ground=ground)], book)


def _in_warranty(
    wish: str, ground: str, on: date, book: Rulebook, delivered_on: date | None, agrees: Collection[str]
) -> Decision:
    """A quality problem within the year from delivery (A-18)."""
    years, conditions = book.value("warranty_years", on), book.value("exchange_agreement", on)
    if delivered_on is None:
        return _made("refused", [because(years, "delivery_unknown")], book)
    last = add_years(delivered_on, years.value)
    if on > last:
        return _made("refused", [because(years, "warranty_over", delivered=delivered_on, last=last)], book)
    if ground == "beyond_repair":
        told = because(years, "beyond_repair_told", delivered=delivered_on, last=last)
        exchange = [because(conditions, "return_conditions_met")] if wish == "exchange" else []
        return _made("granted", [told, *exchange], book)
    if wish == "return":
        return _made("rework", [because(years, "repair_instead")], book)
    missing = [item for item in conditions.value if item not in agrees]
    if missing:
        return _made(
            "needs_agreement", [because(conditions, "agreement_missing", items=tuple(missing))], book, missing
        )
    return _made("granted", [because(conditions, "exchange_agreed", items=tuple(conditions.value))], book)


def _made(verdict: str, reasons: list[Reason], book: Rulebook, missing: Collection[str] = ()) -> Decision:
    return Decision(INSTRUMENT, {"verdict": verdict, "missing": list(missing)}, tuple(reasons), book.cited)


def cost(cause: str, on: date, *, book: Rulebook) -> Decision:
    """Who bears the cost, who approves, on which form: {"bears", "approver", "form"} (RW-3, RW-4, RW-6, RW-7)."""
    row, rests_on = _case(cause, on, book)
    reasons = [because(rests_on, "cost_told", cause=cause, **row)]
    if row["bears"] in ("department", "salesperson"):
        share = book.value("wage_share_most", on)
        reasons.append(because(share, "wage_limit", share=share.value))
    return Decision(COST, dict(row), tuple(reasons), book.cited)


def _case(cause: str, on: date, book: Rulebook) -> tuple[Mapping[str, str], Dated]:
    """The row of a cause, and the value it stands in. Parameters of the unit "cases" add up."""
    known: dict[str, tuple[Mapping[str, str], Dated]] = {}
    for parameter in book.parameters.values():
        if parameter.unit == "cases":
            listed = book.value(parameter.name, on)
            for code, row in listed.value.items():
                known.setdefault(code, (row, listed))
    if cause not in known:
        raise UnknownReturn(f"nobody is named to bear {cause!r}; known are {', '.join(known)}")
    return known[cause]
