"""Reading requests: lists, searches, where their promises stand and why."""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts import finding
from sanbao.accounts.access import Access
from sanbao.accounts.finding import MOST_FOUND, numbers, numbers_inside, together
from sanbao.accounts.models import Person
from sanbao.accounts.written import written
from sanbao.audit.moves import Move
from sanbao.customers import queries as customers
from sanbao.customers.history import MOST, Item
from sanbao.customers.models import Customer
from sanbao.decisions.queries import whys
from sanbao.edge.kept import kept
from sanbao.intake.models import Category, Entry, Merge, Promise, Request, Tag, Task, Team
from sanbao.intake.models.requests import SEARCHED
from sanbao.intake.operations.acknowledging import key_of
from sanbao.intake.permissions import May
from sanbao.intake.states import MOVES, OPEN, STEPS, TONES, Channel, State, step_state
from sanbao.notices.failures import sentence
from sanbao.notices.models import Message
from sanbao.outlets.models import Posting
from sanbao.products import queries as products
from sanbao.products.models import Unit
from sanbao.ui.readers.values import half_width
from sanbao.ui.why import Why

# A request with the same telephone or serial number within this time is likely the same matter.
TWIN_WITHIN = timedelta(days=14)
TONE_OF_STATE = {
    "running": "azure",
    "paused": "yellow",
    "met": "green",
    "missed": "red",
    "cancelled": "secondary",
}


def requests(access: Access) -> QuerySet[Request]:
    """The requests a person may see, with what a list shows of each."""
    return Request.objects.visible_to(access, May.SEE).select_related(
        "category", "outlet", "team", "assignee"
    )


def found(access: Access, words: str, *, most: int = MOST_FOUND) -> list[int]:
    """The numbers of the requests some words mean: number, telephone or its tail, serial or its tail, the customer's name, a piece of the text."""
    words = half_width(words).strip()
    with together():
        return _found(access, customers.digits_of(words) or words, most)


def _found(access: Access, words: str, most: int) -> list[int]:
    rows = Request.objects.visible_to(access, May.SEE)
    plain = re.sub(r"[\s\-]", "", words)
    where = Q(number=words.upper())
    if plain.isdigit() and len(plain) >= 4:
        where |= Q(number__endswith=f"-{plain}") | Q(phone=plain)
    if plain.isascii() and len(plain) >= 4:
        where |= Q(unit__in=products.found_units(access, plain, most=100)) | Q(serial=plain.upper())
    if len(words) >= 2:
        where |= Q(customer__in=customers.found(access, words, most=100))
    hits = numbers(rows, where, shaped_by=reading(access), most=most)
    if len(words) >= 2 and not plain.isdigit():
        hits += numbers_inside(
            rows, SEARCHED, words, index="intake_grams", shaped_by=reading(access), most=most
        )
    return sorted(set(hits), reverse=True)[:most]


def searched(access: Access, words: str) -> Q:
    """What the list's search means."""
    return finding.searched(found, access, words)


def open_of(access: Access, *, customer_id: int | None = None, unit_id: int | None = None) -> list[Request]:
    """What is still open of a customer or a unit, newest first: nobody registers it a second time."""
    if not (customer_id or unit_id):
        return []
    return written(
        ("open of", reading(access), bool(customer_id)),
        lambda number: (
            requests(access)
            .filter(Q(customer=number) if customer_id else Q(unit=number), state__in=OPEN)
            .order_by("-id")[:10]
        ),
        number=customer_id or unit_id,
    )


@dataclass(frozen=True, slots=True)
class Other:
    """Another open request that may be about the same matter; `twin` where telephone or serial number are the same within two weeks."""

    request: Request
    state: str
    twin: bool


def others(found: Request, access: Access, now: datetime) -> list[Other]:
    """The customer's other open requests, and those with the same telephone or serial number; likely duplicates first."""
    told_of = {"phone": found.phone, "serial": found.serial, "customer": found.customer_id}
    values = {name: value for name, value in told_of.items() if value}
    if not values:
        return []
    rows = written(
        ("others", reading(access), tuple(values)),
        lambda **values: (
            Request.objects.visible_to(access, May.SEE)
            .filter(Q(*values.items(), _connector=Q.OR), state__in=OPEN)
            .only("number", "subject", "state", "phone", "serial", "received_at")
            .order_by("-id")[:11]
        ),
        **values,
    )
    rows = [row for row in rows if row.pk != found.pk]
    told = [Other(row, str(State(row.state).label), _is_twin(row, found, now)) for row in rows]
    return sorted(told, key=lambda other: not other.twin)


def _is_twin(row: Request, found: Request, now: datetime) -> bool:
    alike = bool(found.phone and row.phone == found.phone) or bool(
        found.serial and row.serial == found.serial
    )
    return alike and found.state in OPEN and row.received_at >= now - TWIN_WITHIN


def tag_choices(company_id: int | None) -> list[tuple[str, str]]:
    """The tags in use, for menus."""
    return kept(
        ("tags", company_id),
        ("intake_tag",),
        lambda: [
            (name, name)
            for name in Tag.objects.filter(company_id=company_id, retired_at__isnull=True)
            .order_by("name")
            .values_list("name", flat=True)[:300]
        ],
    )


def people(access: Access) -> QuerySet[Person]:
    """Whom a request can be given to: everybody who holds a post in the company."""
    posts = Posting.objects.filter(company_id=access.company_id, ended_on__isnull=True)
    if access.outlets is not None:
        posts = posts.filter(outlet_id__in=access.outlets)
    return Person.objects.filter(is_active=True, pk__in=posts.values("person_id")).order_by("name")


def people_choices(access: Access) -> list[tuple[int, str]]:
    """(id, name) of whom a request can be given to, for menus."""
    return kept(
        ("people", access.company_id, access.outlets),
        ("accounts_person", "outlets_posting"),
        lambda: list(people(access).values_list("pk", "name")),
    )


def team_choices(company_id: int | None) -> list[tuple[int, str]]:
    """(id, name) of the teams in use, for menus."""
    return kept(
        ("teams", company_id), ("intake_team",), lambda: list(teams(company_id).values_list("pk", "name"))
    )


def team_code(pk: int) -> str:
    """The code of a team, in use or retired."""
    return kept(
        ("team code", pk), ("intake_team",), lambda: Team.objects.values_list("code", flat=True).get(pk=pk)
    )


def classes(company_id: int | None) -> list[Category]:
    """The classes in use, in the order of the tree."""
    return kept(("classes", company_id), ("intake_category", "intake_team"), lambda: _classes(company_id))


def _classes(company_id: int | None) -> list[Category]:
    rows = list(
        Category.objects.filter(company_id=company_id, retired_at__isnull=True).select_related("team")
    )
    keys = {row.pk: (row.position, row.pk) for row in rows}

    def place(row: Category) -> list[tuple[int, int]]:
        return [keys.get(int(number), (0, int(number))) for number in row.path.strip("/").split("/")]

    return sorted(rows, key=place)


def class_of(company_id: int | None, code: str) -> Category | None:
    """The class with this code, in use or retired."""
    used = next((row for row in classes(company_id) if row.code == code), None)
    return used or Category.objects.filter(company_id=company_id, code=code).first()


def class_choices(company_id: int | None) -> list[tuple[int, str]]:
    """The classes as choices, set in by their depth."""
    return [(row.pk, "　" * (row.path.count("/") - 2) + str(row)) for row in classes(company_id)]


def number_of(username: str) -> int:
    """The number of the person who signs in by this name; 0 where there is none."""
    rows = written("number of", lambda name: Person.objects.filter(username=name).only("pk"), name=username)
    return rows[0].pk if rows else 0


def teams(company_id: int | None) -> QuerySet[Team]:
    """The teams in use."""
    return Team.objects.filter(company_id=company_id, retired_at__isnull=True).order_by("name")


def legal_moves(request: Request, access: Access) -> list[Move]:
    """The moves this person could make now."""
    return [
        move
        for move in MOVES.values()
        if request.state in move.sources and _reaches(request, access, move.permission)
    ]


def _reaches(request: Request, access: Access, permission: str) -> bool:
    reach = access.reach(permission)
    if not reach or request.company_id != reach.company_id:
        return False
    if reach.whole:
        return True
    return request.outlet is not None and (
        request.outlet_id in reach.outlets or request.outlet.region_id in reach.regions
    )


def may(request: Request, access: Access, permission: str) -> bool:
    """Whether the person may do this to this request."""
    return _reaches(request, access, permission)


# Clocks, in words


def span(seconds: float) -> str:
    """A time as people say it: 25 minutes, 3 h 20 min, 2 days 4 h."""
    minutes = int(abs(seconds)) // 60
    if minutes < 60:
        return _("%(count)d min") % {"count": minutes}
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    days, hours = divmod(hours, 24)
    return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}


def due_words(request: Request, now: datetime) -> tuple[str, str]:
    """The promise that runs out next, in words and with its colour: colour is never the only sign."""
    if request.state not in OPEN:
        return (_("missed"), "orange") if request.missed else ("", "")
    if request.due_at is None:
        return (_("paused"), "yellow") if request.state == State.WAITING else ("", "")
    promise = Promise.Kind(request.due_promise).label
    left = (request.due_at - now).total_seconds()
    if left < 0:
        return _("%(promise)s overdue by %(span)s") % {"promise": promise, "span": span(left)}, "red"
    tone = "orange" if request.warn_at and request.warn_at <= now else "azure"
    return _("%(promise)s in %(span)s") % {"promise": promise, "span": span(left)}, tone


@dataclass(frozen=True, slots=True)
class ShownPromise:
    """A promise as the record page shows it."""

    promise: Promise
    label: str
    words: str
    tone: str
    why: Why | None


def promises_of(
    request: Request, access: Access, language: str, now: datetime
) -> tuple[list[ShownPromise], Why | None]:
    """Each promise with where it stands, in words, and why; and why the request is as pressing as it is."""
    rows = written(
        "promises",
        lambda request: (
            Promise.objects.filter(request=request).select_related("decision", "missed_by").order_by("id")
        ),
        request=request.pk,
    )
    decisions = [row.decision for row in rows if row.decision]
    if request.priority_decision:
        decisions.append(request.priority_decision)
    told = {
        decision.pk: why for decision, why in zip(decisions, whys(decisions, language, access), strict=True)
    }
    shown = [
        ShownPromise(
            row, str(Promise.Kind(row.kind).label), _standing(row, now), _tone(row, now),
            told.get(row.decision_id) if row.decision_id else None,
        )
        for row in rows
    ]  # fmt: skip
    return shown, told.get(request.priority_decision_id) if request.priority_decision_id else None


def _standing(row: Promise, now: datetime) -> str:
    match row.state:
        case "met":
            return _("kept on %(at)s") % {"at": _at(row.met_at)}
        case "paused":
            return _("paused, %(span)s left") % {"span": span(row.left)}
        case "cancelled":
            return _("no longer counts")
        case "missed" if row.met_at and row.due_at:
            return _("%(span)s late") % {"span": span((row.met_at - row.due_at).total_seconds())}
    if row.due_at is None:
        return ""
    left = (row.due_at - now).total_seconds()
    return (
        _("overdue by %(span)s") % {"span": span(left)}
        if left < 0
        else _("%(span)s left") % {"span": span(left)}
    )


def _tone(row: Promise, now: datetime) -> str:
    if row.state == Promise.State.RUNNING and row.due_at:
        return "red" if row.due_at < now else "orange" if row.warn_at and row.warn_at <= now else "azure"
    return TONE_OF_STATE[row.state]


def _at(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def steps(found: Request) -> list[dict[str, Any]]:
    """The bar of states, for colleagues and for the customer."""
    if found.state == State.CANCELLED:
        return [
            {"label": State.NEW.label, "state": "done"},
            {"label": State.CANCELLED.label, "state": "stopped"},
        ]
    return [
        {
            "label": State.WAITING.label if step == State.WORKING and found.state == State.WAITING else step.label,
            "state": step_state(found.state, step),
            "at": getattr(found, f"{step}_at", None) if step in (State.SOLVED, State.CLOSED) else found.received_at if step == State.NEW else None,
        }
        for step in STEPS
    ]  # fmt: skip


# The timeline

LOOKS = {
    "received": {"icon": "inbox", "tone": "green"},
    "message_in": {"icon": "message", "tone": "green"},
    "message_out": {"icon": "send", "tone": ""},
    "call": {"icon": "phone", "tone": ""},
    "note": {"icon": "notes", "tone": "note"},
    "move": {"icon": "arrow-right", "tone": ""},
    "assigned": {"icon": "user-check", "tone": ""},
    "changed": {"icon": "pencil", "tone": ""},
}


MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Delivery:
    """What has become of a message to the customer: waiting, sent, delivered, undelivered, dead or discarded."""

    state: str
    tone: str
    words: str


def timeline(request: Request, *, public: bool = False, access: Access | None = None) -> list[dict[str, Any]]:
    """What was said and done, newest first, with the story of what was merged into it.

    `public` leaves out what is meant for colleagues only; `access` what headquarters notes down where the reader only reads along.
    """
    along = (
        tuple(sorted(access.outlets or ())) if access is not None and reads_along(request, access) else None
    )
    merged = not public and bool(getattr(request, "merges_told", True))
    rows = written(
        ("timeline", public, along, merged),
        lambda request: _timeline(request, public, along, merged),
        request=request.pk,
    )
    if any(entry.has_files for entry in rows):
        prefetch_related_objects([entry for entry in rows if entry.has_files], "files")
    sent = {} if public else _sent(request, rows)
    return [
        _told(entry)
        | {
            "merged": entry.number if entry.request_id != request.pk else "",
            "entry": entry,
            "delivery": sent.get(entry.pk),
        }
        for entry in rows
    ]


def _timeline(request: int, public: bool, along: tuple[int, ...] | None, merged: bool) -> QuerySet[Entry]:
    with_files = Entry.files.through.objects.filter(entry=OuterRef("pk"))
    rows = _entries(request, along, merged=merged)
    if public:
        rows = rows.filter(internal=False)
    if merged:
        rows = rows.annotate(number=F("request__number"))
    # The names alone: two hundred entries would bring as many colleagues, whole.
    names = {"by_name": F("by__name"), "handler_name": F("handler__name")}
    return rows.annotate(**names, has_files=Exists(with_files)).order_by("-id")[:MOST_TOLD]


def has_merged() -> Exists:
    """Whether anything is merged into a request, to be read along with it: most have nothing, and their story is asked more simply."""
    return Exists(Merge.objects.filter(kept=OuterRef("pk"), undone_at__isnull=True))


def entries_of(request: Request, access: Access) -> QuerySet[Entry]:
    """The entries of a request, and of those merged into it, that the person may read."""
    along = tuple(sorted(access.outlets or ())) if reads_along(request, access) else None
    return _entries(request.pk, along, merged=True)


def _entries(request: int, along: tuple[int, ...] | None, *, merged: bool) -> QuerySet[Entry]:
    rows = Entry.objects.filter(request=request)
    if merged:
        both = Request.objects.filter(Q(pk=request) | Q(merged_into=request))
        rows = Entry.objects.filter(request__in=both.values("pk"))
    if along is not None:
        posts = Posting.objects.filter(outlet__in=along)
        rows = rows.filter(~Q(kind=Entry.Kind.NOTE) | Q(by__in=posts.values("person_id")))
    return rows


def reads_along(request: Request, access: Access) -> bool:
    """Whether the person's place has handed the request up, and now reads it only."""
    return access.outlets is not None and not _reaches(request, access, May.SEE)


def reading(access: Access, permission: str = May.SEE) -> Hashable:
    """What shapes `visible_to` for this person: the key of statements that are written once (sanbao.accounts.written)."""
    reach = access.reach(permission)
    along = Request.objects.none().reads_along(access, permission)
    return reach, tuple(sorted(access.outlets or ())) if along else ()


def _sent(request: Request, entries: list[Entry]) -> dict[int, Delivery]:
    """What has become of what was written to the customer."""
    keys = {
        f"intake:{entry.pk}" if entry.by_id else key_of(entry.request_id): entry.pk
        for entry in entries
        if entry.kind == Entry.Kind.MESSAGE_OUT
    }
    if not keys:
        return {}
    rows = Message.objects.filter(company_id=request.company_id, key__in=keys)
    return {keys[row.key]: _delivery(row) for row in rows}


def _delivery(message: Message) -> Delivery:
    """Where a message stands, and what to do where it has not arrived."""
    if message.state == Message.State.DEAD:
        return Delivery("dead", "red", _("Not delivered: %(why)s") % {"why": sentence(message.error)})
    if message.state == Message.State.DISCARDED:
        return Delivery("discarded", "red", _("Not sent: an administrator has discarded it."))
    if message.delivery == Message.Delivery.UNDELIVERED:
        return Delivery("undelivered", "red", _("Sent, but the provider reports that it did not arrive."))
    if message.delivery == Message.Delivery.DELIVERED:
        return Delivery("delivered", "green", _("delivered"))
    if message.state == Message.State.SENT:
        return Delivery("sent", "teal", _("sent"))
    if message.error:
        return Delivery("waiting", "yellow", _("Not sent yet: %(why)s") % {"why": sentence(message.error)})
    return Delivery("waiting", "secondary", _("is being sent"))


def _told(entry: Entry) -> dict[str, Any]:
    what = str(Entry.Kind(entry.kind).label)
    if entry.kind in (Entry.Kind.MESSAGE_IN, Entry.Kind.MESSAGE_OUT) and entry.channel in Channel:
        what = f"{what} · {Channel(entry.channel).label}"
    if entry.kind == Entry.Kind.MOVE and entry.state:
        what = str(State(entry.state).label)
    elif entry.kind == Entry.Kind.ASSIGNED:
        what = (
            _("given to %(who)s") % {"who": entry.handler_name}
            if entry.handler_id
            else _("put into the queue")
        )
    return {
        "what": what,
        "channel": entry.channel,
        "who": entry.by_name or "",
        "at": entry.at,
        "text": entry.body,
        "files": list(entry.files.all()) if entry.has_files else [],
    } | LOOKS[entry.kind]


def tasks_of(request: Request) -> list[Task]:
    """The help asked for, the newest first."""
    return written(
        "tasks of",
        lambda request: (
            Task.objects.filter(request=request).select_related("team", "owner", "done_by").order_by("-id")
        ),
        request=request.pk,
    )


def open_tasks(access: Access) -> QuerySet[Task]:
    """Help asked for and not given yet, of requests the person may see."""
    rows = Request.objects.visible_to(access, May.SEE)
    if access.outlets is not None:
        rows = rows.filter(outlet__in=access.outlets)  # what it has handed up, it only reads
    return Task.objects.filter(done_at__isnull=True, request__in=rows).select_related(
        "team", "owner", "request"
    )


def tally(access: Access, since: Any) -> Iterable[tuple[Any, int, str, int]]:
    """(month, outlet or 0, state, how many) from a month on, of the places the person reaches."""
    from sanbao.intake.models import Tally

    rows = Tally.objects.filter(company_id=access.company_id, month__gte=since, count__gt=0)
    if access.outlets is not None:
        rows = rows.filter(outlet__in=access.outlets)
    return rows.order_by("month", "outlet", "state").values_list("month", "outlet", "state", "count")


def chapter(customer: Customer, access: Access) -> list[Item]:
    """A customer's requests, newest first, for the customer's page."""
    return _items(Request.objects.visible_to(access, May.SEE).filter(customer=customer))


def chapter_of_unit(unit: Unit, access: Access) -> list[Item]:
    """The requests about a unit, newest first, for the unit's page."""
    return _items(Request.objects.visible_to(access, May.SEE).filter(unit=unit))


def _items(rows: QuerySet[Request]) -> list[Item]:
    return [
        Item(row.received_at, f"{row.number} {row.subject}", reverse("intake:request", args=[row.pk]), row.get_state_display(), TONES[State(row.state)])
        for row in rows.order_by("-id")[:MOST]
    ]  # fmt: skip
