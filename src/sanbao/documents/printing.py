"""A regulation on paper: number, version, page x of y, three signatures, and whether the copy is under control (RW-8, SX-1)."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.http import content_disposition_header

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.documents.models import Clause, Version
from sanbao.documents.states import State
from sanbao.ui.printing import ControlledForm, Signature, day, moment, words
from sanbao.ui.printing import pdf as printed

TEMPLATE = "regulation"


def pdf(version: Version, language: str, *, controlled: bool, at: datetime, by: Access) -> bytes:
    """The version as PDF. `controlled` marks a copy that is withdrawn when the version ends; else the paper says it is not."""
    return printed(TEMPLATE, filled(version, language, controlled=controlled, at=at, by=by), language)


def filled(version: Version, language: str, *, controlled: bool, at: datetime, by: Access) -> dict[str, Any]:
    """Everything the form shows."""
    said = words(TEMPLATE, language)
    company = Company.objects.get(pk=version.company_id)
    form = ControlledForm(
        version.document.number, version.label, version.issued_on,
        prepared=_signature(version, "draft"), reviewed=_signature(version, "reviewed"), approved=_signature(version, "approved"),
    )  # fmt: skip
    in_english = language == "en"
    repealed = [
        f"{one.document.number} {one.document.title}" for one in version.repeals.select_related("document")
    ]
    return {
        "company": company.name,
        "hotline": company.hotline,
        "title": version.english if in_english and version.english else version.title,
        "form": form.as_words(),
        "mark": said[_mark(version, controlled)],
        "state": said["states"][version.state],
        "facts": [
            [said["department"], version.department],
            [said["effective_on"], day(version.effective_on)],
            [said["review_on"], day(version.review_on)],
            [said["changed_by"], version.changed_by],
            [said["interpreted_by"], version.interpreted_by],
            *([[said["repeals"], "、".join(repealed)]] if repealed else []),
        ],
        "clauses": [_clause(clause, in_english) for clause in version.clauses.all()],
        "printed_at": moment(at),
        "printed_by": f"{by.name} {by.request}".strip(),
    }


def _mark(version: Version, controlled: bool) -> str:
    if version.state in (State.DRAFT, State.REVIEWED):
        return "draft_mark"
    if version.state in (State.SUPERSEDED, State.REPEALED):
        return "void_mark"
    return "controlled_mark" if controlled else "uncontrolled_mark"


def _signature(version: Version, step: str) -> Signature:
    who, at = getattr(version, f"{step}_by"), getattr(version, f"{step}_at")
    return Signature(who.name if who and at else "", timezone.localdate(at) if who and at else None)


def _clause(clause: Clause, in_english: bool) -> dict[str, Any]:
    return {
        "level": clause.level,
        "number": clause.number,
        "text": clause.english if in_english and clause.english else clause.text,
        "ref": clause.ref,
        "table": clause.table or [],
    }


def disposition(name: str) -> str:
    """How the file is called where it is saved."""
    return content_disposition_header(as_attachment=True, filename=name) or "attachment"
