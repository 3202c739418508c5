"""A sheet's facts as one short line, for a million of them to be read, decided and stored with their decision.

The line is `missing|category|work|km|purchased|installed|reported|completed|component|claimed|findings`: dates are ISO, what is empty
is empty, `missing` and `findings` are separated by commas, a finding is `kind:fen`, `claimed` is 1 or 0. The database makes the same
line in SQL (sanbao.settlements.facts).
"""

from datetime import date
from decimal import Decimal

from sanbao_rules.settlement import SheetFacts, SheetOutcome, Terms, decide_sheet


def pack(facts: SheetFacts) -> str:
    """The line for these facts. A bar in a text becomes a blank: it has no meaning in a category or a component."""
    days = (facts.purchased_on, facts.installed_on, facts.reported_on, facts.completed_on)
    return "|".join(
        (
            ",".join(facts.missing),
            facts.category.replace("|", " "),
            facts.work,
            str(facts.km),
            *(day.isoformat() if day else "" for day in days),
            facts.component.replace("|", " "),
            "1" if facts.claimed_out else "0",
            ",".join(f"{kind}:{refund}" for kind, refund in facts.findings),
        )
    )


def unpack(line: str) -> SheetFacts:
    """The facts in a line. Raises ValueError for a line `pack` never made."""
    missing, category, work, km, purchased, installed, reported, completed, component, claimed, findings = (
        line.split("|")
    )
    return SheetFacts(
        tuple(missing.split(",")) if missing else (),
        category,
        work,
        _kilometres(km),
        _day(purchased),
        _day(installed),
        _day(reported),
        _day(completed),
        component,
        claimed == "1",
        tuple(_finding(finding) for finding in findings.split(",")) if findings else (),
    )


class Decider:
    """`decide_sheet` for packed lines: calling it gives what `decide_sheet(unpack(line), terms)` gives.

    A plain sheet's fee and cover are remembered by the texts they came from (ISO days compare as texts), so that a sheet like
    earlier ones is decided without reading its days anew. Whatever is not plain takes the long way.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.fees: dict[tuple[str, str, str, str], tuple[int, int, str]] = {}
        self.covers: dict[tuple[str, str, str, str], tuple[str, str]] = {}

    def __call__(self, line: str) -> SheetOutcome:
        (
            missing,
            category,
            work,
            km,
            purchased,
            installed,
            reported,
            completed,
            component,
            claimed,
            findings,
        ) = line.split("|")
        if missing or findings or not reported or claimed != "0":
            return decide_sheet(unpack(line), self.terms)
        priced, covered = (category, work, km, completed), (category, component, purchased, installed)
        fee, cover = self.fees.get(priced), self.covers.get(covered)
        if fee and cover and purchased <= reported <= cover[0]:
            why = f"in_warranty({reported};{cover[1]}) {fee[2]}"
            return SheetOutcome("paid", fee[0], fee[1], (), 0, why)
        outcome = decide_sheet(unpack(line), self.terms)
        if outcome.outcome == "paid":
            warranty, _, fees = outcome.why.partition(") ")
            word = warranty.partition(";")[2]  # last covered day, what is covered, bought when, begun when
            if len(self.fees) + len(self.covers) > 200_000:
                self.fees.clear()
                self.covers.clear()
            self.fees[priced] = (outcome.labour, outcome.travel, fees)
            self.covers[covered] = (word[:10], word)
        return outcome


# The same days and distances come again and again in a month: reading each once is what makes a million lines quick.
_DAYS: dict[str, date | None] = {"": None}
_DISTANCES: dict[str, Decimal] = {}


def _day(text: str) -> date | None:
    if text not in _DAYS:
        if len(_DAYS) > 100_000:
            _DAYS.clear()
            _DAYS[""] = None
        _DAYS[text] = date.fromisoformat(text)
    return _DAYS[text]


def _kilometres(text: str) -> Decimal:
    if text not in _DISTANCES:
        if len(_DISTANCES) > 100_000:
            _DISTANCES.clear()
        _DISTANCES[text] = Decimal(text)
    return _DISTANCES[text]


def _finding(text: str) -> tuple[str, int]:
    kind, _, refund = text.partition(":")
    return kind, int(refund)
