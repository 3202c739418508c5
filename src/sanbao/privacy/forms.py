"""Whose data, and why."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sanbao.settlements.reading import values


class SubjectForm(forms.Form):
    """A customer by telephone and name as their sheets say it, and the reason for asking."""

    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    customer = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        help_text=_("Needed only where several people share the telephone, or none is known."),
    )
    reason = forms.CharField(
        label=_("Who asked, how, and on what day"),
        max_length=200,
        widget=forms.Textarea({"rows": 2}),
    )

    def clean_phone(self) -> str:
        """The number as sheets store it: digits, a dash after an area code."""
        number, _plausible = values.phone(self.cleaned_data["phone"])
        return number
