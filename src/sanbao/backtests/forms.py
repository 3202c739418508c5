"""What a person chooses for a back-test."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.backtests import kinds, queries
from sanbao.backtests.operations import Candidate
from sanbao.ui.formats import language
from sanbao.ui.readers.fields import DayField, MonthField

OWN = "own"


class BackTestForm(forms.Form):
    """By what, which months, which kinds, and whether what is new counts as if it had always held."""

    against = forms.ChoiceField(label=_("Decide again by"))
    first_month = MonthField(label=_("From month"), help_text=_("Like 2026-01."))
    last_month = MonthField(label=_("To month"))
    kinds = forms.MultipleChoiceField(
        label=_("What is decided again"), choices=kinds.choices, widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("Nothing ticked means everything."),
    )  # fmt: skip
    how = forms.ChoiceField(
        label=_("What is new counts"), required=False,
        choices=[
            ("as-if", _("as if it had always held: what would the period have come to?")),
            ("dated", _("from the days the edition gives: has it any effect on the period?")),
        ],
    )  # fmt: skip
    on = DayField(
        label=_("The rules of this day"), required=False,
        help_text=_("Left empty: of the last day that brings something new."),
    )  # fmt: skip

    def __init__(self, access: Access, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.access = access
        self.drafts = {f"draft-{draft.pk}": draft for draft in queries.drafts_to_try(access)}
        self.editions = {f"edition-{edition.pk}": edition for edition in queries.editions_to_try(access)}
        groups: dict[str, list[tuple[str, str]]] = {}
        for code, edition in self.editions.items():
            groups.setdefault(queries.book_title(edition.book, language()), []).append(
                (code, edition.edition)
            )
        self.fields["against"].choices = [  # type: ignore[attr-defined]
            *(
                [(_("Drafts"), [(code, str(draft)) for code, draft in self.drafts.items()])]
                if self.drafts
                else []
            ),
            *groups.items(),
            (_("Replay"), [(OWN, _("each by its own editions: is everything as it was decided?"))]),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("first_month", "last_month"):
            if name not in self.errors and not data.get(name):
                self.add_error(name, _("Write a month like 2026-01."))
        return data

    def candidate(self) -> Candidate | None:
        """The book chosen; None for a replay."""
        chosen = self.cleaned_data["against"]
        if draft := self.drafts.get(chosen):
            return Candidate.of_draft(draft)
        if edition := self.editions.get(chosen):
            return Candidate.of_edition(edition, self.access.company_id)
        return None

    def period(self) -> dict[str, Any]:
        """What `operations.begin` takes besides the candidate."""
        data = self.cleaned_data
        return {
            "first": data["first_month"], "last": data["last_month"], "kinds": data["kinds"],
            "as_if": data["how"] != "dated", "on": data["on"],
        }  # fmt: skip
