"""Signing in, and keys for the API."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SignInForm(forms.Form):
    """Name and password. The error never says which of the two was wrong."""

    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"), max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip


class TokenForm(forms.Form):
    """A key's name and how long it serves."""

    name = forms.CharField(label=_("What the key is for"), max_length=60)
    days = forms.IntegerField(label=_("Days it is valid"), min_value=1, max_value=366, initial=90)
