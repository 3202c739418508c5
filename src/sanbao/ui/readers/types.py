"""Types of the API's bodies and queries, read by the same readers; a refusal is pydantic's 422 with the sentence."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from sanbao.ui.formats import language
from sanbao.ui.readers import places, values
from sanbao.ui.readers.fields import FIRST_YEAR, LAST_YEAR
from sanbao.ui.readers.sentences import say


def _told(reader: Callable[[Any], Any], *kinds: type) -> BeforeValidator:
    """A reader whose refusal speaks the caller's language. What is not of these kinds is left to pydantic to refuse."""

    def read(value: Any) -> Any:
        if not isinstance(value, kinds or (str,)) or isinstance(value, bool):
            return value
        try:
            return reader(value)
        except values.Bad as bad:
            raise ValueError(say(bad.code, language(), **bad.words)) from None

    return BeforeValidator(read)


def _day(value: str) -> date | None:
    return values.day(value, FIRST_YEAR, LAST_YEAR, serials=False)


def _only_text(value: Any) -> Any:
    """pydantic takes numbers for seconds since 1970; here a day is written as a text."""
    if not isinstance(value, str | date | None):
        raise ValueError(say("no_date", language(), value=str(value)[:20]))
    return value


def text(longest: int) -> BeforeValidator:
    """One line of text of at most so many characters: `Annotated[str, text(200)]`."""
    return _told(lambda typed: values.text(typed, longest))


def name(longest: int = 60) -> BeforeValidator:
    """A name: `Annotated[str, name()]`."""
    return _told(lambda typed: values.name(typed, longest))


def code(longest: int = 40) -> BeforeValidator:
    """A number or code: `Annotated[str, code()]`."""
    return _told(lambda typed: values.code(typed, longest))


Coordinates = Annotated[str, _told(places.coordinates)]
Phone = Annotated[str, _told(values.telephone)]
Day = Annotated[date, BeforeValidator(_only_text), _told(_day)]
Yuan = Annotated[Decimal, _told(values.money, str, int), Field(ge=0, max_digits=12, decimal_places=2)]
