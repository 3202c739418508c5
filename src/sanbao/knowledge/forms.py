"""Forms for articles, attachments, feedback and phrases."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sanbao.knowledge.classes import named
from sanbao.knowledge.models import Kind
from sanbao.products.models import Model
from sanbao.ui.readers import values
from sanbao.ui.readers.fields import CodeField, ParagraphsField, TextField
from sanbao.ui.seen import Seen

_APART = re.compile(r"[,，、;；\s]+")
MOST_BYTES = 20 * 2**20


class CodesField(forms.CharField):
    """Several codes in a line, however they are kept apart."""

    def __init__(self, *, most: int = 20, **options: Any):
        self.most = most
        super().__init__(max_length=400, **options)

    def prepare_value(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        typed = values.text(super().to_python(value) or "", 10**6)
        found = list(dict.fromkeys(values.half_width(code) for code in _APART.split(typed) if code))
        if len(found) > self.most or any(len(code) > 40 for code in found):
            raise forms.ValidationError(_("At most 20 codes of 40 characters each."))
        return found


class StepsField(ParagraphsField):
    """A step a line; a number in front of a line is left out."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        read = super().to_python(value) or ""
        return [
            re.sub(r"^\s*\d{1,2}\s*[.．、)）]\s*", "", line).strip()
            for line in read.splitlines()
            if line.strip()
        ]


class ArticleForm(Seen, forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    title = TextField(label=_("Title"), max_length=120)
    question = ParagraphsField(
        label=_("What customers say"),
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("In their words: the article is suggested by them."),
    )
    answer = ParagraphsField(
        label=_("What helps"), max_length=8000, required=False, widget=forms.Textarea({"rows": 8})
    )
    steps = StepsField(
        label=_("Steps"),
        max_length=8000,
        required=False,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("One step a line, in this order."),
    )
    internal_note = ParagraphsField(
        label=_("Only for colleagues"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Never shown on the public page."),
    )
    keywords = TextField(label=_("Keywords"), max_length=200, required=False)
    categories = forms.MultipleChoiceField(
        label=_("Product categories"), required=False, help_text=_("None chosen: any product.")
    )
    fits = forms.ModelMultipleChoiceField(
        Model.objects.none(), label=_("Models"), required=False, help_text=_("None chosen: any model.")
    )
    codes = CodesField(
        label=_("Request classes"), required=False, help_text=_("Codes of classes, separated by blanks.")
    )
    public = forms.BooleanField(label=_("Public: anyone may read it"), required=False)

    def __init__(self, *args: Any, company_id: int | None, categories: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        _offer_classes(self, company_id)
        kept = self.initial.get("categories") or []
        known = {code for code, _name in categories}
        self.fields["categories"].choices = [
            *categories,
            *((code, code) for code in kept if code not in known),
        ]
        self.fields["fits"].queryset = Model.objects.filter(company_id=company_id).order_by("code")

    def clean(self) -> dict[str, Any]:
        fields = super().clean()
        if not fields.get("answer") and not fields.get("steps") and "answer" not in self.errors:
            self.add_error("answer", _("Write the answer, or the steps that lead to it."))
        return fields

    def article_fields(self) -> dict[str, Any]:
        """As the operations take them."""
        fields = dict(self.cleaned_data)
        fields["fits"] = [model.pk for model in fields["fits"]]
        return fields


def _offer_classes(form: forms.Form, company_id: int | None) -> None:
    """Choose classes by name where there is a tree of them, with those that were chosen before; else codes are typed."""
    if not (known := named(company_id)):
        return
    codes = {code for code, _name in known}
    kept = [(code, code) for code in form.initial.get("codes") or [] if code not in codes]
    before = form.fields["codes"]
    form.fields["codes"] = forms.MultipleChoiceField(
        label=before.label, choices=[*known, *kept], required=False, help_text=_("None chosen: any class.")
    )


class AttachmentForm(forms.Form):
    file = forms.FileField(label=_("File"))
    label = TextField(label=_("What it is"), max_length=80, required=False)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB. Send a smaller one."))
        return file


class FeedbackForm(forms.Form):
    helped = forms.ChoiceField(label=_("Did it help?"), choices=[("1", _("Yes")), ("0", _("No"))])
    comment = ParagraphsField(
        label=_("Comment"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )


class PhraseForm(Seen, forms.Form):
    code = CodeField(label=_("Short name"), max_length=40, help_text=_("Typed to call it up, such as dzz."))
    title = TextField(label=_("Title"), max_length=80)
    text = ParagraphsField(label=_("Text"), max_length=2000, widget=forms.Textarea({"rows": 6}))
    codes = CodesField(
        label=_("Request classes"), required=False, help_text=_("None: offered for every request.")
    )

    def __init__(self, *args: Any, company_id: int | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        _offer_classes(self, company_id)
