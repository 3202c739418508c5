"""Forms for a regulation's head, its text, a clause, attachments, campaigns and their questions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.roles import ROLES
from sanbao.documents.models import Campaign, Document, Kind
from sanbao.documents.reading import outline, plain
from sanbao.documents.reading.limits import LONGEST_CLAUSE, MAX_BYTES, MAX_CHARACTERS
from sanbao.documents.reading_first import ACTIONS
from sanbao.outlets.models import Outlet
from sanbao.ui.readers.fields import CodeField, DayField, ParagraphsField, QuantityField, TextField
from sanbao.ui.seen import Seen


class HeadForm(Seen, forms.Form):
    """Number, title, who answers for it, its days, and what it repeals."""

    number = TextField(
        label=_("Number"), max_length=60, help_text=_("As it stands on the document, such as QR-MK-03.")
    )
    title = TextField(label=_("Title"), max_length=120)
    english = TextField(label=_("Title in English"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    label = TextField(label=_("Version"), max_length=20, help_text=_("Such as A/0."))
    department = TextField(label=_("Department"), max_length=60)
    changed_by = TextField(label=_("May be changed by"), max_length=120)
    interpreted_by = TextField(label=_("Interpreted by"), max_length=120)
    issued_on = DayField(label=_("Issue date"))
    effective_on = DayField(
        label=_("Effective date"), help_text=_("Today or later; it is in force from this day, once approved.")
    )
    review_on = DayField(
        label=_("Review date"), required=False, help_text=_("You are reminded thirty days before.")
    )
    changes = TextField(label=_("What is new"), max_length=500, required=False)
    source = CodeField(
        label=_("Cited as"),
        max_length=40,
        required=False,
        help_text=_("The word by which rulebooks cite it, such as appliance in “appliance KA-11.1”."),
    )
    repeals = forms.ModelMultipleChoiceField(Document.objects.none(), label=_("Repeals"), required=False)
    taken_over = forms.BooleanField(
        label=_("It was in force on paper before it was entered here, so its day may lie in the past"), required=False
    )  # fmt: skip

    def __init__(
        self, *args: Any, company_id: int | None, document: Document | None, first: bool, **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        others = Document.objects.filter(company_id=company_id).exclude(standing=Document.Standing.REPEALED)
        chosen = self.initial.get("repeals") or []
        self.fields["repeals"].queryset = (  # type: ignore[attr-defined]
            (others | Document.objects.filter(company_id=company_id, pk__in=[each.pk for each in chosen]))
            .exclude(pk=document.pk if document else None).order_by("number")
        )  # fmt: skip
        if document is not None and document.standing != Document.Standing.NEW:
            del self.fields["number"], self.fields["source"]
        if not first:
            del self.fields["taken_over"]

    def head(self) -> dict[str, Any]:
        """As the operations take them; what it repeals is told apart."""
        return {name: value for name, value in self.cleaned_data.items() if name != "repeals"}

    def repealed(self) -> list[int]:
        return [document.pk for document in self.cleaned_data["repeals"]]


class TextForm(forms.Form):
    """A whole text: pasted, or read from a Word file into the same field."""

    text = forms.CharField(
        label=_("Text"), required=False, strip=False, max_length=MAX_CHARACTERS, widget=forms.Textarea({"rows": 24, "class": "document-source"}),
        help_text=_("A clause a line, beginning with its number: 第一章, 第一条, 一、, （一）, 1., 1.1, A、 and others. A table's rows stand between bars: | a | b |"),
    )  # fmt: skip


class WordForm(forms.Form):
    """A Word file to be read."""

    file = forms.FileField(label=_("Word file (.docx)"))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB. Send a smaller one."))
        return file


class TableField(forms.CharField):
    """A table as lines between bars."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return plain([("", "", value)]) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        typed = (super().to_python(value) or "").strip()
        if not typed:
            return None
        lines = [line.strip() for line in typed.splitlines() if line.strip()]
        if not all(line.startswith("|") for line in lines):
            raise forms.ValidationError(_("Each row of the table stands between bars: | a | b |"))
        return outline("\n".join(lines)).items[0].table


class ClauseForm(Seen, forms.Form):
    number = TextField(label=_("Number"), max_length=30, required=False)
    level = forms.TypedChoiceField(
        label=_("Level"), coerce=int, choices=[(level, str(level + 1)) for level in range(10)], help_text=_("1 is the outermost.")
    )  # fmt: skip
    text = ParagraphsField(
        label=_("Text"), max_length=LONGEST_CLAUSE, required=False, widget=forms.Textarea({"rows": 8})
    )
    table = TableField(
        label=_("Table"), required=False, widget=forms.Textarea({"rows": 4}), help_text=_("A row a line, between bars: | a | b |")
    )  # fmt: skip
    ref = CodeField(
        label=_("Cited as"),
        max_length=30,
        required=False,
        help_text=_("The id by which rulebooks cite it, such as KA-11.1."),
    )
    english = ParagraphsField(
        label=_("In English"), max_length=LONGEST_CLAUSE, required=False, widget=forms.Textarea({"rows": 4})
    )


class AttachmentForm(forms.Form):
    file = forms.FileField(label=_("File"))
    label = TextField(label=_("What it is"), max_length=80, required=False)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB. Send a smaller one."))
        return file


class CampaignForm(Seen, forms.Form):
    """Who is asked to read what, until when, and what rests until they have."""

    about = forms.ChoiceField(label=_("What is to be read"))
    kind = forms.ChoiceField(label=_("Kind"), choices=Campaign.Kind.choices)
    title = TextField(label=_("Title"), max_length=120)
    message = ParagraphsField(
        label=_("What readers are told"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )
    posts = forms.MultipleChoiceField(
        label=_("Posts"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None chosen: every post.")
    )  # fmt: skip
    outlets = forms.ModelMultipleChoiceField(
        Outlet.objects.none(), label=_("Outlets"), required=False, help_text=_("None chosen: every place, headquarters too.")
    )  # fmt: skip
    due_on = DayField(label=_("Due day"))
    remind_days = QuantityField(label=_("Reminded so many days before"), most=60)
    late_days = QuantityField(label=_("Days for those who get such a post later"), most=90)
    repeats = forms.BooleanField(
        label=_("Comes again"), required=False,
        help_text=_("Begins anew by itself, after the months the rulebook of staff training sets between two assessments."),
    )  # fmt: skip
    stops = forms.MultipleChoiceField(
        label=_("Rests after the due day until read"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        *args: Any,
        company_id: int | None,
        about: list[tuple[str, Any]],
        running: bool = False,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = about  # type: ignore[attr-defined]
        self.fields["posts"].choices = [(role.code, role.title) for role in ROLES.values()]  # type: ignore[attr-defined]
        self.fields["stops"].choices = list(ACTIONS.items())  # type: ignore[attr-defined]
        self.fields["outlets"].queryset = Outlet.objects.filter(company_id=company_id).order_by("code")  # type: ignore[attr-defined]
        if running:
            for name in ("about", "kind", "title", "posts", "outlets"):
                del self.fields[name]

    def campaign_fields(self) -> dict[str, Any]:
        """As the operations take them."""
        fields = {name: value for name, value in self.cleaned_data.items() if name != "about"}
        if "outlets" in fields:
            fields["outlets"] = [outlet.pk for outlet in fields["outlets"]]
        return fields | {name: int(fields[name] or 0) for name in ("remind_days", "late_days")}


class QuestionForm(forms.Form):
    text = TextField(label=_("Question"), max_length=200)
    options = ParagraphsField(
        label=_("Possible answers"), max_length=900, widget=forms.Textarea({"rows": 4}), help_text=_("One a line, the right one first; readers see them mixed.")
    )  # fmt: skip
