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
from sanbao.settlements.views.months import last_month
from sanbao.ui.readers.fields import MonthField, NameField, Tolerant


class Typed(Tolerant):
    """A text read by one of the reading package's readers, which has sentences of its own."""

    def __init__(self, reader: Any, **options: Any):
        super().__init__(reader, say=say, **options)


class OutletMonth(forms.Form):
    """An outlet in the person's reach, and a month."""

    outlet = forms.ModelChoiceField(Outlet.objects.none(), label=_("Outlet"))
    month = MonthField(label=_("Month"), help_text=_("Like 2026-08."))

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

    number = Typed(lambda t: values.code(t, 40), label=_("sheet number"), required=False)
    customer = NameField(label=_("customer"), max_length=60, required=False)
    phone = Typed(lambda t: values.phone(t)[0], label=_("telephone"), required=False)
    address = Typed(lambda t: values.text(t, 200), label=_("address"), required=False)
    model = Typed(lambda t: values.code(t, 40), label=_("model"), required=False)
    serial = Typed(lambda t: values.code(t, 60), label=_("serial number"), required=False)
    purchased_on = Typed(values.day, label=_("purchased on"), required=False, help_text=_("Like 2026-08-31."))
    installed_on = Typed(values.day, label=_("installed on"), required=False)
    reported_on = Typed(values.day, label=_("reported on"), required=False)
    completed_on = Typed(values.day, label=_("completed on"), required=False)
    fault = Typed(lambda t: values.text(t, 200), label=_("fault"), required=False)
    action = Typed(lambda t: values.text(t, 200), label=_("work done"), required=False)
    component = Typed(lambda t: values.text(t, 60), label=_("part replaced"), required=False)
    work = forms.ChoiceField(label=_("kind of work"), choices=Sheet.Work.choices, required=False)
    km = Typed(values.kilometres, label=_("kilometres one way"), required=False)
    claimed_out = forms.BooleanField(label=_("handed in as out of warranty"), required=False)
    charged_fen = Typed(values.fen, label=_("charged to the customer (yuan)"), required=False)
    engineer = NameField(label=_("engineer"), max_length=60, required=False)
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


MOST_BYTES = 10 * 2**20


class OneFile(forms.FileField):
    """A file of at most ten megabytes: a photograph, a recording, a scan."""

    def __init__(self, **options: Any):
        options.setdefault("label", _("file (photograph, recording, scan)"))
        options.setdefault("required", False)
        super().__init__(**options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file and (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 10 MB. Send a smaller one."))
        return file


class HintsForm(forms.Form):
    """The month to look through for hints."""

    month = MonthField(label=_("Month"), help_text=_("Like 2026-08."))


class FindingForm(forms.Form):
    """What a callback found about one sheet (KA-11.2)."""

    number = Typed(lambda t: values.code(t, 40), label=_("sheet number"))
    kind = forms.ChoiceField(label=_("finding"), choices=Finding.Kind.choices)
    note = Typed(lambda t: values.text(t, 200), label=_("note"), required=False)
    source = forms.ChoiceField(label=_("found by"), choices=Finding.Source.choices, required=False)
    refund = Typed(
        values.fen,
        label=_("refund to the customer (yuan)"),
        required=False,
        help_text=_("Only for overcharging."),
    )
    panel = Typed(
        values.fen,
        label=_("price of the panel (yuan)"),
        required=False,
        help_text=_("Only for a false panel claim (KA-7.3)."),
    )
    evidence = Typed(
        lambda t: values.text(t, 1000),
        label=_("evidence: who said what, when"),
        required=False,
        widget=forms.Textarea({"rows": 3, "maxlength": 1000}),
    )
    file = OneFile()


class RemarkForm(forms.Form):
    """A word and a file about a finding."""

    text = Typed(
        lambda t: values.text(t, 1000),
        label=_("text"),
        required=False,
        widget=forms.Textarea({"rows": 3, "maxlength": 1000}),
    )
    file = OneFile()


class MoveForm(RemarkForm):
    """A move of a finding: the reason, a file with an appeal, another finding where an appeal is granted in part."""

    version = forms.IntegerField(min_value=0, max_value=10**8)
    kind = forms.ChoiceField(choices=[("", ""), *Finding.Kind.choices], required=False)
    refund = Typed(values.fen, required=False)

    def __init__(self, noun: str, *args: Any, **kwargs: Any) -> None:
        """`noun`: the move, which takes only what its own form asks for."""
        super().__init__(*args, **kwargs)
        taken = {"appeal": {"text", "file"}, "granting": {"kind", "refund"}}.get(noun, set())
        for name in self.fields.keys() - taken - {"version"}:
            del self.fields[name]


class RefundForm(RemarkForm):
    """The proof that a customer has the money back."""

    on = Typed(values.day, label=_("paid back on"), help_text=_("Like 2026-08-31."))


class RecheckForm(RemarkForm):
    """What is found when an order to improve is looked at again."""

    improved = forms.ChoiceField(
        label=_("what the second look shows"), choices=[("yes", _("improved")), ("no", _("not improved"))]
    )
