"""Forms for models and parts."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sanbao.products.models import Model


class ModelForm(forms.Form):
    code = forms.CharField(label=_("Model"), max_length=40)
    name = forms.CharField(label=_("Product name"), max_length=80, required=False)
    category = forms.ChoiceField(label=_("Category"), help_text=_("Decides labour and warranty."))

    def __init__(self, *args: Any, categories: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = categories


class PartForm(forms.Form):
    code = forms.CharField(label=_("Part number"), max_length=40)
    name = forms.CharField(label=_("Part name"), max_length=80)
    component = forms.CharField(
        label=_("Component"),
        max_length=40,
        required=False,
        help_text=_("The part's name on record sheets, such as 电机."),
    )
    supply_price = forms.DecimalField(
        label=_("Supply price (yuan)"), min_value=Decimal(0), max_digits=9, decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
    )  # fmt: skip
    fits = forms.ModelMultipleChoiceField(Model.objects.none(), label=_("Fits the models"), required=False)

    def __init__(self, *args: Any, company_id: int | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["fits"].queryset = Model.objects.filter(company_id=company_id).order_by("code")
