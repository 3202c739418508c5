"""Forms that change something: what they showed travels with them, so that nobody overwrites another's change unseen.

The hidden field `seen` holds a short hash of every value as the form showed it. If a value has changed since, the form comes back (409)
with the other's value beside each such field and the reader's own input still in it; sent again, it is meant.
"""

import hashlib
import json
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

FIELD = "seen"


class Seen(forms.BaseForm):
    """Mixed into a form whose `initial` (or instance) is the thing as it is now. Only forms that had something to show compare."""

    changed_meanwhile: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields[FIELD] = forms.CharField(widget=forms.HiddenInput, required=False, max_length=4000)
        self._now = self._shown()
        self.initial = {**self.initial, FIELD: json.dumps(self._now, separators=(",", ":"))}

    def _shown(self) -> dict[str, str]:
        """A hash of each value as the form shows it now; empty for a form that begins something new."""
        if not any(value not in (None, "") for value in self.initial.values()):
            return {}
        return {
            name: hashlib.sha256(
                repr(_plain(self.get_initial_for_field(field, name), field)).encode()
            ).hexdigest()[:10]
            for name, field in self.fields.items()
            if name != FIELD
        }

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or self.cleaned_data
        seen = _read(fields.pop(FIELD, ""))
        self.changed_meanwhile = tuple(
            name
            for name, now in self._now.items()
            if name in seen
            and seen[name] != now
            and name in self.fields  # a form may have dropped some since
        )
        for name in self.changed_meanwhile:
            field = self.fields[name]
            value = _plain(self.get_initial_for_field(field, name), field)
            self.add_error(
                name,
                _(
                    "Somebody has changed this to “%(value)s” while you were editing. Save again if yours shall stand."
                )
                % {"value": ", ".join(value) if isinstance(value, list) else value},
            )
        if self.changed_meanwhile:
            shown_again = self.data.copy()
            shown_again[self.add_prefix(FIELD)] = self.initial[FIELD]
            self.data = shown_again
        return fields

    @property
    def status(self) -> int:
        """The page's status: 409 where somebody else was faster, 422 where something is wrong, else 200."""
        return 409 if self.changed_meanwhile else 422 if self.errors else 200


def held(rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """The rows, locked where they are about to be changed: between looking at what was seen and saving nobody slips in."""
    return rows.select_for_update(of=("self",), no_key=True) if request.method == "POST" else rows


def _plain(value: Any, field: forms.Field) -> Any:
    """A value as a reader would see it."""
    if isinstance(field, forms.ModelMultipleChoiceField):
        return sorted(str(each) for each in value or ())
    if isinstance(field, forms.ModelChoiceField) and not isinstance(value, Model) and value is not None:
        value = field.queryset.filter(pk=value).first()
    shown = field.prepare_value(value) if not isinstance(value, Model) else value
    return "" if shown is None else str(shown)


def _read(text: str) -> dict[str, str]:
    try:
        seen = json.loads(text or "{}")
    except ValueError:
        return {}
    return seen if isinstance(seen, dict) else {}
