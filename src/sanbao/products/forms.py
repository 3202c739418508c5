"""Forms for models and parts."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sanbao.products.models import Model
from sanbao.ui.readers.fields import CodeField, MoneyField, NameField, TextField
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
