"""What customers type on the page of a work order."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from sanbao.ui.readers.fields import NameField, ParagraphsField, TextField
from sanbao.workorders.strokes import LONGEST

STARS = [(n, "★" * n) for n in (5, 4, 3, 2, 1)]


class SignForm(forms.Form):
    """A name and a signature; the page's pad writes the strokes."""

    name = NameField(label=_("Your name"), widget=forms.TextInput({"autocomplete": "name"}))
    drawn = forms.CharField(required=False, max_length=LONGEST, widget=forms.HiddenInput)


class RateForm(forms.Form):
    """How it was, from 1 to 5, and in words."""

    rating = forms.TypedChoiceField(
        label=_("How was it?"), coerce=int, empty_value=None, choices=STARS, widget=forms.RadioSelect
    )
    words = ParagraphsField(
        label=_("In your words"), max_length=500, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("Below three stars please tell us what was wrong."),
    )  # fmt: skip


class AcceptForm(SignForm, RateForm):
    """The signature for the finished work; a rating may come with it or later."""

    field_order = ("rating", "words", "name", "drawn")

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.fields["rating"].required = False


class ReasonForm(forms.Form):
    """Why not, in a few words."""

    reason = TextField(label=_("Why? In a few words"), max_length=200)


class WishForm(forms.Form):
    """One to three other times, of those that can be had."""

    first = forms.ChoiceField(label=_("The time that suits you best"))
    second = forms.ChoiceField(label=_("Another one, if you like"), required=False)
    third = forms.ChoiceField(label=_("And one more"), required=False)
    words = TextField(label=_("Anything we should know"), max_length=200, required=False)

    def __init__(self, windows: Sequence[datetime], minutes: int, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.windows = {each.isoformat(): each for each in windows}
        for name in ("first", "second", "third"):
            self.fields[name].choices = [("", "—"), *_by_day(windows, minutes)]

    def begins(self) -> list[datetime]:
        """The times chosen, the dearest first."""
        chosen = (self.cleaned_data[name] for name in ("first", "second", "third"))
        return [self.windows[each] for each in chosen if each]


def _by_day(windows: Sequence[datetime], minutes: int) -> list[tuple[str, list[tuple[str, str]]]]:
    days: dict[str, list[tuple[str, str]]] = {}
    for begin in windows:
        first = timezone.localtime(begin)
        last = first + timedelta(minutes=minutes)
        days.setdefault(date_format(first, "m-d l"), []).append((begin.isoformat(), f"{first:%m-%d %H:%M}–{last:%H:%M}"))  # fmt: skip
    return list(days.items())
