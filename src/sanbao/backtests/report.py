"""The report of a back-test on paper and as a workbook: what it comes to, for whom, by which clause."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.utils import timezone, translation

from sanbao.backtests import queries
from sanbao.backtests.deciding import MONEY
from sanbao.backtests.deciding import money as worth
from sanbao.backtests.models import BackTest, Difference
from sanbao.decisions.words import word
from sanbao.outlets.models import Outlet
from sanbao.ui.printing import (
    ControlledForm,
    Signature,
    day,
    figures,
    form_language,
    moment,
    month_words,
    pdf,
    words,
)
from sanbao.ui.workbooks import Cell, Column, Tab, workbook

TEMPLATE = "back-test"
FORM, VERSION, ISSUED = "SB-QR-31", "A/0", date(2026, 11, 1)
PRINTED_OUTLETS = 300
MOST_ROWS = 200_000


def as_pdf(test: BackTest, language: str, *, at: datetime, by: str = "") -> bytes:
    """The report on paper; `by` is who takes it."""
    language = form_language(language)
    with translation.override("en" if language == "en" else "zh-hans"):
        return pdf(TEMPLATE, filled(test, language, at, by), language)


def filled(test: BackTest, language: str, at: datetime, by: str) -> dict[str, Any]:
    """Every value as a finished text."""
    said = words(TEMPLATE, language)
    outlets = queries.by_outlet(test)
    more, less, concerned = queries.count_outlets(test)
    company = test.company
    return {
        "company": company.name,
        "hotline": company.hotline,
        "form": ControlledForm(FORM, VERSION, ISSUED, prepared=_asked_by(test)).as_words(),
        "subject": subject(test, said),
        "period": f"{month_words(test.first_month, language)} – {month_words(test.last_month, language)}",
        "kinds": ("、" if language == "zh" else ", ").join(str(kind) for kind in queries.kind_words(test)),
        "basis": basis(test, said),
        "digest": test.digest[:12],
        "rules": test.rules_version,
        "done_at": moment(test.ended_at),
        "asked_by": test.made_by.name if test.made_by else "",
        "counts": {name: f"{getattr(test, name):,}" for name in ("records", "differing", "undecided")},
        "money": queries.signed(test.money),
        "customer_money": queries.signed(test.customer_money),
        "outlets_more": str(more),
        "outlets_less": str(less),
        "outlets_concerned": str(concerned),
        "questions": [
            [str(line.label), f"{line.tally.records:,}", f"{line.tally.differing:,}", f"{line.tally.undecided:,}",
             figures(line.tally.before) if line.of else "–", figures(line.tally.after) if line.of else "–",
             queries.signed(line.more) if line.of else "–"]
            for line in queries.by_question(test)
        ],
        "months": [
            [f"{line.label:%Y-%m}", f"{line.tally.records:,}", f"{line.tally.differing:,}", figures(line.tally.before),
             figures(line.tally.after), queries.signed(line.more)]
            for line in queries.by_month(test)
        ],
        "steps": [
            [line.label, line.before, line.after, line.clause, f"{line.records:,}", queries.signed(line.money), queries.signed(line.customer_money)]
            for line in queries.by_step(test, language)
        ],
        "verdicts": [[str(question), was, will, str(count)] for question, was, will, count in queries.by_verdict(test)],
        "outlets": [
            [line.outlet.code if line.outlet else said["no_outlet"], line.outlet.name if line.outlet else "", str(line.records),
             queries.signed(line.money), queries.signed(line.customer_money)]
            for line in outlets[:PRINTED_OUTLETS]
        ],
        "more_outlets": str(len(outlets) - PRINTED_OUTLETS) if len(outlets) > PRINTED_OUTLETS else "",
        "problems": [[sentence, str(count)] for sentence, count in queries.problems(test)],
        "skipped": [[str(question), str(count)] for question, count in queries.left_out(test)],
        "broken": queries.edition_words(test.broken),
        "printed_at": moment(at),
        "printed_by": by,
    }  # fmt: skip


def subject(test: BackTest, said: dict[str, Any]) -> str:
    """What was tried, against what."""
    if test.what != BackTest.What.BACK_TEST:
        return str(said["replay"])
    against = f"{said['against']} {test.base}" if test.base else ""
    return f"{test.cited} {against}".strip()


def basis(test: BackTest, said: dict[str, Any]) -> str:
    """How the new values counted."""
    if test.what != BackTest.What.BACK_TEST:
        return str(said["own_editions"])
    return str(said["as_if"]).format(day=day(test.on)) if test.on else str(said["dated"])


def _asked_by(test: BackTest) -> Signature:
    return Signature(test.made_by.name if test.made_by else "", timezone.localdate(test.made_at))


# The workbook


def as_xlsx(test: BackTest, language: str, *, at: datetime, by: str = "") -> bytes:
    """The report as a workbook: in all, by month, by parameter, by outlet, and every difference."""
    language = form_language(language)
    said = words(TEMPLATE, language)
    running = f"{test.company.name}  {test}  {said['printed_at']} {moment(at)} {by}".strip()
    with translation.override("en" if language == "en" else "zh-hans"):
        tabs = [
            _summary(test, said, running, language),
            _months(test, said, running),
            _steps(test, said, running, language),
            _outlets(test, said, running),
            _differences(test, said, running),
        ]
        return workbook(
            tabs, title=f"{said['title']} {test}", language=language, author=test.company.name, made_at=at
        )


def _summary(test: BackTest, said: dict[str, Any], running: str, language: str) -> Tab:
    head = [
        (said["subject"], subject(test, said)),
        (said["period"], f"{month_words(test.first_month, language)} – {month_words(test.last_month, language)}"),
        (said["basis"], basis(test, said)),
        (said["rules"], test.rules_version),
        (said["done_at"], moment(test.ended_at)),
        (said["asked_by"], test.made_by.name if test.made_by else ""),
    ]  # fmt: skip
    above: list[list[Any]] = [
        [Cell(name, bold=True, fill=True), Cell(value, span=6, wrap=True)] for name, value in head
    ]
    for name, number in ((said["records"], test.records), (said["differing"], test.differing), (said["undecided"], test.undecided)):  # fmt: skip
        above.append([Cell(name, bold=True, fill=True), Cell(number, "integer", span=6)])
    for name, fen in ((said["money"], test.money), (said["customer_money"], test.customer_money)):
        above.append([Cell(name, bold=True, fill=True), Cell(fen, "money", bold=True, span=6)])
    columns = [
        Column(said["question"], width=34), Column(said["records"], "integer", 11), Column(said["differing"], "integer", 11),
        Column(said["undecided"], "integer", 11), Column(said["before"], "money", 15), Column(said["after"], "money", 15),
        Column(said["more"], "money", 15),
    ]  # fmt: skip
    rows = [
        [str(line.label), line.tally.records, line.tally.differing, line.tally.undecided]
        + ([line.tally.before, line.tally.after, line.more] if line.of else [None, None, None])
        for line in queries.by_question(test)
    ]
    below = [[sentence, None, None, count, None, None, None] for sentence, count in queries.problems(test)]
    below += [
        [f"{said['skipped']}: {question}", count, None, None, None, None, None]
        for question, count in queries.left_out(test)
    ]
    return Tab(said["title"], columns, rows, above=above, below=below, footer=running)


def _months(test: BackTest, said: dict[str, Any], running: str) -> Tab:
    columns = [
        Column(said["month"], width=12), Column(said["records"], "integer", 11), Column(said["differing"], "integer", 11),
        Column(said["undecided"], "integer", 11), Column(said["before"], "money", 16), Column(said["after"], "money", 16), Column(said["more"], "money", 16),
    ]  # fmt: skip
    lines = queries.by_month(test)
    rows = [
        [f"{line.label:%Y-%m}", line.tally.records, line.tally.differing, line.tally.undecided, line.tally.before, line.tally.after, line.more]
        for line in lines
    ]  # fmt: skip
    total = [Cell(said["sum"], bold=True), test.records, test.differing, test.undecided]
    sums = [sum(line.tally.before for line in lines), sum(line.tally.after for line in lines), test.money]
    return Tab(
        said["by_month"], columns, rows, below=[[*total, *(Cell(fen, "money", bold=True) for fen in sums)]], footer=running
    )  # fmt: skip


def _steps(test: BackTest, said: dict[str, Any], running: str, language: str) -> Tab:
    columns = [
        Column(said["parameter"], width=30), Column(said["was"], width=24, wrap=True), Column(said["will"], width=24, wrap=True),
        Column(said["clause"], width=20), Column(said["differing"], "integer", 11), Column(said["money"], "money", 16),
        Column(said["customer_money"], "money", 16),
    ]  # fmt: skip
    rows = [
        [line.label, line.before, line.after, line.clause, line.records, line.money, line.customer_money]
        for line in queries.by_step(test, language)
    ]
    total = [Cell(said["sum"], bold=True, span=5), Cell(test.money, "money", bold=True), Cell(test.customer_money, "money", bold=True)]  # fmt: skip
    return Tab(said["by_step"], columns, rows, below=[total], footer=running)


def _outlets(test: BackTest, said: dict[str, Any], running: str) -> Tab:
    columns = [
        Column(said["outlet"], width=14), Column(said["outlet_name"], width=28), Column(said["differing"], "integer", 11),
        Column(said["undecided"], "integer", 11), Column(said["money"], "money", 16), Column(said["customer_money"], "money", 16),
    ]  # fmt: skip
    lines = queries.by_outlet(test)
    rows = [
        [line.outlet.code if line.outlet else said["no_outlet"], line.outlet.name if line.outlet else "", line.records - line.undecided,
         line.undecided, line.money, line.customer_money]
        for line in lines
    ]  # fmt: skip
    total = [Cell(said["sum"], bold=True, span=2), sum(line.records - line.undecided for line in lines), sum(line.undecided for line in lines)]  # fmt: skip
    sums = [Cell(sum(line.money for line in lines), "money", bold=True), Cell(sum(line.customer_money for line in lines), "money", bold=True)]  # fmt: skip
    return Tab(said["by_outlet"], columns, rows, below=[[*total, *sums]], footer=running)


def _differences(test: BackTest, said: dict[str, Any], running: str) -> Tab:
    columns = [
        Column(said["month"], width=10), Column(said["outlet"], width=14), Column(said["question"], width=30), Column(said["decision"], "integer", 12),
        Column(said["difference"], width=24), Column(said["before"], "money", 15), Column(said["after"], "money", 15), Column(said["more"], "money", 15),
        Column(said["because"], width=40, wrap=True),
    ]  # fmt: skip
    return Tab(said["differences"], columns, _difference_rows(test), footer=running)


def _difference_rows(test: BackTest) -> Iterator[list[Any]]:
    codes = dict(Outlet.objects.filter(company_id=test.company_id).values_list("pk", "code"))
    kinds = dict(Difference.Kind.choices)
    rows = (
        Difference.objects.filter(backtest=test)
        .order_by("money", "id")
        .values_list("month", "outlet_id", "question", "decision_id", "kind", "answer", "money", "problem", "decision__answer")
    )  # fmt: skip
    for month, outlet_id, question, decision_id, kind, answer, more, problem, was in rows[:MOST_ROWS].iterator(chunk_size=2000):  # fmt: skip
        is_money = question in MONEY and kind != Difference.Kind.UNDECIDED
        yield [
            f"{month:%Y-%m}", codes.get(outlet_id, ""), str(word(question)), decision_id, str(kinds[kind]),
            worth(question, was) if question in MONEY else None, worth(question, answer) if is_money else None,
            more if is_money else None, queries.problem_words(problem) if problem else "",
        ]  # fmt: skip
