"""What callers type."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.callbacks.first_scripts import QUESTIONS
from sanbao.callbacks.models import Need, Observation, Script
from sanbao.callbacks.operations import Errand, Paper
from sanbao.callbacks.operations.scripts import MOST_OWN
from sanbao.callbacks.permissions import May
from sanbao.callbacks.states import UNREACHED, Kind, Outcome
from sanbao.intake import queries as desk
from sanbao.intake.forms import ClassField
from sanbao.intake.models import Team
from sanbao.outlets.models import Outlet
from sanbao.ui.readers.fields import (
    CodeField,
    DayField,
    MoneyField,
    NameField,
    ParagraphsField,
    PhoneField,
    TextField,
)
from sanbao.workorders.forms import MomentField

_YES_NO = (("", _("not asked")), ("yes", _("yes")), ("no", _("no")))
_MARKS = (("", _("not asked")), *((str(mark), str(mark)) for mark in range(1, 6)))
YES_NO = ("came", "works", "timely", "charges_told")
MARKS = ("attitude", "quality", "satisfaction")
TEXTS = ("usage", "suggestions")
LABELS: dict[str, Any] = {
    "came": _("Somebody came"),
    "works": _("Works well"),
    "timely": _("Came in time"),
    "attitude": _("Attitude"),
    "quality": _("Quality of the work"),
    "charges_told": _("Charges told beforehand"),
    "charged_fen": _("Paid, the customer says"),
    "satisfaction": _("Satisfaction"),
    "usage": _("How it is used"),
    "suggestions": _("Suggestions"),
}


class Named(forms.BaseForm):
    """Several forms stand on one page: each field's id begins with its form's name."""

    def __init__(self, *args: Any, **options: Any):
        options.setdefault("auto_id", f"{type(self).__name__.removesuffix('Form').lower()}_%s")
        super().__init__(*args, **options)


def _fen(yuan: Decimal | None) -> int | None:
    return None if yuan is None else int((yuan * 100).to_integral_value())


class TryForm(Named, forms.Form):
    """Nobody was reached."""

    outcome = forms.ChoiceField(
        label=_("How did the try end?"), choices=[(each.value, each.label) for each in UNREACHED], widget=forms.RadioSelect
    )  # fmt: skip
    asked_for = MomentField(label=_("Call again at"), required=False)
    note = TextField(label=_("Note"), max_length=500, required=False)
    called_at = MomentField(label=_("Called at, if it was earlier"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("outcome") != Outcome.CALL_LATER:
            said["asked_for"] = None
        return said


class RecordForm(Named, forms.Form):
    """The callback record, as the script asks it: questions by their codes, then the company's own, then the customer's words."""

    called_at = MomentField(label=_("Called at, if it was earlier"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)
    script = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**62)

    def __init__(
        self,
        script: Script | None,
        *args: Any,
        fill: Callable[[str], str] = lambda text: text,
        **options: Any,
    ):
        super().__init__(*args, **options)
        self.script = script
        hidden = {name: self.fields.pop(name) for name in ("called_at", "version", "script")}
        asked = (
            script.questions if script else [{"code": code, "text": text} for code, text in QUESTIONS.items()]
        )
        self.own: dict[str, str] = {}
        for question in asked:
            self._ask(str(question["code"]), fill(str(question["text"])), bool(question.get("own")))
        self.fields["words"] = ParagraphsField(
            label=_("In the customer's words"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
        )  # fmt: skip
        self.fields |= hidden
        self.fields["script"].initial = script.pk if script else None

    def _ask(self, code: str, text: str, own: bool) -> None:
        label = f"{LABELS[code]} – {text}" if code in LABELS else text
        if own:
            self.own[f"own_{code}"] = code
            self.fields[f"own_{code}"] = TextField(label=text, max_length=200, required=False)
        elif code in YES_NO:
            self.fields[code] = forms.ChoiceField(label=label, choices=_YES_NO, required=False, widget=forms.RadioSelect)  # fmt: skip
        elif code in MARKS:
            self.fields[code] = forms.ChoiceField(label=label, choices=_MARKS, required=False, widget=forms.RadioSelect)  # fmt: skip
        elif code == "charged_fen":
            self.fields[code] = MoneyField(label=label, required=False)
        elif code in TEXTS:
            self.fields[code] = TextField(label=label, max_length=500, required=False)

    def answers(self) -> dict[str, Any]:
        """The record's fields."""
        said, found = self.cleaned_data, {}
        for name in YES_NO:
            if said.get(name):
                found[name] = said[name] == "yes"
        for name in MARKS:
            if said.get(name):
                found[name] = int(said[name])
        for name in (*TEXTS, "words"):
            found[name] = said.get(name) or ""
        if said.get("charged_fen") is not None:
            found["charged_fen"] = _fen(said["charged_fen"])
        found["more"] = {code: said[name] for name, code in self.own.items() if said.get(name)}
        return found


class ObservationForm(Named, forms.Form):
    """What is wrong with the job."""

    kind = forms.ChoiceField(label=_("What is wrong?"), choices=Observation.Kind.choices)
    words = ParagraphsField(
        label=_("Evidence in the customer's words"), max_length=500, widget=forms.Textarea({"rows": 3})
    )
    refund = MoneyField(label=_("To be refunded to the customer, in yuan"), required=False)
    panel = MoneyField(label=_("Value of the panel, in yuan"), required=False)

    def amounts(self) -> dict[str, int]:
        said = self.cleaned_data
        return {"refund_fen": _fen(said["refund"]) or 0, "panel_fen": _fen(said["panel"]) or 0}


class PromiseForm(Named, forms.Form):
    """An answer is promised."""

    question = ParagraphsField(
        label=_("What did the customer ask?"), max_length=500, widget=forms.Textarea({"rows": 2})
    )
    due_at = MomentField(label=_("Answer promised by"))
    owner = forms.ModelChoiceField(Person.objects.none(), label=_("Who answers"))

    def __init__(self, people: Any, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["owner"].queryset = people
        self.fields["owner"].label_from_instance = lambda person: person.name


class NeedForm(Named, forms.Form):
    """A need, or an urgent event."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=Need.Kind.choices)
    words = ParagraphsField(
        label=_("What does the customer say?"), max_length=500, widget=forms.Textarea({"rows": 2})
    )
    category = ClassField()
    becomes = forms.ChoiceField(
        label=_("What becomes of it?"), choices=[("request", _("a request")), ("task", _("a request, and a task for somebody by a time"))],
        widget=forms.RadioSelect, initial="request", required=False,
    )  # fmt: skip
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Task for the team"), required=False)
    owner = forms.ModelChoiceField(
        Person.objects.none(), label=_("Who does it"), required=False, empty_label=_("whoever of the team")
    )
    due_at = MomentField(label=_("To be done by"), required=False)
    told_to = TextField(
        label=_("Told by telephone to"),
        max_length=60,
        required=False,
        help_text=_("The service staff are told by telephone first (KA-9.3); urgent events go up at once."),
    )

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["category"].offer_to(access)
        self.fields["team"].queryset = desk.teams(access.company_id)
        self.fields["team"].widget.choices = [("", "—"), *desk.team_choices(access.company_id)]
        self.fields["owner"].queryset = desk.people(access)
        self.fields["owner"].widget.choices = [
            ("", gettext("whoever of the team")),
            *desk.people_choices(access),
        ]

    def clean(self) -> dict[str, Any]:
        """A task needs a team and a time; where none is wanted, what stands in its fields counts for nothing."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("becomes") != "task":
            return said
        if not said.get("team") and "team" not in self.errors:
            self.add_error("team", gettext("Choose the team that does it."))
        if not said.get("due_at") and "due_at" not in self.errors:
            self.add_error("due_at", gettext("Say by when."))
        return said

    def errand(self) -> Errand | None:
        """The task that was asked for."""
        said = self.cleaned_data
        return Errand(said["team"], said["owner"], said["due_at"]) if said["becomes"] == "task" else None


class PlanForm(forms.Form):
    """A callback planned by hand."""

    kind = forms.ChoiceField(
        label=_("What it is about"),
        choices=[
            (kind.value, kind.label)
            for kind in (Kind.PROACTIVE, Kind.INSTALLATION, Kind.REPAIR, Kind.SERVICE, Kind.RECHECK)
        ],
        help_text=_("After an installation, a repair or other service the rulebook sets the days."),
    )
    number = CodeField(label=_("Number of the paper"), max_length=40, required=False, upper=True)
    outlet = forms.ModelChoiceField(
        Outlet.objects.none(), label=_("Outlet"), required=False, empty_label=_("Headquarters itself")
    )
    contact = NameField(label=_("Contact"), required=False)
    phone = PhoneField(label=_("Telephone"))
    model = CodeField(label=_("Model"), max_length=40, required=False, upper=True)
    serial = CodeField(label=_("Serial number"), max_length=60, required=False, upper=True)
    completed_on = DayField(label=_("Work completed on"), required=False, first_year=2000, last_year=2100)
    arrived_on = DayField(label=_("Papers arrived on"), required=False, first_year=2000, last_year=2100)
    due_on = DayField(label=_("Call by"), required=False, first_year=2000, last_year=2100)
    reason = TextField(label=_("Why is the customer called?"), max_length=200, required=False)

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["outlet"].queryset = Outlet.objects.visible_to(access, May.PLAN).order_by("code")

    def paper(self, today: Any) -> Paper:
        said = self.cleaned_data
        return Paper(
            number=said["number"], kind=said["kind"], outlet=said["outlet"], completed_on=said["completed_on"],
            arrived_on=said["arrived_on"] or today, contact=said["contact"], phone=said["phone"], model=said["model"], serial=said["serial"],
        )  # fmt: skip


class GiveForm(Named, forms.Form):
    """Another caller."""

    caller = forms.ModelChoiceField(Person.objects.none(), label=_("Caller"))

    def __init__(self, people: Any, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["caller"].queryset = people
        self.fields["caller"].label_from_instance = lambda person: person.name


class ScriptForm(forms.Form):
    """A script: the questions it asks in its own words, left empty where it does not ask; then up to eight of the company's own."""

    opening = ParagraphsField(label=_("Opening"), max_length=1000, widget=forms.Textarea({"rows": 3}))
    closing = ParagraphsField(label=_("Closing"), max_length=1000, widget=forms.Textarea({"rows": 2}))
    number = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def __init__(self, script: Script | None, *args: Any, **options: Any):
        asked = script.questions if script else []
        said = {str(question["code"]): str(question["text"]) for question in asked if not question.get("own")}
        own = [str(question["text"]) for question in asked if question.get("own")]
        options["initial"] = {
            "opening": script.opening if script else "", "closing": script.closing if script else "", "number": script.number if script else 0,
            **{f"q_{code}": said.get(code, "") for code in QUESTIONS}, **{f"own_{place}": text for place, text in enumerate(own, 1)},
        }  # fmt: skip
        super().__init__(*args, **options)
        closing, number = self.fields.pop("closing"), self.fields.pop("number")
        for code in QUESTIONS:
            self.fields[f"q_{code}"] = TextField(label=LABELS[code], max_length=200, required=False)
        for place in range(1, MOST_OWN + 1):
            label = gettext("Own question %(number)d") % {"number": place}
            self.fields[f"own_{place}"] = TextField(label=label, max_length=200, required=False)
        self.fields |= {"closing": closing, "number": number}

    def questions(self) -> list[dict[str, Any]]:
        said = self.cleaned_data
        found: list[dict[str, Any]] = [
            {"code": code, "text": said[f"q_{code}"]} for code in QUESTIONS if said[f"q_{code}"]
        ]
        return found + [
            {"code": f"own{place}", "text": said[f"own_{place}"], "own": True}
            for place in range(1, MOST_OWN + 1)
            if said[f"own_{place}"]
        ]
