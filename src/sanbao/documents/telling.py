"""Who is told what about regulations and campaigns."""

from datetime import date, datetime

from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.documents.models import Campaign, Document, Reading, Version
from sanbao.documents.permissions import May
from sanbao.notices.telling import tell
from sanbao.outlets.queries import holders


def in_force(version: Version, *, by: Access, at: datetime) -> None:
    """Everybody who may read it is told that it is in force."""
    people = holders(by.company_id, May.SEE, anywhere=True, on=timezone.localdate(at), but=by.person_id)
    tell(
        people, "documents:in-force", about=version.document, by=by, at=at, key=f"{version.pk}",
        document=version.document.title, version=version.label, day=version.effective_on,
    )  # fmt: skip


def review_due(document: Document, *, by: Access, at: datetime) -> None:
    """Whoever keeps the regulations is told when one is to be looked over (ST-9)."""
    people = holders(by.company_id, May.WRITE, on=timezone.localdate(at))
    tell(
        people, "documents:review-due", about=document, by=by, at=at, key=f"{document.pk}:{document.review_on}",
        document=document.title, day=document.review_on,
    )  # fmt: skip


def asked(reading: Reading, person: Person, *, by: Access, at: datetime) -> None:
    """Asked to read; told once."""
    _tell(reading.campaign, person, "asked", reading.due_on, by, at)


def reminded(reading: Reading, *, by: Access, at: datetime) -> None:
    """The due day comes near."""
    _tell(reading.campaign, reading.person, "reminded", reading.due_on, by, at)


def overdue(reading: Reading, *, by: Access, at: datetime) -> None:
    """The due day has gone by; what rests until then is said on the page."""
    _tell(reading.campaign, reading.person, "overdue", reading.due_on, by, at)


def _tell(campaign: Campaign, person: Person, stage: str, due: date, by: Access, at: datetime) -> None:
    tell(
        [person], f"documents:{stage}", about=campaign, by=by, at=at, key=f"{campaign.pk}:{stage}",
        campaign=campaign.title, day=due,
    )  # fmt: skip
