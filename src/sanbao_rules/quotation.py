"""What a repair costs the customer: free in warranty, goodwill by approval, or charged by tariff and cap (KA-4.3, KA-5.1, KA-6).

Every line is decided on its own; a quotation with a refused line is not to be sent.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sanbao_rules import charges, warranty
from sanbao_rules.decision import Decision, Reason
from sanbao_rules.money import yuan
from sanbao_rules.rulebook import Dated, NotInForce, Rulebook

QUESTION = "workorder.quote"
LINE = "workorder.quote_line"
CAP = "charges.part_price_cap"
KINDS = ("labour", "part", "travel", "other")
OUTCOMES = ("free", "goodwill", "charged", "refused")

Books = Mapping[str, Rulebook]


class FaultyLine(ValueError):
    """A line that can't be decided: an unknown kind or exclusion, or a quantity below one."""


class Line(NamedTuple):
    """One line of a quotation. Prices are yuan a piece; `excluded` and `goodwill` are why it is not, or is, free."""

    kind: str
    code: str = ""  # labour: replace, adjust, carry_in; other: a code of `other_fees`
    component: str = ""  # what is repaired, or the part
    quantity: int = 1
    price: Decimal | None = None
    supply_price: Decimal | None = None
    makers_own: bool = True
    excluded: str = ""
    goodwill: str = ""  # the approval's number
    replaced_on: date | None = None
    km: Decimal = Decimal(0)


class Case(NamedTuple):
    """The appliance, and the day the fault was reported. `repeat_of` is the repair this one repeats, by `repairs.repeat`."""

    category: str
    reported_on: date
    purchased_on: date | None = None
    installed_on: date | None = None
    delivered_on: date | None = None
    repair_days: int = 0
    repeat_of: str = ""


@dataclass(slots=True)
class _Told:
    """What has been found out about a line so far."""

    reasons: list[Reason] = field(default_factory=list)
    parts: list[Decision] = field(default_factory=list)


def quote(lines: Sequence[Line], case: Case, books: Books, on: date) -> Decision:
    """The quotation of a day: what is free, goodwill and charged, in fen, with a decision of its own for each line."""
    quoting = _Quoting(case, books, on)
    work = [quoting.decide(line) if line.kind == "labour" else None for line in lines]
    outcomes = {made.answer["outcome"] for made in work if made}
    made = [done or quoting.decide(line, outcomes) for line, done in zip(lines, work, strict=True)]
    totals = dict.fromkeys(OUTCOMES, 0)
    for decision in made:
        totals[decision.answer["outcome"]] += decision.answer["amount"]
    refused = sum(decision.answer["outcome"] == "refused" for decision in made)
    totals["refused"] = refused
    tariff = quoting.value("tariff_gates")
    reasons = [
        _reason(
            "quote_total", tariff,
            free=totals["free"], goodwill=totals["goodwill"], charged=totals["charged"],
        )
    ]  # fmt: skip
    if refused:
        reasons.append(_reason("quote_refused", tariff, count=refused))
    answer = totals | {"lines": [decision.answer["outcome"] for decision in made]}
    return Decision(QUESTION, answer, tuple(reasons), quoting.book.cited, tuple(made))


class _Quoting:
    """The lines of one case under the books of one day."""

    def __init__(self, case: Case, books: Books, on: date) -> None:
        self.case, self.books, self.on = case, books, on
        self.book = books["workorder"]

    def value(self, name: str) -> Dated:
        return self.book.value(name, self.on)

    def decide(self, line: Line, work: Collection[str] = ()) -> Decision:
        """`work` are the outcomes of the labour lines, which the trip goes with."""
        if line.kind not in KINDS:
            raise FaultyLine(f"no line is of the kind {line.kind!r}; known are {', '.join(KINDS)}")
        if line.quantity < 1:
            raise FaultyLine(f"a line has a quantity of 1 or more, not {line.quantity}")
        told = _Told()
        if line.kind == "part" and not line.makers_own and self.refuses_others(told):
            return self.made(line, "refused", 0, told)
        amount, wrong = self.price(line, told)
        outcome = self.outcome(line, work, told)
        if outcome != "charged":
            told.parts = [made for made in told.parts if made.question != CAP]  # nothing is sold, so no cap
            return self.made(line, outcome, amount or 0, told)
        if wrong:
            told.reasons += wrong
            return self.made(line, "refused", 0, told)
        told.reasons.append(
            _reason("line_charged", self.value("tariff_gates"), line=line.kind, amount=amount)
        )
        return self.made(line, "charged", amount or 0, told)

    def made(self, line: Line, outcome: str, amount: int, told: _Told) -> Decision:
        answer = {
            "kind": line.kind,
            "code": line.code,
            "component": line.component,
            "outcome": outcome,
            "amount": amount,
        }
        return Decision(LINE, answer, tuple(told.reasons), self.book.cited, tuple(told.parts))

    def refuses_others(self, told: _Told) -> bool:
        """KA-6.1: no other makers' parts."""
        rule = self.value("other_makers_parts")
        refused = bool(rule.value == "refused")
        told.reasons.append(_reason("other_maker" if refused else "other_maker_told", rule))
        return refused

    def outcome(self, line: Line, work: Collection[str], told: _Told) -> str:
        """Free, goodwill or charged, before the price is looked at."""
        covered = self.covered(line, work, told)
        if not covered and line.kind == "labour" and self.case.repeat_of:
            told.reasons.append(_reason("repeat_no_labour", self.value("repeat_days")))
            covered = True
        if covered and line.excluded:
            told.reasons.append(self.exclusion(line))
            covered = False
        if covered:
            return "free"
        rule = self.value("goodwill")
        if line.kind == "travel" and "goodwill" in work and self.value("travel_follows").value == "labour":
            told.reasons.append(_reason("travel_goodwill", rule))
            return "goodwill"
        if line.goodwill and rule.value == "by_approval":
            told.reasons.append(_reason("line_goodwill", rule, line=line.kind, approval=line.goodwill))
            return "goodwill"
        if line.goodwill:
            told.reasons.append(_reason("no_goodwill", rule, approval=line.goodwill))
        return "charged"

    def exclusion(self, line: Line) -> Reason:
        rule = self.value("excluded")
        if line.excluded not in rule.value:
            raise FaultyLine(f"no exclusion is called {line.excluded!r}; known are {', '.join(rule.value)}")
        return _reason("line_excluded", rule, line=line.kind, why=line.excluded)

    def covered(self, line: Line, work: Collection[str], told: _Told) -> bool:
        if line.kind == "other":
            return False
        if line.kind == "travel":
            rule = self.value("travel_follows")
            if rule.value == "labour" and work:
                free = "free" in work
                told.reasons.append(_reason("travel_free" if free else "travel_paid", rule))
                return free
        return self.in_warranty(line, told)

    def in_warranty(self, line: Line, told: _Told) -> bool:
        case = self.case
        if case.purchased_on is None:
            told.reasons.append(_reason("purchase_unknown", self.value("excluded"), line=line.kind))
            return False
        component = "" if line.kind == "travel" else line.component
        try:
            cover = warranty.cover(
                case.category, component, case.purchased_on, case.installed_on, case.delivered_on,
                book=self.books["warranty"], repair_days=case.repair_days, replaced_on=line.replaced_on,
                labour=line.kind == "labour",
            )  # fmt: skip
        except NotInForce as early:
            told.reasons.append(
                _reason("before_warranty", self.value("travel_follows"), purchased=case.purchased_on, first=early.first)
            )  # fmt: skip
            return False
        told.parts.append(cover)
        free = bool(case.reported_on <= cover.answer)
        told.reasons.append(
            _reason(
                "line_free" if free else "line_expired", self.value("travel_follows"),
                line=line.kind, reported=case.reported_on, last=cover.answer,
            )
        )  # fmt: skip
        return free

    def price(self, line: Line, told: _Told) -> tuple[int | None, list[Reason]]:
        """What the line would cost in fen, and what forbids charging it."""
        if line.kind == "part":
            return self.part_price(line, told)
        if line.kind == "other":
            fees = self.value("other_fees")
            if line.code not in fees.value:
                return None, [_reason("not_listed", self.value("priced_kinds"), fee=line.code)]
            piece = yuan(fees.value[line.code])
            told.reasons.append(_reason("listed_fee", fees, fee=line.code, price=piece, count=line.quantity))
            tariff = piece * line.quantity
        else:
            try:
                fee = self.fee(line)
            except charges.NoFee as none:
                return None, [none.reason]
            told.parts.append(fee)
            tariff = fee.answer
        if line.price is None:
            return tariff, []
        asked = yuan(line.price) * line.quantity
        if asked > tariff:
            over = _reason(
                "over_tariff", self.value("tariff_gates"),
                line=line.kind, price=asked, tariff=tariff, over=asked - tariff,
            )  # fmt: skip
            return asked, [over]
        return asked, []

    def fee(self, line: Line) -> Decision:
        if line.kind == "travel":
            return charges.travel(line.km, self.books["charges"], self.on)
        return charges.customer_labour(self.case.category, line.code, self.books["charges"], self.on)

    def part_price(self, line: Line, told: _Told) -> tuple[int | None, list[Reason]]:
        """KA-6.2: the price a piece may not be over the cap of its supply price."""
        rule = self.value("priced_kinds")
        cap = None
        if line.supply_price is not None:
            cap = charges.part_price_cap(line.supply_price, self.books["charges"], self.on)
            told.parts.append(cap)
        if line.price is None or cap is None:
            return None, [_reason("part_unpriced", rule, component=line.component)]
        asked = yuan(line.price)
        if asked > cap.answer:
            over = _reason(
                "part_over_cap", self.value("capped_kinds"),
                component=line.component, price=asked, cap=cap.answer, over=asked - cap.answer,
            )  # fmt: skip
            return asked * line.quantity, [over]
        return asked * line.quantity, []


def facts_of(lines: Sequence[Line], case: Case, on: date) -> dict[str, Any]:
    """The facts a written-down quotation keeps; what is empty is left out."""
    return {
        "lines": [
            {name: value for name, value in line._asdict().items() if value != Line._field_defaults.get(name)}
            for line in lines
        ],
        "case": {name: value for name, value in case._asdict().items() if value not in (None, "")},
        "on": on,
    }


def from_facts(facts: Mapping[str, Any]) -> tuple[list[Line], Case]:
    """The lines and the case from stored facts. Amounts and kilometres may be written as texts."""
    exact = ("price", "supply_price", "km")
    lines = []
    for stored in facts["lines"]:
        line: dict[str, Any] = dict(stored)
        for name in exact:
            if line.get(name) is not None:
                line[name] = Decimal(line[name])
        lines.append(Line(**line))
    return lines, Case(**facts["case"])


def _reason(code: str, rests_on: Dated, **args: Any) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, "workorder")
