"""What people type about orders."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.customers.models import Customer
from sanbao.intake.queries import people
from sanbao.outlets.models import Outlet
from sanbao.products.models import Unit
from sanbao.ui.readers.fields import (
    CodeField,
    CoordinatesField,
    NameField,
    ParagraphsField,
    PhoneField,
    QuantityField,
    TextField,
    language,
)
from sanbao.ui.seen import Seen
from sanbao.workorders import queries
from sanbao.workorders.models import Check, Engineer, Fault, Order
from sanbao.workorders.permissions import May
from sanbao.workorders.states import Kind, Mode, Waiting
from sanbao_rules import workorders as rules
from sanbao_rules.rulebook import Rulebook


class MomentField(forms.DateTimeField):
    """A moment as the browser's own field writes it."""

    def __init__(self, **options: Any):
        options.setdefault(
            "widget", forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        )
        super().__init__(**options)


class OrderForm(Seen, forms.Form):
    """A work order. What the request says stands in it already."""

    customer = forms.ModelChoiceField(Customer.objects.none(), required=False, widget=forms.HiddenInput)
    unit = forms.ModelChoiceField(Unit.objects.none(), required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Type of work"), choices=Kind.choices)
    mode = forms.ChoiceField(label=_("Way of service"), choices=Mode.choices)
    outlet = forms.ModelChoiceField(
        Outlet.objects.none(), label=_("Outlet"), required=False, empty_label=_("Headquarters itself")
    )
    fault = TextField(label=_("What is to be done"), max_length=200)
    contact = NameField(label=_("Contact"), required=False)
    phone = PhoneField(label=_("Telephone"))
    address = TextField(label=_("Address"), max_length=200, required=False)
    coordinates = CoordinatesField(label=_("Coordinates"), required=False, help_text=_("Latitude,longitude as a map copies them, or a map's link. Left empty: those known of the customer's address."))  # fmt: skip
    model = CodeField(label=_("Model"), max_length=40, required=False, upper=True)
    serial = CodeField(label=_("Serial number"), max_length=60, required=False, upper=True)
    wanted_from = MomentField(label=_("Appointment from"), required=False)
    wanted_until = MomentField(label=_("Appointment until"), required=False)
    customer_help = TextField(label=_("What the customer must do"), max_length=300, required=False)
    note = TextField(label=_("Note for the engineer"), max_length=500, required=False)

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        from sanbao.customers.queries import customers
        from sanbao.products.queries import units

        self.fields["customer"].queryset = customers(access)
        self.fields["unit"].queryset = units(access)
        self.fields["outlet"].queryset = Outlet.objects.visible_to(access, May.MAKE).order_by("code")
        self.at_headquarters = access.outlets is None
        if not self.at_headquarters:
            first = list(self.fields["outlet"].queryset[:2])
            self.fields["outlet"].empty_label = "—"
            self.fields["outlet"].initial = first[0] if len(first) == 1 else None

    def clean_outlet(self) -> Outlet | None:
        outlet = self.cleaned_data["outlet"] or self.fields["outlet"].initial
        if outlet is None and not self.at_headquarters:
            raise forms.ValidationError(gettext("Choose the outlet that does it."))
        return outlet


class AmendForm(OrderForm):
    """What may be mended in an order; who does it is dispatched, not mended."""

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(access, *args, **options)
        for name in ("kind", "outlet"):
            del self.fields[name]


class DispatchForm(forms.Form):
    """Who goes, and when."""

    engineer = forms.ModelChoiceField(Engineer.objects.none(), label=_("Engineer"))
    first = MomentField(label=_("From"))
    last = MomentField(label=_("Until"))
    helpers = forms.ModelMultipleChoiceField(
        Engineer.objects.none(), label=_("Who helps"), required=False, widget=forms.CheckboxSelectMultiple
    )
    note = TextField(label=_("Note for the engineer"), max_length=500, required=False)
    because = TextField(
        label=_("Why a rule is set aside"),
        max_length=200,
        required=False,
        help_text=_("Only where a rule stands in the way that the rulebook lets be set aside: skill, area."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, order: Order, now: datetime, *args: Any, may_override: bool = False, **options: Any):
        first = order.wanted_from or _next_hour(now)
        options.setdefault("initial", {})
        options["initial"] = {
            "first": timezone.localtime(first), "last": timezone.localtime(order.wanted_until or first + timedelta(hours=2)), "version": order.version,
        } | options["initial"]  # fmt: skip
        super().__init__(*args, **options)
        rows = queries.engineers_for(order)
        self.fields["engineer"].queryset = rows
        self.fields["helpers"].queryset = rows
        if not may_override:
            del self.fields["because"]


def _next_hour(now: datetime) -> datetime:
    return (timezone.localtime(now) + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)


class PlaceForm(forms.Form):
    """Which outlet gets it."""

    outlet = forms.ModelChoiceField(Outlet.objects.none(), label=_("Outlet"))
    note = TextField(label=_("Note"), max_length=500, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["outlet"].queryset = Outlet.objects.visible_to(access, May.DISPATCH).order_by("code")


class MoveForm(forms.Form):
    """What goes with a move of the table."""

    version = forms.IntegerField(required=False)
    reason = TextField(max_length=200, required=False)
    waiting_for = forms.ChoiceField(choices=[("", ""), *Waiting.choices], required=False)
    text = ParagraphsField(max_length=500, required=False)
    again = forms.BooleanField(required=False)


class CompleteForm(forms.Form):
    """What was done."""

    action = TextField(label=_("What was done"), max_length=200)
    cause = TextField(label=_("Cause"), max_length=200, required=False)
    component = TextField(label=_("Part replaced"), max_length=60, required=False)
    work = forms.ChoiceField(label=_("Kind of work"), choices=Order.Work.choices, required=False)
    km = QuantityField(label=_("Kilometres one way"), decimals=2, required=False)
    restored = forms.BooleanField(label=_("It is in normal use again"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class WordsForm(forms.Form):
    """A few words, and how content the customer is."""

    words = ParagraphsField(
        label=_("Content"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    rating = forms.TypedChoiceField(
        label=_("Rating"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", "—"), *((str(n), "★" * n) for n in (5, 4, 3, 2, 1))],
    )
    version = forms.IntegerField(required=False)


class EngineerForm(Seen, forms.Form):
    """Somebody who does orders."""

    person = forms.ModelChoiceField(Person.objects.none(), label=_("Person"))
    outlet = forms.ModelChoiceField(
        Outlet.objects.none(), label=_("Outlet"), required=False, empty_label=_("Headquarters itself")
    )
    phone = PhoneField(label=_("Telephone"), required=False)
    skills = TextField(
        label=_("Skills"),
        max_length=300,
        required=False,
        help_text=_("Separated by commas: product categories, or words that jobs ask for."),
    )
    areas = TextField(
        label=_("Areas"),
        max_length=400,
        required=False,
        help_text=_("Beginnings of addresses, separated by commas. Empty: everywhere."),
    )
    minutes = forms.IntegerField(label=_("Minutes of work a day"), min_value=30, max_value=960, initial=480)
    alone_from = forms.DateField(
        label=_("May work alone from"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: already (PV-8)."),
    )

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["person"].queryset = people(access)
        self.fields["person"].label_from_instance = lambda person: person.name
        self.fields["outlet"].queryset = Outlet.objects.visible_to(access, May.MANAGE).order_by("code")

    def clean_skills(self) -> list[str]:
        return _list(self.cleaned_data["skills"], 30)

    def clean_areas(self) -> list[str]:
        return _list(self.cleaned_data["areas"], 40)


def _list(typed: str, longest: int) -> list[str]:
    return [
        word.strip()[:longest]
        for word in typed.replace("，", ",").replace("、", ",").split(",")
        if word.strip()
    ][:30]


class FaultForm(Seen, forms.Form):
    """A fault of the tree."""

    parent = forms.ModelChoiceField(Fault.objects.none(), label=_("Belongs under"), required=False, empty_label=_("on top"))  # fmt: skip
    code = CodeField(label=_("Code"), max_length=20, upper=True)
    name = TextField(label=_("Name"), max_length=60)
    name_en = TextField(label=_("Name in English"), max_length=80, required=False)
    category = TextField(label=_("Product category"), max_length=40, required=False, help_text=_("As the tariff calls it. Empty: any product."))  # fmt: skip
    cause = TextField(label=_("Usual cause"), max_length=200, required=False)
    cure = TextField(label=_("Usual cure"), max_length=200, required=False)
    component = TextField(label=_("Component"), max_length=60, required=False)
    minutes = forms.IntegerField(label=_("Minutes of work"), min_value=0, max_value=960, required=False, initial=0)  # fmt: skip
    danger = forms.BooleanField(label=_("Dangerous: the customer is told to switch off and keep away"), required=False)  # fmt: skip
    position = forms.IntegerField(label=_("Place among its neighbours"), min_value=0, max_value=999, required=False, initial=0)  # fmt: skip

    def __init__(self, access: Access, fault: Fault | None, *args: Any, **options: Any):
        super().__init__(*args, **options)
        rows = Fault.objects.filter(company_id=access.company_id, retired_at__isnull=True)
        if fault is not None:
            rows = rows.exclude(path__startswith=fault.path)
        self.fields["parent"].queryset = rows.order_by("code")
        self.fields["parent"].label_from_instance = lambda row: f"{row.code} {row}"

    def clean_minutes(self) -> int:
        return self.cleaned_data["minutes"] or 0

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or 0


class CheckForm(Seen, forms.Form):
    """A line of a check list."""

    kind = forms.ChoiceField(label=_("Work"), choices=Kind.choices)
    category = TextField(label=_("Product category"), max_length=40, required=False, help_text=_("As the tariff calls it. Empty: any product."))  # fmt: skip
    text = TextField(label=_("What is checked"), max_length=120)
    text_en = TextField(label=_("In English"), max_length=160, required=False)
    answer = forms.ChoiceField(label=_("Answer"), choices=Check.Answer.choices)
    required = forms.BooleanField(label=_("Work is not done without it"), required=False, initial=True)
    position = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=999, required=False, initial=99)  # fmt: skip

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or 0


class AwayForm(forms.Form):
    """An engineer will be away."""

    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))  # fmt: skip
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))  # fmt: skip


class GatesForm(forms.Form):
    """What the company asks for at each step of each kind of work: a row of ticks for every step."""

    since = forms.DateField(
        label=_("In force from"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Orders made before this day keep what was asked for then."),
    )
    edition = forms.RegexField(
        r"^[\w.\-]+$", label=_("Name of the edition"), max_length=40, help_text=_("Such as 2026.2; decisions carry it."),
        error_messages={"invalid": _("Use letters, digits and . - _ only.")},
    )  # fmt: skip

    def __init__(self, book: Rulebook, on: date, *args: Any, **options: Any):
        super().__init__(*args, **options)
        own = book.value("own_gates", on).value
        self.known: dict[tuple[str, str], set[str]] = {}
        self.rows: list[tuple[str, list[tuple[str, str]]]] = []
        words = language()
        offered = _gates_of(book, on)
        for kind in Kind:
            fields = []
            for step in rules.flow(kind, book, on):
                asked = rules.gates(kind, step.code, book, on)
                fixed = [gate for gate, dated in asked.items() if dated.parameter != "own_gates"]
                chosen = [gate for gate in own.get(kind, {}).get(step.code, ()) if gate not in fixed]
                name = f"{kind.value}-{step.code}"
                label = f"{kind.label} · {step.number} {step.label[words]}"
                self.fields[name] = forms.MultipleChoiceField(
                    label=label, required=False, initial=chosen, widget=forms.CheckboxSelectMultiple,
                    choices=[(gate, book.word(gate, words)) for gate in offered if gate not in fixed],
                    help_text=_("By the regulations anyway: %(gates)s") % {"gates": "、".join(book.word(gate, words) for gate in fixed)} if fixed else "",
                )  # fmt: skip
                fields.append((step.code, name))
            self.rows.append((kind.value, fields))

    def gates(self) -> dict[str, dict[str, list[str]]]:
        """What was ticked, by kind and step; steps of which nothing is asked are left out."""
        made: dict[str, dict[str, list[str]]] = {}
        for kind, fields in self.rows:
            for code, name in fields:
                if ticked := self.cleaned_data[name]:
                    made.setdefault(kind, {})[code] = list(ticked)
        return made

    def table(self) -> list[tuple[str, list[Any]]]:
        """The ticks by kind of work."""
        return [(Kind(kind).label, [self[name] for _code, name in fields]) for kind, fields in self.rows]


def _gates_of(book: Rulebook, on: date) -> list[str]:
    """Every need the book speaks of, in its order."""
    known: dict[str, None] = {}
    for parameter in book.parameters.values():
        if parameter.unit == "gates":
            for steps in book.value(parameter.name, on).value.values():
                for gates in steps.values():
                    known |= dict.fromkeys(gates)
    return list(known)
