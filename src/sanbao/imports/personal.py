"""The customers' data in files that were brought: they go whole, for a file is kept by its hash and can't lose a line.

Whose data a file holds is kept as keyed digests of telephones and names, so that an erasure need not open every file there is.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sanbao.accounts.access import Access
from sanbao.audit.personal import Hold, Subject
from sanbao.files import operations as files
from sanbao.imports.kinds import Kind, Row
from sanbao.imports.models import Import

KINDS = {"imported": gettext_noop("imported files")}


def digests(words: Iterable[str]) -> list[str]:
    """What stands in the row for telephones and names."""
    return sorted({salted_hmac("imports.people", word).hexdigest()[:16] for word in words if word})


def people_in(kind: Kind, rows: Iterable[Row]) -> list[str]:
    """The digests of everybody in a file."""
    names = [each.name for each in kind.fields if each.personal in ("phone", "name")]
    found: set[str] = set()
    for row in rows:
        for name in names:
            value = row.values.get(name)
            found.update(value if isinstance(value, tuple) else (value or "",))
    return digests(found)


def imports_of(subject: Subject) -> QuerySet[Import]:
    """The files that hold the subject's telephone, or the name where no telephone is given."""
    known = digests([subject.phone or subject.name])
    return Import.objects.filter(company_id=subject.company_id, people__overlap=known).order_by("id")


class Source:
    """What this module answers about a customer (sanbao.audit.personal.Source)."""

    def names(self, subject: Subject) -> set[str]:
        return set()

    def copy(self, subject: Subject) -> dict[str, list[dict[str, Any]]]:
        rows = imports_of(subject).select_related("file")
        return {
            "imported": [
                {"name": row.file.name, "made_at": row.made_at.isoformat(), "sha256": row.file.sha256}
                for row in rows
            ]
        }

    def holds(self, subject: Subject, on: date) -> list[Hold]:
        """None: what was taken over are rows that speak for themselves."""
        return []

    def open_matters(self, subject: Subject) -> list[str]:
        waiting = imports_of(subject).filter(state=Import.State.WAITING).select_related("file")
        return [_("The file %(file)s is being taken over.") % {"file": row.file.name} for row in waiting]

    def erase(self, subject: Subject, *, by: Access, at: datetime, reason: str) -> dict[str, int]:
        """The contents go, and what the reports quote; the counts and the hash stay. A file that was only read is put aside."""
        rows = list(imports_of(subject).select_for_update(of=("self",)).select_related("file"))
        erased = 0
        for row in rows:
            erased += files.erase(row.file, by=by, at=at, reason=reason)
            row.report, row.people = [], []
            if row.state == Import.State.READ:
                row.state = Import.State.DROPPED
            row.save(update_fields=["report", "people", "state"])
        return {"imported": erased}
