"""Typed filters of lists: each reads its own part of the address and says what is wrong with it.

A filter never fails and never guesses: a value it cannot read is ignored and its sentence is shown beside the field. Numbers lie
in the range of the database, days between 1900 and 2100, texts have at most a hundred characters and no NUL.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sanbao.ui.formats import language
from sanbao.ui.readers import say, values
from sanbao.ui.readers.fields import FIRST_YEAR, LAST_YEAR

LONGEST = 100
GREATEST_ID = 2**63 - 1


class Unreadable(ValueError):
    """What was typed cannot be read; the message is the sentence for the reader."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a filter read: `value` is None where nothing was asked or nothing could be read; `typed` goes back into the field."""

    value: Any = None
    typed: Any = ""
    error: str = ""


def clean_text(text: str) -> str:
    """Text as people mean it: full-width letters and digits made plain, ends stripped; NUL and overlong text refused."""
    text = unicodedata.normalize("NFKC", text).strip()
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise Unreadable(_("This contains characters that cannot be searched for."))
    if len(text) > LONGEST:
        raise Unreadable(
            ngettext("At most %(count)d character.", "At most %(count)d characters.", LONGEST)
            % {"count": LONGEST}
        )
    return text


def _read(reader: Callable[..., date | None], text: str, otherwise: str) -> date:
    """A day or month by the readers that forms use, within the years a list may ask for."""
    try:
        found = reader(clean_text(text), FIRST_YEAR, LAST_YEAR)
    except values.Bad as bad:
        raise Unreadable(say(bad.code, language(), **bad.words)) from None
    if found is None:
        raise Unreadable(otherwise)
    return found


def read_day(text: str) -> date:
    """A day in any usual shape: 2026-04-03, 2026/4/3, 2026.4.3, 20260403, 2026年4月3日."""
    return _read(partial(values.day, serials=False), text, _("Write the day as 2026-04-03."))


def read_month(text: str) -> date:
    """A month in any usual shape, as its first day: 2026-04, 2026/4, 202604, 2026年4月."""
    return _read(values.month, text, _("Write the month as 2026-04."))


def read_id(text: str) -> int:
    """The number of a row."""
    text = clean_text(text)
    if not re.fullmatch(r"[0-9]{1,19}", text) or not 1 <= int(text) <= GREATEST_ID:
        raise Unreadable(_("This is not the number of anything."))
    return int(text)


@dataclass(frozen=True, slots=True)
class Search:
    """Free text, found where any of the `fields` says so: `Search("q", _("Search"), ("number__icontains",))`.

    `where_of` replaces `fields` for searches of another kind: a function of the text. `by` does so where it matters who asks (the indexes
    on text are asked in the reader's reach, sanbao.accounts.finding): a function of the request and the text.
    """

    key: str
    label: Any
    fields: tuple[str, ...] = ()
    where_of: Callable[[str], Q] | None = None
    by: Callable[[HttpRequest, str], Q] | None = None
    shape = "search"

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key,)

    def read(self, query: QueryDict, request: HttpRequest) -> Reading:
        typed = query.get(self.key, "")
        try:
            return Reading(clean_text(typed) or None, typed)
        except Unreadable as wrong:
            return Reading(None, typed.replace("\0", "")[:LONGEST], str(wrong))

    def where(self, value: str) -> Q:
        if self.where_of:
            return self.where_of(value)
        found = Q()
        for field in self.fields:
            found |= Q(**{field: value})
        return found


@dataclass(frozen=True, slots=True)
class Choice:
    """One or several of some choices: `Choice("state", _("State"), State.choices)`; choices may depend on the request.

    `where_of` replaces `field` where a choice means more than its own value, as a class with all below it.
    """

    key: str
    label: Any
    choices: Iterable[tuple[Any, Any]] | Callable[[HttpRequest], Iterable[tuple[Any, Any]]]
    field: str = ""
    where_of: Callable[[list[str]], Q] | None = None
    _said: dict[str, tuple[tuple[str, str], ...]] = dataclasses.field(
        default_factory=dict, compare=False, repr=False
    )
    shape = "choice"

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key,)

    def options(self, request: HttpRequest) -> list[tuple[str, Any]]:
        pairs = self.choices(request) if callable(self.choices) else self.choices
        return [(str(value), label) for value, label in pairs]

    def said(self, request: HttpRequest) -> tuple[tuple[str, str], ...]:
        """The options in the reader's language; those that are the same for everybody are said once for each language."""
        if callable(self.choices):
            return tuple((value, str(label)) for value, label in self.options(request))
        if (found := self._said.get(language())) is None:
            found = self._said[language()] = tuple(
                (value, str(label)) for value, label in self.options(request)
            )
        return found

    def read(self, query: QueryDict, request: HttpRequest) -> Reading:
        wanted = [value for value in query.getlist(self.key) if value]
        known = {value for value, _label in self.options(request)} if wanted else set()
        chosen = [value for value in wanted if value in known]
        error = (
            ""
            if len(chosen) == len(wanted)
            else _("One of the values is not among the choices and was left out.")
        )
        return Reading(chosen or None, chosen, error)

    def where(self, value: list[str]) -> Q:
        return self.where_of(value) if self.where_of else Q(**{f"{self.field or self.key}__in": value})


@dataclass(frozen=True, slots=True)
class Month:
    """One month: a column that keeps the first of its month."""

    key: str
    label: Any
    field: str = ""
    shape = "month"

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key,)

    def read(self, query: QueryDict, request: HttpRequest) -> Reading:
        typed = query.get(self.key, "")
        if not typed.strip():
            return Reading()
        try:
            first = read_month(typed)
        except Unreadable as wrong:
            return Reading(None, _shown(typed), str(wrong))
        return Reading(first, f"{first:%Y-%m}")

    def where(self, value: date) -> Q:
        return Q(**{self.field or self.key: value})


@dataclass(frozen=True, slots=True)
class Days:
    """From a day to a day, both included: `?made_from=2026-04-01&made_to=2026-04-30`. `moments`: the column keeps a time too."""

    key: str
    label: Any
    field: str = ""
    moments: bool = False
    shape = "days"

    @property
    def keys(self) -> tuple[str, ...]:
        return (f"{self.key}_from", f"{self.key}_to")

    def read(self, query: QueryDict, request: HttpRequest) -> Reading:
        typed = [query.get(key, "") for key in self.keys]
        days: list[date | None] = []
        error = ""
        for text in typed:
            try:
                days.append(read_day(text) if text.strip() else None)
            except Unreadable as wrong:
                days.append(None)
                error = str(wrong)
        since, until = days
        if since and until and since > until:
            return Reading(None, [_shown(text) for text in typed], _("The first day lies after the last."))
        shown = [day.isoformat() if day else _shown(text) for day, text in zip(days, typed, strict=True)]
        return Reading((since, until) if since or until else None, shown, error)

    def where(self, value: tuple[date | None, date | None]) -> Q:
        since, until = value
        field = self.field or self.key
        found = Q()
        if since:
            found &= Q(**{f"{field}__gte": _midnight(since) if self.moments else since})
        if until:
            found &= Q(
                **{f"{field}__lt": _midnight(until + timedelta(1))}
                if self.moments
                else {f"{field}__lte": until}
            )
        return found


@dataclass(frozen=True, slots=True)
class Reference:
    """Belongs to one thing, as links from that thing's page ask: `?outlet=12`. `name` says what the chip shows."""

    key: str
    label: Any
    field: str = ""
    name: Callable[[HttpRequest, int], Any] | None = None
    shape = "reference"

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key,)

    def read(self, query: QueryDict, request: HttpRequest) -> Reading:
        typed = query.get(self.key, "")
        if not typed.strip():
            return Reading()
        try:
            number = read_id(typed)
        except Unreadable as wrong:
            return Reading(None, "", str(wrong))
        return Reading(number, self.name(request, number) if self.name else number)

    def where(self, value: int) -> Q:
        return Q(**{self.field or f"{self.key}_id": value})


Filter = Search | Choice | Month | Days | Reference


def _shown(typed: str) -> str:
    return typed.replace("\0", "")[:20]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
