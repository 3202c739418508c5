"""What customers type. Few fields, any spelling."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.complaints.facts import choices
from sanbao.files.forms import ACCEPT, PictureField
from sanbao.intake import queries
from sanbao.intake.facts import flags
from sanbao.intake.models import Category
from sanbao.portal.operations import MOST_PHOTOS
from sanbao.portal.visitors import Visitor
from sanbao.products.models import Unit
from sanbao.ui.formats import masked
from sanbao.ui.readers.fields import CodeField, DayField, NameField, ParagraphsField, PhoneField, TextField

DANGERS = ("gas", "electricity", "water")


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class PhotosField(forms.FileField):
    """Photographs, each looked at by itself; one that is none is named."""

    def __init__(self, **options: Any):
        options.setdefault("widget", SeveralFiles({"accept": ACCEPT, "multiple": True}))
        super().__init__(required=False, **options)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = [file for file in (data or []) if file]
        if len(given) > MOST_PHOTOS:
            raise forms.ValidationError(gettext("At most %(most)d photographs.") % {"most": MOST_PHOTOS})
        wrong, one = [], PictureField()
        for file in given:
            try:
                one.clean(file)
            except forms.ValidationError as error:
                wrong.append(f"{file.name}: {error.messages[0]}")
        if wrong:
            raise forms.ValidationError(wrong)
        return given


# The matters of the complaints' rulebook as a customer would say them; a company's own word stands as it is.
MATTERS = {
    "quality": _("The product: it breaks, or does not do what it should"),
    "service": _("The repair: badly done, or broken again"),
    "attitude": _("How our people behaved"),
    "delay": _("Somebody came late, or not at all"),
    "charge": _("The price, or what was charged"),
    "install": _("The installation"),
    "delivery": _("The delivery"),
    "parts": _("A part that does not come"),
    "returning": _("Return or exchange"),
    "other": _("Something else"),
}


def matters(access: Access, today: date) -> list[tuple[str, Any]]:
    """What a complaint may be about, in plain words."""
    return [(code, MATTERS.get(code, word)) for code, word in choices(access, "kinds", today)]


class AskForm(forms.Form):
    """A request for service."""

    category = forms.ModelChoiceField(Category.objects.none(), label=_("What do you need?"), empty_label=None)
    about = forms.ChoiceField(
        label=_("If you complain: what about?"),
        required=False,
        help_text=_("It comes to the right people at once."),
    )
    subject = TextField(label=_("What is the matter? In a few words"), max_length=120)
    danger = forms.MultipleChoiceField(
        label=_("Is there any danger?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    description = ParagraphsField(
        label=_("More about it"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )
    photos = PhotosField(
        label=_("Photographs"), help_text=_("of the appliance, its label, the fault; up to six")
    )
    serial = CodeField(
        label=_("Serial number, if you find it on the label"), max_length=60, required=False, upper=True
    )
    model = CodeField(label=_("Model, if you know it"), max_length=40, required=False, upper=True)
    contact = NameField(label=_("Your name"))
    phone = PhoneField(label=_("Your telephone number"))
    email = forms.EmailField(label=_("E-mail (if you like)"), required=False, max_length=254)
    address = TextField(label=_("Where is the appliance?"), max_length=200, required=False)
    agree = forms.BooleanField(label=_("I agree that these data are used to handle my request."))
    website = forms.CharField(
        required=False, max_length=200, widget=forms.HiddenInput
    )  # people leave it empty

    def __init__(self, access: Access, today: date, *args: Any, who: Visitor | None = None, **options: Any):
        super().__init__(*args, **options)
        self.who = who
        if who is not None:
            self._fill_in(who)
        self.fields["category"].queryset = Category.objects.filter(
            company_id=access.company_id, retired_at__isnull=True
        )
        self.fields["category"].widget.choices = [("", "—"), *queries.class_choices(access.company_id)]
        self.fields["about"].choices = [("", "—"), *matters(access, today)]
        self.fields["danger"].choices = [row for row in flags(access, today) if row[0] in DANGERS]
        for name, hint in (
            ("contact", "name"),
            ("phone", "tel"),
            ("email", "email"),
            ("address", "street-address"),
        ):
            self.fields[name].widget.attrs["autocomplete"] = hint

    def _fill_in(self, who: Visitor) -> None:
        """Whoever came in by a code need not type what we know: it is shown masked, and taken where nothing else is written."""
        known = gettext("Left empty: %(known)s, as we know it.")
        self.fields["phone"].disabled, self.fields["phone"].initial = True, who.phone
        if who.customer is None:
            return
        self.fields["contact"].required = False
        self.fields["contact"].help_text = known % {"known": masked("name", who.customer.name)}
        if who.address:
            self.fields["address"].help_text = known % {"known": masked("address", who.address)}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.who is not None and self.who.customer is not None:
            data["contact"] = data.get("contact") or self.who.customer.name
            data["address"] = data.get("address") or self.who.address
        return data

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(gettext("Leave this field empty."))
        return ""


class FindForm(forms.Form):
    """The number of a request and the telephone number it was made with."""

    number = CodeField(label=_("Number of your request"), max_length=24, upper=True)
    phone = PhoneField(label=_("The telephone number you gave"))


class PhoneForm(forms.Form):
    """The mobile number a code is sent to."""

    phone = PhoneField(
        label=_("Your mobile number"),
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel"}),
    )


class CodeForm(forms.Form):
    """The six digits that came."""

    code = CodeField(
        label=_("The six digits"),
        max_length=12,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class WriteForm(forms.Form):
    """A word more about a request."""

    body = ParagraphsField(
        label=_("Write to us"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )
    photos = PhotosField(label=_("Photographs"))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("body") and not data.get("photos"):
            raise forms.ValidationError({"body": gettext("There is nothing written yet.")})
        return data


class SaidForm(forms.Form):
    """What the customer says to the solution, or why it is not needed any more."""

    words = TextField(label=_("Content"), max_length=200, required=False)


class RegisterForm(forms.Form):
    """An appliance by the code on its label."""

    serial = CodeField(
        label=_("Serial number"), max_length=60, upper=True, help_text=_("as it stands on the label")
    )
    model = CodeField(
        label=_("Model"), max_length=40, required=False, upper=True, help_text=_("only if we do not know the number")
    )  # fmt: skip
    purchased_on = DayField(label=_("Bought on"), help_text=_("as on the invoice; the warranty rests on it"))
    source = forms.ChoiceField(label=_("Where it was bought"), choices=[("", "—"), *Unit.Source.choices])
    seller = NameField(label=_("Shop or platform"), max_length=80, required=False)
    proof = PictureField(
        label=_("Photograph of the invoice or order"),
        required=False,
        help_text=_("without it we may have to ask you"),
    )
    name = NameField(label=_("Your name"))
    phone = PhoneField(label=_("Your telephone number"))
    address = TextField(label=_("Where is the appliance?"), max_length=200, required=False)
    agree = forms.BooleanField(label=_("I agree that these data are used for this."))
    marketing = forms.BooleanField(
        label=_("You may also send me offers. (Not needed; I can take it back at any time.)"), required=False
    )
    website = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, who: Visitor | None = None, **options: Any):
        super().__init__(*args, **options)
        for name, hint in (("name", "name"), ("phone", "tel"), ("address", "street-address")):
            self.fields[name].widget.attrs["autocomplete"] = hint
        if who is not None:
            self.fields["phone"].disabled, self.fields["phone"].initial = True, who.phone

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(gettext("Leave this field empty."))
        return ""
