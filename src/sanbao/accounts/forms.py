"""Signing in, and keys for the API."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.tokens import WORDS, Scope


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
    """A key's name, what it may do, and how long it serves."""

    name = forms.CharField(label=_("What the key is for"), max_length=60)
    days = forms.IntegerField(label=_("Days it is valid"), min_value=1, max_value=366, initial=90)
    scopes = forms.MultipleChoiceField(
        label=_("What the key may do"), choices=list(WORDS.items()), initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than you may yourself. Moving money is for programs you trust with money."),
    )  # fmt: skip


class NewPasswordForm(forms.Form):
    """A new password, twice. What it must be is judged by passwords.py; pasting and password managers are welcome (ASVS 6.2.7)."""

    password = forms.CharField(
        label=_("New password"), max_length=400, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        label=_("New password again"), max_length=400, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if "password" in self.cleaned_data and again != self.cleaned_data["password"]:
            raise forms.ValidationError(_("The two are not the same."))
        return again


class ChangePasswordForm(NewPasswordForm):
    """The present password and a new one."""

    old = forms.CharField(
        label=_("Present password"), max_length=400, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    field_order = ("old", "password", "again")


def _credential(**more: Any) -> forms.CharField:
    """Where the script puts the passkey's answer (frontend/js/passkey.js)."""
    return forms.CharField(widget=forms.HiddenInput, max_length=20_000, **more)


def _code(**more: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Verification code"), max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}), **more,
    )  # fmt: skip


class CodeForm(forms.Form):
    """A code of the authenticator app, a recovery code, or a passkey's answer."""

    code = _code(required=False)
    credential = _credential(required=False)

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        if not self.errors and not fields.get("code") and not fields.get("credential"):
            self.add_error("code", _("Type the code."))
        return fields


class ConfirmForm(forms.Form):
    """One's password, a code or a passkey: any one of them."""

    password = forms.CharField(
        label=_("Password"), max_length=400, strip=False, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    code = _code(required=False)
    credential = _credential(required=False)

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        if not self.errors and not any(fields.get(name) for name in ("password", "code", "credential")):
            self.add_error("password", _("Type your password."))
        return fields


class SignInWithPasskeyForm(forms.Form):
    """A passkey's answer."""

    credential = _credential(required=False)

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        if not fields.get("credential"):
            raise forms.ValidationError(_("The browser gave no passkey. Try again, or go another way."))
        return fields


class PasskeyForm(SignInWithPasskeyForm):
    """A new passkey and what its owner calls it."""

    name = forms.CharField(
        label=_("What you call it"), max_length=60, help_text=_("For example: office computer.")
    )
