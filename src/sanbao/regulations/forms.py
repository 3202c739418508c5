"""The company's own tariff as a form."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sanbao.ui.readers.fields import DayField, MoneyField


def _money(label: Any, initial: Any) -> MoneyField:
    return MoneyField(label=label, most=Decimal("999999.99"), initial=initial)


class TariffForm(forms.Form):
    """A field for each category and kind of work, the travel values, from when, and the edition's name."""

    since = DayField(
        label=_("In force from"), help_text=_("Months before this day keep the values they had.")
    )
    edition = forms.RegexField(
        r"^[\w.\-]+$", label=_("Name of the edition"), max_length=40,
        help_text=_("Such as 2026.2; decisions carry it."), error_messages={"invalid": _("Use letters, digits and . - _ only.")},
    )  # fmt: skip

    def __init__(
        self, *args: Any, works: list[tuple[str, str]], rows: list[tuple[str, str, dict[str, Any]]],
        travel: dict[str, Decimal], **kwargs: Any,
    ):  # fmt: skip
        super().__init__(*args, **kwargs)
        self.works, self.rows = works, rows
        for number, (_category, name, fees) in enumerate(rows):
            for work, work_name in works:
                if work in fees:
                    self.fields[f"labour-{number}-{work}"] = _money(f"{name} · {work_name}", fees[work])
        self.fields["free_km"] = _money(_("Free kilometres one way"), travel["free_km"])
        self.fields["yuan_per_km"] = _money(_("Yuan for each kilometre over"), travel["yuan_per_km"])

    def labour(self) -> dict[str, dict[str, Decimal]]:
        """What was entered, by category and kind of work."""
        return {
            category: {work: self.cleaned_data[f"labour-{number}-{work}"] for work in fees}
            for number, (category, _name, fees) in enumerate(self.rows)
        }

    def table(self) -> list[tuple[str, list[Any]]]:
        """The labour fields as a table: category, its fields in the order of the kinds of work (None where there is none)."""
        return [
            (name, [self[f"labour-{number}-{work}"] if work in fees else None for work, _name in self.works])
            for number, (_category, name, fees) in enumerate(self.rows)
        ]
