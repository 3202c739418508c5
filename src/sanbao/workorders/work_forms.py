"""What is typed on the pages of the work itself: plan and price, signatures, photographs, parts, checks, the site."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.products.models import Part, Unit
from sanbao.regulations.queries import book_in_force
from sanbao.ui.formats import yuan
from sanbao.ui.readers.fields import (
    CodeField,
    MoneyField,
    NameField,
    ParagraphsField,
    PhoneField,
    QuantityField,
    TextField,
    language,
)
from sanbao.workorders import flow, queries
from sanbao.workorders.models import (
    Check,
    CheckResult,
    Fault,
    Order,
    Photo,
    Plan,
    PlanLine,
    Signature,
    UsedPart,
)
from sanbao.workorders.operations import Line
from sanbao_rules import charges, sites

MOST_LINES = 60
EMPTY_ROWS = 3
_RATINGS = [("", "—"), *((str(n), "★" * n) for n in (5, 4, 3, 2, 1))]


class Tariff:
    """What may stand in a line of the order's plan: works of the tariff, parts that fit with their caps, listed fees; prices include tax."""

    def __init__(self, order: Order, on: Any):
        self.order, self.on = order, on
        self.charges = book_in_force(order.company_id, "charges")
        self.book = book_in_force(order.company_id, flow.BOOK)
        self.parts = {part.pk: part for part in queries.parts_for(order)[:400]}

    def choices(self) -> list[tuple[str, Any]]:
        """The choices of a line's "what", in groups."""
        said = language()
        works = self._works()
        fees = self.book.value("other_fees", self.on).value
        return [
            ("", "—"),
            (gettext("Labour"), [(f"labour:{work}", f"{self.charges.word(work, said)} ¥{yuan(fee)}") for work, fee in works.items()]),
            (gettext("Parts"), [(f"part:{pk}", gettext("%(part)s, at most ¥%(cap)s") % {"part": part, "cap": yuan(self.cap(part))}) for pk, part in self.parts.items()]),
            (gettext("Trip"), [("travel", gettext("Trip, by the kilometre"))]),
            (gettext("Other listed fees"), [(f"other:{code}", f"{self.book.word(code, said)} ¥{fee}") for code, fee in fees.items()]),
        ]  # fmt: skip

    def _works(self) -> dict[str, int]:
        category = queries.category_of(self.order)
        name = "customer_labour" if "customer_labour" in self.charges.parameters else "labour"
        tariff = self.charges.value(name, self.on).value.get(category, {})
        return {work: charges.customer_labour(category, work, self.charges, self.on).answer for work in tariff}  # fmt: skip

    def cap(self, part: Part) -> int:
        """The most a part may cost out of warranty, in fen (KA-6.2)."""
        return int(charges.part_price_cap(Decimal(part.supply_price_fen) / 100, self.charges, self.on).answer)

    def line(self, said: dict[str, Any]) -> Line | None:
        """A row of the form as a line of the plan; None for an empty row."""
        kind, _colon, code = said.get("what", "").partition(":")
        if not kind:
            return None
        price = said.get("price")
        more = {
            "component": said.get("component", ""), "quantity": said.get("quantity") or Decimal(1),
            "price_fen": int(price * 100) if price is not None else None, "goodwill": bool(said.get("goodwill")),
        }  # fmt: skip
        if kind == PlanLine.Kind.PART:
            return Line(kind, part=self.parts.get(int(code)), **more)
        word = {"labour": self.charges, "other": self.book}.get(kind)
        text = word.word(code, language()) if word else ""
        return Line(kind, text=text, work=code, **more)


def row_of(line: PlanLine) -> dict[str, Any]:
    """A kept line as the form shows it again."""
    code = f":{line.part_id}" if line.part_id else f":{line.code}" if line.code else ""
    return {
        "what": f"{line.kind}{code}", "component": line.component, "quantity": f"{line.quantity:f}".rstrip("0").rstrip("."),
        "price": yuan(line.price_fen).replace(",", "") if line.kind == PlanLine.Kind.PART else "", "goodwill": line.goodwill,
    }  # fmt: skip


class LineForm(forms.Form):
    """One line of the quotation. Labour, trip and listed fees have their price from the tariff; a part's is at most its cap."""

    what = forms.ChoiceField(
        label=_("Fee or part"),
        required=False,
        error_messages={
            "invalid_choice": _("Choose from the list: other makers' parts are not used (KA-6.1), and nothing outside the tariff is charged (KA-4.3).")
        },
    )  # fmt: skip
    component = TextField(label=_("Component"), max_length=60, required=False)
    quantity = QuantityField(label=_("Quantity"), most=Decimal(999), required=False)
    price = MoneyField(label=_("Price a piece, tax included"), required=False)
    goodwill = forms.BooleanField(label=_("Goodwill"), required=False)

    def __init__(
        self, *args: Any, choices: Sequence[tuple[str, Any]] = (), may_give: bool = False, **options: Any
    ):
        super().__init__(*args, **options)
        self.fields["what"].choices = choices
        if not may_give:
            del self.fields["goodwill"]

    def has_changed(self) -> bool:
        """A row counts where something is chosen; a lone quantity is not a line."""
        return bool(self.data.get(self.add_prefix("what")))


class _Lines(forms.BaseFormSet):  # type: ignore[type-arg]
    def add_why(self, number: int, why: str) -> None:
        """Put a refusal beside the row it is about; `number` counts the rows that are filled, from 1."""
        filled = [form for form in self.forms if form.cleaned_data.get("what")]
        if 0 < number <= len(filled):
            filled[number - 1].add_error("what", why)


Lines = forms.formset_factory(LineForm, formset=_Lines, extra=0, max_num=MOST_LINES, absolute_max=MOST_LINES, validate_max=True)  # fmt: skip


class PlanForm(forms.Form):
    """Content, method, steps, material, time (RP-3); material are the lines beside it."""

    diagnosis = forms.ModelChoiceField(
        Fault.objects.none(),
        label=_("Fault in the fault tree"),
        required=False,
        empty_label=_("not in the tree"),
    )
    cause = TextField(label=_("Cause"), max_length=200)
    content = TextField(label=_("What is to be done"), max_length=500)
    method = TextField(label=_("Method"), max_length=500, required=False)
    steps = ParagraphsField(
        label=_("Steps"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )
    minutes = forms.IntegerField(label=_("Minutes of work"), min_value=1, max_value=6000)
    km = QuantityField(label=_("Kilometres one way"), decimals=2, most=Decimal(9_999), required=False)
    misuse = forms.BooleanField(
        label=_("Caused by use or force"),
        required=False,
        help_text=_("Then it is charged, also in warranty."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, order: Order, *args: Any, **options: Any):
        super().__init__(*args, **options)
        category = queries.category_of(order)
        tree = [row for row in queries.faults(order.company_id) if row.category in ("", category)]
        self.faults = {row.pk: row for row in tree}
        self.fields["diagnosis"].queryset = Fault.objects.filter(pk__in=self.faults)
        indented = [(row.pk, f"{'　' * (row.path.count('/') - 2)}{row.code} {row}") for row in tree]
        self.fields["diagnosis"].choices = [("", gettext("not in the tree")), *indented]

    def fault(self) -> Fault | None:
        """The fault that is chosen, before the form is read."""
        chosen = self.data.get("diagnosis", "")
        return self.faults.get(int(chosen)) if chosen.isascii() and chosen.isdigit() and len(chosen) < 18 else None  # fmt: skip


class AnswerForm(forms.Form):
    """What the customer says to a plan."""

    how = forms.ChoiceField(choices=[(Plan.How.GLASS, ""), (Plan.How.PHONE, "")])
    yes = forms.TypedChoiceField(
        choices=[("1", ""), ("0", "")], coerce=lambda said: said == "1", empty_value=None
    )
    name = NameField(label=_("Name of whoever signs"), required=False)
    called = PhoneField(label=_("Telephone called"), required=False)
    note = TextField(label=_("Who said what"), max_length=300, required=False)
    drawn = forms.CharField(max_length=60_000, required=False)


class SignForm(forms.Form):
    """A signature on the glass."""

    purpose = forms.ChoiceField(
        label=_("What for"), choices=Signature.Purpose.choices, widget=forms.RadioSelect
    )
    name = NameField(label=_("Name of whoever signs"))
    rating = forms.TypedChoiceField(label=_("Rating"), coerce=int, empty_value=None, required=False, choices=_RATINGS)  # fmt: skip
    words = TextField(label=_("What the customer says"), max_length=500, required=False)
    drawn = forms.CharField(max_length=60_000, required=False)


class PhotoForm(forms.Form):
    """What the photographs show; the files come beside the form."""

    purpose = forms.ChoiceField(label=_("They show"), choices=Photo.Purpose.choices, widget=forms.RadioSelect)


class PartForm(forms.Form):
    """A part that was fitted, and what became of the old one (OP-2)."""

    part = forms.ModelChoiceField(
        Part.objects.none(),
        label=_("Part"),
        error_messages={"invalid_choice": _("Only parts of our own catalogue that fit the product are used (KA-6.1).")},
    )  # fmt: skip
    quantity = QuantityField(label=_("Quantity"), most=Decimal(999), initial="1")
    new_code = CodeField(label=_("Code of the new part"), max_length=60, required=False, upper=True)
    old_code = CodeField(label=_("Code of the old part"), max_length=60, required=False, upper=True)
    fate = forms.ChoiceField(label=_("What became of the old part"), choices=UsedPart.Fate.choices, widget=forms.RadioSelect)  # fmt: skip
    name = NameField(label=_("Name of whoever signs"), required=False)
    drawn = forms.CharField(max_length=60_000, required=False)

    def __init__(self, order: Order, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["part"].queryset = queries.parts_for(order)


class ChecksForm(forms.Form):
    """The company's check list, and what the rulebook wants ticked or written for the order's work."""

    def __init__(self, order: Order, *args: Any, **options: Any):
        results = {(row.check_line_id, row.code): row for row in order.checks.all()}
        super().__init__(*args, **options)
        for line in queries.checklist(order):
            self._ask(f"line_{line.pk}", str(line), line.answer, line.required, results.get((line.pk, "")))
        book = flow.book_of(order)
        for code in (code for step in flow.steps_of(order) for code in step.gates):
            label = book.word(code, language())
            if code in flow.TICKED and code != "prices_shown":
                row = results.get((None, code))
                self.fields[f"said_{code}"] = forms.BooleanField(label=label, required=False, initial=bool(row and row.passed))  # fmt: skip
            elif code in flow.WRITTEN:
                row = results.get((None, code))
                self.fields[f"said_{code}"] = TextField(label=label, max_length=120, required=False, initial=row.value if row else "")  # fmt: skip

    def _ask(self, name: str, label: str, answer: str, required: bool, row: CheckResult | None) -> None:
        label = f"{label} *" if required else label
        if answer == Check.Answer.YES:
            now = "" if row is None else {True: "yes", False: "no"}.get(row.passed, "none")
            choices = [("yes", _("in order")), ("no", _("not in order")), ("none", _("does not apply"))]
            self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect, initial=now)  # fmt: skip
        elif answer == Check.Answer.NUMBER:
            self.fields[name] = QuantityField(label=label, decimals=3, required=False, initial=row.value if row else "")  # fmt: skip
        else:
            self.fields[name] = TextField(label=label, max_length=120, required=False, initial=row.value if row else "")  # fmt: skip

    def results(self) -> dict[str | int, tuple[bool | None, str]]:
        """What was answered, by check; what was left open is not written down."""
        told: dict[str | int, tuple[bool | None, str]] = {}
        for name, value in self.cleaned_data.items():
            if value in (None, ""):
                continue
            kind, _score, key = name.partition("_")
            passed = value if isinstance(value, bool) else {"yes": True, "no": False}.get(str(value))
            words = "" if isinstance(value, bool) or value in ("yes", "no") else gettext("does not apply") if value == "none" else f"{value}"  # fmt: skip
            told[int(key) if kind == "line" else key] = (passed, words)
        return told


class SiteForm(forms.Form):
    """What is found where it is to be installed (KA-4.2)."""

    gas = forms.ChoiceField(
        label=_("Gas that is there"), choices=[("", "—"), *Unit.Gas.choices], required=False
    )
    insists = forms.BooleanField(label=_("The customer insists on the installation"), required=False)
    words = TextField(label=_("The customer's own words"), max_length=120, required=False)
    name = NameField(label=_("Name of whoever signs"), required=False)
    drawn = forms.CharField(max_length=60_000, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, order: Order, checks: Sequence[sites.Check], *args: Any, **options: Any):
        from sanbao.workorders.operations.siting import OF_SITE

        kept = dict(order.checks.filter(code__startswith=OF_SITE).values_list("code", "value"))
        super().__init__(*args, **options)
        choices = [("ok", _("in order")), ("bad", _("not in order")), ("none", _("does not apply"))]
        self.checks = checks
        for check in checks:
            self.fields[f"check_{check.code}"] = forms.ChoiceField(
                label=check.label[language()], choices=choices, required=False, widget=forms.RadioSelect, initial=kept.get(OF_SITE + check.code, ""),
                help_text=gettext("Safety: where it fails, it may not be installed.") if check.critical else "",
            )  # fmt: skip
        if not any(check.code == "gas_type" for check in checks):
            del self.fields["gas"]
        else:
            self.fields["gas"].initial = kept.get("site:gas_found", "")

    def rows(self) -> list[Any]:
        """The checks as fields, in the book's order."""
        return [self[f"check_{check.code}"] for check in self.checks]

    def results(self) -> dict[str, str]:
        return {check.code: self.cleaned_data[f"check_{check.code}"] for check in self.checks if self.cleaned_data.get(f"check_{check.code}")}  # fmt: skip
