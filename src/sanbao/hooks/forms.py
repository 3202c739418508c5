"""What an administrator writes about a system that is called."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.hooks.kinds import KINDS
from sanbao.hooks.permissions import May
from sanbao.ui.readers.fields import CodeField, NameField, TextField
from sanbao.ui.seen import Seen


class SubscriptionForm(Seen, forms.Form):
    """A subscription. Without the permission for people's data their two fields are not there."""

    name = NameField(label=_("Which system is it?"), max_length=60)
    url = CodeField(
        label=_("Address"), max_length=500, widget=forms.URLInput({"placeholder": "https://erp.example.com/sanbao"})
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(label=_("Events"), widget=forms.CheckboxSelectMultiple)
    personal = forms.BooleanField(label=_("With people's data: names, telephones, addresses"), required=False)
    reason = TextField(
        label=_("What are people's data needed for? (kept in the event log)"), max_length=200, required=False
    )

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["kinds"].choices = [(kind.code, f"{kind.label} ({kind.code})") for kind in KINDS.values()]  # type: ignore[attr-defined]
        if not access.may(May.UNMASK) and not self.initial.get("personal"):
            del self.fields["personal"], self.fields["reason"]
