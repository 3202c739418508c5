"""The moves of a complaint: given to somebody, verified, done, told, called back, archived; taken up again, withdrawn (PV-2, PV-3, CS-6, A-24)."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.accounts.roles import ROLES
from sanbao.audit import moves
from sanbao.complaints import clocks, events, telling
from sanbao.complaints.facts import word
from sanbao.complaints.models import Complaint, Entry
from sanbao.complaints.permissions import May
from sanbao.complaints.states import MOVES, Callback, Money, State, Verdict
from sanbao.outlets.models import Outlet, Posting
from sanbao.ui.refusal import Refusal

# What a move means to the clocks.
_CLOCK = {
    "handing": "handed", "justification": "verified", "rejection": "verified", "completion": "solved", "return": "reopened", "telling": "told",
    "callback": "called_back", "reopening": "reopened", "archiving": "", "withdrawal": "withdrawn",
}  # fmt: skip
# What the customer reads of a move, too.
_PUBLIC = ("justification", "rejection", "telling")
LONGEST_PROMISE = 180  # days: a timetable beyond that is no answer


def move(
    complaint: Complaint,
    noun: str,
    *,
    version: int | None,
    by: Access,
    at: datetime,
    reason: str = "",
    text: str = "",
    owner: Person | None = None,
    outlet: Outlet | None = None,
    finding: str = "",
    cause: str = "",
    partly: bool = False,
    promised_on: date | None = None,
    routes: Sequence[str] = (),
    callback: str = "",
    lesson: str = "",
) -> Complaint:
    """Make one move of states.MOVES, in the transaction of `audit.moves.make`.

    `text` is the note, the solution agreed, the explanation, what was done, what was told, or what the customer says, as the move asks.
    Stale, Refusal and PermissionDenied as `audit.moves.make`.
    """
    step = MOVES[noun]
    told = _Told(text.strip(), owner, outlet, finding.strip(), cause, partly, promised_on, list(routes), callback, lesson.strip(), reason)  # fmt: skip
    made: Complaint = moves.make(
        step, complaint, version=version, by=by, at=at, reason=reason,
        obstacles=lambda thing: _OBSTACLES.get(noun, _nothing)(thing, told, by, at),
        effects=lambda thing: _carry_out(thing, noun, told, by, at),
        details=lambda thing: {"owner": thing.owner_id} if noun == "handing" else {},
    )  # fmt: skip
    if noun == "handing":
        telling.handed(made, by=by, at=at)
    elif noun == "completion":
        telling.done(made, by=by, at=at)
    elif noun == "justification":
        events.tell(events.PROVEN, made, by=by, at=at)
    elif noun == "telling":
        events.tell(events.TOLD, made, by=by, at=at)
    elif noun in ("callback", "reopening"):
        events.tell(events.CALLED_BACK, made, by=by, at=at)
    return made


class _Told:
    """What was given with a move."""

    def __init__(
        self, text: str, owner: Person | None, outlet: Outlet | None, finding: str, cause: str, partly: bool, promised_on: date | None,
        routes: list[str], callback: str, lesson: str, reason: str,
    ) -> None:  # fmt: skip
        self.text, self.owner, self.outlet, self.finding, self.cause, self.partly = (
            text,
            owner,
            outlet,
            finding,
            cause,
            partly,
        )
        self.promised_on, self.routes, self.callback, self.lesson, self.reason = (
            promised_on,
            routes,
            callback,
            lesson,
            reason,
        )


def _nothing(thing: Complaint, told: _Told, by: Access, at: datetime) -> None:
    """Nothing stands in the way that the table does not know."""


def _may_hand(thing: Complaint, told: _Told, by: Access, at: datetime) -> None:
    if told.owner is None:
        raise Refusal(_("Name the person responsible: one person answers for each complaint (GN-4)."), field="owner", code="owner")  # fmt: skip
    if told.owner.pk == thing.engineer_id:
        raise Refusal(
            _("%(who)s is whom it is about, and can't answer for it.") % {"who": told.owner.name},
            field="owner",
            code="about",
        )
    if not can_verify(told.owner, thing.company_id, timezone.localdate(at)):
        raise Refusal(
            _("%(who)s holds no post at headquarters that verifies complaints.") % {"who": told.owner.name}, field="owner", code="post"
        )  # fmt: skip
    if told.outlet is not None and thing.about_outlet_id not in (None, told.outlet.pk):
        raise Refusal(
            _("It is about another outlet: an outlet reads only what is about itself."), field="outlet", code="outlet"
        )  # fmt: skip


def can_verify(person: Person, company_id: int | None, on: date) -> bool:
    """Whether somebody holds a post at headquarters that verifies."""
    posts = Posting.objects.filter(
        company_id=company_id, person=person, outlet__isnull=True, region__isnull=True
    )
    return person.is_active and any(
        May.VERIFY in ROLES[post.role].permissions
        for post in posts
        if post.ended_on is None or post.ended_on > on
    )


def _may_verify(thing: Complaint, told: _Told, by: Access, at: datetime) -> None:
    if thing.engineer_id and thing.engineer_id == by.person_id:
        raise Refusal(_("It is about yourself: somebody else must verify it."), code="own")
    if thing.answered_at is None:
        raise Refusal(
            _("The customer has had no answer yet: call or write first, then verify (PV-5)."), field="finding", code="unanswered"
        )  # fmt: skip
    if thing.waiting_for:
        raise Refusal(_("It still waits for something: let it go on first."), code="waiting")
    if not told.finding:
        raise Refusal(_("Write down what was found (ST-8)."), field="finding", code="finding")


def _may_justify(thing: Complaint, told: _Told, by: Access, at: datetime) -> None:
    _may_verify(thing, told, by, at)
    today = timezone.localdate(at)
    if not told.text:
        raise Refusal(
            _("Write down what was agreed with the customer (PV-2)."), field="text", code="solution"
        )
    if told.promised_on is not None and told.promised_on < today:
        raise Refusal(_("That day has passed already; choose a later one."), field="promised_on", code="past")
    if told.promised_on is not None and (told.promised_on - today).days > LONGEST_PROMISE:
        raise Refusal(
            _("That is more than half a year away: agree on a nearer day."), field="promised_on", code="far"
        )
    _refuse_lacking(clocks.judge(thing, True, told.cause, told.promised_on is not None, (), by=by, at=at))


def _may_reject(thing: Complaint, told: _Told, by: Access, at: datetime) -> None:
    _may_verify(thing, told, by, at)
    if not told.text:
        raise Refusal(
            _("Write down how it was explained to the customer (A-24)."), field="text", code="explanation"
        )
    _refuse_lacking(clocks.judge(thing, False, told.cause, False, told.routes, by=by, at=at))


def _refuse_lacking(missing: list[str]) -> None:
    """The rulebook says what a verification needs; the first that is missing is said at its field."""
    if "cause" in missing:
        raise Refusal(_("Choose the cause, for the analysis (PV-4)."), field="cause", code="cause")
    if "timetable" in missing:
        raise Refusal(
            _("Say by when it will be solved, as agreed with the customer; today where it is solved at once (PV-2)."), field="promised_on", code="timetable"
        )  # fmt: skip
    if "routes" in missing:
        raise Refusal(
            _("Name the other ways that are open to the customer: mediation, 12315, the court (A-24)."), field="routes", code="routes"
        )  # fmt: skip


def _may_complete(thing: Complaint, told: _Told, by: Access, at: datetime) -> None:
    if not told.text:
        raise Refusal(
            _("Write down what was done; the desk tells it to the customer (PV-3)."),
            field="text",
            code="outcome",
        )
    if thing.waiting_for:
        raise Refusal(_("It still waits for something: let it go on first."), code="waiting")
    if thing.compensations.filter(state=Money.PROPOSED).exists():
        raise Refusal(_("A compensation still waits for its approval."), code="money")


def _may_tell(thing: Complaint, told: _Told, by: Access, at: datetime) -> None:
    if not told.text:
        raise Refusal(_("Write down what the customer was told, and how (PV-3)."), field="text", code="told")


def _may_call_back(thing: Complaint, told: _Told, by: Access, at: datetime) -> None:
    if told.callback not in Callback.values or not told.callback:
        raise Refusal(_("Say how the callback ended."), field="callback", code="callback")
    if not told.text:
        raise Refusal(
            _("Write down what the customer says, or that nobody was reached."), field="text", code="feedback"
        )


def _may_reopen(thing: Complaint, told: _Told, by: Access, at: datetime) -> None:
    if thing.state == State.ARCHIVED:
        raise Refusal(
            _("It is archived. Register what is new as a complaint of its own: it is linked to this one as a repetition."), code="archived"
        )  # fmt: skip


def _may_archive(thing: Complaint, told: _Told, by: Access, at: datetime) -> None:
    if thing.state == State.TOLD:
        raise Refusal(
            _("Call the customer back first, and write down what the customer says (CS-6)."),
            code="no_callback",
        )
    if thing.callback == Callback.NOT_CONTENT and not told.text:
        raise Refusal(
            _("The customer was not content: take it up again, or say why it ends all the same."), field="text", code="not_content"
        )  # fmt: skip
    if thing.compensations.filter(state__in=(Money.PROPOSED, Money.APPROVED)).exists():
        raise Refusal(_("A compensation has not been given yet."), code="money")
    if thing.cases.filter(ended_at__isnull=True).exists():
        raise Refusal(_("An authority's case about it has not ended yet."), code="case")


_OBSTACLES = {
    "handing": _may_hand, "justification": _may_justify, "rejection": _may_reject, "completion": _may_complete, "telling": _may_tell,
    "callback": _may_call_back, "archiving": _may_archive, "reopening": _may_reopen,
}  # fmt: skip


def _carry_out(thing: Complaint, noun: str, told: _Told, by: Access, at: datetime) -> None:
    """What a move does, before its signature."""
    body = told.text or told.reason.strip()
    match noun:
        case "handing":
            assert told.owner is not None
            thing.owner = told.owner
            if told.outlet is not None:
                thing.outlet = thing.about_outlet = told.outlet
            body = " · ".join(filter(None, (told.owner.name, str(told.outlet or ""), told.text)))
            telling.wrote(thing, Entry.Kind.ASSIGNED, body, by, at, clock="assigned")
            body = ""
        case "justification":
            thing.verdict = Verdict.PARTLY if told.partly else Verdict.JUSTIFIED
            thing.finding, thing.cause, thing.solution, thing.promised_on = (
                told.finding[:4000],
                told.cause,
                told.text[:4000],
                told.promised_on,
            )
            thing.routes = []
        case "rejection":
            thing.verdict, thing.finding, thing.cause = Verdict.UNJUSTIFIED, told.finding[:4000], told.cause
            thing.solution, thing.routes, thing.promised_on = told.text[:4000], told.routes, None
            named = "；".join(word(thing.company_id, route) for route in told.routes)
            body = f"{told.text}\n{_('Other routes named')}: {named}"
        case "completion":
            thing.outcome = told.text[:4000]
        case "telling":
            thing.told = told.text[:500]
        case "callback":
            thing.callback, thing.feedback = told.callback, told.text[:500]
            body = f"{Callback(told.callback).label}: {told.text}"
        case "archiving":
            thing.lesson = told.lesson[:500]
        case "return" | "reopening":
            thing.reopened += 1
            thing.verdict, thing.promised_on, thing.callback = Verdict.OPEN, None, Callback.NONE
            thing.waiting_for = ""
    audience = Entry.Audience.CUSTOMER if noun in _PUBLIC else Entry.Audience.HANDLERS
    telling.wrote(
        thing, Entry.Kind.MOVE, body, by, at, audience=audience, clock=_CLOCK[noun], state=MOVES[noun].target
    )
    if noun == "justification":
        assert told.promised_on is not None
        telling.wrote(
            thing, Entry.Kind.MOVE, _("To be solved by %(day)s.") % {"day": told.promised_on.isoformat()}, by, at, audience=Entry.Audience.CUSTOMER,
            clock="promised", detail=told.promised_on.isoformat(),
        )  # fmt: skip
    thing.state = State(MOVES[noun].target)
    clocks.recount(thing, by=by, at=at)
