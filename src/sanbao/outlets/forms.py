"""Forms for outlets, people and their posts."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.accounts.roles import LEVELS, ROLES
from sanbao.outlets.models import Certificate, Outlet, Posting, Region
from sanbao.ui import formats
from sanbao.ui.readers.fields import (
    CodeField,
    CoordinatesField,
    DayField,
    NameField,
    PhoneField,
    TextField,
)
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import Seen

CONTACT = {"contact": "name", "phone": "phone", "address": "address", "coordinates": "coordinates"}


def dress_refusal(form: forms.Form, refusal: Refusal) -> None:
    """Put an operation's refusal beside the field it names."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)


class PostForm(forms.Form):
    """A post and the place it is held in; the post's level says which place it needs."""

    role = forms.ChoiceField(label=_("Post"))
    region = forms.ModelChoiceField(
        Region.objects.none(),
        label=_("Region"),
        required=False,
        help_text=_("Only for posts held in a region."),
    )
    outlet = CodeField(
        label=_("Outlet code"),
        required=False,
        max_length=20,
        upper=True,
        help_text=_("Only for posts held in an outlet."),
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.access = access
        self.fields["role"].choices = [(r.code, f"{r.title} ({LEVELS[r.level]})") for r in ROLES.values()]
        self.fields["region"].queryset = Region.objects.filter(company_id=access.company_id).order_by("name")

    def clean_outlet(self) -> Outlet | None:
        code = self.cleaned_data["outlet"]
        if not code:
            return None
        outlet = Outlet.objects.filter(company_id=self.access.company_id, code=code).first()
        if outlet is None:
            raise forms.ValidationError(
                gettext("There is no outlet with the code %(code)s.") % {"code": code}
            )
        return outlet


class PersonForm(PostForm):
    """A new person with a first post."""

    name = NameField(label=_("Name"), max_length=60)
    username = forms.RegexField(
        r"^[\w.@+-]+$", label=_("Sign-in name"), max_length=60,
        error_messages={"invalid": _("Use letters, digits and . @ + - _ only.")},
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        help_text=_("The invitation is sent there, where mail is set up; else you are shown its link."),
    )
    field_order = ("name", "username", "email", "role", "region", "outlet")


def _keeping(clean: Callable[[Any], Any], shown: str, kept: str) -> Callable[[Any], Any]:
    """A field's reader that takes the mask it showed for the value behind it."""
    return lambda typed: kept if shown and typed == shown else clean(typed)


class OutletForm(Seen, forms.ModelForm):
    """An outlet's code, name, place and contract."""

    code = CodeField(label=_("Outlet code"), max_length=20, upper=True)
    name = NameField(label=_("Name"), max_length=80)
    contact = NameField(label=_("Contact"), max_length=40, required=False)
    phone = PhoneField(label=_("Telephone"), required=False)
    address = TextField(label=_("Address"), max_length=200, required=False)
    coordinates = CoordinatesField(label=_("Coordinates"), required=False, help_text=_("Latitude,longitude as a map copies them, or a map's link: dispatching reckons distances from there."))  # fmt: skip
    contract_from = DayField(label=_("Contract from"), required=False)
    contract_until = DayField(label=_("Contract until"), required=False)

    class Meta:
        model = Outlet
        fields = (
            "region",
            "code",
            "name",
            "contact",
            "phone",
            "address",
            "coordinates",
            "contract_from",
            "contract_until",
        )

    def __init__(self, *args: Any, access: Access, **kwargs: Any):
        if (outlet := kwargs.get("instance")) is not None:
            # In full only on the outlet's page, for a reason (GN-8); what comes back as it was shown stays as it is.
            masked = {name: formats.masked(kind, getattr(outlet, name)) for name, kind in CONTACT.items()}
            kwargs["initial"] = masked | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.filter(company_id=access.company_id).order_by("name")
        if self.instance.pk:
            for name, shown in masked.items():
                field = self.fields[name]
                field.clean = _keeping(field.clean, shown, getattr(self.instance, name))
            self.fields["code"].disabled = True
            self.fields["code"].help_text = gettext(
                "The code stands on record sheets and statements and stays as it is."
            )

    def clean(self) -> dict[str, Any]:
        fields = super().clean()
        since, until = fields.get("contract_from"), fields.get("contract_until")
        if since and until and until < since:
            self.add_error("contract_until", gettext("The contract ends before it begins."))
        if until and not since:
            self.add_error("contract_from", gettext("Say when the contract begins, too."))
        return fields


class RegionForm(forms.Form):
    """A region's name."""

    name = NameField(label=_("Region"), max_length=40)


class CertificateForm(forms.Form):
    """A certificate as it stands on paper, with its scan or photograph."""

    person = forms.ModelChoiceField(Person.objects.none(), label=_("Person"))
    kind = forms.ChoiceField(label=_("For"), choices=Certificate.Kind.choices)
    name = TextField(
        label=_("Name on it"),
        max_length=80,
        required=False,
        help_text=_("As it is called, where that says more than its kind."),
    )
    number = CodeField(
        label=_("Number"),
        max_length=40,
        upper=True,
        help_text=_("The same number again renews the certificate."),
    )
    issuer = TextField(label=_("Issued by"), max_length=80, required=False)
    issued_on = DayField(label=_("Issued on"))
    valid_until = DayField(
        label=_("Valid until"), required=False, help_text=_("The last day. Empty: it holds for good.")
    )
    file = forms.FileField(label=_("Scan or photograph"), required=False)

    def __init__(self, *args: Any, access: Access, **kwargs: Any):
        super().__init__(*args, **kwargs)
        posted = Posting.objects.filter(company_id=access.company_id, ended_on__isnull=True)
        self.fields["person"].queryset = Person.objects.filter(
            is_active=True, pk__in=posted.values("person_id")
        ).order_by("name", "id")
        self.fields["person"].label_from_instance = lambda person: person.name

    def clean(self) -> dict[str, Any]:
        fields = super().clean()
        since, until = fields.get("issued_on"), fields.get("valid_until")
        if since and until and until < since:
            self.add_error("valid_until", gettext("It ends before it was issued."))
        return fields
