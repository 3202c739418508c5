"""Forms for questionnaires, campaigns, answers and results."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.outlets.models import Outlet
from sanbao.surveys.models import Question, Questionnaire, Version
from sanbao.surveys.permissions import May
from sanbao.surveys.queries import RATINGS, SURVEYS, versions_in_use
from sanbao.ui.readers.fields import CodeField, DayField, NameField, ParagraphsField, TextField
from sanbao.ui.seen import Seen
from sanbao.workorders.states import Kind

STARS = [(n, "★" * n) for n in (5, 4, 3, 2, 1)]
_FEW = {"rows": 3}


class HeadForm(Seen, forms.Form):
    """Heading and opening words of a version, in both languages."""

    title_zh = TextField(label=_("Heading in Chinese"), max_length=120)
    title_en = TextField(label=_("Heading in English"), max_length=120)
    intro_zh = TextField(label=_("Opening words in Chinese"), max_length=500, required=False)
    intro_en = TextField(label=_("Opening words in English"), max_length=500, required=False)


class QuestionnaireForm(HeadForm):
    """A questionnaire is begun."""

    field_order = ("name", "purpose")
    name = NameField(label=_("Name of the questionnaire"), max_length=80)
    purpose = forms.ChoiceField(label=_("Sent"), choices=Questionnaire.Purpose.choices)


class OptionsField(ParagraphsField):
    """Answers to choose from, one a line: short name | Chinese | English."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(f"{one['code']} | {one['zh']} | {one['en']}" for one in value)
        return value

    def to_python(self, value: Any) -> Any:
        read = super().to_python(value) or ""
        found = []
        for line in read.splitlines():
            if not line.strip():
                continue
            parts = [part.strip() for part in line.replace("｜", "|").split("|")]
            if len(parts) != 3 or not all(parts):
                raise forms.ValidationError(
                    _("Write each line as: short name | Chinese | English."), code="options"
                )
            found.append(dict(zip(("code", "zh", "en"), parts, strict=True)))
        return found


class QuestionForm(Seen, forms.Form):
    """One question."""

    code = CodeField(
        label=_("Short name"),
        max_length=20,
        help_text=_(
            "“overall” is the score, “works” says whether it works (yes, no); results know a question by it."
        ),
    )
    kind = forms.ChoiceField(label=_("Answered by"), choices=Question.Kind.choices)
    text_zh = TextField(label=_("Question in Chinese"), max_length=200)
    text_en = TextField(label=_("Question in English"), max_length=200)
    options = OptionsField(
        label=_("Answers to choose from"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(_FEW),
        help_text=_("One a line: short name | Chinese | English."),
    )
    required = forms.BooleanField(label=_("Must be answered"), required=False)
    position = forms.IntegerField(label=_("Place"), min_value=1, max_value=99, required=False)


class CampaignForm(Seen, forms.Form):
    """A survey at intervals."""

    name = NameField(label=_("Name of the survey"), max_length=80)
    version = forms.ModelChoiceField(Version.objects.none(), label=_("Questionnaire"))
    first_day = DayField(label=_("Jobs closed from"))
    last_day = DayField(label=_("until"))
    outlet = forms.ModelChoiceField(
        Outlet.objects.none(), label=_("Outlet"), required=False, empty_label=_("all outlets")
    )
    category = forms.ChoiceField(label=_("Product category"), required=False)
    kind = forms.ChoiceField(label=_("Work"), choices=[("", _("any")), *Kind.choices], required=False)
    size = forms.IntegerField(
        label=_("Sample"), min_value=1, max_value=5000, help_text=_("How many jobs are drawn.")
    )
    seed = TextField(
        label=_("Seed"),
        max_length=40,
        help_text=_("Any word. The same word draws the same jobs again, so that the draw can be checked."),
    )

    def __init__(self, access: Access, categories: list[tuple[str, str]], *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["version"].queryset = versions_in_use(access, Questionnaire.Purpose.CAMPAIGN)
        self.fields["outlet"].queryset = Outlet.objects.visible_to(access, May.RUN).order_by("code")
        self.fields["category"].choices = [("", _("any")), *categories]


def answer_form(version: Version, *args: Any, anonymity: bool = True, **options: Any) -> "AnswerForm":
    """The form of a questionnaire, as its version says."""
    return AnswerForm(version, *args, anonymity=anonymity, **options)


class AnswerForm(forms.Form):
    """What a customer answers. Its fields are the version's questions, by short name."""

    def __init__(self, version: Version, *args: Any, anonymity: bool = True, **options: Any):
        super().__init__(*args, **options)
        self.questions = list(version.questions.all())
        for question in self.questions:
            self.fields[f"q-{question.code}"] = _field(question)
        self.fields["words"] = ParagraphsField(
            label=_("In your words"), max_length=1000, required=False, widget=forms.Textarea(_FEW),
            help_text=_("What was good, what should be better? With few stars please tell us what was wrong."),
        )  # fmt: skip
        self.fields["call_back"] = forms.BooleanField(label=_("Please call me about it"), required=False)
        if anonymity:
            self.fields["anonymous"] = forms.BooleanField(
                label=_("Without my name"), required=False,
                help_text=_("Nobody sees whose answer it is; then we can't call you, and it can't be put right later."),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or self.cleaned_data
        if fields.get("anonymous") and fields.get("call_back"):
            self.add_error("call_back", _("Without your name we can't call you. Choose one of the two."))
        return fields

    def told(self) -> dict[str, Any]:
        """As the operation takes it."""
        fields = self.cleaned_data
        return {
            "answers": {question.code: fields.get(f"q-{question.code}") for question in self.questions},
            "words": fields.get("words") or "",
            "anonymous": bool(fields.get("anonymous")),
            "call_back": bool(fields.get("call_back")),
        }


def _field(question: Question) -> forms.Field:
    label, required = question.text, question.required
    match question.kind:
        case Question.Kind.STARS:
            choices = STARS if required else [*STARS, ("", _("prefer not to say"))]
            return forms.ChoiceField(
                label=label, required=required, choices=choices, widget=forms.RadioSelect
            )
        case Question.Kind.CHOICE:
            named = (
                question.named_options
                if required
                else [*question.named_options, ("", _("prefer not to say"))]
            )
            return forms.ChoiceField(label=label, required=required, choices=named, widget=forms.RadioSelect)
        case Question.Kind.SEVERAL:
            return forms.MultipleChoiceField(
                label=label,
                required=required,
                choices=question.named_options,
                widget=forms.CheckboxSelectMultiple,
            )
        case _:
            return ParagraphsField(
                label=label, required=required, max_length=1000, widget=forms.Textarea({"rows": 2})
            )


class PaperForm(forms.Form):
    """Whose paper it is: by the order's number, else by outlet and kind of work."""

    number = CodeField(
        label=_("Number of the work order"), max_length=24, upper=True, required=False,
        help_text=_("It stands on the sheet. Without it the answer counts for the outlet alone."),
    )  # fmt: skip
    outlet = forms.ModelChoiceField(Outlet.objects.none(), label=_("Outlet"), required=False, empty_label="—")
    category = forms.ChoiceField(label=_("Product category"), required=False)
    kind = forms.ChoiceField(label=_("Work"), choices=[("", "—"), *Kind.choices], required=False)

    def __init__(self, access: Access, categories: list[tuple[str, str]], *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["outlet"].queryset = Outlet.objects.visible_to(access, May.ENTER).order_by("code")
        self.fields["category"].choices = [("", "—"), *categories]


class CutForm(forms.Form):
    """Which answers a page of results counts."""

    first_day = DayField(label=_("From"))
    last_day = DayField(label=_("Until"))
    outlet = forms.ModelChoiceField(
        Outlet.objects.none(), label=_("Outlet"), required=False, empty_label=_("all")
    )
    category = forms.ChoiceField(label=_("Product category"), required=False)
    source = forms.ChoiceField(
        label=_("Source"), required=False, choices=[("", _("all")), (SURVEYS, _("Surveys")), (RATINGS, _("Ratings on the order's page"))]
    )  # fmt: skip

    def __init__(self, access: Access, categories: list[tuple[str, str]], *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["outlet"].queryset = Outlet.objects.visible_to(access, May.SEE).order_by("code")
        self.fields["category"].choices = [("", _("all")), *categories]

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or self.cleaned_data
        first, last = fields.get("first_day"), fields.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        if isinstance(first, date) and isinstance(last, date) and (last - first).days > 1100:
            self.add_error("first_day", _("At most three years at once."))
        return fields


class PublishForm(forms.Form):
    """A result is published."""

    title = TextField(label=_("Title"), max_length=120)
    first_day = DayField(label=_("From"))
    last_day = DayField(label=_("Until"))
    words = ParagraphsField(
        label=_("What it says"), max_length=2000, required=False, widget=forms.Textarea(_FEW)
    )
    strategy = ParagraphsField(
        label=_("What is adjusted"), max_length=2000, required=False, widget=forms.Textarea(_FEW),
        help_text=_("What the department does differently because of it (GN-5)."),
    )  # fmt: skip


class LookForm(forms.Form):
    words = TextField(label=_("What came of it"), max_length=500)
