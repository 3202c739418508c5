"""Under which subject a rulebook stands where they are listed, so that nobody looks through all of them."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

SUBJECTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (
        _("Requests and work"),
        ("service", "workorder", "callbacks", "surveys", "complaints", "improvements", "emergency"),
    ),
    (_("Warranty, parts and returns"), ("warranty", "parts_orders", "returns", "custody", "quality")),
    (_("Charges and settlement"), ("charges", "settlement", "findings")),
    (_("People, appraisal and audits"), ("approvals", "appraisal", "personnel", "inspections")),
    (_("Property"), ("property_fees", "subsidy")),
    (_("Calendar and records"), ("calendar", "retention")),
)
OTHER = _("Others")


def by_subject(names: Iterable[str]) -> list[tuple[Any, str]]:
    """Each book with its subject, in the subjects' order; one that stands nowhere comes last."""
    left = list(names)
    placed = [(subject, name) for subject, books in SUBJECTS for name in books if name in left]
    found = {name for _subject, name in placed}
    return placed + [(OTHER, name) for name in left if name not in found]
