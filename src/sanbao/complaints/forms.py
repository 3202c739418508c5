"""What people type about complaints."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.complaints import queries
from sanbao.complaints.facts import choices
from sanbao.complaints.models import Case, Compensation, Complaint
from sanbao.complaints.permissions import May
from sanbao.complaints.states import Callback, Channel, Waiting
from sanbao.customers.models import Customer
from sanbao.customers.queries import customers
from sanbao.intake import ways
from sanbao.intake.forms import LateField
from sanbao.intake.models import Request
from sanbao.intake.permissions import May as Desk
from sanbao.outlets.models import Outlet
from sanbao.products.models import Unit
from sanbao.products.queries import units
from sanbao.ui.readers.fields import (
    CodeField,
    DayField,
    MoneyField,
    NameField,
    ParagraphsField,
    PhoneField,
    TextField,
)
from sanbao.ui.seen import Seen
from sanbao.workorders.models import Engineer, Order
from sanbao.workorders.permissions import May as Orders

BY_HAND = (
    Channel.PHONE, Channel.WALK_IN, Channel.EMAIL, Channel.WECHAT, Channel.WECOM_KF, Channel.WECOM, Channel.WEB, Channel.LETTER, Channel.AUTHORITY,
)  # fmt: skip
MOST_LISTED = 8


class MomentField(forms.DateTimeField):
    """A day with a time of day."""

    def __init__(self, **options: Any):
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, **options)


class ComplaintForm(forms.Form):
    """A complaint as the desk writes it down. Customer, unit and request are chosen beside it and travel along hidden."""

    customer = LateField(Customer.objects.none(), required=False, widget=forms.HiddenInput)
    unit = LateField(Unit.objects.none(), required=False, widget=forms.HiddenInput)
    request = LateField(Request.objects.none(), required=False, widget=forms.HiddenInput)
    contact = NameField(label=_("Who complains"), required=False)
    phone = PhoneField(label=_("Telephone"), required=False)
    address = TextField(label=_("Address"), max_length=200, required=False)
    keep = forms.BooleanField(label=_("Register as a new customer"), required=False)
    model = CodeField(label=_("Model"), max_length=40, required=False, upper=True)
    serial = CodeField(label=_("Serial number"), max_length=60, required=False, upper=True)
    kind = forms.ChoiceField(label=_("What is it about?"))
    subject = TextField(label=_("Matter in a few words"), max_length=120)
    harm = forms.ChoiceField(label=_("What harm was done?"), widget=forms.RadioSelect)
    flags = forms.MultipleChoiceField(label=_("Special"), required=False, widget=forms.CheckboxSelectMultiple)
    description = ParagraphsField(
        label=_("What the customer tells"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    wish = TextField(label=_("What the customer wants"), max_length=300, required=False)
    orders = forms.MultipleChoiceField(
        label=_("About these orders"), required=False, widget=forms.CheckboxSelectMultiple
    )
    order_numbers = TextField(
        label=_("Numbers of other orders"),
        max_length=200,
        required=False,
        help_text=_("one complaint may be about several; separated by spaces"),
    )
    outlet = LateField(Outlet.objects.none(), label=_("About the outlet"), required=False, empty_label="—")
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)
    channel = forms.ChoiceField(
        label=_("How it came"), choices=[(c.value, c.label) for c in BY_HAND], initial=Channel.PHONE
    )
    received_at = MomentField(label=_("When it came, if not now"), required=False)
    answered = TextField(
        label=_("Told in the call: who handles it, and by when"),
        max_length=500,
        required=False,
        help_text=_("counts as the first answer (PV-5)"),
    )

    def __init__(
        self, access: Access, *args: Any, customer: Customer | None = None, unit: Unit | None = None, **options: Any
    ):  # fmt: skip
        super().__init__(*args, **options)
        self.access = access
        self.fields["customer"].offer(lambda: customers(access))
        self.fields["unit"].offer(lambda: units(access))
        self.fields["request"].offer(lambda: Request.objects.visible_to(access, Desk.SEE))
        self.fields["outlet"].offer(lambda: Outlet.objects.visible_to(access, May.REGISTER).order_by("code"))
        for name in ("kind", "harm", "flags"):
            self.fields[name].choices = choices(access, f"{name}s" if name != "flags" else "flags")
        self.fields["kind"].choices = [("", "—"), *self.fields["kind"].choices]
        self.fields["orders"].choices = [
            (str(order.pk), f"{order.number} {order.get_kind_display()} {order.fault} · {timezone.localdate(order.made_at)}")
            for order in orders_beside(access, customer, unit)
        ]  # fmt: skip

    def clean_order_numbers(self) -> list[Order]:
        numbers = [
            number.upper()
            for number in re.split(r"[\s,，、;；]+", self.cleaned_data["order_numbers"])
            if number
        ]
        rows = {
            row.number: row
            for row in Order.objects.visible_to(self.access, Orders.SEE).filter(number__in=numbers)
        }
        if unknown := [number for number in numbers if number not in rows]:
            raise forms.ValidationError(gettext("There is no order %(number)s.") % {"number": unknown[0]})
        return list(rows.values())

    def all_orders(self) -> list[Order]:
        """Those ticked and those named."""
        ticked = [int(pk) for pk in self.cleaned_data["orders"]]
        rows = list(Order.objects.visible_to(self.access, Orders.SEE).filter(pk__in=ticked).order_by("id"))
        named = self.cleaned_data["order_numbers"]
        return rows + [order for order in named if order.pk not in ticked]


def orders_beside(access: Access, customer: Customer | None, unit: Unit | None) -> list[Order]:
    """The last orders of the customer or the unit, to tick."""
    if not access.may(Orders.SEE) or not (customer or unit):
        return []
    rows = Order.objects.visible_to(access, Orders.SEE)
    rows = rows.filter(customer=customer) if customer else rows.filter(unit=unit)
    return list(rows.order_by("-id")[:MOST_LISTED])


class AmendForm(Seen, forms.Form):
    """What may be mended in a complaint."""

    kind = forms.ChoiceField(label=_("What is it about?"))
    harm = forms.ChoiceField(label=_("What harm was done?"))
    flags = forms.MultipleChoiceField(label=_("Special"), required=False, widget=forms.CheckboxSelectMultiple)
    subject = TextField(label=_("Matter in a few words"), max_length=120)
    description = ParagraphsField(
        label=_("What the customer tells"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    wish = TextField(label=_("What the customer wants"), max_length=300, required=False)
    about_outlet = forms.ModelChoiceField(
        Outlet.objects.none(), label=_("About the outlet"), required=False, empty_label="—"
    )
    engineer = forms.ModelChoiceField(
        Person.objects.none(), label=_("About the engineer"), required=False, empty_label="—"
    )
    contact = NameField(label=_("Contact"), required=False)
    phone = PhoneField(label=_("Telephone"), required=False)
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)
    address = TextField(label=_("Address"), max_length=200, required=False)
    model = CodeField(label=_("Model"), max_length=40, required=False, upper=True)
    serial = CodeField(label=_("Serial number"), max_length=60, required=False, upper=True)

    def __init__(self, access: Access, on: date, *args: Any, **options: Any):
        super().__init__(*args, **options)
        for name, what in (("kind", "kinds"), ("harm", "harms"), ("flags", "flags")):
            self.fields[name].choices = choices(access, what, on)
        self.fields["about_outlet"].queryset = Outlet.objects.visible_to(access, May.REGISTER).order_by(
            "code"
        )
        engineers = Engineer.objects.filter(company_id=access.company_id)
        self.fields["engineer"].queryset = Person.objects.filter(
            pk__in=engineers.values("person_id")
        ).order_by("name")
        self.fields["engineer"].label_from_instance = lambda person: person.name


class HandForm(forms.Form):
    """Who answers for it, and which outlet is asked for its account."""

    owner = forms.ModelChoiceField(Person.objects.none(), label=_("Responsible"), empty_label="—")
    outlet = forms.ModelChoiceField(
        Outlet.objects.none(), label=_("Ask this outlet for its account"), required=False, empty_label="—",
        help_text=_("it sees the complaint from then on, but no internal notes"),
    )  # fmt: skip
    text = TextField(label=_("Note"), max_length=500, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, access: Access, complaint: Complaint, *args: Any, **options: Any):
        super().__init__(*args, **options)
        numbers = [person.pk for person in queries.people(access.company_id, timezone.localdate())]
        self.fields["owner"].queryset = Person.objects.filter(pk__in=numbers).order_by("name")
        self.fields["owner"].label_from_instance = lambda person: person.name
        rows = Outlet.objects.visible_to(access, May.ASSIGN).order_by("code")
        self.fields["outlet"].queryset = (
            rows.filter(pk=complaint.about_outlet_id) if complaint.about_outlet_id else rows
        )


class VerifyForm(forms.Form):
    """What the verification found: justified with the solution agreed and its day, or not justified with the reason and other routes."""

    verdict = forms.ChoiceField(
        label=_("Is it justified?"), widget=forms.RadioSelect,
        choices=[("justified", _("yes")), ("partly", _("partly")), ("unjustified", _("no"))],
    )  # fmt: skip
    finding = ParagraphsField(
        label=_("What the check found"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    cause = forms.ChoiceField(label=_("Cause"))
    text = ParagraphsField(
        label=_("Solution agreed with the customer, or how it was explained"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    promised_on = DayField(
        label=_("To be solved by"),
        required=False,
        help_text=_(
            "where it is justified: the day agreed with the customer; today where it is solved at once"
        ),
    )
    routes = forms.MultipleChoiceField(
        label=_("Other routes named"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("where it is not justified: at least one"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, access: Access, on: date, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["cause"].choices = [("", "—"), *choices(access, "causes", on)]
        self.fields["routes"].choices = choices(access, "routes", on)


class MoveForm(forms.Form):
    """What a move beside the buttons carries."""

    version = forms.IntegerField(required=False)
    reason = TextField(max_length=200, required=False)
    text = ParagraphsField(max_length=4000, required=False)
    callback = forms.ChoiceField(choices=Callback.choices, required=False)
    lesson = TextField(max_length=500, required=False)


class HoldForm(forms.Form):
    """What it waits for."""

    version = forms.IntegerField(required=False)
    waiting_for = forms.ChoiceField(choices=Waiting.choices, required=False)
    text = TextField(max_length=300, required=False)


class TalkForm(forms.Form):
    """Something said: a call, a letter to the customer, an account for all who handle it, an internal note."""

    kind = forms.ChoiceField(label=_("Kind"), widget=forms.RadioSelect)
    channel = forms.ChoiceField(label=_("Way of answering"), required=False)
    body = ParagraphsField(label=_("Content"), max_length=8000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, found: list[ways.Way], *args: Any, at_outlet: bool = False, **options: Any):
        super().__init__(*args, **options)
        kinds = [("called", _("Spoke with the customer")), ("missed", _("Called, nobody reached")), ("reply", _("Message to the customer")), ("report", _("Account of the matter")), ("note", _("Internal note"))]  # fmt: skip
        self.fields["kind"].choices = [kind for kind in kinds if not (at_outlet and kind[0] == "note")]
        self.fields["kind"].initial = "report" if at_outlet else "called"
        self.fields["channel"].choices = [(way.channel, way.label) for way in found]


class MoneyForm(forms.Form):
    """A compensation as it is proposed."""

    kind = forms.ChoiceField(label=_("What is given"), choices=Compensation.Kind.choices)
    amount = MoneyField(label=_("Amount or value (yuan)"))
    note = TextField(label=_("What for"), max_length=300)


class MoneyMoveForm(forms.Form):
    """What a step of a compensation carries."""

    version = forms.IntegerField(required=False)
    reason = TextField(max_length=200, required=False)
    resolution = TextField(max_length=200, required=False)
    receipt = TextField(max_length=100, required=False)


class CaseForm(forms.Form):
    """What an authority did."""

    authority = forms.ChoiceField(label=_("Authority"), choices=Case.Authority.choices)
    reference = TextField(label=_("Its number"), max_length=60)
    lodged_at = MomentField(label=_("Lodged with it"))
    reply_by = DayField(label=_("Reply asked by"), required=False, help_text=_("the day its letter names"))
    accepted_at = MomentField(label=_("Accepted by the authority"), required=False)
    tested_from = MomentField(
        label=_("Test begun"),
        required=False,
        help_text=_("the time of a test does not count towards the mediation"),
    )
    tested_until = MomentField(label=_("Test ended"), required=False)
    replied_at = MomentField(label=_("We replied"), required=False)
    ended_at = MomentField(label=_("Case ended"), required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Case.Outcome.choices, required=False)
    words = TextField(label=_("What the letter says"), max_length=500, required=False)


class PeriodForm(forms.Form):
    """Which days are analysed, and how."""

    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("Until"), required=False)
    valid = forms.BooleanField(label=_("Only justified ones"), required=False)

    def days(self) -> tuple[date, date]:
        """The days asked for; the last twelve months where none are, or where they can't be read."""
        today = timezone.localdate()
        data = getattr(self, "cleaned_data", {})
        last = data.get("last") or today
        first = data.get("first") or last.replace(year=last.year - 1, day=1)
        return (first, last) if first <= last else (last, first)
