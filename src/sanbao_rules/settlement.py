"""An outlet's month: what each repair record sheet earns and costs, and what the month comes to (KA-11.1, KA-11.2).

Amounts are integer fen. Values of the settlement book are those in force on the last day of the month; the tariff is the
one in force on the day the work was completed; the warranty is the one of the day of purchase.

A sheet's reasons are kept as one compact line, `why` (settlement_why.py).
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from sanbao_rules.charges import travel_fee
from sanbao_rules.decision import Decision, Reason
from sanbao_rules.money import percent_of, yuan
from sanbao_rules.periods import add_years, month_end, next_working_day
from sanbao_rules.rulebook import Dated, NotInForce, Rulebook, because
from sanbao_rules.settlement_why import HARMLESS, Books, digits, plain
from sanbao_rules.warranty import CoverTerms, start_of, years_of
from sanbao_rules.worktime import calendar_of

REQUIRED_FIELDS = (
    "number", "customer", "phone", "address", "model", "serial", "purchased_on", "completed_on", "fault", "action",
)  # fmt: skip
OUTCOMES = ("paid", "void", "forged", "out_of_warranty", "claimed_out", "unpriced")
DEDUCTIONS = ("void_sheet", "late_service", "unimproved", "overcharge", "forged")
# Deductions of the book `findings`. They stand in a month only where there are any: months decided before the book come to the same.
RARE = ("false_panel", "correction", "credit")
# Findings whose effect the book `findings` sets: found unclear or incomplete, and false panel claims.
OF_FINDINGS = ("incomplete", "false_panel")
RATE_CODES = {
    "in_time": "rate_in_time",
    "late": "rate_late",
    "late_15": "rate_late_15",
    "between": "rate_late",
    "cross_month": "rate_cross_month",
}

_REMEMBERED = 200_000
Found = TypeVar("Found")


class SheetFacts(NamedTuple):
    """The facts of one repair record sheet: no names, no phones."""

    missing: tuple[str, ...]  # required fields left empty, codes as in REQUIRED_FIELDS
    category: str  # as in the charges book, "" for an unknown model
    work: str  # replace, adjust, ""
    km: Decimal  # one way
    purchased_on: date | None
    installed_on: date | None
    reported_on: date | None
    completed_on: date | None
    component: str  # the part replaced, "" if none
    claimed_out: bool  # the sheet itself says 保外
    findings: tuple[tuple[str, int], ...]  # (kind, refund in fen; of a false panel claim the fine)


class Correction(NamedTuple):
    """A line about a sheet of a settled month. A positive amount is taken, a negative one given back."""

    kind: str  # of the finding
    amount: int
    number: str  # the sheet's
    month: date  # the settled one


class SheetOutcome(NamedTuple):
    """What a sheet comes to. Labour and travel are given for paid sheets and, for the tenfold, forged ones."""

    outcome: str
    labour: int
    travel: int
    deductions: tuple[tuple[str, int], ...]
    refund: int  # to the customer, by the outlet: listed, not subtracted
    why: str


class Terms:
    """Every value a month's sheets can ask for, looked up once. What was worked out for one sheet serves the next.

    `values` are the settlement book's values of the month.
    """

    def __init__(self, books: Books, month: date) -> None:
        self.books = books
        self.month = month.replace(day=1)
        self.on = month_end(month)
        self.values: dict[str, Dated] = {
            name: books["settlement"].value(name, self.on) for name in books["settlement"].parameters
        }
        value = {name: dated.value for name, dated in self.values.items()}
        self.required = frozenset(value["required_fields"])
        self.fines = {
            name: yuan(value[name]) for name in ("void_sheet", "late_service", "unimproved", "overcharge")
        }
        self.multiple: int = value["forged_multiple"]
        self.forged_fee_kept: bool = value["forged_fee"] == "kept"
        self.void_only: bool = value["forged_and_void"] == "void"
        self.heaviest_only: bool = value["several_findings"] == "heaviest"
        self.claim_ignored: bool = value["claimed_out"] == "settled"
        self.blocking: bool = value["no_fee"] == "block"
        self.completion_stands_in: bool = value["no_report"] == "completion"
        words = books["charges"].value("component_words", self.on).value
        self.components = {word: code for code, others in words.items() for word in (code, *others)}
        for covers in books["warranty"].history("component_covers"):
            self.components |= {row["component"]: row["component"] for row in covers.value}
        words = books["charges"].value("category_words", self.on).value
        self.categories = {word: code for code, others in words.items() for word in (code, *others)}
        self.labour_of: dict[tuple[str, str, date], tuple[int, str]] = {}
        self.travel_of: dict[tuple[Decimal, date], tuple[int, str]] = {}
        self.covers_of: dict[date, CoverTerms] = {}
        self.cover_of: dict[tuple[str, str, date, date | None], tuple[date, str]] = {}
        # A void sheet without findings comes to the same whatever else it says.
        self.void_of: dict[tuple[str, ...], SheetOutcome] = {}

    @classmethod
    def resolve(cls, books: Books, month: date) -> "Terms":
        """The terms of a month, by the books calendar, warranty, charges and settlement."""
        return cls(books, month)

    def finding_value(self, parameter: str) -> Dated:
        """A value of the book `findings`; asked for only where a finding needs it, for a month may be older than the book."""
        return self.books["findings"].value(parameter, self.on)

    def labour(self, category: str, work: str, day: date) -> tuple[int, str]:
        """The labour fee and its word; -1 when the tariff has none."""
        tariff = self.books["charges"].value("labour", day)
        row = tariff.value.get(category)
        if row is None or work not in row:
            word = "unknown_category" if row is None else "unknown_work"
            found = (-1, f"{word}({plain(category)}" + (f";{plain(work)})" if row is not None else ")"))
        else:
            fee = yuan(row[work])
            found = (fee, f"labour({fee};{plain(category)};{work}{self.since(tariff)})")
        return _remember(self.labour_of, (category, work, day), found)

    def travel(self, km: Decimal, day: date) -> tuple[int, str]:
        """The travel fee and its word; -1 for kilometres that can't be."""
        free = self.books["charges"].value("free_km", day)
        price = self.books["charges"].value("yuan_per_km", day)
        if km < 0:
            found = (-1, f"bad_distance({digits(km)})")
        elif fee := travel_fee(km, free.value, price.value):
            found = (
                fee,
                f"travel({fee};{digits(km)};{digits(free.value)};{digits(price.value)}{self.since(price)})",
            )
        else:
            found = (0, f"no_travel({digits(km)};{digits(free.value)}{self.since(free)})")
        return _remember(self.travel_of, (km, day), found)

    def since(self, dated: Dated) -> str:
        """Empty for the values of the month's last day, else the day they came into force."""
        return "" if dated is self.books["charges"].value(dated.parameter, self.on) else f";{dated.since}"

    def cover(
        self, category: str, component: str, purchased: date, installed: date | None
    ) -> tuple[date, str]:
        """The last covered day for the labour of this repair, and the rest of the word that says so."""
        terms = self.covers_of.get(purchased)
        if terms is None:
            terms = _remember(
                self.covers_of, purchased, CoverTerms.resolve(self.books["warranty"], purchased)
            )
        start, _ = start_of(terms, purchased, installed)
        covered, years = years_of(terms, category, component, labour=True)
        last = add_years(start, years.value)
        word = f"{last};{plain(covered)};{purchased}" + (f";{start}" if start != purchased else "")
        return _remember(self.cover_of, (category, component, purchased, installed), (last, word))


def _remember(store: dict[Any, Found], key: Any, found: Found) -> Found:
    """Kept for the sheets to come; a store that has grown large starts anew, so that memory stays bounded."""
    if len(store) >= _REMEMBERED:
        store.clear()
    store[key] = found
    return found


def decide_sheet(facts: SheetFacts, terms: Terms) -> SheetOutcome:
    """What one sheet earns and costs, and why. The first that holds decides: void, forged, out of warranty, claimed out.

    A sheet that can't be judged or priced is "unpriced": it earns nothing yet, and the month waits for it.
    """
    missing, category, work, km, purchased, installed, reported, completed, component, claimed, findings = (
        facts
    )
    if findings:
        return _decide_at_length(facts, terms)
    if missing and not terms.required.isdisjoint(missing):
        return terms.void_of.get(missing) or _remember(
            terms.void_of, missing, _decide_at_length(facts, terms)
        )

    asked, instead = reported, ""
    if asked is None and terms.completion_stands_in:
        asked, instead = completed, " completion_stands_in()"
    if asked is None or purchased is None or purchased > asked:
        return _unpriced(facts, terms, ())
    category = terms.categories.get(category, category)
    component = terms.components.get(component, "")
    day = completed or asked
    try:
        fee, labour_word = terms.labour_of.get((category, work, day)) or terms.labour(category, work, day)
        if fee < 0 and labour_word.startswith("unknown_category"):
            return _unpriced(facts, terms, ())
        key = (category, component, purchased, installed) if component else ("", "", purchased, installed)
        last, cover_word = terms.cover_of.get(key) or terms.cover(*key)
    except NotInForce:
        return _unpriced(facts, terms, ())
    if asked > last:
        return SheetOutcome(
            "out_of_warranty", 0, 0, (), 0, f"out_of_warranty({asked.isoformat()};{cover_word}){instead}"
        )
    if claimed and not terms.claim_ignored:
        return SheetOutcome(
            "claimed_out",
            0,
            0,
            (),
            0,
            f"in_warranty({asked.isoformat()};{cover_word}){instead} claimed_out()",
        )
    far, travel_word = terms.travel_of.get((km, day)) or terms.travel(km, day)
    if fee < 0 or far < 0:
        return _unpriced(facts, terms, ())
    why = f"in_warranty({asked.isoformat()};{cover_word}){instead} {labour_word} {travel_word}"
    return SheetOutcome("paid", fee, far, (), 0, why)


def _decide_at_length(facts: SheetFacts, terms: Terms) -> SheetOutcome:
    """A sheet that is void or has findings: few are, so this may take its time."""
    kinds = [kind for kind, _ in facts.findings]
    for kind in kinds:
        if kind not in DEDUCTIONS[1:] and kind not in HARMLESS and kind not in OF_FINDINGS:
            known = ", ".join((*DEDUCTIONS[1:], *HARMLESS, *OF_FINDINGS))
            raise ValueError(f"unknown finding {kind!r}; known are {known}")
    lacking = [field for field in facts.missing if field in terms.required]
    unclear = "incomplete" in kinds and terms.finding_value("incomplete_found").value == "void"
    forged = "forged" in kinds
    fee, far, fee_words, problem = _fees(facts, terms)
    deductions, words = [], []

    if lacking or unclear:
        base = SheetOutcome("void", 0, 0, (), 0, "")
        fine = terms.fines["void_sheet"]
        deductions.append(("void_sheet", fine))
        words.append(f"void_sheet({fine};{','.join(lacking)})" if lacking else f"incomplete({fine})")
        forged = forged and not problem and not terms.void_only
    elif forged:
        base = _unpriced(facts, terms, (problem,)) if problem else SheetOutcome("forged", 0, 0, (), 0, "")
        forged = not problem
    else:
        base = decide_sheet(facts._replace(findings=(), missing=()), terms)

    if forged:
        base = base._replace(labour=fee, travel=far)
        fine = terms.multiple * (fee + far)
        deductions.append(("forged", fine))
        words += [fee_words, f"forged({fine};{fee + far};{terms.multiple})"]
        if terms.forged_fee_kept and base.outcome == "forged":
            words.append(f"forged_fee_kept({fee + far})")

    for kind in kinds:
        if kind in terms.fines:
            deductions.append((kind, terms.fines[kind]))
            words.append(f"{kind}({terms.fines[kind]})")
        elif kind in HARMLESS:
            words.append(f"no_deduction({kind})")
    for kind, fine in facts.findings:
        if kind != "false_panel":
            continue
        if fine and terms.finding_value("panel_fine").value == "month":
            deductions.append((kind, fine))
            words.append(f"false_panel({fine})")
        else:
            words.append(f"panel_apart({fine})" if fine else "panel_off()")
    refund = sum(amount for kind, amount in facts.findings if kind not in OF_FINDINGS)
    words += [f"refund({refund})"] if refund else []
    if terms.heaviest_only and len(deductions) > 1:
        heaviest = max(deductions, key=lambda entry: entry[1])
        dropped = sum(amount for _, amount in deductions) - heaviest[1]
        deductions = [heaviest]
        words.append(f"heaviest_only({heaviest[1]};{dropped})")
    why = " ".join([base.why, *words] if base.why else words)
    return base._replace(deductions=tuple(deductions), refund=refund, why=why)


def _fees(facts: SheetFacts, terms: Terms) -> tuple[int, int, str, str]:
    """Labour, travel, the words for them, and the word for what is in the way of them."""
    day = facts.completed_on or facts.reported_on or terms.on
    category = terms.categories.get(facts.category, facts.category)
    try:
        fee, labour_word = terms.labour(category, facts.work, day)
        far, travel_word = terms.travel(facts.km, day)
    except NotInForce:
        return 0, 0, "", f"before_the_rules({day})"
    if fee < 0 or far < 0:
        return 0, 0, "", labour_word if fee < 0 else travel_word
    return fee, far, f"{labour_word} {travel_word}", ""


def _unpriced(facts: SheetFacts, terms: Terms, problems: tuple[str, ...]) -> SheetOutcome:
    """A sheet that can't be judged yet, with everything that is in the way."""
    asked = facts.reported_on or (facts.completed_on if terms.completion_stands_in else None)
    words = list(problems) or [_fees(facts, terms)[3]]
    if facts.purchased_on is None:
        words.append("no_purchase_date()")
    elif asked is None:
        words.append("no_report_date()")
    elif facts.purchased_on > asked:
        words.append(f"bought_after_report({facts.purchased_on};{asked})")
    elif facts.purchased_on < terms.books["warranty"].effective:
        words.append(f"before_the_rules({facts.purchased_on})")
    return SheetOutcome("unpriced", 0, 0, (), 0, " ".join(word for word in words if word))


# The rate of the month


def due_days(month: date, books: Books) -> tuple[date, date]:
    """The day of the next month the sheets are due, and the day they may really come: a rest day moves on (A-65)."""
    on = month_end(month)
    nominal = (on + timedelta(days=1)).replace(day=books["settlement"].value("due_day", on).value)
    if books["settlement"].value("roll", on).value == "none":
        return nominal, nominal
    return nominal, next_working_day(nominal, calendar_of(books["calendar"], provisional=True))


def rate(month: date, paper_on: date | None, electronic_on: date | None, books: Books) -> Decision:
    """The share of the gross a month is settled at, by arrival (KA-11.1). The first reason's code is its state:
    in_time, late, late_15, between, cross_month; or waiting_paper, no_electronic, nothing_received with rate 0."""
    book, on, month = books["settlement"], month_end(month), month.replace(day=1)
    if paper_on is None or electronic_on is None:
        return _not_arrived(month, paper_on, electronic_on, book)
    arrival = book.value("arrival", on)
    received = {"later": max(paper_on, electronic_on), "paper": paper_on, "electronic": electronic_on}[
        arrival.value
    ]
    nominal, due = due_days(month, books)
    code = _lateness(received, nominal, due, book, on)
    parameter = RATE_CODES[code]
    if code == "between" and book.value("between", on).value == "late_15":
        parameter = "rate_late_15"
    share = book.value(parameter, on)
    step = book.value("second_step", on).value
    args: dict[str, Any] = {"month": month, "received": received, "due": due, "rate": Decimal(share.value)}
    reasons = [because(share, code, **args, days=(received - due).days, step=step)]
    if due != nominal:
        reasons.append(because(book.value("roll", on), "due_rolled", nominal=nominal, due=due))
    if book.value("roll", on).value != "none" and calendar_of(
        books["calendar"], provisional=True
    ).is_provisional(due):
        reasons.append(because(book.value("roll", on), "provisional", year=due.year))
    return Decision("settlement.rate", Decimal(share.value), tuple(reasons), book.cited)


def _not_arrived(month: date, paper_on: date | None, electronic_on: date | None, book: Rulebook) -> Decision:
    """Without an electronic copy nothing is settled; without paper nothing yet (A-64)."""
    nothing = book.value("rate_no_electronic", month_end(month))
    if electronic_on:
        arrival = book.value("arrival", month_end(month))
        reason = because(arrival, "waiting_paper", month=month, electronic=electronic_on)
        return Decision("settlement.rate", Decimal(0), (reason,), book.cited)
    if paper_on:
        reason = because(nothing, "no_electronic", month=month, paper=paper_on)
    else:
        reason = because(nothing, "nothing_received", month=month)
    return Decision("settlement.rate", Decimal(nothing.value), (reason,), book.cited)


def _lateness(received: date, nominal: date, due: date, book: Rulebook, on: date) -> str:
    """Which step the arrival falls on, by the reading chosen (A-63)."""
    if received <= due:
        return "in_time"
    if received > month_end(nominal):
        return "cross_month"
    step = book.value("second_step", on).value
    if book.value("lateness", on).value == "calendar_day":
        return "late" if received.day <= step else "late_15"
    days = (received - due).days
    if days <= book.value("late_until", on).value:
        return "late"
    return "between" if days <= step else "late_15"


def rate_state(made: Decision) -> str:
    """settled, waiting_paper or no_electronic."""
    code = made.reasons[0].code
    if code in RATE_CODES:
        return "settled"
    return "waiting_paper" if code == "waiting_paper" else "no_electronic"


# The month


@dataclass(slots=True)
class Tally:
    """Sheets counted and added up, in fen. Labour and travel are those the month pays."""

    records: int = 0
    paid: int = 0
    void: int = 0
    forged: int = 0
    out_of_warranty: int = 0
    claimed_out: int = 0
    unpriced: int = 0
    labour: int = 0
    travel: int = 0
    refund: int = 0
    deductions: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)  # of deductions, by kind
    corrections: tuple[Correction, ...] = ()

    def correct(self, corrections: Iterable[Correction]) -> None:
        """Add what is taken and given back for settled months."""
        self.corrections = tuple(corrections)
        for correction in self.corrections:
            kind = "correction" if correction.amount > 0 else "credit"
            self.deductions[kind] = self.deductions.get(kind, 0) + correction.amount
            self.counts[kind] = self.counts.get(kind, 0) + 1

    def as_dict(self) -> dict[str, Any]:
        """As `questions` takes it back: a month's facts without its sheets."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Totals:
    """What a month comes to, in fen; a negative net is owed by the outlet."""

    records: int
    paid: int
    void: int
    forged: int
    out_of_warranty: int
    claimed_out: int
    unpriced: int
    labour: int
    travel: int
    gross: int
    rate: Decimal
    reduced: int
    deductions: dict[str, int]
    deducted: int
    refund: int
    net: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class MonthResult:
    """A month decided. `code` and `state` are those of the rate; a `blocked` month is not to be submitted."""

    totals: Totals
    rate: Decision
    outcomes: list[SheetOutcome]
    reasons: tuple[Reason, ...]
    book: str
    blocked: bool

    @property
    def code(self) -> str:
        return self.rate.reasons[0].code

    @property
    def state(self) -> str:
        return rate_state(self.rate)

    @property
    def decision(self) -> Decision:
        """The month as one decision, to be written down."""
        return Decision("settlement.month", self.totals.as_dict(), self.reasons, self.book, (self.rate,))


def tally(outcomes: Iterable[SheetOutcome], terms: Terms) -> Tally:
    """Count and add up."""
    counts = dict.fromkeys(OUTCOMES, 0)
    deductions = dict.fromkeys(DEDUCTIONS, 0)
    how_many = dict.fromkeys(DEDUCTIONS, 0)
    labour = travel = refund = 0
    kept = terms.forged_fee_kept
    for outcome, fee, far, taken, back, _ in outcomes:
        counts[outcome] += 1
        if outcome == "paid" or (kept and outcome == "forged"):
            labour += fee
            travel += far
        if taken:
            for kind, amount in taken:
                deductions[kind] = deductions.get(kind, 0) + amount
                how_many[kind] = how_many.get(kind, 0) + 1
        refund += back
    return Tally(
        records=sum(counts.values()),
        **counts,  # type: ignore[arg-type]  # the outcomes' numbers only
        labour=labour,
        travel=travel,
        refund=refund,
        deductions=deductions,
        counts=how_many,
    )


def decide_month(
    month: date,
    paper_on: date | None,
    electronic_on: date | None,
    sheets: Iterable[SheetFacts],
    terms: Terms,
    books: Books,
) -> MonthResult:
    """Every sheet, the rate, and what they come to."""
    outcomes = [decide_sheet(facts, terms) for facts in sheets]
    return add_up(month, paper_on, electronic_on, tally(outcomes, terms), terms, books, outcomes)


def add_up(
    month: date,
    paper_on: date | None,
    electronic_on: date | None,
    counted: Tally,
    terms: Terms,
    books: Books,
    outcomes: list[SheetOutcome] | None = None,
) -> MonthResult:
    """What counted sheets come to: gross × rate − deductions. Deductions are never reduced by the rate."""
    made = rate(month, paper_on, electronic_on, books)
    gross = counted.labour + counted.travel
    reduced = percent_of(gross, made.answer)
    deductions = {kind: counted.deductions.get(kind, 0) for kind in DEDUCTIONS}
    deductions |= {kind: counted.deductions[kind] for kind in RARE if counted.deductions.get(kind)}
    deducted = sum(deductions.values())
    totals = Totals(
        counted.records, counted.paid, counted.void, counted.forged, counted.out_of_warranty, counted.claimed_out,
        counted.unpriced, counted.labour, counted.travel, gross, made.answer, reduced, deductions, deducted,
        counted.refund, reduced - deducted,
    )  # fmt: skip
    blocked = terms.blocking and counted.unpriced > 0
    reasons = tuple(_month_reasons(totals, counted, made, terms))
    return MonthResult(totals, made, outcomes or [], reasons, books["settlement"].cited, blocked)


def _month_reasons(totals: Totals, counted: Tally, made: Decision, terms: Terms) -> Iterable[Reason]:
    """The arithmetic of the month, line by line."""
    yield from made.reasons
    share = made.reasons[0]
    on_the_rate = Dated(None, share.parameter, terms.on, share.clause, "", "settlement")
    yield because(on_the_rate, "gross",
        records=totals.records, paid=totals.paid, labour=totals.labour, travel=totals.travel, gross=totals.gross,
    )  # fmt: skip
    yield because(on_the_rate, "reduced", gross=totals.gross, rate=totals.rate, reduced=totals.reduced)
    for kind, amount in totals.deductions.items():
        if count := counted.counts.get(kind, 0):
            if kind in RARE:
                continue
            rests_on = terms.values["forged_multiple" if kind == "forged" else kind]
            yield because(rests_on, "deducted", kind=kind, count=count, amount=amount)
    yield from _findings_reasons(totals, counted, terms)
    if totals.refund:
        yield because(terms.values["overcharge"], "refunds", refund=totals.refund)
    ending = "debt" if totals.net < 0 else "net"
    yield because(on_the_rate, ending, reduced=totals.reduced, deducted=totals.deducted, net=totals.net)
    if totals.unpriced and terms.blocking:
        yield because(terms.values["no_fee"], "blocked", count=totals.unpriced)


def _findings_reasons(totals: Totals, counted: Tally, terms: Terms) -> Iterable[Reason]:
    """False panel claims together, and each correction of a settled month by itself."""
    if amount := totals.deductions.get("false_panel"):
        rests_on = terms.finding_value("panel_fine")
        args = {"kind": "false_panel", "count": counted.counts["false_panel"], "amount": amount}
        yield Reason("panels_deducted", args, rests_on.parameter, rests_on.clause, "findings")
    for kind, amount, number, month in counted.corrections:
        rests_on = terms.finding_value("confirmation")
        told = {"kind": kind, "amount": abs(amount), "number": number, "month": month}
        code = "correction" if amount > 0 else "credit"
        yield Reason(code, told, rests_on.parameter, rests_on.clause, "findings")
