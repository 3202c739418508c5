"""Forms for measures."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.improvements import queries
from sanbao.improvements.models import SourceKind, Verdict
from sanbao.improvements.permissions import May
from sanbao.outlets.models import Outlet
from sanbao.ui.readers.fields import DayField, ParagraphsField, TextField
from sanbao.ui.seen import Seen

MOST_BYTES = 20 * 2**20
_FEW = {"rows": 3}


class FigureField(forms.DecimalField):
    """A figure, as it was read before or after."""

    def __init__(self, **options: Any):
        super().__init__(
            max_digits=12,
            decimal_places=2,
            min_value=Decimal(-999_999_999),
            max_value=Decimal(999_999_999),
            **options,
        )


class FilesField(forms.FileField):
    """A file no larger than is kept."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file and file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB. Send a smaller one."))
        return file


class _Told(Seen, forms.Form):
    """What every measure says of itself."""

    field_order = (
        "title", "problem", "cause", "remedy", "source_kind", "source_label", "outlet", "product_line", "owner", "due_on", "figure",
        "figure_before", "figure_target",
    )  # fmt: skip

    title = TextField(label=_("Title"), max_length=120)
    problem = ParagraphsField(
        label=_("Problem"),
        max_length=2000,
        widget=forms.Textarea(_FEW),
        help_text=_("What was found. Name no customer here: the source is linked."),
    )
    cause = ParagraphsField(
        label=_("Cause"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(_FEW),
        help_text=_("What the analysis found; at the latest when it is done."),
    )
    remedy = ParagraphsField(label=_("Measure"), max_length=2000, required=False, widget=forms.Textarea(_FEW))


class _Placed(forms.Form):
    outlet = forms.ModelChoiceField(
        Outlet.objects.none(), label=_("Outlet"), required=False, empty_label=_("whole company")
    )
    product_line = forms.ChoiceField(label=_("Product category"), required=False)

    def place(self, access: Access, categories: list[tuple[str, str]]) -> None:
        self.fields["outlet"].queryset = Outlet.objects.visible_to(access, May.WORK).order_by("code")
        self.fields["product_line"].choices = [("", "—"), *categories]


class ProposalForm(_Told, _Placed):
    """An improvement proposed by a colleague (CO-8)."""

    def __init__(self, access: Access, categories: list[tuple[str, str]], *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.place(access, categories)
        if access.outlets is not None:
            self.fields["outlet"].required, self.fields["outlet"].empty_label = True, None


class _Charged(forms.Form):
    owner = forms.ModelChoiceField(Person.objects.none(), label=_("Person in charge"))
    due_on = DayField(label=_("Due on"))

    def offer(self, access: Access, outlet_id: int | None, on: date) -> None:
        self.fields["owner"].queryset = queries.owners(access, outlet_id, on)
        self.fields["owner"].label_from_instance = lambda person: person.name


class _Measured(forms.Form):
    figure = TextField(
        label=_("Figure"),
        max_length=80,
        required=False,
        help_text=_("What the effect is read from, with its unit, like “satisfied customers in %”."),
    )
    figure_before = FigureField(label=_("Before the measure"), required=False)
    figure_target = FigureField(label=_("Target"), required=False)


class MeasureForm(_Told, _Placed, _Charged, _Measured):
    """A measure is opened."""

    source_kind = forms.ChoiceField(label=_("Found by"), choices=SourceKind.choices)
    source_label = TextField(label=_("Found in"), max_length=120, required=False)
    source_pk = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    source_path = TextField(max_length=300, required=False, widget=forms.HiddenInput)

    def __init__(
        self, access: Access, categories: list[tuple[str, str]], on: date, *args: Any, **options: Any
    ):
        super().__init__(*args, **options)
        self.place(access, categories)
        typed = self.data.get("outlet", "") if self.is_bound else ""
        known = (
            self.fields["outlet"].queryset.filter(pk=typed).first()
            if typed.isdecimal() and len(typed) < 18
            else None
        )
        # Before an outlet is chosen, everybody who could be of one of them is offered; the operation refuses who can't see it.
        self.offer(access, known.pk if known else None, on)
        if known is None and not self.is_bound:
            self.fields["owner"].help_text = _("Of headquarters; with an outlet chosen, also its own people.")


class ChangeForm(_Told, _Charged, _Measured):
    """A measure under way is changed."""

    def __init__(self, access: Access, outlet_id: int | None, on: date, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.offer(access, outlet_id, on)


class AcceptForm(_Charged):
    """A proposal is taken up."""

    def __init__(self, access: Access, outlet_id: int | None, on: date, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.offer(access, outlet_id, on)


class ReasonForm(forms.Form):
    reason = TextField(label=_("Why?"), max_length=200)


class FinishForm(forms.Form):
    """What was done."""

    note = ParagraphsField(label=_("What was done"), max_length=2000, widget=forms.Textarea(_FEW))
    cause = ParagraphsField(label=_("Cause"), max_length=2000, required=False, widget=forms.Textarea(_FEW))
    file = FilesField(label=_("File"), required=False)


class AttachForm(forms.Form):
    file = FilesField(label=_("File"))
    label = TextField(label=_("What the file is"), max_length=80, required=False)


class ReviewForm(forms.Form):
    """Whether it helped."""

    verdict = forms.ChoiceField(label=_("Effect"), choices=[("", "—"), *Verdict.choices])
    figure = TextField(label=_("Figure"), max_length=80)
    before = FigureField(label=_("Before the measure"))
    after = FigureField(label=_("After"))
    words = ParagraphsField(
        label=_("What the review found"), max_length=1000, required=False, widget=forms.Textarea(_FEW)
    )
    again_by = DayField(
        label=_("Done again by"),
        required=False,
        help_text=_("Not effective: it goes on, due on this day. Partly effective: only if it shall go on."),
    )
