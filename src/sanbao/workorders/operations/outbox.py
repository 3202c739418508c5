"""What a phone did without signal, sent later: each entry once, in its order, at the moment that counts (docs/adr/workorders-outbox.md).

An entry is known by its key. What became of it stays as an Action, and sent again it is answered from there. Where the order has
changed meanwhile the entry is kept as a conflict, and what the same phone did to the same order afterwards waits until the engineer
has said what is to become of it: given up, or done anew on the order as it is now.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.audit.queries import about
from sanbao.decisions.operations import write_down
from sanbao.regulations.queries import edition_in_force, rulebook
from sanbao.ui.formats import language
from sanbao.ui.refusal import Busy, Refusal, Stale
from sanbao.workorders import deeds
from sanbao.workorders.deeds import DEEDS, Time
from sanbao.workorders.flow import BOOK
from sanbao.workorders.models import Action, Order, Visit
from sanbao.workorders.permissions import May
from sanbao_rules import device_clock
from sanbao_rules.explain import explain_all

MOST_ENTRIES = 50
MOST_FIELDS = 120
LONGEST_TEXT = 60_000  # the strokes of a signature
LONGEST_DATA = 900_000  # a photograph as base64: the phone makes it small enough before it is sent
KEY = re.compile(r"[\w.:-]{8,80}", re.ASCII)
_FIELD = re.compile(r"[\w-]{1,40}", re.ASCII)
SLACK = timedelta(seconds=1)

Result = Action.Result
OPEN = (Result.CONFLICT, Result.REFUSED)  # something waits for the engineer's word
# Refusals that say that the order is no longer what the phone showed.
OVERTAKEN = ("state", "ended", "stale", "plan", "price", "gone", "changed", "check")
# Deeds that rest on what was shown, and whose changes by others they must not overrun.
RESTING = ("plan", "offer", "answer_plan", "telephone", "part", "complete", "accept_work")
CHANGES = ("workorders:order:amended", "workorders:plan:", "workorders:order:part-")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done: to which order, what, with what was typed, when by the phone's clock.

    `seen_at` is our own time of the page that the engineer had before the eyes. `live`: it is sent at once, and whoever did it waits for
    the answer; a refusal is then told and not kept, because the form is still there.
    """

    key: str
    order: int
    name: str
    payload: Mapping[str, Any]
    device_at: datetime
    seen_at: datetime | None = None
    live: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """How it came: the phone, its clock at sending, ours at receipt."""

    device: str
    sent_at: datetime
    received_at: datetime


def refuse_unreadable(entry: Entry) -> None:
    """Refuse what no page of ours writes: the sender mends it, nothing is kept."""
    fine = KEY.fullmatch(entry.key) and entry.name in DEEDS and len(entry.payload) <= MOST_FIELDS
    for name, value in entry.payload.items():
        texts = value if isinstance(value, list) else [value]
        most = LONGEST_DATA if name == "data" else LONGEST_TEXT
        fine = fine and bool(_FIELD.fullmatch(name)) and all(isinstance(text, str) and len(text) <= most for text in texts)  # fmt: skip
    if not fine:
        raise Refusal(_("This phone sends something that can't be read. Load the page anew."), code="entry")


def theirs(pk: int, by: Access) -> Order:
    """An order that is, or was, this engineer's; 404 for any other, as for one that does not exist."""
    row: Order | None = Order.objects.visible_to(by, May.OWN).filter(pk=pk, engineer_id=by.person_id).first()
    if row is not None:
        return row
    with scope.as_owner("an order that has gone to another outlet is no longer among the engineer's rows"):
        before = Visit.objects.filter(
            order_id=pk, company_id=by.company_id, engineer_id=by.person_id
        ).exists()
        row = Order.objects.filter(pk=pk, company_id=by.company_id).first() if before else None
    if row is None:
        raise Http404
    return row


class _Told(Exception):
    """A refusal of something live: undone, told, not kept."""

    def __init__(self, told: dict[str, Any]):
        super().__init__()
        self.told = told


def take_in(entry: Entry, sent: Sent, *, by: Access) -> dict[str, Any]:
    """Do one entry, and keep what became of it. The same key again gets the same answer, and nothing is done twice."""
    by.require(May.OWN)
    order = theirs(entry.order, by)
    try:
        return _taken_in(entry, order, sent, by)
    except _Told as refusal:
        return refusal.told


@transaction.atomic
def _taken_in(entry: Entry, order: Order, sent: Sent, by: Access) -> dict[str, Any]:
    if (earlier := _earlier(entry, by)) is not None:
        return answer(earlier)
    if (ahead := _ahead(order, by)) is not None:
        return _waits(entry, ahead)
    try:
        with (
            transaction.atomic(),
            scope.as_owner("the entry is kept even where its order has gone elsewhere"),
        ):
            action = _kept(entry, order, sent, by)
    except IntegrityError:  # the same entry came by another way at the same moment, and was first
        return answer(_earlier(entry, by))
    _do(action, order, entry, by)
    return answer(action)


def _earlier(entry: Entry, by: Access) -> Action | None:
    with scope.as_owner("an entry is known again even where its order has gone elsewhere"):
        rows = Action.objects.filter(company_id=by.company_id, person_id=by.person_id, key=entry.key)
        return rows.select_related("order", "clock_decision").first()  # type: ignore[no-any-return]


def _ahead(order: Order, by: Access) -> Action | None:
    """The entry that still waits for the engineer's word, behind which everything later waits."""
    with scope.as_owner("a conflict stays the engineer's where its order has gone elsewhere"):
        return (
            Action.objects.filter(order=order, person_id=by.person_id, result__in=OPEN).order_by("id").first()
        )  # type: ignore[no-any-return]


def _waits(entry: Entry, ahead: Action) -> dict[str, Any]:
    return {
        "key": entry.key, "order": entry.order, "name": entry.name, "result": "waiting", "code": "behind", "behind": ahead.key,
        "sentence": _("This waits until you have decided what becomes of the entry before it."),
    }  # fmt: skip


def _kept(entry: Entry, order: Order, sent: Sent, by: Access) -> Action:
    """The entry with the moment that counts: the phone's clock put right, by a decision; a moment that can't be is that of receipt."""
    rows = Action.objects.filter(order=order, person_id=by.person_id, device=sent.device)
    latest = rows.aggregate(latest=Max("device_at"))["latest"] if sent.device else None
    edition = edition_in_force(by.company_id, BOOK)
    book = rulebook(edition)
    facts = {
        "device_at": entry.device_at, "sent_at": sent.sent_at, "received_at": sent.received_at,
        "dispatched_at": order.dispatched_at, "earlier": [latest] if latest else [],
    }  # fmt: skip
    made = device_clock.plausible(
        entry.device_at, sent.sent_at, sent.received_at, book, dispatched_at=order.dispatched_at, earlier=facts["earlier"]
    )  # fmt: skip
    decision = write_down(made, facts=facts, editions={BOOK: edition}, about=order, by=by, at=sent.received_at, outlet_id=order.outlet_id)  # fmt: skip
    refusal = ""
    if made.answer["state"] == "refused":
        refusal = " ".join(sentence.text for sentence in explain_all(made.reasons[-1:], {BOOK: book}, language()))  # fmt: skip
    return Action.objects.create(
        company_id=by.company_id, order=order, person_id=by.person_id, key=entry.key, device=sent.device[:40], name=entry.name,
        payload=_light(entry.payload), device_at=entry.device_at, sent_at=sent.sent_at, received_at=sent.received_at,
        at=min(made.answer["at"] or sent.received_at, sent.received_at), clock_decision=decision, result=Result.APPLIED,
        code="clock" if refusal else "", sentence=refusal[:400],
    )  # fmt: skip


def _do(action: Action, order: Order, entry: Entry, by: Access) -> None:
    """Carry it out; a refusal undoes what was begun and stays with the entry."""
    try:
        with transaction.atomic():
            _refuse_overtaken(order, entry, by)
            data, files = read(entry.payload)
            deeds.do(_taken(order, by), entry.name, data, files, Time(by, action.at, entry.device_at))
    except Busy:
        raise  # nothing was decided: the phone tries again
    except Refusal as refusal:
        overtaken = isinstance(refusal, Stale) or refusal.code in OVERTAKEN
        action.result = Result.CONFLICT if overtaken else Result.REFUSED
        action.code, action.sentence = refusal.code[:40], str(refusal)[:400]
        if entry.live:
            raise _Told(answer(action) | {"action": None}) from None
        action.payload = dict(entry.payload)  # it may be done anew from here
        with scope.as_owner("a conflict is kept where its order has gone elsewhere"):
            action.save(update_fields=["result", "code", "sentence", "payload"])
            audit.record("workorders:action:kept", order, by=by, at=action.at, outlet_id=order.outlet_id, name=action.name, result=action.result)  # fmt: skip


def _taken(order: Order, by: Access) -> Order:
    """The order as its engineer may take it up now."""
    found = Order.objects.visible_to(by, May.OWN).filter(pk=order.pk, engineer_id=by.person_id).select_related("unit__model").first()  # fmt: skip
    if found is None:
        raise Stale(_("%(order)s is no longer yours: it was called off or given to somebody else.") % {"order": order}, code="gone")  # fmt: skip
    return found  # type: ignore[no-any-return]


def _refuse_overtaken(order: Order, entry: Entry, by: Access) -> None:
    """Refuse what rests on a page that another person's change has made old."""
    if entry.name not in RESTING or entry.seen_at is None:
        return
    since = about(order).filter(at__gt=entry.seen_at + SLACK).exclude(by_id=by.person_id)
    for event in since[:50]:
        if event.action.startswith(CHANGES):
            raise Stale(
                _("%(who)s has changed this order since your phone showed it. Look at it again, then decide.")
                % {"who": event.by.name if event.by else _("The customer")},
                code="changed",
            )  # fmt: skip


def read(payload: Mapping[str, Any]) -> tuple[QueryDict, MultiValueDict]:
    """The payload as a form would have posted it: texts, and a photograph sent as base64."""
    data = QueryDict(mutable=True)
    files: MultiValueDict[str, SimpleUploadedFile] = MultiValueDict()
    for name, value in payload.items():
        if name != "data":
            data.setlist(name, value if isinstance(value, list) else [value])
    if "data" in payload:
        files["file"] = SimpleUploadedFile("phone.jpg", _bytes(payload["data"]), "image/jpeg")
    return data, files


def _bytes(text: Any) -> bytes:
    try:
        return base64.b64decode(str(text).partition("base64,")[2] or str(text), validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(_("This is no photograph. Take it anew."), field="file", code="photo") from None


def _light(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of a payload once it is done: photographs and signatures are kept as files, here only by their fingerprint."""
    heavy = {name: hashlib.sha256(str(payload[name]).encode()).hexdigest()[:16] for name in ("data", "drawn") if payload.get(name)}  # fmt: skip
    return {**payload, **heavy}


def answer(action: Action | None) -> dict[str, Any]:
    """What the phone is told of an entry."""
    if action is None:
        raise Busy
    return {
        "key": action.key, "order": action.order_id, "name": action.name, "result": str(action.result), "code": action.code,
        "sentence": action.sentence, "at": timezone.localtime(action.at).isoformat(), "action": action.pk,
    }  # fmt: skip


@transaction.atomic
def drop(action: Action, *, by: Access, at: datetime) -> Action:
    """The engineer gives it up; what waited behind it may go on."""
    found = _locked(action, by)
    with scope.as_owner("a conflict is given up where its order has gone elsewhere"):
        found.result, found.payload = Result.DROPPED, _light(found.payload)
        found.save(update_fields=["result", "payload"])
        audit.record("workorders:action:dropped", found.order, by=by, at=at, outlet_id=found.order.outlet_id, name=found.name)  # fmt: skip
    return found


@transaction.atomic
def do_anew(action: Action, *, by: Access, at: datetime) -> Action:
    """Do it on the order as it is now, at the moment it happened. What still hinders is said again."""
    found = _locked(action, by)
    try:
        with transaction.atomic():
            data, files = read(found.payload)
            deeds.do(_taken(found.order, by), found.name, data, files, Time(by, found.at, found.device_at))
    except Refusal as refusal:
        found.code, found.sentence = refusal.code[:40], str(refusal)[:400]
    else:
        found.result, found.code, found.sentence, found.payload = (
            Result.APPLIED,
            "",
            "",
            _light(found.payload),
        )
    with scope.as_owner("a conflict is kept where its order has gone elsewhere"):
        found.save(update_fields=["result", "code", "sentence", "payload"])
        audit.record("workorders:action:done-anew", found.order, by=by, at=at, outlet_id=found.order.outlet_id, name=found.name, result=found.result)  # fmt: skip
    return found


def _locked(action: Action, by: Access) -> Action:
    by.require(May.OWN)
    with scope.as_owner("a conflict stays the engineer's where its order has gone elsewhere"):
        rows = Action.objects.filter(company_id=by.company_id, person_id=by.person_id)
        found: Action = rows.select_for_update(of=("self",)).select_related("order").get(pk=action.pk)
    if found.result not in OPEN:
        raise Stale(_("This has been settled already."), code="settled")
    return found
