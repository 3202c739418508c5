"""What people type in settlements."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.outlets.models import Outlet
from sanbao.settlements.models import Finding, Sheet
from sanbao.settlements.permissions import May
from sanbao.settlements.reading import values
from sanbao.settlements.reading.sentences import say
from sanbao.settlements.views.months import last_month, read_month


class Tolerant(forms.CharField):
    """Text read by one of the reading package's readers: any shape people type, or a sentence."""

    def __init__(self, reader: Any, **options: Any):
        self.reader = reader
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        from django.utils.translation import get_language

        typed = super().to_python(value)
        try:
            return self.reader(typed)
        except values.Bad as bad:
            language = "en" if (get_language() or "").startswith("en") else "zh"
            raise forms.ValidationError(
                say(bad.code, language, **{"field": self.label, **bad.words})
            ) from None

    def validate(self, value: Any) -> None:
        if self.required and value in (None, ""):
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """The reader has said all there is to say."""


def _month(typed: str) -> Any:
    found = read_month(values.half_width(typed).replace("/", "-").replace("年", "-").replace("月", ""))
    if found is None:
        raise values.Bad("no_month", value=typed)
    return found


class OutletMonth(forms.Form):
    """An outlet in the person's reach, and a month."""

    outlet = forms.ModelChoiceField(Outlet.objects.none(), label=_("Outlet"))
    month = Tolerant(_month, label=_("Month"), help_text=_("Like 2026-08."))

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        reach = Outlet.objects.visible_to(access, May.HAND_IN).order_by("code")
        self.fields["outlet"].queryset = reach
        self.fields["month"].initial = f"{last_month():%Y-%m}"
        if len(first := list(reach[:2])) == 1:
            self.fields["outlet"].initial = first[0]


class HandInForm(OutletMonth):
    """A month's file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("Excel (.xlsx, .xls) or CSV, as you keep it: any order and wording of columns."),
    )


class FileForm(forms.Form):
    """One file."""

    file = forms.FileField(label=_("File"), help_text=_("Excel (.xlsx, .xls) or CSV."))


class SheetForm(OutletMonth):
    """One sheet typed in. Empty required fields make it void; the form asks once whether that is meant."""

    number = Tolerant(lambda t: values.code(t, 40), label=_("sheet number"), required=False)
    customer = Tolerant(lambda t: values.text(t, 60), label=_("customer"), required=False)
    phone = Tolerant(lambda t: values.phone(t)[0], label=_("telephone"), required=False)
    address = Tolerant(lambda t: values.text(t, 200), label=_("address"), required=False)
    model = Tolerant(lambda t: values.code(t, 40), label=_("model"), required=False)
    serial = Tolerant(lambda t: values.code(t, 60), label=_("serial number"), required=False)
    purchased_on = Tolerant(
        values.day, label=_("purchased on"), required=False, help_text=_("Like 2026-08-31.")
    )
    installed_on = Tolerant(values.day, label=_("installed on"), required=False)
    reported_on = Tolerant(values.day, label=_("reported on"), required=False)
    completed_on = Tolerant(values.day, label=_("completed on"), required=False)
    fault = Tolerant(lambda t: values.text(t, 200), label=_("fault"), required=False)
    action = Tolerant(lambda t: values.text(t, 200), label=_("what was done"), required=False)
    component = Tolerant(lambda t: values.text(t, 60), label=_("part replaced"), required=False)
    work = forms.ChoiceField(label=_("kind of work"), choices=Sheet.Work.choices, required=False)
    km = Tolerant(values.kilometres, label=_("kilometres one way"), required=False)
    claimed_out = forms.BooleanField(label=_("handed in as out of warranty"), required=False)
    charged_fen = Tolerant(values.fen, label=_("charged to the customer (yuan)"), required=False)
    engineer = Tolerant(lambda t: values.text(t, 60), label=_("engineer"), required=False)
    void = forms.BooleanField(
        label=_("Hand it in as void although required fields are empty"), required=False
    )

    FIELDS = (
        "number", "customer", "phone", "address", "model", "serial", "purchased_on", "installed_on", "reported_on",
        "completed_on", "fault", "action", "component", "work", "km", "claimed_out", "charged_fen", "engineer",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        from sanbao.settlements.reading import REQUIRED

        data = super().clean() or {}
        lacking = [name for name in REQUIRED if not data.get(name) and name not in self.errors]
        if lacking and not data.get("void"):
            for name in lacking:
                self.add_error(name, _("A sheet without this is void: no fee, and a deduction (KA-11.2)."))
        return data

    def sheet(self) -> dict[str, Any]:
        """The sheet's fields."""
        return {name: self.cleaned_data[name] for name in self.FIELDS}


class FindingForm(forms.Form):
    """What a callback found about one sheet (KA-11.2)."""

    number = Tolerant(lambda t: values.code(t, 40), label=_("sheet number"))
    kind = forms.ChoiceField(label=_("finding"), choices=Finding.Kind.choices)
    note = Tolerant(lambda t: values.text(t, 200), label=_("note"), required=False)
    refund = Tolerant(
        values.fen,
        label=_("refund to the customer (yuan)"),
        required=False,
        help_text=_("Only for overcharging."),
    )
