"""What people type about customers."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.customers.models import Consent, Customer
from sanbao.customers.permissions import May
from sanbao.outlets.models import Outlet
from sanbao.ui.readers.fields import (
    CodeField,
    CoordinatesField,
    NameField,
    ParagraphsField,
    PhoneField,
    TextField,
)
from sanbao.ui.seen import Seen

MOST_TAGS, LONGEST_TAG = 10, 20


class TagsField(TextField):
    """Words divided by commas, semicolons or blanks of either width."""

    def __init__(self, **options: Any):
        super().__init__(max_length=300, **options)

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        typed = super().to_python(value)
        for mark in "，、；;":
            typed = typed.replace(mark, ",")
        tags = list(dict.fromkeys(" ".join(tag.split()) for tag in typed.split(",") if tag.strip()))
        if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
            raise forms.ValidationError(
                gettext("At most %(count)d tags of %(length)d characters each.")
                % {"count": MOST_TAGS, "length": LONGEST_TAG}
            )
        return tags

    def prepare_value(self, value: Any) -> Any:
        return "，".join(value) if isinstance(value, list) else value


class CustomerForm(Seen, forms.Form):
    """What is known about a customer, without contacts and addresses."""

    name = NameField(label=_("Customer's name"), max_length=80)
    kind = forms.ChoiceField(label=_("Person or company"), choices=Customer.Kind.choices, widget=forms.RadioSelect, initial="person")  # fmt: skip
    initials = CodeField(label=_("Pinyin initials"), max_length=40, required=False, help_text=_("Left empty: made from the name. Correct them where a surname is read differently."))  # fmt: skip
    vip = forms.BooleanField(label=_("VIP: its requests are raised in priority"), required=False)
    tags = TagsField(label=_("Tags"), required=False)
    reach_by = forms.ChoiceField(label=_("Prefers to be reached by"), choices=[("", "—"), *Customer.Reach.choices], required=False)  # fmt: skip
    language = forms.ChoiceField(label=_("Language"), choices=[("", "—"), ("zh-hans", "中文"), ("en", "English")], required=False)  # fmt: skip
    do_not_call = forms.BooleanField(label=_("Does not want to be called"), required=False)
    no_marketing = forms.BooleanField(label=_("No advertising"), required=False)
    plan = ParagraphsField(label=_("Individual service plan"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text=_("What is agreed with this customer alone; it stands before whoever takes the call."))  # fmt: skip
    note = ParagraphsField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))  # fmt: skip

    def clean_initials(self) -> str:
        return str(self.cleaned_data["initials"]).lower()


class NewCustomerForm(CustomerForm):
    """A customer with the first contact and address."""

    phone = PhoneField(label=_("Telephone"), required=False)
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)
    address = TextField(label=_("Address"), max_length=200, required=False)
    outlet = forms.ModelChoiceField(Outlet.objects.none(), label=_("Served by"), required=False, empty_label="—")  # fmt: skip
    field_order = ("name", "kind", "phone", "email", "address", "outlet", "vip", "tags", "reach_by", "language", "do_not_call", "no_marketing", "plan", "note")  # fmt: skip

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        del self.fields["initials"]
        self.fields["outlet"].queryset = Outlet.objects.visible_to(access, May.KEEP).order_by("code")

    def clean_initials(self) -> str:
        return ""


class ContactForm(forms.Form):
    """One more way to reach a customer."""

    name = NameField(label=_("Name"), required=False)
    role = TextField(label=_("Who that is"), max_length=40, required=False)
    phone = PhoneField(label=_("Telephone"), required=False)
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)
    preferred = forms.BooleanField(label=_("The first to call"), required=False)


class AddressForm(forms.Form):
    """One more address."""

    text = TextField(label=_("Address"), max_length=200)
    label = TextField(label=_("What it is"), max_length=40, required=False)
    coordinates = CoordinatesField(label=_("Coordinates"), required=False, help_text=_("Latitude,longitude as a map copies them, or a map's link. Only for finding the door and reckoning the way."))  # fmt: skip
    preferred = forms.BooleanField(label=_("The usual one"), required=False)


class CoordinatesForm(forms.Form):
    """Where an address lies; empty: forget it."""

    coordinates = CoordinatesField(label=_("Coordinates"), required=False)


class ConsentForm(forms.Form):
    """What the customer agrees to, and how."""

    purpose = forms.ChoiceField(label=_("What for"), choices=Consent.Purpose.choices)
    how = TextField(label=_("How the customer agreed"), max_length=200)
