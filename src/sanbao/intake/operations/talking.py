"""What is said: with the customer, among colleagues, with other departments."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.audit import operations as audit
from sanbao.files.models import StoredFile
from sanbao.intake import clocks, ways
from sanbao.intake.facts import both
from sanbao.intake.models import Entry, Request, Task, Team
from sanbao.intake.operations.marking import tell_followers
from sanbao.intake.permissions import May
from sanbao.intake.states import OPEN, Channel, State
from sanbao.knowledge import phrases
from sanbao.notices import operations as notices
from sanbao.notices.telling import tell
from sanbao.ui.refusal import Refusal

MOST_FILES = 20
MOST_MESSAGES_A_DAY = 200  # of one customer on one request: more is a loop of machines


@transaction.atomic
def note(
    request: Request,
    body: str,
    *,
    mentions: Sequence[Person] = (),
    files: Sequence[StoredFile] = (),
    by: Access,
    at: datetime,
) -> Entry:
    """An internal note, never shown to the customer; whoever is mentioned is told. An outlet that handed it up may add one, too."""
    by.require(May.WORK)
    found = _found_or_read(request, by)
    entry = _entry(
        found, Entry.Kind.NOTE, body, by, at, files=files, mentions=[person.pk for person in mentions]
    )
    audit.record(
        "intake:request:noted", found, by=by, at=at, outlet_id=_place(found, by), mentions=entry.mentions
    )
    tell_followers(found, both(_lazy("a note was written")), f"entry {entry.pk}", by=by, at=at)
    return entry


@transaction.atomic
def say_called(request: Request, body: str, *, reached: bool, by: Access, at: datetime) -> Entry:
    """A telephone call with the customer. Reached: the first answer and the response are given (GN-3, DP-4)."""
    by.require(May.WORK)
    found = _found(request, by, May.WORK)
    entry = _entry(
        found, Entry.Kind.CALL, body if reached else _("Nobody reached.") + " " + body, by, at,
        clock="responded" if reached else "", channel="phone", internal=False,
    )  # fmt: skip
    if reached:
        _recount(found, by, at)
    audit.record("intake:request:called", found, by=by, at=at, outlet_id=found.outlet_id, reached=reached)
    return entry


@transaction.atomic
def reply(
    request: Request,
    body: str,
    *,
    channel: str = "",
    files: Sequence[StoredFile] = (),
    by: Access,
    at: datetime,
) -> Entry:
    """Write to the customer, by the way they wrote last or the one chosen (`channel`); it leaves by the outbox.

    Refuses a way by which this customer can't be written to, and more than it takes. Files go with no message: they stand on the
    request's page, which the customer sees by the link.
    """
    by.require(May.WORK)
    found = _found(request, by, May.WORK)
    known = ways.ways(found, at)
    why = ways.shut(found, known, at)
    if why and (channel == Channel.WECOM_KF or not known):
        raise Refusal(why, field="channel" if known else "body", code="window")
    way = ways.chosen(known, channel)
    said = _addressed(found, body.strip())
    ways.refuse_too_long(way, said)
    entry = _entry(
        found,
        Entry.Kind.MESSAGE_OUT,
        said,
        by,
        at,
        clock="responded",
        channel=way.channel,
        internal=False,
        files=files,
    )
    notices.send(
        way.address,
        f"[{found.number}] {found.subject}",
        said,
        key=f"intake:{entry.pk}",
        about=found,
        by=by,
        at=at,
        channel=way.channel,
        kind=ways.KIND,
        values=ways.values(found, said),
    )
    _recount(found, by, at)
    audit.record(
        "intake:request:replied", found, by=by, at=at, outlet_id=found.outlet_id, channel=way.channel
    )
    return entry


def fill_phrase(request: Request, text: str, *, by: Access) -> str:
    """A standard phrase with what is known of the request. The customer's name comes in when it is sent: on the page it stays masked."""
    company = Company.objects.get(pk=request.company_id)
    known = {
        "product": request.model, "request": request.number, "agent": by.name, "company": company.short_name, "hotline": company.hotline,
        "due": f"{timezone.localtime(request.due_at):%m-%d %H:%M}" if request.due_at else "",
    }  # fmt: skip
    return phrases.fill(text, known)[0]


def _addressed(request: Request, body: str) -> str:
    """The words with the customer's name where the phrase has a place for it; a Refusal where another place is still empty."""
    filled, missing = phrases.fill(body, {"customer": request.contact or _("Dear customer")})
    empty = [place for place in missing if place in phrases.PLACES]
    if empty:
        raise Refusal(
            _("There are places still to be filled in: %(places)s.")
            % {"places": " ".join(f"{{{phrases.PLACES[place]}}}" for place in empty)},
            field="body",
            code="places",
        )
    return filled


@transaction.atomic
def receive_message(
    request: Request,
    body: str,
    *,
    channel: str,
    external_id: str,
    files: Sequence[StoredFile] = (),
    reopens: bool = True,
    by: Access,
    at: datetime,
) -> Entry | None:
    """The customer writes about a request there is. The same message again: None. A solved one is opened again; a waiting one goes on.
    `reopens=False` for a word of thanks.

    Refuses more messages a day than people write: two machines answering each other.
    """
    rows = Request.objects.select_for_update(of=("self",)).select_related("customer")
    found = rows.get(pk=request.merged_into_id or request.pk)
    if external_id and found.entries.filter(channel=channel, external_id=external_id[:200]).exists():
        return None
    today = found.entries.filter(kind=Entry.Kind.MESSAGE_IN, at__date=timezone.localdate(at)).count()
    if today >= MOST_MESSAGES_A_DAY:
        raise Refusal(
            _("Too many messages today: this looks like two machines answering each other."), code="loop"
        )
    clock = ""
    if found.state == State.WAITING and found.waiting_for == "customer":
        found.state, found.waiting_for, clock = State.WORKING, "", "resumed"
    elif reopens and found.state in (State.SOLVED, State.CLOSED):
        found.state, clock = State.WORKING, "reopened"
        found.reopened += 1
        found.solved_at = found.closed_at = None
    try:
        with transaction.atomic():
            entry = _entry(
                found, Entry.Kind.MESSAGE_IN, body, by, at, clock=clock, channel=channel, internal=False,
                external_id=external_id, files=files,
            )  # fmt: skip
    except IntegrityError:
        return None
    if clock:
        found.version += 1
        clocks.recount(found, by=by, at=at)
        found.save()
    audit.record(
        "intake:request:written",
        found,
        by=by,
        at=at,
        outlet_id=found.outlet_id,
        channel=channel,
        state=found.state,
    )
    tell_followers(found, both(_lazy("the customer has written")), f"entry {entry.pk}", by=by, at=at)
    return entry


@transaction.atomic
def ask_for_help(
    request: Request,
    title: str,
    *,
    team: Team,
    owner: Person | None,
    due_at: datetime,
    by: Access,
    at: datetime,
) -> Task:
    """Ask another department to do something, by a time (BA-4)."""
    by.require(May.WORK)
    found = _found(request, by, May.WORK)
    if found.state not in OPEN:
        raise Refusal(_("%(request)s is “%(state)s”; reopen it first.") % {"request": found, "state": found.get_state_display()}, code="not_open")  # fmt: skip
    return put_task(found, title, team=team, owner=owner, due_at=due_at, by=by, at=at)


@transaction.atomic
def put_task(
    found: Request, title: str, *, team: Team, owner: Person | None, due_at: datetime, by: Access, at: datetime
) -> Task:  # fmt: skip
    """A task of an open request, whoever may ask for it; other modules put theirs with it in their own right (a callback's need)."""
    if not title.strip():
        raise Refusal(_("Say what is asked."), field="title", code="title")
    if due_at <= at:
        raise Refusal(_("The time has passed already; choose a later one."), field="due_at", code="past")
    task = Task.objects.create(
        request=found,
        title=title.strip()[:200],
        team=team,
        owner=owner,
        due_at=due_at,
        made_at=at,
        made_by_id=by.person_id,
    )
    _entry(
        found, Entry.Kind.NOTE, _("Asked %(team)s: %(title)s") % {"team": team, "title": task.title}, by, at
    )
    if owner is not None and owner.pk != by.person_id:
        tell(
            [owner], "intake:asked", about=found, by=by, at=at, key=f"task:{task.pk}", request=found.number, who=by.name, due=due_at
        )  # fmt: skip
    audit.record("intake:task:asked", task, by=by, at=at, outlet_id=found.outlet_id, request=found.number)
    return task


@transaction.atomic
def finish_task(task: Task, result: str, *, by: Access, at: datetime) -> Task:
    """The department says what came of it; whoever has the request reads it on its timeline."""
    by.require(May.WORK)
    found = Task.objects.select_for_update(of=("self",)).select_related("request", "team").get(pk=task.pk)
    if found.done_at:
        raise Refusal(_("This is done already."), code="done")
    if not result.strip():
        raise Refusal(_("Say what came of it."), field="result", code="result")
    found.result, found.done_at, found.done_by_id = result.strip()[:1000], at, by.person_id
    found.save()
    _entry(
        found.request,
        Entry.Kind.NOTE,
        _("%(team)s: %(result)s") % {"team": found.team, "result": found.result},
        by,
        at,
    )
    audit.record(
        "intake:task:done",
        found,
        by=by,
        at=at,
        outlet_id=found.request.outlet_id,
        request=found.request.number,
    )
    return found


def _found_or_read(request: Request, by: Access) -> Request:
    """The request, locked where it is the person's to work on; an outlet that only reads it has no lock, and changes nothing in it."""
    rows = Request.objects.visible_to(by, May.WORK).select_related("customer", "category")
    if (mine := rows.select_for_update(of=("self",), no_key=True).filter(pk=request.pk).first()) is not None:
        return mine
    return Request.objects.visible_to(by, May.SEE).select_related("customer", "category").get(pk=request.pk)


def _place(request: Request, by: Access) -> int | None:
    """Whose event it is: the request's place, or the outlet's that reads it."""
    if by.outlets is None or request.outlet_id in by.outlets:
        return request.outlet_id
    return min(by.outlets, default=None)


def _found(request: Request, by: Access, permission: str) -> Request:
    return (
        Request.objects.visible_to(by, permission)
        .select_for_update(of=("self",), no_key=True)
        .select_related("customer", "category")
        .get(pk=request.pk)
    )


def _entry(
    request: Request,
    kind: str,
    body: str,
    by: Access,
    at: datetime,
    *,
    clock: str = "",
    channel: str = "",
    internal: bool = True,
    external_id: str = "",
    mentions: Sequence[int] = (),
    files: Sequence[StoredFile] = (),
) -> Entry:
    if not body.strip() and not files:
        raise Refusal(_("There is nothing written yet."), field="body", code="empty")
    if len(files) > MOST_FILES:
        raise Refusal(
            _("At most %(most)d files at a time.") % {"most": MOST_FILES}, field="files", code="files"
        )
    entry = Entry.objects.create(
        request=request, at=at, kind=kind, clock=clock, by_id=by.person_id, handler_id=request.assignee_id, channel=channel,
        body=body.strip()[:8000], internal=internal, external_id=external_id[:200], mentions=list(mentions),
    )  # fmt: skip
    if files:
        entry.files.set(files)
    return entry


def _recount(request: Request, by: Access, at: datetime) -> None:
    clocks.recount(request, by=by, at=at)
    request.save()
