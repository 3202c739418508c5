"""What people choose when they bring a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sanbao.imports.kinds import Kind
from sanbao.imports.models import Import


class FileForm(forms.Form):
    """A file, and what to do with rows that are there already."""

    file = forms.FileField(
        label=_("File"), help_text=_("Excel (.xlsx, .xls) or CSV: any order and wording of columns, at most 20,000 rows.")
    )  # fmt: skip
    known = forms.ChoiceField(
        label=_("Rows that are there already"), choices=Import.Known.choices, widget=forms.RadioSelect
    )

    def __init__(self, kind: Kind, *args: Any, **options: Any):
        super().__init__(*args, **options)
        if len(kind.known) == 1:
            del self.fields["known"]
        else:
            self.fields["known"].choices = [(code, Import.Known(code).label) for code in kind.known]
            self.fields["known"].initial = kind.known[0]
