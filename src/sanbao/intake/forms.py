"""What people type at the service desk."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.customers.models import Customer
from sanbao.intake import queries, ways
from sanbao.intake.facts import flags, natures, severities, weekdays, word
from sanbao.intake.models import Category, Rule, Team
from sanbao.intake.permissions import May
from sanbao.intake.states import Channel, Waiting
from sanbao.outlets.models import Certificate, Outlet
from sanbao.products.models import Unit
from sanbao.ui.readers.fields import CodeField, DayField, NameField, ParagraphsField, PhoneField, TextField
from sanbao.ui.seen import Seen

BY_HAND = (
    Channel.PHONE, Channel.WALK_IN, Channel.EMAIL, Channel.WECHAT, Channel.WECOM_KF, Channel.WECOM, Channel.WEB,
)  # fmt: skip


class LateField(forms.ModelChoiceField):
    """A choice among rows that are worked out when somebody asks for them: most forms come in with the field empty."""

    _make: Callable[[], QuerySet[Any]] | None = None

    def offer(self, make: Callable[[], QuerySet[Any]]) -> None:
        self._make = make
        self.widget.choices = lambda: self.iterator(
            self
        )  # or the page would go on listing the rows of before

    def _get_queryset(self) -> Any:
        if self._make is not None:
            make, self._make = self._make, None
            self._queryset = make()
        return self._queryset

    queryset = property(_get_queryset, forms.ModelChoiceField._set_queryset)


class ClassField(LateField):
    """A class in use, shown as a tree."""

    company_id: int | None = None

    def __init__(self, **options: Any):
        super().__init__(Category.objects.none(), label=_("Class"), **options)
        self.error_messages["invalid_choice"] = _("This class is no longer used. Choose another one.")

    def offer_to(self, access: Access) -> None:
        self.company_id = access.company_id
        self.offer(lambda: Category.objects.filter(company_id=access.company_id, retired_at__isnull=True))
        self.widget.choices = lambda: [("", "—"), *queries.class_choices(access.company_id)]

    def to_python(self, value: Any) -> Category | None:
        if value in self.empty_values:
            return None
        for category in queries.classes(self.company_id):
            if str(category.pk) == str(getattr(value, "pk", value)):
                return category
        raise forms.ValidationError(
            self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value}
        )


class RequestForm(forms.Form):
    """A request as the agent writes it down. Customer and unit are chosen beside it and travel along hidden."""

    customer = LateField(Customer.objects.none(), required=False, widget=forms.HiddenInput)
    unit = LateField(Unit.objects.none(), required=False, widget=forms.HiddenInput)
    contact = NameField(label=_("Who is calling"), required=False)
    phone = PhoneField(label=_("Telephone"), required=False)
    address = TextField(label=_("Address"), max_length=200, required=False)
    keep = forms.BooleanField(label=_("Register as a new customer"), required=False)
    model = CodeField(label=_("Model"), max_length=40, required=False, upper=True)
    serial = CodeField(label=_("Serial number"), max_length=60, required=False, upper=True)
    category = ClassField()
    subject = TextField(label=_("Matter"), max_length=120)
    severity = forms.ChoiceField(label=_("How bad is it?"), required=False, widget=forms.RadioSelect)
    flags = forms.MultipleChoiceField(label=_("Special"), required=False, widget=forms.CheckboxSelectMultiple)
    description = ParagraphsField(
        label=_("Description"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)
    channel = forms.ChoiceField(
        label=_("How it came"), choices=[(c.value, c.label) for c in BY_HAND], initial=Channel.PHONE
    )
    outlet = LateField(Outlet.objects.none(), label=_("Assign to outlet"), required=False, empty_label="—")

    def __init__(self, access: Access, today: date, *args: Any, **options: Any):
        super().__init__(*args, **options)
        from sanbao.customers.queries import customers
        from sanbao.products.queries import units

        self.fields["customer"].offer(lambda: customers(access))
        self.fields["unit"].offer(lambda: units(access))
        self.fields["category"].offer_to(access)
        self.fields["severity"].choices = [*severities(access, today), ("", _("not judged yet"))]
        self.fields["flags"].choices = flags(access, today)
        self.fields["outlet"].offer(lambda: Outlet.objects.visible_to(access, May.REGISTER).order_by("code"))
        self.at_headquarters = access.outlets is None
        if not self.at_headquarters:
            first = list(self.fields["outlet"].queryset[:2])
            self.fields["outlet"].initial = first[0] if len(first) == 1 else None

    def clean_outlet(self) -> Outlet | None:
        """Whoever works at one outlet registers for it; of several, one must be chosen, or nobody there would see it."""
        outlet = self.cleaned_data["outlet"] or self.fields["outlet"].initial
        if outlet is None and not self.at_headquarters:
            raise forms.ValidationError(gettext("Choose the outlet that takes it."))
        return outlet


class AmendForm(Seen, forms.Form):
    """What may be mended in a request."""

    category = ClassField()
    severity = forms.ChoiceField(label=_("How bad is it?"), required=False)
    flags = forms.MultipleChoiceField(label=_("Special"), required=False, widget=forms.CheckboxSelectMultiple)
    subject = TextField(label=_("Matter"), max_length=120)
    description = ParagraphsField(
        label=_("Description"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    contact = NameField(label=_("Whom to call"), required=False)
    phone = PhoneField(label=_("Telephone"), required=False)
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)
    address = TextField(label=_("Address"), max_length=200, required=False)
    model = CodeField(label=_("Model"), max_length=40, required=False, upper=True)
    serial = CodeField(label=_("Serial number"), max_length=60, required=False, upper=True)
    customer_help = TextField(label=_("What the customer must do"), max_length=300, required=False)
    customer = CodeField(
        label=_("Customer number"),
        max_length=20,
        required=False,
        upper=True,
        help_text=_("Whoever wrote by WeChat or WeCom is known as this customer from now on."),
    )

    def clean_customer(self) -> Customer | None:
        from sanbao.customers.queries import customers

        number = self.cleaned_data["customer"]
        if not number:
            return None
        if self.customer is not None and self.customer.number == number:
            return self.customer
        found = customers(self.access).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(gettext("There is no such customer."))
        return found

    def __init__(
        self, access: Access, today: date, *args: Any, customer: Customer | None = None, **options: Any
    ):
        super().__init__(*args, **options)
        self.access, self.customer = access, customer
        self.fields["category"].offer_to(access)
        self.fields["severity"].choices = [("", _("not judged yet")), *severities(access, today)]
        self.fields["flags"].choices = [*flags(access, today), ("vip", word(access, "vip"))]


class AssignForm(forms.Form):
    """Who gets a request."""

    outlet = forms.ModelChoiceField(Outlet.objects.none(), label=_("Outlet"), required=False, empty_label="—")
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"), required=False, empty_label="—")
    person = forms.ModelChoiceField(Person.objects.none(), label=_("Person"), required=False, empty_label="—")
    note = TextField(label=_("Note"), max_length=500, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["outlet"].queryset = Outlet.objects.visible_to(access, May.ASSIGN).order_by("code")
        self.fields["outlet"].widget.attrs["autofocus"] = True
        self.fields["team"].queryset = queries.teams(access.company_id)
        self.fields["person"].queryset = queries.people(access)
        self.fields["person"].label_from_instance = lambda person: person.name


class TalkForm(forms.Form):
    """Something said: a note, a call, a letter to the customer."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("note", _("Internal note")), ("called", _("Spoke with the customer")), ("missed", _("Called, nobody reached")), ("reply", _("Message to the customer"))],
        widget=forms.RadioSelect,
        initial="note",
    )  # fmt: skip
    channel = forms.ChoiceField(label=_("Way of answering"), required=False)
    body = ParagraphsField(label=_("Content"), max_length=8000, widget=forms.Textarea(attrs={"rows": 4}))
    phrase = forms.ChoiceField(label=_("Standard phrase"), required=False)

    def __init__(
        self,
        found: Sequence[ways.Way],
        phrases: Sequence[tuple[int, str]],
        *args: Any,
        along: bool = False,
        **options: Any,
    ):
        super().__init__(*args, **options)
        if along:  # an outlet that only reads it writes notes
            self.fields["kind"].choices = [("note", _("Internal note"))]
        self.fields["channel"].choices = [(way.channel, way.label) for way in found]
        self.fields["channel"].help_text = self._limits(found)
        self.fields["phrase"].choices = [("", "—"), *phrases]

    @staticmethod
    def _limits(found: Sequence[ways.Way]) -> str:
        """How much each short way takes: said before, not after writing."""
        short = [way for way in found if way.channel != Channel.EMAIL]
        said = [
            gettext("%(way)s: %(most)d characters") % {"way": way.label, "most": way.longest} for way in short
        ]
        if any(way.channel == Channel.SMS for way in short):
            said.append(gettext("an SMS holds %(one)d, several %(each)d each") % {"one": ways.ONE_SMS, "each": ways.OF_SEVERAL})  # fmt: skip
        return " · ".join(said)


class MoveManyForm(forms.Form):
    """What a move of several requests needs to know."""

    waiting_for = forms.ChoiceField(label=_("Waiting for"), choices=Waiting.choices)
    reason = TextField(label=_("Why?"), max_length=200)

    def __init__(self, noun: str, *args: Any, **options: Any):
        super().__init__(*args, **options)
        if noun != "wait":
            del self.fields["waiting_for"]
        if noun != "cancellation":
            del self.fields["reason"]


class ClassManyForm(forms.Form):
    """Another class or severity for several requests; what is left empty stays."""

    category = ClassField(required=False)
    severity = forms.ChoiceField(label=_("How bad is it?"), required=False)

    def __init__(self, access: Access, today: date, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["category"].offer_to(access)
        self.fields["severity"].choices = [("", "—"), *severities(access, today)]

    def clean(self) -> dict[str, Any]:
        fields = super().clean()
        if not self.errors and not fields.get("category") and not fields.get("severity"):
            raise forms.ValidationError(gettext("Choose a class or a severity."))
        return fields


class TagsForm(forms.Form):
    """Tags to add and to take away, separated by commas."""

    add = TextField(
        label=_("Add the tags"),
        max_length=400,
        required=False,
        help_text=_("Several with commas between them."),
    )
    remove = TextField(label=_("Take the tags away"), max_length=400, required=False)

    def clean_add(self) -> list[str]:
        return _split(self.cleaned_data["add"])

    def clean_remove(self) -> list[str]:
        return _split(self.cleaned_data["remove"])

    def clean(self) -> dict[str, Any]:
        fields = super().clean()
        if not self.errors and not fields.get("add") and not fields.get("remove"):
            raise forms.ValidationError(gettext("Write a tag to add or to take away."))
        return fields


def _split(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,，、;；]", text) if part.strip()]


class TaskForm(forms.Form):
    """Help asked of another department (BA-4)."""

    title = TextField(label=_("What is asked"), max_length=200)
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"))
    owner = forms.ModelChoiceField(Person.objects.none(), label=_("Owner"), required=False, empty_label="—")
    due_at = forms.DateTimeField(
        label=_("By when"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["team"].queryset = queries.teams(access.company_id)
        self.fields["team"].widget.choices = [("", "—"), *queries.team_choices(access.company_id)]
        self.fields["owner"].queryset = queries.people(access)
        self.fields["owner"].widget.choices = [("", "—"), *queries.people_choices(access)]


class CategoryForm(Seen, forms.Form):
    """A class of requests."""

    code = CodeField(label=_("Code"), max_length=30)
    name = NameField(label=_("Name"), max_length=40)
    name_en = TextField(label=_("Name in English"), max_length=60, required=False)
    parent = forms.ModelChoiceField(
        Category.objects.none(), label=_("Below"), required=False, empty_label="—"
    )
    kind = forms.ChoiceField(label=_("Service"), choices=Category.Kind.choices)
    nature = forms.ChoiceField(label=_("Nature"), help_text=_("What the table of priorities asks (BA-3)."))
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=_("Team"),
        required=False,
        help_text=_("Empty: the team of the class above."),
    )
    position = forms.IntegerField(label=_("Position in the list"), min_value=0, max_value=999, initial=0)

    def __init__(self, access: Access, today: date, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["parent"].queryset = Category.objects.filter(
            company_id=access.company_id, retired_at__isnull=True
        )
        self.fields["parent"].widget.choices = [("", "—"), *queries.class_choices(access.company_id)]
        self.fields["nature"].choices = natures(access, today)
        self.fields["team"].queryset = queries.teams(access.company_id)


class TeamForm(Seen, forms.Form):
    """A team."""

    code = CodeField(label=_("Code"), max_length=20)
    name = NameField(label=_("Name"), max_length=40)
    purpose = TextField(label=_("What it is for"), max_length=200, required=False)


class MemberForm(forms.Form):
    """Somebody in a team."""

    person = forms.ModelChoiceField(Person.objects.none(), label=_("Person"))
    lead = forms.BooleanField(label=_("Leads the team"), required=False)
    skills = TextField(
        label=_("Skills"),
        max_length=200,
        required=False,
        help_text=_("Separated by commas, as the rules of assignment name them."),
    )
    alone_from = DayField(
        label=_("May work alone from"), required=False, help_text=_("Empty: already (PV-8).")
    )

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["person"].queryset = queries.people(access)
        self.fields["person"].label_from_instance = lambda person: person.name

    def clean_skills(self) -> list[str]:
        return [
            skill.strip()[:30]
            for skill in self.cleaned_data["skills"].replace("，", ",").split(",")
            if skill.strip()
        ]


class RuleForm(Seen, forms.Form):
    """A rule of assignment."""

    position = forms.IntegerField(
        label=_("Order"),
        min_value=0,
        max_value=999,
        initial=0,
        help_text=_("The first rule that fits decides."),
    )
    name = NameField(label=_("Name"), max_length=60)
    category = ClassField(required=False)
    product = TextField(label=_("Product category"), max_length=40, required=False)
    area = TextField(label=_("Address begins with"), max_length=40, required=False)
    channel = forms.ChoiceField(label=_("Channel"), choices=[("", "—"), *Channel.choices], required=False)
    vip = forms.BooleanField(label=_("Only VIP customers"), required=False)
    contract = forms.BooleanField(label=_("Only customers with a contract"), required=False)
    skill = TextField(label=_("Needs the skill"), max_length=30, required=False)
    certificate = forms.ChoiceField(
        label=_("Needs the certificate"),
        choices=[("", "—"), *Certificate.Kind.choices],
        required=False,
        help_text=_(
            "Only people of the team or the outlet who hold it on the day; the rule fits only where somebody does."
        ),
    )
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"), required=False, empty_label="—")
    outlet = forms.ModelChoiceField(Outlet.objects.none(), label=_("Outlet"), required=False, empty_label="—")
    mode = forms.ChoiceField(label=_("Within the team"), choices=Rule.Mode.choices)

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["category"].offer_to(access)
        self.fields["team"].queryset = queries.teams(access.company_id)
        self.fields["outlet"].queryset = Outlet.objects.visible_to(access, May.MANAGE).order_by("code")


class PledgeForm(forms.Form):
    """A promise on top of the regulation's, for everybody or for one customer."""

    source = NameField(label=_("What it rests on"), max_length=80, help_text=_("Like “contract 2026-7”."))
    number = CodeField(
        label=_("Customer number"),
        max_length=20,
        required=False,
        upper=True,
        help_text=_("Empty: for every customer."),
    )
    promise = forms.ChoiceField(label=_("What is promised"))
    length = forms.IntegerField(label=_("Within"), min_value=1, max_value=100_000)
    unit = forms.ChoiceField(label=_("Counted in"))
    since = DayField(label=_("From"))
    until = DayField(label=_("Until"), required=False)

    def __init__(self, access: Access, *args: Any, **options: Any):
        from sanbao.intake.models import Pledge

        super().__init__(*args, **options)
        self.access = access
        self.fields["promise"].choices = Pledge.Kind.choices
        # “4 个工作日” has its measure word after a figure; alone in a menu it does not.
        self.fields["unit"].choices = [
            (code, str(label).removeprefix("个")) for code, label in Pledge.Unit.choices
        ]

    def clean_number(self) -> Customer | None:
        from sanbao.customers.queries import customers

        number = self.cleaned_data["number"]
        if not number:
            return None
        found = customers(self.access).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(gettext("There is no such customer."))
        return found


class DutyForm(forms.Form):
    """Hours other than the calendar's."""

    outlet = forms.ModelChoiceField(
        Outlet.objects.none(),
        label=_("Outlet"),
        required=False,
        empty_label="—",
        help_text=_("Empty: headquarters."),
    )
    weekday = forms.ChoiceField(label=_("Every week on"), required=False)
    day = DayField(label=_("On the day"), required=False)
    opens = forms.TimeField(label=_("Opens"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    closes = forms.TimeField(
        label=_("Closes"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_("No hours: closed on that day."),
    )

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["outlet"].queryset = Outlet.objects.visible_to(access, May.MANAGE).order_by("code")
        self.fields["weekday"].choices = [("", "—"), *weekdays(access)]


class AbsenceForm(forms.Form):
    """Somebody will be away."""

    person = forms.ModelChoiceField(Person.objects.none(), label=_("Person"))
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))
    substitute = forms.ModelChoiceField(
        Person.objects.none(), label=_("Substitute"), required=False, empty_label="—"
    )

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        everybody = queries.people(access)
        for name in ("person", "substitute"):
            self.fields[name].queryset = everybody
            self.fields[name].label_from_instance = lambda person: person.name
        if not access.may(May.MANAGE):
            self.fields["person"].queryset = everybody.filter(pk=access.person_id)
        self.fields["person"].initial = access.person_id


class TimeForm(forms.Form):
    """A day of somebody's, written down or changed by another."""

    day = DayField(label=_("Day"))
    came = forms.TimeField(label=_("Came"), widget=forms.TimeInput(attrs={"type": "time"}))
    went = forms.TimeField(
        label=_("Went"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_("Empty: still at work."),
    )
    reason = TextField(label=_("Why?"), max_length=200, help_text=_("It stands beside the day, and the person reads it."))  # fmt: skip


class MoveForm(forms.Form):
    """What a move asks for besides the button."""

    waiting_for = forms.ChoiceField(choices=[("", ""), *Waiting.choices], required=False)
    text = ParagraphsField(label=_("Content"), max_length=4000, required=False)
    reason = TextField(label=_("Why?"), max_length=200, required=False)
    first_contact = forms.BooleanField(required=False)
    version = forms.IntegerField(required=False)


class ForceForm(Seen, forms.Form):
    """A task force (EN-2)."""

    name = NameField(label=_("What it is called"), max_length=60)
    goal = ParagraphsField(
        label=_("What it shall reach"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    leader = forms.ModelChoiceField(Person.objects.none(), label=_("Leader"))
    members = forms.ModelMultipleChoiceField(
        Person.objects.none(), label=_("Members"), required=False, widget=forms.CheckboxSelectMultiple
    )
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"))

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        choices = queries.people_choices(access)
        for name in ("leader", "members"):
            self.fields[name].queryset = queries.people(access)
            self.fields[name].widget.choices = [("", "—"), *choices] if name == "leader" else choices


class LinkForm(forms.Form):
    """A request for a task force."""

    number = CodeField(label=_("Number of the request"), max_length=24, upper=True)


class ReportForm(forms.Form):
    """How a task force gets on."""

    body = ParagraphsField(label=_("Report"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class EndForm(forms.Form):
    """What came of a task force."""

    result = ParagraphsField(
        label=_("What came of it"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
