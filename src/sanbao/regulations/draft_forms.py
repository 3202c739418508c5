"""Forms of drafts: the head, one change of one parameter, a clause of one's own, an example, an edition as a file."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.regulations import editors
from sanbao.regulations.editors import Grid, Unreadable
from sanbao.regulations.models import Change, Draft
from sanbao.ui.readers.fields import CodeField, DayField, ParagraphsField, TextField
from sanbao.ui.seen import Seen
from sanbao_rules.amending import ADD, CORRECT, REMOVE
from sanbao_rules.decision import from_json
from sanbao_rules.document import value_text
from sanbao_rules.rulebook import Parameter, Rulebook
from sanbao_rules.units import UNITS

MOST_BYTES = 2 * 2**20
MOST_LEAVES, LONGEST_LEAF = 150, 500


class EditionNameField(forms.RegexField):
    """The name of an edition, as decisions carry it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            r"^[\w.+\-]+$", label=_("Name of the edition"), max_length=40,
            help_text=_("Such as 2026.2; decisions carry it."),
            error_messages={"invalid": _("Use letters, digits and . - _ only.")}, **options,
        )  # fmt: skip


class HeadForm(Seen, forms.Form):
    """What stands at the head of a draft."""

    title = TextField(label=_("What is changed"), max_length=120)
    why = ParagraphsField(label=_("Why"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3}))
    edition = EditionNameField()
    from_day = DayField(
        label=_("The company decides by it from"), required=False,
        help_text=_("Empty: from its publication. A day to come: it waits and takes force by itself."),
    )  # fmt: skip
    keeps_settled = forms.BooleanField(
        label=_(
            "A correction leaves months already settled as they are; I know that nothing of them is paid again."
        ),
        required=False,
    )


class BeginForm(HeadForm):
    """A new draft: the book, too."""

    book = forms.ChoiceField(label=_("Rulebook"))
    field_order = ("book", "title", "why", "edition", "from_day")

    def __init__(self, *args: Any, books: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["book"].choices = books
        del self.fields["keeps_settled"]


class BringForm(forms.Form):
    """An edition as a TOML file."""

    file = forms.FileField(label=_("TOML file"))
    title = TextField(label=_("What is changed"), max_length=120)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB."))
        return file


class ClauseForm(forms.Form):
    """A clause of the company's own."""

    number = CodeField(
        label=_("Number"), max_length=40, help_text=_("Such as 2026-3; it is cited as “own 2026-3”.")
    )
    zh = ParagraphsField(
        label=_("Text in Chinese"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )
    en = ParagraphsField(
        label=_("Text in English"), max_length=1000, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=_("One language is enough; the other then shows the same."),
    )  # fmt: skip


class ChangeForm(forms.Form):
    """One change of one parameter: what is done, from when, the value in its own editor, the clause, the reason."""

    what = forms.ChoiceField(label=_("What is done"))
    since = DayField(
        label=_("From which day"),
        required=False,
        help_text=_("The first day of the new value; not needed for a correction."),
    )
    clause = forms.ChoiceField(label=_("Rests on"))
    reason = TextField(label=_("Reason"), max_length=300, required=False)

    def __init__(
        self, *args: Any, parameter: Parameter, book: Rulebook, language: str, clauses: list[tuple[str, str]],
        draft: Draft, change: Change | None = None, what: str = "", **kwargs: Any,
    ) -> None:  # fmt: skip
        self.parameter, self.book, self.language = parameter, book, language
        self.kind = editors.kind_of(parameter)
        self.words = editors.Words(book, language, parameter)
        self.grid: Grid | None = None
        self.value: Any = None
        self.shown = self._start(change, what)
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = self._whats()
        self.fields["clause"].choices = clauses
        dated = self._dated(what)
        self.initial = {
            "what": what or (self._what(change) if change else ADD),
            "since": change.since if change else None,
            "clause": (change.clause if change else "") or (dated.clause if dated else clauses[0][0] if clauses else ""),
            "reason": change.reason if change else "",
            **self.initial,
        }  # fmt: skip
        if self.kind == "grid":
            self.grid = editors.grid(parameter, self.shown, book, language)
        else:
            self.fields["value"] = self._field()
            self.initial.setdefault(
                "value",
                self.shown if self.kind == "reading" else editors.typed(self.shown, self.kind, self.words),
            )
        self.order_fields(("what", "since", "value", "clause", "reason"))

    def _dated(self, what: str) -> Any:
        since = what.partition(":")[2]
        return next((value for value in self.parameter.values if value.since.isoformat() == since), self.parameter.values[-1])  # fmt: skip

    def _start(self, change: Change | None, what: str) -> Any:
        if change is not None and change.value is not None:
            return from_json(change.value)
        return self._dated(what).value

    def _what(self, change: Change) -> str:
        there = any(value.since == change.since for value in self.parameter.values)
        how = REMOVE if change.kind == Change.Kind.REMOVE else CORRECT if there else ADD
        return how if how == ADD else f"{how}:{change.since.isoformat()}"

    def _whats(self) -> list[tuple[str, str]]:
        told = [(ADD, gettext("A new value from a day"))]
        for value in reversed(self.parameter.values):
            said = {"since": f"{value.since}", "value": value_text(value, self.book, self.language)[:40]}
            told.append(
                (f"{CORRECT}:{value.since}", gettext("Correct the value from %(since)s (%(value)s)") % said)
            )
        for value in reversed(self.parameter.values[1:]):
            told.append(
                (
                    f"{REMOVE}:{value.since}",
                    gettext("Take out the value from %(since)s") % {"since": value.since},
                )
            )
        return told

    def _field(self) -> forms.Field:
        unit = UNITS[self.parameter.unit]
        name = unit.zh if self.language == "zh" else unit.en
        label = gettext("Value") + (
            f" ({'%' if self.kind == 'rate' else name})" if name or self.kind == "rate" else ""
        )
        if self.kind == "reading":
            choices = [(code, text[self.language]) for code, text in (self.parameter.choices or {}).items()]
            return forms.ChoiceField(
                label=gettext("Reading"), choices=choices, widget=forms.RadioSelect, required=False
            )
        if self.kind == "list":
            hint = gettext("One entry a line.")
            return forms.CharField(
                label=label,
                widget=forms.Textarea({"rows": 8}),
                help_text=hint,
                required=False,
                max_length=8000,
            )
        if self.kind == "flag":
            choices = [("yes", gettext("yes")), ("no", gettext("no"))]
            return forms.ChoiceField(label=label, choices=choices, required=False)
        mode = {"rate": "decimal", "number": "decimal", "whole": "numeric"}.get(self.kind, "text")
        widget = forms.TextInput({"inputmode": mode})
        if self.kind == "day":
            return DayField(label=label, required=False)
        return forms.CharField(label=label, widget=widget, required=False, max_length=400)

    @property
    def how(self) -> str:
        return str(self.cleaned_data["what"].partition(":")[0])

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or self.cleaned_data
        how, _colon, day = str(fields.get("what", "")).partition(":")
        if day:
            fields["since"] = date.fromisoformat(day)
        elif how == ADD and not fields.get("since") and "since" not in self.errors:
            self.add_error("since", gettext("Say from which day the new value counts."))
        if how == REMOVE:
            return fields
        if self.kind == "grid":
            self.grid, self.value = editors.read_grid(
                self.parameter, self.shown, self.data, self.book, self.language
            )
            if self.value is None:
                self.add_error(None, gettext("Some cells of the table are not right; each says why."))
        elif "value" in fields:
            self._clean_value(fields["value"])
        return fields

    def _clean_value(self, typed: Any) -> None:
        if self.kind == "day":
            self.value = typed
            return
        if self.kind == "reading":
            self.value = typed
            if not typed:
                self.add_error("value", gettext("Choose one of the readings."))
            return
        try:
            self.value = editors.read(str(typed), self.kind, self.parameter, self.words)
        except Unreadable as error:
            self.add_error("value", str(error))

    def kind_of_change(self) -> str:
        """What kind of change it is, for the list of changes."""
        if self.how in (CORRECT, REMOVE):
            return self.how
        return {"reading": Change.Kind.READING, "grid": Change.Kind.TABLE}.get(self.kind, Change.Kind.ADD)


class ExampleForm(forms.Form):
    """An example of one's own: its name, each fact, and what is expected."""

    name = TextField(label=_("What the example is called"), max_length=120)

    def __init__(
        self, *args: Any, facts: Mapping[str, Any], answer: Any, labels: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.facts, self.answer = facts, answer
        self.leaves = self._fields_of("f", facts)
        self.expected = self._fields_of("a", answer)
        for name, (path, value) in {**self.leaves, **self.expected}.items():
            label = (
                " · ".join(labels.get(part, part.replace("_", " ")) for part in path.split(editors.APART))
                if path
                else gettext("Answer")
            )
            self.fields[name] = forms.CharField(
                label=label, required=False, max_length=2000, initial=editors.as_typed(value)
            )

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or self.cleaned_data
        self.read_facts = editors.with_leaves(self.facts, self._read(self.leaves, fields))
        self.read_answer = editors.with_leaves(self.answer, self._read(self.expected, fields))
        return fields

    def _fields_of(self, letter: str, value: Any) -> dict[str, tuple[str, Any]]:
        """A field for each single value; what is too long to be typed (a month's sheets) goes along as it is."""
        leaves = list(editors.leaves_of(value).items())[:MOST_LEAVES]
        return {
            f"{letter}{number}": (path, leaf)
            for number, (path, leaf) in enumerate(leaves)
            if len(editors.as_typed(leaf)) <= LONGEST_LEAF
        }

    def _read(self, leaves: Mapping[str, tuple[str, Any]], fields: Mapping[str, Any]) -> dict[str, Any]:
        found = {}
        for name, (path, like) in leaves.items():
            typed = str(fields.get(name, ""))
            try:
                # What was not touched keeps its value to the letter, whatever its kind.
                found[path] = like if typed == editors.as_typed(like) else editors.read_as(typed, like)
            except Unreadable as error:
                self.add_error(name, str(error))
        return found

    def facts_fields(self) -> list[Any]:
        return [self[name] for name in self.leaves]

    def answer_fields(self) -> list[Any]:
        return [self[name] for name in self.expected]
