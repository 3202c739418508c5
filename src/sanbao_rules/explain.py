"""Decisions told in sentences a clerk would write, each with its clause. Chinese and English."""

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.money import fen_to_yuan
from sanbao_rules.rulebook import Rulebook

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """One reason in words; the clause's own text unfolds beside it."""

    text: str
    clause: str
    clause_text: str


def explain(
    told: Decision | Reason, books: Rulebook | Mapping[str, Rulebook], language: str = "zh"
) -> list[Sentence]:
    """The sentences of a decision, its parts after it, or of a single reason. `language` is "zh" or "en".

    Give the one book when every reason is its own, or all of them by name.
    """
    if language not in ("zh", "en"):
        raise ValueError(f"reasons are told in zh and en, not in {language!r}")
    if isinstance(told, Reason):
        return [_sentence(told, _book(told, books), language)]
    default = told.book.partition(" ")[0]
    sentences = [_sentence(reason, _book(reason, books, default), language) for reason in told.reasons]
    for part in told.parts:
        sentences += [sentence for sentence in explain(part, books, language) if sentence not in sentences]
    return sentences


def explain_all(
    reasons: Iterable[Reason], books: Mapping[str, Rulebook], language: str = "zh"
) -> list[Sentence]:
    """The sentences of several reasons, such as `settlement_why.expand` gives."""
    return [sentence for reason in reasons for sentence in explain(reason, books, language)]


def _book(reason: Reason, books: Rulebook | Mapping[str, Rulebook], default: str = "") -> Rulebook:
    if isinstance(books, Rulebook):
        return books
    return books[reason.book or default]


def _sentence(reason: Reason, book: Rulebook, language: str) -> Sentence:
    if reason.code not in book.reasons:
        raise KeyError(f"{book.cited} has no sentence for the reason {reason.code!r}")
    text = _Teller(book, language).format(book.reasons[reason.code][language], **reason.args)
    return Sentence(text, reason.clause, book.clause_text(reason.clause, language))


class _Teller(string.Formatter):
    """Fills {placeholder:format} in the way of one language."""

    def __init__(self, book: Rulebook, language: str) -> None:
        self.book, self.language = book, language

    def format_field(self, value: Any, form: str) -> str:
        return _FORMATS[form](self, value)

    def as_date(self, day: date) -> str:
        if self.language == "zh":
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def as_month(self, day: date) -> str:
        return (
            f"{day.year}年{day.month}月" if self.language == "zh" else f"{_MONTHS[day.month - 1]} {day.year}"
        )

    def as_time(self, moment: datetime | time) -> str:
        clock = f"{moment.hour:02}:{moment.minute:02}"
        return f"{self.as_date(moment)} {clock}" if isinstance(moment, datetime) else clock

    def as_yuan(self, fen: int) -> str:
        return str(fen_to_yuan(fen))

    def as_rate(self, share: Decimal | int) -> str:
        return f"{self.as_number(share * 100)}%"

    def as_number(self, number: Decimal | int) -> str:
        text = format(Decimal(number), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text

    def as_name(self, code: str) -> str:
        return self.book.word(code, self.language) if code else {"zh": "未填", "en": "none"}[self.language]

    def as_names(self, codes: Iterable[Any]) -> str:
        separator = "、" if self.language == "zh" else ", "
        return separator.join(
            self.as_date(code) if isinstance(code, date) else self.as_name(code) for code in codes
        )


_FORMATS: dict[str, Callable[[_Teller, Any], str]] = {
    "": lambda teller, value: str(value),
    "date": _Teller.as_date,
    "month": _Teller.as_month,
    "time": _Teller.as_time,
    "yuan": _Teller.as_yuan,
    "rate": _Teller.as_rate,
    "number": _Teller.as_number,
    "name": _Teller.as_name,
    "names": _Teller.as_names,
}
