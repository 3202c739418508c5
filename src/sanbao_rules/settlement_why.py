"""The reasons of a record sheet as one compact line, and back: a million sheets are stored with theirs.

A line is words like `labour(6000;吸油烟机;replace)`; dates are ISO; a trailing date in a fee is the day its tariff came into force,
written only when that is not the tariff of the month's last day. `settlement` writes the line, `expand` makes full reasons of it.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sanbao_rules.decision import Reason
from sanbao_rules.periods import month_end
from sanbao_rules.rulebook import Rulebook, because
from sanbao_rules.warranty import CoverTerms
from sanbao_rules.warranty import verdict as warranty_verdict

Books = Mapping[str, Rulebook]
# Findings that cost nothing, and the parameter whose clause says so.
HARMLESS = {
    "improved": "unimproved",
    "ordered": "unimproved",
    "late_unproven": "late_service",
    "late_service_unproven": "late_service",
}
_WORD = re.compile(r"(\w+)\(([^()]*)\)")
_SPECIAL = re.compile(r"[();,%\s]")


def plain(text: str) -> str:
    """Text that can stand inside a word: the signs the line is made of are written as %XXXX."""
    return _SPECIAL.sub(lambda sign: f"%{ord(sign[0]):04X}", text)


def _unplain(text: str) -> str:
    return re.sub(r"%([0-9A-F]{4})", lambda code: chr(int(code[1], 16)), text)


def digits(value: Decimal | int) -> str:
    """A number without zeros at its end: 48.0 is 48."""
    text = format(Decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def expand(why: str, books: Books, month: date) -> tuple[Reason, ...]:
    """The full reasons behind a compact `why`, by the same books and month it was decided with."""
    on = month_end(month)
    reasons: list[Reason] = []
    for code, content in _WORD.findall(why):
        values = content.split(";")
        reasons.extend(_EXPANSIONS[code](code, values, books, on))
    return tuple(reasons)


def _warranty_word(code: str, values: list[str], books: Books, on: date) -> list[Reason]:
    asked, last, covered, purchased, *start = values
    bought = date.fromisoformat(purchased)
    begun = date.fromisoformat(start[0]) if start else bought
    terms = CoverTerms.resolve(books["warranty"], bought)
    name = _unplain(covered)
    own = (dated for (_, component), dated in terms.covers.items() if component == name)
    years = terms.whole if name == "whole" else next(own)
    if terms.start.value == "purchase":
        beginning = Reason("from_purchase", {"start": begun}, "start", terms.start.clause, "warranty")
    else:
        args = {"start": begun, "basis": "installation" if start else "purchase", "purchased": bought}
        beginning = Reason("from_latest", args, "start", terms.start.clause, "warranty")
    verdict = warranty_verdict(
        date.fromisoformat(asked), date.fromisoformat(last), name, years, bought, begun
    )
    return [beginning, verdict]


def _fee_word(parameter: str, *names: str) -> Callable[[str, list[str], Books, date], list[Reason]]:
    """A word of the charges book; what follows its named values is the day its tariff came into force."""

    def word(code: str, values: list[str], books: Books, on: date) -> list[Reason]:
        args = {name: _VALUE[name](value) for name, value in zip(names, values, strict=False)}
        if code == "travel":
            args["over"] = args["km"] - args["free"]
        since = date.fromisoformat(values[len(names)]) if len(values) > len(names) else on
        rests_on = books["charges"].value(parameter, since)
        return [Reason(code, args, parameter, rests_on.clause, "charges")]

    return word


def _settlement_word(parameter: str, *names: str) -> Callable[[str, list[str], Books, date], list[Reason]]:
    def word(code: str, values: list[str], books: Books, on: date) -> list[Reason]:
        args = {name: _VALUE[name](value) for name, value in zip(names, values, strict=False)}
        name = HARMLESS[args["finding"]] if code == "no_deduction" else parameter
        return [because(books["settlement"].value(name, on), code, **args)]

    return word


def _findings_word(parameter: str, *names: str) -> Callable[[str, list[str], Books, date], list[Reason]]:
    def word(code: str, values: list[str], books: Books, on: date) -> list[Reason]:
        rests_on = books["findings"].value(parameter, on)
        args = {name: int(value) for name, value in zip(names, values, strict=False)}
        return [Reason(code, args, parameter, rests_on.clause, "findings")]

    return word


def _words(text: str) -> tuple[str, ...]:
    return tuple(_unplain(word) for word in text.split(","))


_VALUE: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("amount", "base", "multiple", "fee", "refund", "dropped"), int),
    **dict.fromkeys(("km", "free", "price"), Decimal),
    **dict.fromkeys(("category", "work", "finding"), _unplain),
    **dict.fromkeys(("purchased", "asked"), date.fromisoformat),
    "fields": _words,
}

_EXPANSIONS: dict[str, Callable[[str, list[str], Books, date], list[Reason]]] = {
    "in_warranty": _warranty_word,
    "out_of_warranty": _warranty_word,
    "labour": _fee_word("labour", "amount", "category", "work"),
    "travel": _fee_word("yuan_per_km", "amount", "km", "free", "price"),
    "no_travel": _fee_word("free_km", "km", "free"),
    "void_sheet": _settlement_word("void_sheet", "amount", "fields"),
    "forged": _settlement_word("forged_multiple", "amount", "base", "multiple"),
    "forged_fee_kept": _settlement_word("forged_fee", "fee"),
    "late_service": _settlement_word("late_service", "amount"),
    "unimproved": _settlement_word("unimproved", "amount"),
    "overcharge": _settlement_word("overcharge", "amount"),
    "refund": _settlement_word("overcharge", "refund"),
    "heaviest_only": _settlement_word("several_findings", "amount", "dropped"),
    "incomplete": _findings_word("incomplete_found", "amount"),
    "false_panel": _findings_word("panel_fine", "amount"),
    "panel_apart": _findings_word("panel_fine", "amount"),
    "panel_off": _findings_word("panel_fine"),
    "no_deduction": _settlement_word("", "finding"),
    "claimed_out": _settlement_word("claimed_out"),
    "completion_stands_in": _settlement_word("no_report"),
    "unknown_category": _settlement_word("no_fee", "category"),
    "unknown_work": _settlement_word("no_fee", "category", "work"),
    "no_purchase_date": _settlement_word("no_fee"),
    "no_report_date": _settlement_word("no_fee"),
    "bought_after_report": _settlement_word("no_fee", "purchased", "asked"),
    "before_the_rules": _settlement_word("no_fee", "purchased"),
    "bad_distance": _settlement_word("no_fee", "km"),
}
