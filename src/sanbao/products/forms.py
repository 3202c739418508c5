"""Forms for models and parts."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.customers.models import Customer
from sanbao.customers.queries import customers
from sanbao.products.models import Model, Unit
from sanbao.ui.readers.fields import CodeField, DayField, MoneyField, NameField, ParagraphsField, TextField
from sanbao.ui.seen import Seen


class ModelForm(Seen, forms.Form):
    code = CodeField(label=_("Model"), max_length=40, upper=True)
    name = NameField(label=_("Product name"), max_length=80, required=False)
    category = forms.ChoiceField(label=_("Category"), help_text=_("Decides labour and warranty."))

    def __init__(self, *args: Any, categories: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = categories


class PartForm(Seen, forms.Form):
    code = CodeField(label=_("Part number"), max_length=40, upper=True)
    name = NameField(label=_("Part name"), max_length=80)
    component = TextField(
        label=_("Component"),
        max_length=40,
        required=False,
        help_text=_("The part's name on record sheets, such as 电机."),
    )
    supply_price = MoneyField(label=_("Supply price (yuan)"), most=Decimal("9999999.99"))
    fits = forms.ModelMultipleChoiceField(Model.objects.none(), label=_("Fits the models"), required=False)

    def __init__(self, *args: Any, company_id: int | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["fits"].queryset = Model.objects.filter(company_id=company_id).order_by("code")


class UnitForm(Seen, forms.Form):
    """What is known of a unit. Its days decide the warranty."""

    serial = CodeField(
        label=_("Serial number"), max_length=60, upper=True, help_text=_("As it stands on the label.")
    )
    model = forms.ModelChoiceField(Model.objects.none(), label=_("Model"))
    customer = CodeField(label=_("Customer number"), max_length=20, required=False, upper=True)
    purchased_on = DayField(
        label=_("Purchased on"), required=False, help_text=_("By the invoice. The warranty rests on it.")
    )
    delivered_on = DayField(label=_("Delivered on"), required=False)
    installed_on = DayField(label=_("Installed on"), required=False)
    produced_on = DayField(label=_("Produced on"), required=False)
    source = forms.ChoiceField(
        label=_("Where it was bought"), choices=[("", "—"), *Unit.Source.choices], required=False
    )
    seller = NameField(label=_("Seller"), max_length=80, required=False)
    gas = forms.ChoiceField(label=_("Gas"), choices=[("", "—"), *Unit.Gas.choices], required=False)
    proof = forms.FileField(label=_("Proof of purchase"), required=False)
    note = ParagraphsField(
        label=_("Note"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, access: Access, unit: Unit | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.access = access
        self.fields["model"].queryset = Model.objects.filter(company_id=access.company_id).order_by("code")
        if unit is not None:
            self.fields["serial"].disabled = True
            del self.fields["customer"]

    def clean_customer(self) -> Customer | None:
        return customer_by_number(self.access, self.cleaned_data["customer"])


class HandOverForm(forms.Form):
    """Whose a unit is from now on; empty: nobody's that is known."""

    customer = CodeField(label=_("Customer number"), max_length=20, required=False, upper=True)

    def __init__(self, *args: Any, access: Access, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.access = access

    def clean_customer(self) -> Customer | None:
        return customer_by_number(self.access, self.cleaned_data["customer"])


def customer_by_number(access: Access, number: str) -> Customer | None:
    """The customer whose number was typed; refused where the reader sees none with it."""
    if not number:
        return None
    found = customers(access).filter(number=number).first()
    if found is None:
        raise forms.ValidationError(
            gettext("There is no customer %(number)s among those you see.") % {"number": number}
        )
    return found


class CorrectForm(forms.Form):
    """What was mistyped in a registration."""

    serial = CodeField(label=_("Serial number"), max_length=60, upper=True)
    model = forms.ModelChoiceField(Model.objects.none(), label=_("Model"))
    purchased_on = DayField(label=_("Purchased on"))
    source = forms.ChoiceField(label=_("Where it was bought"), choices=Unit.Source.choices)
    seller = NameField(label=_("Seller"), max_length=80, required=False)

    def __init__(self, *args: Any, access: Access, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["model"].queryset = Model.objects.filter(company_id=access.company_id).order_by("code")


class AcceptForm(forms.Form):
    """Whose the appliance is, where the telephone does not say it."""

    customer = CodeField(
        label=_("Customer number"),
        max_length=20,
        required=False,
        upper=True,
        help_text=_("Empty: the one customer with this telephone, or a new one."),
    )
    take_over = forms.BooleanField(label=_("It was somebody else's and has changed hands."), required=False)

    def __init__(self, *args: Any, access: Access, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.access = access

    def clean_customer(self) -> Customer | None:
        return customer_by_number(self.access, self.cleaned_data["customer"])
