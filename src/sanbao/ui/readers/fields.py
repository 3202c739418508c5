"""Fields of forms that read what people mean, and say beside the field why they can't."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from sanbao.ui.formats import language
from sanbao.ui.readers import places, values
from sanbao.ui.readers.sentences import say as say_generally

FIRST_YEAR, LAST_YEAR = 1900, 2100


class Tolerant(forms.CharField):
    """A text read by a reader of `values` (or one of a module's own, whose sentences `say` then knows)."""

    def __init__(
        self, reader: Callable[[str], Any], *, say: Callable[..., str] = say_generally, **options: Any
    ):
        self.reader, self.say = reader, say
        options.setdefault("strip", True)
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value)
        try:
            return self.reader(typed)
        except values.Bad as bad:
            words = {"field": self.label, **bad.words}
            raise forms.ValidationError(self.say(bad.code, language(), **words), code=bad.code) from None

    def validate(self, value: Any) -> None:
        if self.required and value in (None, ""):
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """The reader has said all there is to say."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another value was typed, not only another spelling of the same one."""
        try:
            return bool((initial or None) != (self.to_python(data) or None))
        except forms.ValidationError:
            return True


class NameField(Tolerant):
    """The name of a person, a firm or a place."""

    def __init__(self, *, max_length: int = 60, **options: Any):
        super().__init__(lambda typed: values.name(typed, max_length), **options)


class TextField(Tolerant):
    """One line of text."""

    def __init__(self, *, max_length: int = 200, **options: Any):
        super().__init__(lambda typed: values.text(typed, max_length), **options)


class ParagraphsField(Tolerant):
    """A longer text with its line ends."""

    widget = forms.Textarea

    def __init__(self, *, max_length: int = 2000, **options: Any):
        super().__init__(lambda typed: values.paragraphs(typed, max_length), **options)


class CodeField(Tolerant):
    """A number or code: half width, no blanks; upper case where `upper`."""

    def __init__(self, *, max_length: int = 40, upper: bool = False, **options: Any):
        def read(typed: str) -> str:
            found = values.code(typed, max_length)
            return found.upper() if upper else found

        super().__init__(read, **options)


class PhoneField(Tolerant):
    """One telephone number that can be called from anywhere."""

    def __init__(self, **options: Any):
        options.setdefault("widget", forms.TextInput({"type": "tel"}))
        super().__init__(values.telephone, **options)


class CoordinatesField(Tolerant):
    """Where a place lies, as "latitude,longitude": typed, or a geo: or map's link pasted; "" where nothing was."""

    def __init__(self, **options: Any):
        super().__init__(places.coordinates, **options)


class DayField(Tolerant):
    """A civil date, or None. The browser's own calendar is offered; whoever types may write 2026年1月5日."""

    def __init__(self, *, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR, **options: Any):
        options.setdefault("widget", forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
        super().__init__(lambda typed: values.day(typed, first_year, last_year, serials=False), **options)

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value


class MonthField(Tolerant):
    """A month as its first day, or None."""

    def __init__(self, **options: Any):
        super().__init__(lambda typed: values.month(typed, FIRST_YEAR, LAST_YEAR), **options)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%Y-%m}" if isinstance(value, date) else value


class MoneyField(Tolerant):
    """Yuan as a Decimal with at most two decimals, from nothing to `most`; None where nothing was typed."""

    def __init__(self, *, most: Decimal = Decimal(9_999_999), **options: Any):
        def read(typed: str) -> Decimal | None:
            found = values.money(typed)
            if found is not None and found > most:
                raise values.Bad("too_much_money", value=typed, most=f"{most:f}")
            return found

        options.setdefault("widget", forms.TextInput({"inputmode": "decimal"}))
        super().__init__(read, **options)


class QuantityField(Tolerant):
    """How many or how much as a Decimal, or None."""

    def __init__(self, *, decimals: int = 0, most: Decimal = Decimal(999_999), **options: Any):
        options.setdefault("widget", forms.TextInput({"inputmode": "decimal" if decimals else "numeric"}))
        super().__init__(lambda typed: values.quantity(typed, decimals, most), **options)
