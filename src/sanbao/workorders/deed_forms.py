"""What an engineer types on the phone, deed by deed. The page posts these forms, and the outbox sends the same fields as JSON."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.products.models import Part, Unit
from sanbao.ui.readers.fields import (
    CodeField,
    MoneyField,
    NameField,
    ParagraphsField,
    PhoneField,
    QuantityField,
    TextField,
)
from sanbao.workorders import queries, sites
from sanbao.workorders.models import Order, Photo, Signature, UsedPart
from sanbao.workorders.models.setup import Check
from sanbao.workorders.operations import Line, siting
from sanbao.workorders.states import Waiting

PART_ROWS = 4
_DRAWN = re.compile(r"[ML\d, ]*")


class DeedForm(forms.Form):
    """The fields of one deed, for one order. A deed without fields is done by pressing its button."""

    def __init__(self, order: Order, *args: Any, **options: Any):
        self.order = order
        super().__init__(*args, **options)


class DrawnField(forms.CharField):
    """The strokes of a signature, as the pad writes them (strokes.py reads them strictly)."""

    def __init__(self, **options: Any):
        super().__init__(max_length=60_000, widget=forms.HiddenInput, **options)

    def clean(self, value: Any) -> str:
        drawn = str(super().clean(value))
        if not _DRAWN.fullmatch(drawn):
            raise forms.ValidationError(gettext("That is no signature."))
        return drawn


class PartField(CodeField):
    """A part of the company's catalogue by its number: other makers' parts are not used (KA-6.1)."""

    def __init__(self, **options: Any):
        super().__init__(max_length=40, upper=True, **options)
        self.widget.attrs["list"] = "parts"

    def clean(self, value: Any) -> Part | None:
        # From the list a part may come with its name: "M-260 电机总成".
        code = super().clean(str(value or "").strip().split(" ")[0])
        if not code:
            return None
        part: Part | None = Part.objects.filter(code=code).first()
        if part is None:
            raise forms.ValidationError(gettext("There is no part %(code)s in our catalogue; other makers' parts are not used (KA-6.1).") % {"code": code})  # fmt: skip
        return part


class ReasonForm(DeedForm):
    """Why not."""

    reason = TextField(label=_("Reason"), max_length=200)


class ArrivalForm(DeedForm):
    """The place only where it was agreed to."""

    latitude = forms.DecimalField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    longitude = forms.DecimalField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)

    def place(self) -> tuple[Decimal, Decimal] | None:
        said = self.cleaned_data
        if said["latitude"] is None or said["longitude"] is None:
            return None
        return said["latitude"], said["longitude"]


class UnitForm(DeedForm):
    """The appliance before the engineer."""

    serial = CodeField(label=_("Serial number"), max_length=60, upper=True)


class WordsDeedForm(DeedForm):
    """A step that is told in words."""

    code = forms.SlugField(widget=forms.HiddenInput, max_length=20)
    words = ParagraphsField(label=_("Content"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ChecksForm(DeedForm):
    """The check list of the job: the company's lines, what the rulebook wants said, and for an installation the site (KA-4.2)."""

    def __init__(self, order: Order, *args: Any, **options: Any):
        super().__init__(order, *args, **options)
        found = {(row.check_line_id, row.code): row for row in order.checks.all()}
        self.lines = queries.checklist(order)
        for line in self.lines:
            row = found.get((line.pk, ""))
            if line.answer == Check.Answer.YES:
                self.fields[f"line-{line.pk}"] = _yes_or_no(str(line), row.passed if row else None)
            else:
                self.fields[f"line-{line.pk}"] = TextField(label=str(line), max_length=120, required=False, initial=row.value if row else "")  # fmt: skip
        for code, label, ticked in sites.said_besides(order):
            row = found.get((None, code))
            if ticked:
                self.fields[f"said-{code}"] = _yes_or_no(label, row.passed if row else None)
            else:
                self.fields[f"said-{code}"] = TextField(label=label, max_length=120, required=False, initial=row.value if row else "")  # fmt: skip
        for check in sites.checks(order):
            row = found.get((None, siting.OF_SITE + check.code))
            label = sites.label(check)
            self.fields[f"site-{check.code}"] = forms.ChoiceField(
                label=gettext("%(check)s (safety)") % {"check": label} if check.critical else label,
                choices=[("ok", gettext("in order")), ("bad", gettext("not in order")), ("none", gettext("does not apply"))],
                required=False, widget=forms.RadioSelect, initial=row.value if row else None,
            )  # fmt: skip
        if sites.checks(order):
            self.fields["gas"] = forms.ChoiceField(label=gettext("Gas that is there"), choices=[("", "—"), *Unit.Gas.choices], required=False)  # fmt: skip
            self.fields["insists"] = forms.BooleanField(label=gettext("The customer insists and signs a declaration"), required=False)  # fmt: skip
            self.fields["words"] = TextField(label=gettext("What the customer declares"), max_length=120, required=False)  # fmt: skip
            self.fields["name"] = NameField(label=gettext("Signed by"), required=False)
            self.fields["drawn"] = DrawnField(required=False)

    def results(self) -> dict[str | int, tuple[bool | None, str]]:
        """The results of the company's lines and of what is said besides; what was left open is left out."""
        said: dict[str | int, tuple[bool | None, str]] = {}
        for name, value in self.cleaned_data.items():
            kind, _hyphen, key = name.partition("-")
            if kind not in ("line", "said") or value in ("", None):
                continue
            result = (
                (value == "yes", "") if isinstance(self.fields[name], forms.ChoiceField) else (None, value)
            )
            said[int(key) if kind == "line" else key] = result
        return said

    def site(self) -> dict[str, str]:
        """The results of the site, check by check."""
        return {name[5:]: value for name, value in self.cleaned_data.items() if name.startswith("site-") and value}  # fmt: skip


def _yes_or_no(label: str, passed: bool | None) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=[("yes", gettext("in order")), ("no", gettext("not in order"))], required=False,
        widget=forms.RadioSelect, initial=None if passed is None else "yes" if passed else "no",
    )  # fmt: skip


class PhotoForm(DeedForm):
    """A photograph and what it shows."""

    purpose = forms.ChoiceField(label=_("It shows"), choices=Photo.Purpose.choices)
    file = forms.FileField(label=_("Photograph"))


class PlanForm(DeedForm):
    """Cause, content, method, steps, time (RP-3), and what is charged: labour by the tariff, parts, travel."""

    cause = TextField(label=_("Cause"), max_length=200)
    content = TextField(label=_("What is to be done"), max_length=500)
    method = TextField(label=_("Method"), max_length=500, required=False)
    steps = ParagraphsField(label=_("Steps"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))  # fmt: skip
    minutes = forms.IntegerField(label=_("Minutes of work"), min_value=1, max_value=2880, initial=60)
    misuse = forms.BooleanField(label=_("Caused by use or force, which the warranty does not cover"), required=False)  # fmt: skip
    labour = forms.ChoiceField(
        label=_("Labour"), required=False, choices=[("replace", _("a part is replaced")), ("adjust", _("adjusted or checked")), ("", _("none"))]
    )  # fmt: skip
    component = TextField(label=_("Component"), max_length=60, required=False)
    travel = forms.BooleanField(label=_("The trip is charged"), required=False)
    km = QuantityField(label=_("Kilometres one way"), decimals=2, required=False)

    def __init__(self, order: Order, *args: Any, **options: Any):
        super().__init__(order, *args, **options)
        for number in range(1, PART_ROWS + 1):
            self.fields[f"part_{number}"] = PartField(label=gettext("Part %(number)d") % {"number": number}, required=False)  # fmt: skip
            self.fields[f"quantity_{number}"] = forms.IntegerField(label=gettext("Quantity"), min_value=1, max_value=999, required=False)  # fmt: skip
            self.fields[f"price_{number}"] = MoneyField(label=gettext("Price each, in yuan"), required=False)

    def lines(self) -> list[Line]:
        """The lines of the quotation as the engineer wrote them; the rulebooks price them."""
        said = self.cleaned_data
        lines = [Line("labour", work=said["labour"], component=said["component"])] if said["labour"] else []
        for number in range(1, PART_ROWS + 1):
            if part := said[f"part_{number}"]:
                quantity = Decimal(said[f"quantity_{number}"] or 1)
                price = said[f"price_{number}"]
                lines.append(Line("part", part=part, quantity=quantity, price_fen=None if price is None else int(price * 100)))  # fmt: skip
        return [*lines, Line("travel")] if said["travel"] else lines

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The fields of the parts, row by row, for the page."""
        return [
            (self[f"part_{n}"], self[f"quantity_{n}"], self[f"price_{n}"]) for n in range(1, PART_ROWS + 1)
        ]


class OfferForm(DeedForm):
    """Which plan is shown to the customer."""

    plan = forms.IntegerField(widget=forms.HiddenInput)


class AnswerForm(DeedForm):
    """The customer's answer to the plan, at the price that was shown."""

    plan = forms.IntegerField(widget=forms.HiddenInput)
    charged = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(label=_("The customer"), choices=[("yes", _("agrees")), ("no", _("declines"))], widget=forms.RadioSelect)  # fmt: skip
    name = NameField(label=_("Who answers"), required=False)
    note = TextField(label=_("What the customer says"), max_length=300, required=False)
    drawn = DrawnField(required=False)


class TelephoneForm(DeedForm):
    """The customer's answer by telephone, where the product was brought or sent in: which number was called, who answered, what was said."""

    plan = forms.IntegerField(widget=forms.HiddenInput)
    charged = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(label=_("The customer"), choices=[("yes", _("agrees")), ("no", _("declines"))], widget=forms.RadioSelect)  # fmt: skip
    called = PhoneField(label=_("Telephone called"))
    name = NameField(label=_("Who answers"))
    note = TextField(label=_("What was said"), max_length=300)


class PartForm(DeedForm):
    """A part that was fitted, and what became of the old one (OP-2)."""

    part = PartField(label=_("Part"))
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=999, initial=1)
    new_code = CodeField(label=_("Code of the new part"), max_length=60, required=False)
    old_code = CodeField(label=_("Code of the old part"), max_length=60, required=False)
    fate = forms.ChoiceField(label=_("What became of the old one"), choices=UsedPart.Fate.choices)
    name = NameField(label=_("Signed by"), required=False)
    drawn = DrawnField(required=False)


class HoldForm(DeedForm):
    """What it waits for."""

    waiting_for = forms.ChoiceField(label=_("Waiting for"), choices=Waiting.choices)
    text = TextField(label=_("What exactly?"), max_length=200, required=False)


class CompletionForm(DeedForm):
    """What was done."""

    action = TextField(label=_("What was done"), max_length=200)
    cause = TextField(label=_("Cause"), max_length=200, required=False)
    component = TextField(label=_("Part replaced"), max_length=60, required=False)
    work = forms.ChoiceField(label=_("Kind of work"), choices=Order.Work.choices, required=False)
    km = QuantityField(label=_("Kilometres one way"), decimals=2, required=False)
    restored = forms.BooleanField(label=_("It is in normal use again"), required=False, initial=True)


class SignForm(DeedForm):
    """A signature for something else than plan and acceptance: a declaration, a training, old parts."""

    purpose = forms.ChoiceField(label=_("For"), choices=[each for each in Signature.Purpose.choices if each[0] not in ("agreement", "acceptance")])  # fmt: skip
    name = NameField(label=_("Signed by"))
    drawn = DrawnField()


class AcceptanceForm(DeedForm):
    """The customer accepts the work: signed, or told in words; and how content the customer is."""

    rating = forms.TypedChoiceField(
        label=_("Rating"), coerce=int, empty_value=None, required=False, widget=forms.RadioSelect,
        choices=[(str(number), "★" * number) for number in (5, 4, 3, 2, 1)],
    )  # fmt: skip
    words = ParagraphsField(label=_("What the customer says"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))  # fmt: skip
    name = NameField(label=_("Signed by"), required=False)
    drawn = DrawnField(required=False)


class MeasuresForm(DeedForm):
    """What may happen if it is installed all the same, and what has to be done before it can be (KA-4.2)."""

    danger = TextField(label=_("What may happen if it is installed there all the same"), max_length=120)
    measures = TextField(label=_("What the customer has to do first"), max_length=120)


class IncompleteForm(DeedForm):
    """The visit ends without the work being done."""

    reason = TextField(label=_("Why?"), max_length=200)
    again = forms.BooleanField(label=_("Make the follow-up order at once"), required=False, initial=True)
