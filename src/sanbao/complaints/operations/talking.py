"""What is said: with the customer, among colleagues, by the outlet. What the customer hears from a person is the first answer (PV-5)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.complaints import clocks, telling
from sanbao.complaints.models import Complaint, Entry
from sanbao.complaints.operations.finding import locked
from sanbao.complaints.operations.registering import ways_of
from sanbao.complaints.permissions import May
from sanbao.files.models import StoredFile
from sanbao.intake import ways
from sanbao.notices import operations as notices
from sanbao.ui.refusal import Refusal

MOST_FILES = 20
MOST_MESSAGES_A_DAY = 50  # of one customer on one complaint: more is a machine


@transaction.atomic
def note(
    complaint: Complaint, body: str, *, files: Sequence[StoredFile] = (), by: Access, at: datetime
) -> Entry:
    """An internal note of headquarters: no outlet and no customer reads it."""
    found = locked(complaint, May.WORK, by, may_be_over=True)
    if by.outlets is not None:
        raise Refusal(
            _("Notes are headquarters' own: write your account of the matter."), field="kind", code="note"
        )
    _refuse_empty(body, files)
    entry = telling.wrote(
        found, Entry.Kind.NOTE, body, by, at, audience=Entry.Audience.HEADQUARTERS, files=files
    )
    audit.record("complaints:complaint:noted", found, by=by, at=at)
    return entry


@transaction.atomic
def report(
    complaint: Complaint, body: str, *, files: Sequence[StoredFile] = (), by: Access, at: datetime
) -> Entry:
    """An account of the matter, by the outlet or a colleague: all who handle it read it (ST-8)."""
    found = locked(complaint, May.WORK, by)
    _refuse_empty(body, files)
    entry = telling.wrote(found, Entry.Kind.REPORT, body, by, at, files=files)
    audit.record("complaints:complaint:reported", found, by=by, at=at, outlet_id=found.outlet_id)
    return entry


@transaction.atomic
def called(complaint: Complaint, body: str, *, reached: bool, by: Access, at: datetime) -> Entry:
    """A telephone call with the customer. Reached: that is an answer."""
    found = locked(complaint, May.WORK, by)
    _refuse_empty(body, ())
    words = body if reached else _("Nobody reached.") + " " + body
    entry = telling.wrote(
        found, Entry.Kind.CALL, words, by, at, audience=Entry.Audience.CUSTOMER, clock=_answers(found) if reached else "", channel="phone"
    )  # fmt: skip
    if reached:
        _answered(found, by, at)
    audit.record(
        "complaints:complaint:called", found, by=by, at=at, outlet_id=found.outlet_id, reached=reached
    )
    return entry


@transaction.atomic
def reply(complaint: Complaint, body: str, *, channel: str = "", by: Access, at: datetime) -> Entry:
    """Write to the customer by the way they wrote last, or the one chosen; it leaves by the outbox, and is an answer."""
    found = locked(complaint, May.WORK, by)
    _refuse_empty(body, ())
    way = ways.chosen(ways_to(found, at), channel)
    ways.refuse_too_long(way, body.strip())
    entry = telling.wrote(
        found, Entry.Kind.MESSAGE_OUT, body, by, at, audience=Entry.Audience.CUSTOMER, clock=_answers(found), channel=way.channel
    )  # fmt: skip
    notices.send(
        way.address, f"[{found.number}] {found.subject}", body.strip(), key=f"complaints:{entry.pk}", about=found, by=by, at=at, channel=way.channel,
        kind=ways.KIND, values={"number": found.number, "subject": found.subject, "content": body.strip()},
    )  # fmt: skip
    _answered(found, by, at)
    audit.record(
        "complaints:complaint:replied", found, by=by, at=at, outlet_id=found.outlet_id, channel=way.channel
    )
    return entry


def ways_to(complaint: Complaint, at: datetime) -> list[ways.Way]:
    """By which ways the customer can be written to; the request's, where it was born of one."""
    asked = ways_of(complaint)
    return ways.ways(asked, at) if complaint.request is not None else ways.ways(asked, at, [])


@transaction.atomic
def receive_message(
    complaint: Complaint, body: str, *, files: Sequence[StoredFile] = (), by: Access, at: datetime
) -> Entry:
    """The customer writes on the complaint's own page; what waits for the customer goes on. Whoever calls has made sure that it is the customer."""
    found = Complaint.objects.select_for_update(of=("self",)).get(pk=complaint.pk)
    if found.state in ("archived", "withdrawn"):
        raise Refusal(
            _("This complaint is closed. If something is still wrong, write to us anew: it is put together with this one."), code="over"
        )  # fmt: skip
    _refuse_empty(body, files)
    today = found.entries.filter(kind=Entry.Kind.MESSAGE_IN, at__date=timezone.localdate(at)).count()
    if today >= MOST_MESSAGES_A_DAY:
        raise Refusal(
            _("That is enough for one day. We have your words; somebody will answer you."), code="loop"
        )
    clock, detail = ("resumed", "for_customer") if found.waiting_for == "customer" else ("", "")
    entry = telling.wrote(
        found, Entry.Kind.MESSAGE_IN, body, by, at, audience=Entry.Audience.CUSTOMER, clock=clock, detail=detail, channel="web", files=files
    )  # fmt: skip
    if clock:
        found.waiting_for = ""
        found.version += 1
        clocks.recount(found, by=by, at=at)
        found.save()
    audit.record("complaints:complaint:written", found, by=by, at=at, outlet_id=found.outlet_id)
    telling.heard(found, by=by, at=at)
    return entry


def _answers(complaint: Complaint) -> str:
    return "" if complaint.answered_at else "answered"


def _answered(found: Complaint, by: Access, at: datetime) -> None:
    if found.answered_at is None:
        found.answered_at = at
        clocks.recount(found, by=by, at=at)
        found.save()


def _refuse_empty(body: str, files: Sequence[StoredFile]) -> None:
    if not body.strip() and not files:
        raise Refusal(_("There is nothing written yet."), field="body", code="empty")
    if len(files) > MOST_FILES:
        raise Refusal(
            _("At most %(most)d files at a time.") % {"most": MOST_FILES}, field="files", code="files"
        )
