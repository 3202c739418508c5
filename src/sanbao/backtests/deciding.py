"""Stored decisions decided again. Pure: it runs in processes of its own, which know neither database nor settings.

A month's sheets lie in its decision as packed lines; what was looked up for one outlet's month serves the next one of the same month.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sanbao.backtests.editions import Step
from sanbao_rules import decision as kernel
from sanbao_rules import settlement
from sanbao_rules.packing import Decider
from sanbao_rules.questions import AMOUNTS, QUESTIONS
from sanbao_rules.rulebook import NotInForce, Rulebook

MONTH = "settlement.month"
_KEPT_MONTHS = 24  # months of a year under the book as it was, and under its changes one after the other

# Whose money an answer is: what an outlet gets, or what a customer pays; and which entry of the answer it is (True: all of it).
OUTLET, CUSTOMER = "outlet", "customer"
MONEY: dict[str, tuple[str, str | bool]] = {
    MONTH: (OUTLET, "net"),
    "charges.labour": (OUTLET, True),
    "charges.travel": (OUTLET, True),
    "charges.customer_labour": (CUSTOMER, True),
    "charges.part_price_cap": (CUSTOMER, True),
    "workorder.quote": (CUSTOMER, "charged"),
}
# The entry that says in a word what an answer comes to, the first that is there.
_VERDICTS = ("state", "verdict", "outcome", "done", "repeat")

ANSWER, REASONS, UNDECIDED = "answer", "reasons", "undecided"


class Asked(NamedTuple):
    """A decision as it is stored; facts, answer and reasons are JSON texts, `month` is its first day."""

    pk: int
    question: str
    month: str
    facts: str
    answer: str
    reasons: str
    editions: Mapping[str, int]


class Found(NamedTuple):
    """A decision that would be another one. `money` in fen, None where the question is not about money; `steps` say which
    parameters make the difference, and what each adds to it."""

    pk: int
    question: str
    kind: str
    month: str
    answer: Any
    money: int | None
    steps: dict[str, int | None]
    problem: dict[str, str]


@dataclass(slots=True)
class Tally:
    """What a question came to in a month. The sums are of the decisions that were decided again; in fen."""

    records: int = 0
    differing: int = 0
    undecided: int = 0
    before: int = 0
    after: int = 0
    deducted_before: int = 0
    deducted_after: int = 0

    def add(self, other: "Tally") -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_list(self) -> list[int]:
        return [getattr(self, name) for name in self.__slots__]


@dataclass(slots=True)
class Result:
    """A piece of work done: what differs, the tallies by question and month, verdicts that become others, and how many a parameter moves."""

    found: list[Found] = field(default_factory=list)
    tallies: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    verdicts: dict[str, dict[str, int]] = field(default_factory=dict)
    steps: dict[str, dict[str, int]] = field(default_factory=dict)


class SheetPair(NamedTuple):
    """A sheet of a month as it was decided and as it would be; `place` counts from 0."""

    place: int
    was: settlement.SheetOutcome
    will: settlement.SheetOutcome


class Unanswerable(Exception):
    """The rules can't answer under these books; `problem` says why, in words that the pages translate."""

    def __init__(self, code: str, said: str = "", first: str = "") -> None:
        super().__init__(said)
        self.problem = {"code": code, "said": said, "first": first}


class Judge:
    """Decides stored decisions again: with their own editions, and with one book exchanged for another.

    `editions` are the books of the stored editions by their number. Without `steps` everything is decided by its own editions.
    """

    def __init__(self, editions: Mapping[int, Rulebook], book: str = "", steps: Sequence[Step] = ()) -> None:
        self.editions, self.book, self.steps = editions, book, list(steps)
        self.months: dict[tuple[Any, ...], tuple[settlement.Terms, Decider]] = {}

    def decide(self, asked: Iterable[Asked]) -> Result:
        """Everything of a piece."""
        result = Result()
        sums: dict[tuple[str, str], Tally] = {}
        for each in asked:
            tally = sums.setdefault((each.question, each.month), Tally())
            tally.records += 1
            if found := self._one(each, tally, result):
                result.found.append(found)
        for (question, month), tally in sums.items():
            result.tallies.setdefault(question, {})[month] = tally.as_list()
        return result

    def again(self, question: str, facts: Any, editions: Mapping[str, int]) -> kernel.Decision:
        """One decision made again, whole: for whoever wants its reasons. Raises Unanswerable."""
        return self._ask(question, facts, self._own(editions) | self._last)

    def sheets(self, facts: Any, editions: Mapping[str, int]) -> list["SheetPair"]:
        """The sheets of a month that come to something else: their places in the month, and both outcomes."""
        if not _packed(facts):
            return []
        month = kernel.from_json(facts["month"])
        own = self._own(editions)
        try:
            was, will = (Decider(settlement.Terms.resolve(books, month)) for books in (own, own | self._last))
        except NotInForce:
            return []
        pairs = (SheetPair(place, was(sheet), will(sheet)) for place, sheet in enumerate(facts["sheets"]))
        return [pair for pair in pairs if pair.was[:-1] != pair.will[:-1]]

    def books(self, editions: Mapping[str, int]) -> tuple[dict[str, Rulebook], dict[str, Rulebook]]:
        """The books a decision was made by, and those it is made again by."""
        own = self._own(editions)
        return own, own | self._last

    def _one(self, asked: Asked, tally: Tally, result: Result) -> Found | None:
        facts, stored = json.loads(asked.facts), json.loads(asked.answer)
        own = self._own(asked.editions)
        try:
            made = self._ask(asked.question, facts, own | self._last)
        except Unanswerable as unanswerable:
            tally.undecided += 1
            return Found(
                asked.pk, asked.question, UNDECIDED, asked.month, None, None, {}, unanswerable.problem
            )
        answer = kernel.to_json(made.answer)
        before, after = money(asked.question, stored), money(asked.question, answer)
        _sum_up(tally, before, after, stored, answer)
        if answer == stored:
            if self.steps or kernel.to_json(made.reasons) == json.loads(asked.reasons):
                return None
            tally.differing += 1
            less = _less(after, before)
            return Found(asked.pk, asked.question, REASONS, asked.month, answer, less, {}, {})
        tally.differing += 1
        steps = self._steps(asked.question, facts, own, stored, answer)
        _count(result, asked.question, stored, answer, steps)
        less = _less(after, before)
        return Found(asked.pk, asked.question, ANSWER, asked.month, answer, less, steps, {})

    @property
    def _last(self) -> dict[str, Rulebook]:
        return {self.book: self.steps[-1].book} if self.steps else {}

    def _own(self, editions: Mapping[str, int]) -> dict[str, Rulebook]:
        return {book: self.editions[pk] for book, pk in editions.items() if pk in self.editions}

    def _steps(
        self, question: str, facts: Any, own: dict[str, Rulebook], stored: Any, last: Any
    ) -> dict[str, int | None]:
        """What each change adds, one after the other: the sum is the whole difference, to the fen. A step that can't be answered adds
        nothing, the one after it then both."""
        added: dict[str, int | None] = {}
        before = stored
        for number, step in enumerate(self.steps, 1):
            if number == len(self.steps):
                answer = last
            else:
                try:
                    made = self._ask(question, facts, own | {self.book: step.book})
                except Unanswerable:
                    continue
                answer = kernel.to_json(made.answer)
            if answer != before:
                added[step.name] = _less(money(question, answer), money(question, before))
            before = answer
        return added

    def _ask(self, question: str, facts: Any, books: dict[str, Rulebook]) -> kernel.Decision:
        if question not in QUESTIONS:
            raise Unanswerable("unknown_question", question)
        try:
            if question == MONTH and _packed(facts):
                return self._month(facts, books)
            return QUESTIONS[question](kernel.from_json(facts), books)
        except NotInForce as early:
            raise Unanswerable("not_in_force", str(early), early.first.isoformat()) from None
        except (LookupError, ValueError, TypeError, ArithmeticError, AttributeError) as fault:
            # Facts of an earlier version of the program, a parameter the edition has no more: told with the decision, not hidden.
            raise Unanswerable("fault", f"{type(fault).__name__}: {fault}"[:300]) from None

    def _month(self, facts: Mapping[str, Any], books: dict[str, Rulebook]) -> kernel.Decision:
        told = kernel.from_json({name: value for name, value in facts.items() if name != "sheets"})
        month = told["month"]
        key = (month, *(id(book) for book in books.values()))
        if key not in self.months:
            while len(self.months) >= _KEPT_MONTHS:
                del self.months[next(iter(self.months))]
            terms = settlement.Terms.resolve(books, month)
            self.months[key] = (terms, Decider(terms))
        terms, decide = self.months[key]
        told["tally"] = settlement.tally(map(decide, facts["sheets"]), terms).as_dict()
        return QUESTIONS[MONTH](told, books)


def _packed(facts: Any) -> bool:
    sheets = facts.get("sheets") if isinstance(facts, Mapping) else None
    return isinstance(sheets, list) and all(isinstance(sheet, str) for sheet in sheets)


def money(question: str, answer: Any) -> int | None:
    """What an answer is worth in fen, as stored; None where it is not about money."""
    _whose, entry = MONEY.get(question, ("", AMOUNTS.get(question, False) is True))
    if entry is False or answer is None:
        return None
    value = answer if entry is True else answer.get(entry) if isinstance(answer, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def whose(question: str) -> str:
    """Whose money it is: an outlet's or a customer's."""
    return MONEY.get(question, (OUTLET, False))[0]


def _less(after: int | None, before: int | None) -> int | None:
    return None if after is None and before is None else (after or 0) - (before or 0)


def _sum_up(tally: Tally, before: int | None, after: int | None, stored: Any, answer: Any) -> None:
    tally.before += before or 0
    tally.after += after or 0
    for name, each in (("deducted_before", stored), ("deducted_after", answer)):
        deducted = each.get("deducted") if isinstance(each, Mapping) else None
        if isinstance(deducted, int):
            setattr(tally, name, getattr(tally, name) + deducted)


def _count(result: Result, question: str, stored: Any, answer: Any, steps: Mapping[str, int | None]) -> None:
    was, will = verdict(stored), verdict(answer)
    if was != will:
        moves = result.verdicts.setdefault(question, {})
        moves[f"{was}→{will}"] = moves.get(f"{was}→{will}", 0) + 1
    for name, added in steps.items():
        counts = result.steps.setdefault(name, {"records": 0, OUTLET: 0, CUSTOMER: 0})
        counts["records"] += 1
        counts[whose(question)] += added or 0


def verdict(answer: Any) -> str:
    """What an answer comes to in a word; empty where it is a figure, a day or a list."""
    if isinstance(answer, Mapping):
        answer = next((answer[name] for name in _VERDICTS if name in answer), None)
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return answer[:30] if isinstance(answer, str) else ""
