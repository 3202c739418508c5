"""Reading back-tests: the lists, the report's sums, a difference with both whys, what a draft's approval needs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.backtests import editions, kinds, running
from sanbao.backtests.deciding import (
    CUSTOMER,
    MONEY,
    MONTH,
    OUTLET,
    Judge,
    SheetPair,
    Tally,
    Unanswerable,
    whose,
)
from sanbao.backtests.models import BackTest, Difference
from sanbao.backtests.permissions import May
from sanbao.decisions import queries as decisions
from sanbao.decisions.facts import told
from sanbao.decisions.models import Decision
from sanbao.decisions.words import word
from sanbao.outlets.models import Outlet
from sanbao.regulations import drafting
from sanbao.regulations.models import Draft, Edition
from sanbao.regulations.publication import Report
from sanbao.regulations.queries import rulebook
from sanbao.regulations.states import OPEN
from sanbao.settlements.models import Line, Statement
from sanbao.ui.printing import figures
from sanbao.ui.why import Why, WhySentence
from sanbao_rules.document import value_text
from sanbao_rules.explain import Sentence, explain, explain_all
from sanbao_rules.rulebook import Dated, Rulebook, shipped, shipped_names
from sanbao_rules.settlement_why import expand

CUSTOMERS = [question for question, (of, _entry) in MONEY.items() if of == CUSTOMER]
MOST_SHEETS = 50


def backtests(access: Access) -> QuerySet[BackTest]:
    """Back-tests and replays a person may read."""
    rows: QuerySet[BackTest] = BackTest.objects.visible_to(access, May.SEE)
    return rows.select_related("edition", "draft", "base", "made_by")


def differences(access: Access) -> QuerySet[Difference]:
    """What differs, in the back-tests a person may read."""
    rows: QuerySet[Difference] = Difference.objects.visible_to(access, May.SEE)
    return rows.select_related("decision", "backtest")


# What can be tried


def drafts_to_try(access: Access) -> list[Draft]:
    """The company's drafts that are not published yet, newest first."""
    rows = Draft.objects.in_company(access.company_id or 0).filter(state__in=OPEN)
    return list(rows.select_related("base").order_by("-id"))


def editions_to_try(access: Access) -> list[Edition]:
    """The editions a period can be decided by, by book, newest first."""
    rows = Edition.objects.in_company(access.company_id or 0).defer("content")
    return list(rows.order_by("book", "-id"))


def book_title(name: str, language: str) -> str:
    """What a rulebook is called; its code where this program ships none of the name."""
    return shipped(name).title[language] if name in shipped_names() else name


# The report's sums


@dataclass(frozen=True, slots=True)
class Sums:
    """A line of the report. Amounts in fen; `of` says whose money it is, empty where there is none."""

    label: Any
    tally: Tally
    of: str = ""
    url: str = ""

    @property
    def more(self) -> int:
        return self.tally.after - self.tally.before

    @property
    def less_deducted(self) -> int:
        """What of `more` comes from smaller deductions."""
        return self.tally.deducted_before - self.tally.deducted_after


def by_question(test: BackTest) -> list[Sums]:
    """One line a question."""
    lines = []
    for question, months in test.totals.items():
        whole = Tally()
        for tally in months.values():
            whole.add(Tally(*tally))
        of = whose(question) if question in MONEY else ""
        lines.append(Sums(word(question), whole, of, f"{_list_url(test)}?question={question}"))
    return lines


def by_month(test: BackTest) -> list[Sums]:
    """One line a month, of all questions; the money is the outlets' alone."""
    whole: dict[str, Tally] = {}
    for question, months in test.totals.items():
        for month, numbers in months.items():
            tally = Tally(*numbers)
            if whose(question) != OUTLET or question not in MONEY:
                tally.before = tally.after = tally.deducted_before = tally.deducted_after = 0
            whole.setdefault(month, Tally()).add(tally)
    return [
        Sums(date.fromisoformat(month), whole[month], OUTLET, f"{_list_url(test)}?month={month[:7]}")
        for month in sorted(whole)
    ]


def _list_url(test: BackTest) -> str:
    return reverse("backtests:differences", args=[test.pk])


@dataclass(frozen=True, slots=True)
class OutletSums:
    """What one outlet would have got more, and its customers paid more; `outlet` is None for what belongs to none."""

    outlet: Outlet | None
    records: int
    undecided: int
    money: int
    customer_money: int
    url: str


def by_outlet(test: BackTest, most: int | None = None) -> list[OutletSums]:
    """One line an outlet with differences, who would get least first."""
    of_customers = Q(question__in=CUSTOMERS)
    rows = (
        Difference.objects.filter(backtest=test)
        .values("outlet_id")
        .annotate(
            records=Count("pk"),
            undecided=Count("pk", filter=Q(kind=Difference.Kind.UNDECIDED)),
            outlets=Coalesce(Sum("money", filter=~of_customers), 0, output_field=BigIntegerField()),
            customers=Coalesce(Sum("money", filter=of_customers), 0, output_field=BigIntegerField()),
        )
        .order_by("outlets", "outlet_id")
    )
    found = list(rows[:most] if most else rows)
    outlets = Outlet.objects.in_bulk([row["outlet_id"] for row in found if row["outlet_id"]])
    return [
        OutletSums(
            outlets.get(row["outlet_id"]), row["records"], row["undecided"], row["outlets"], row["customers"],
            f"{_list_url(test)}?outlet={row['outlet_id'] or ''}",
        )
        for row in found
    ]  # fmt: skip


def count_outlets(test: BackTest) -> tuple[int, int, int]:
    """How many outlets would get more, less, and how many have differences at all."""
    rows = (
        Difference.objects.filter(backtest=test, outlet_id__isnull=False)
        .exclude(question__in=CUSTOMERS)
        .values("outlet_id")
        .annotate(more=Sum("money"))
    )
    sums = list(rows.values_list("more", flat=True))
    return sum(more > 0 for more in sums), sum(more < 0 for more in sums), len(sums)


@dataclass(frozen=True, slots=True)
class StepSums:
    """What one changed parameter makes of the period, after those before it in the list."""

    label: str
    before: str
    after: str
    clause: str
    clause_text: str
    records: int
    money: int
    customer_money: int


def by_step(test: BackTest, language: str) -> list[StepSums]:
    """One line a changed parameter, in the order of the book, those that change nothing included; they sum to the whole."""
    if test.content is None:
        return []
    candidate, steps = Rulebook.from_json(test.content), running.steps_of(test)
    base = rulebook(test.base) if test.base else candidate
    lines = []
    for step in steps:
        counts = test.steps.get(step.name, {})
        if not step.parameters:
            if counts or len(steps) == 1:
                lines.append(
                    _step(_("Decided by another edition then"), None, None, base, candidate, language, counts)
                )
            continue
        on = test.on or editions.new_since(base, candidate) or test.last_month
        names = [_label(base, candidate, name, language) for name in step.parameters]
        was, will = _value(base, step.parameters[0], on), _value(candidate, step.parameters[0], on)
        if len(step.parameters) > 1:
            was = will = None
        lines.append(_step("、".join(names) if language == "zh" else ", ".join(names), was, will, base, candidate, language, counts))  # fmt: skip
    return lines


def changes(test: BackTest, language: str) -> list[StepSums]:
    """What the book changes, before anything was decided by it."""
    return [line for line in by_step(test, language) if line.clause]


def _step(
    label: str, was: Dated | None, will: Dated | None, base: Rulebook, candidate: Rulebook, language: str, counts: Mapping[str, int]
) -> StepSums:  # fmt: skip
    clause = will.clause if will else was.clause if was else ""
    return StepSums(
        label,
        value_text(was, base, language) if was else "",
        value_text(will, candidate, language) if will else "",
        clause,
        candidate.clause_text(clause, language) or base.clause_text(clause, language),
        counts.get("records", 0), counts.get(OUTLET, 0), counts.get(CUSTOMER, 0),
    )  # fmt: skip


def _label(base: Rulebook, candidate: Rulebook, name: str, language: str) -> str:
    book = candidate if name in candidate.parameters else base
    return book.parameters[name].label[language]


def _value(book: Rulebook, name: str, on: date) -> Dated | None:
    if name not in book.parameters:
        return None
    values = [value for value in book.parameters[name].values if value.since <= on]
    return values[-1] if values else book.parameters[name].values[0]


def by_verdict(test: BackTest) -> list[tuple[Any, str, str, int]]:
    """Answers that become others, in a word each: (question, was, would be, how often)."""
    lines = []
    for question, moves in sorted(test.verdicts.items()):
        for move, count in sorted(moves.items(), key=lambda item: -item[1]):
            was, _arrow, will = move.partition("→")
            lines.append((word(question), verdict_word(was), verdict_word(will), count))
    return lines


_VERDICTS = {
    "met": lambda: _("kept"), "missed": lambda: _("missed"), "running": lambda: _("running"), "paused": lambda: _("paused"),
    "cancelled": lambda: _("cancelled"), "yes": lambda: _("yes"), "no": lambda: _("no"), "": lambda: "–",
}  # fmt: skip


def verdict_word(code: str) -> str:
    return _VERDICTS[code]() if code in _VERDICTS else code


def left_out(test: BackTest) -> list[tuple[Any, int]]:
    """Decisions of the period that nothing in the book can change, by question."""
    return [(word(question), count) for question, count in sorted(test.skipped.items())]


def problems(test: BackTest) -> list[tuple[str, int]]:
    """Why records can't be decided, each sentence with how many it stops."""
    rows = (
        Difference.objects.filter(backtest=test, kind=Difference.Kind.UNDECIDED)
        .values_list("problem")
        .annotate(count=Count("pk"))
        .order_by("-count")[:20]
    )
    return [(problem_words(problem), count) for problem, count in rows]


def problem_words(problem: Mapping[str, str]) -> str:
    """Why there is no answer, for people."""
    match problem.get("code"):
        case "not_in_force":
            return _("This rulebook says nothing before %(first)s: %(said)s") % problem
        case "unknown_question":
            return _("The rules of this version no longer know the question “%(said)s”.") % problem
    return _("The rules could not answer with the stored facts: %(said)s") % problem


def edition_words(ids: Iterable[int]) -> list[str]:
    return [
        str(edition) for edition in Edition.objects.filter(pk__in=list(ids)).defer("content").order_by("pk")
    ]


def kind_words(test: BackTest) -> list[Any]:
    return [kinds.KINDS[code][0] for code in test.kinds if code in kinds.KINDS]


# One difference, both ways


@dataclass(frozen=True, slots=True)
class SheetChange:
    """A record sheet of a month that comes to something else."""

    number: str
    was: int
    will: int
    deducted_was: int
    deducted_will: int
    why_was: tuple[WhySentence, ...]
    why_will: tuple[WhySentence, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """A decision beside what it would be. `entries` are (name, was, would be, whether they differ)."""

    was: Why
    will: Why | None
    entries: list[tuple[str, str, str, bool]]
    sheets: list[SheetChange]
    more_sheets: int
    problem: str
    steps: list[tuple[str, int]]


def compare(difference: Difference, language: str, access: Access) -> Compared:
    """Both answers and both whys. The rules are asked again with the stored facts; nothing is stored."""
    test, decision = difference.backtest, difference.decision
    judge = Judge(
        {edition.pk: rulebook(edition) for edition in decisions.editions_of(decision).values()},
        test.book,
        running.steps_of(test)[-1:],
    )
    own, books = judge.books(decision.editions)
    was = decisions.whys([decision], language, access)[0]
    will, problem = None, problem_words(difference.problem) if difference.problem else ""
    try:
        made = judge.again(decision.question, decision.facts, decision.editions)
        sentences = [each for reason in made.reasons for each in explain(reason, books, language)]
        will = Why("", _said(sentences, books, language), test.cited)
    except Unanswerable as unanswerable:
        problem = problem_words(unanswerable.problem)
    except KeyError as unsaid:  # a sentence the book does not have
        problem = str(unsaid)
    pairs = judge.sheets(decision.facts, decision.editions) if decision.question == MONTH else []
    sheets = _sheets(decision, pairs[:MOST_SHEETS], own, books, language)
    return Compared(
        was, will, _entries(decision, difference.answer), sheets, len(pairs) - len(sheets), problem,
        [(_step_name(test, name, language), added or 0) for name, added in difference.steps.items()],
    )  # fmt: skip


def _step_name(test: BackTest, name: str, language: str) -> str:
    content = test.content or {}
    if not name:
        return _("Decided by another edition then")
    book = Rulebook.from_json(content)
    if name in book.parameters:
        return book.parameters[name].label[language]
    return _("Other changes") if name == editions.REST else name


def _said(
    sentences: Iterable[Sentence], books: Mapping[str, Rulebook], language: str
) -> tuple[WhySentence, ...]:
    return tuple(
        WhySentence(s.text, s.clause, s.clause_text, decisions.source_of(s.clause, books, language))
        for s in sentences
    )


def _entries(decision: Decision, answer: Any) -> list[tuple[str, str, str, bool]]:
    was = told(decision.answer, decision.question, answer=True)
    will = dict(told(answer, decision.question, answer=True)) if answer is not None else {}
    return [(name, value, will.get(name, "–"), will.get(name) != value) for name, value in was]


def _sheets(
    decision: Decision,
    pairs: list[SheetPair],
    own: Mapping[str, Rulebook],
    books: Mapping[str, Rulebook],
    language: str,
) -> list[SheetChange]:
    if not pairs:
        return []
    numbers = _sheet_numbers(decision)
    month = date.fromisoformat(decision.facts["month"]["$date"])
    changes = []
    for pair in pairs:
        number = numbers[pair.place] if pair.place < len(numbers) else f"#{pair.place + 1}"
        whys = [
            _said(explain_all(expand(outcome.why, dict(by), month), dict(by), language), by, language)
            for outcome, by in ((pair.was, own), (pair.will, books))
        ]
        changes.append(
            SheetChange(
                number,
                _earned(pair.was), _earned(pair.will),
                sum(amount for _kind, amount in pair.was.deductions), sum(amount for _kind, amount in pair.will.deductions),
                *whys,
            )
        )  # fmt: skip
    return changes


def _earned(outcome: Any) -> int:
    return int(outcome.labour + outcome.travel) if outcome.outcome == "paid" else 0


def _sheet_numbers(decision: Decision) -> list[str]:
    """The numbers of a month's sheets in the order of its facts; empty where its statement was made again since."""
    statement = Statement.objects.filter(decision_id=decision.pk).first()
    if statement is None:
        return []
    lines = Line.objects.filter(statement=statement).select_related("sheet").order_by("sheet_id")
    return [
        line.sheet.number or f"#{line.sheet_id}"
        for line in lines.only("sheet__number", "sheet_id", "statement_id")
    ]


# What a draft's approval needs


def newest_of(draft: Draft) -> BackTest | None:
    """The newest finished back-test of a draft as it is now: of another content it proves nothing."""
    found: BackTest | None = (
        BackTest.objects.filter(draft=draft, digest=drafting.book_of(draft).digest, state=BackTest.State.DONE)
        .order_by("-id")
        .first()
    )
    return found


def report_for(draft: Draft) -> Report | None:
    """What is attached to a draft's publication (regulations.publication.REPORTS)."""
    found = newest_of(draft)
    if found is None or found.ended_at is None:
        return None
    return Report(
        found.digest,
        found.ended_at.isoformat(),
        summary(found),
        reverse("backtests:backtest", args=[found.pk]),
    )


def summary(test: BackTest) -> str:
    """What it found in one sentence, in the language at work."""
    counts: dict[str, Any] = {
        "records": test.records, "differing": test.differing, "undecided": test.undecided,
        "money": signed(test.money), "customers": signed(test.customer_money),
        "first": f"{test.first_month:%Y-%m}", "last": f"{test.last_month:%Y-%m}",
    }  # fmt: skip
    said = (
        _("%(first)s to %(last)s: %(records)d decided again, %(differing)d differ, outlets %(money)s yuan")
        % counts
    )
    if test.customer_money:
        said += _("; customers %(customers)s yuan") % counts
    if test.undecided:
        said += _("; %(undecided)d can't be decided") % counts
    return said


def signed(fen: int) -> str:
    """+1,234.00, -50.00, 0.00: a difference always says its direction."""
    return f"+{figures(fen)}" if fen > 0 else figures(fen)
