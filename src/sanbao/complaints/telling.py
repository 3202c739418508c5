"""Who is told of what happens to complaints, by their posts; and the line each step leaves in the story."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.complaints.facts import both
from sanbao.complaints.models import Compensation, Complaint, Entry
from sanbao.complaints.permissions import May
from sanbao.files.models import StoredFile
from sanbao.notices.telling import tell
from sanbao.outlets.queries import holders


def wrote(
    complaint: Complaint,
    kind: str,
    body: str,
    by: Access,
    at: datetime,
    *,
    audience: str = Entry.Audience.HANDLERS,
    clock: str = "",
    detail: str = "",
    channel: str = "",
    state: str = "",
    files: Sequence[StoredFile] = (),
) -> Entry:
    """A line of the story."""
    entry = Entry.objects.create(
        complaint=complaint, at=at, kind=kind, audience=audience, clock=clock, clock_detail=detail, by_id=by.person_id,
        owner_id=complaint.owner_id, channel=channel, body=body.strip()[:8000], state=state,
    )  # fmt: skip
    if files:
        entry.files.set(files)
    return entry


def _said(complaint: Complaint) -> dict[str, Any]:
    return {"complaint": complaint.number, "matter": both(complaint.company_id, complaint.kind)}


def registered(complaint: Complaint, *, by: Access, at: datetime) -> None:
    """A new complaint: who assigns hears of it at once, and leaders of one that is critical."""
    people = holders(complaint.company_id, May.ASSIGN, on=timezone.localdate(at), but=by.person_id)
    if complaint.owner_id is None:
        tell(
            people,
            "complaints:registered",
            about=complaint,
            by=by,
            at=at,
            key=f"{complaint.pk}",
            **_said(complaint),
        )
    if complaint.severity == "critical":
        leaders = holders(complaint.company_id, May.ANALYSE, on=timezone.localdate(at), but=by.person_id)
        tell(
            leaders,
            "complaints:critical",
            about=complaint,
            by=by,
            at=at,
            key=f"{complaint.pk}",
            **_said(complaint),
        )


def handed(complaint: Complaint, *, by: Access, at: datetime) -> None:
    """Somebody is responsible, and an outlet is asked for its account."""
    _to([complaint.owner], "complaints:handed", complaint, by, at)
    if complaint.outlet_id:
        at_outlet = holders(
            complaint.company_id, May.WORK, outlet_id=complaint.outlet_id, only_there=True, on=timezone.localdate(at), but=by.person_id
        )  # fmt: skip
        _to(at_outlet, "complaints:outlet", complaint, by, at)


def heard(complaint: Complaint, *, by: Access, at: datetime) -> None:
    """The customer has written: whoever is responsible hears of it, else the desk."""
    people = (
        [complaint.owner]
        if complaint.owner
        else holders(complaint.company_id, May.ASSIGN, on=timezone.localdate(at))
    )
    _to(people, "complaints:written", complaint, by, at)


def done(complaint: Complaint, *, by: Access, at: datetime) -> None:
    """The department tells the desk (PV-3): whoever registered it, else everybody who tells customers."""
    registrar = complaint.registered_by
    people = (
        [registrar]
        if registrar and registrar.is_active
        else holders(complaint.company_id, May.TELL, on=timezone.localdate(at))
    )
    _to([person for person in people if person.pk != by.person_id], "complaints:done", complaint, by, at)


def to_approve(made: Compensation, *, by: Access, at: datetime) -> None:
    """A compensation waits: the people on the posts that may approve it."""
    people = holders(made.complaint.company_id, May.APPROVE, on=timezone.localdate(at), but=by.person_id)
    tell(
        people, "complaints:to-approve", about=made.complaint, by=by, at=at, key=f"{made.pk}", complaint=made.complaint.number, amount=made.amount_fen
    )  # fmt: skip


def decided(made: Compensation, *, by: Access, at: datetime) -> None:
    """Whoever proposed it hears; finance hears of what is to be paid."""
    if made.proposed_by and made.proposed_by_id != by.person_id:
        kind = "complaints:approved" if made.approved_at else "complaints:refused"
        tell([made.proposed_by], kind, about=made.complaint, by=by, at=at, key=f"{made.pk}", complaint=made.complaint.number, amount=made.amount_fen)  # fmt: skip
    if made.approved_at:
        people = holders(made.complaint.company_id, May.PAY, on=timezone.localdate(at), but=by.person_id)
        tell(people, "complaints:to-pay", about=made.complaint, by=by, at=at, key=f"{made.pk}", complaint=made.complaint.number, amount=made.amount_fen)  # fmt: skip


def _to(people: Iterable[Person | None], kind: str, complaint: Complaint, by: Access, at: datetime) -> None:
    found = [person for person in people if person is not None and person.pk != by.person_id]
    when = f"{complaint.version}:{at.isoformat()}" if kind == "complaints:written" else complaint.version
    tell(found, kind, about=complaint, by=by, at=at, key=f"{complaint.pk}:{when}", **_said(complaint))
