"""Opening, proposing, carrying out and reviewing measures; chasing those that are late (DP-6, ST-5, GN-5, MO-3, CO-8)."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit import moves
from sanbao.audit import operations as audit
from sanbao.decisions.operations import write_down
from sanbao.files import operations as files
from sanbao.improvements.models import Attachment, Measure, Review, SourceKind, Verdict
from sanbao.improvements.permissions import May
from sanbao.improvements.states import UNDER_WAY, State
from sanbao.notices.telling import tell
from sanbao.outlets.models import Outlet
from sanbao.outlets.queries import holders
from sanbao.regulations.queries import book_in_force, editions_in_force, rulebook
from sanbao.ui.refusal import Refusal
from sanbao_rules import improvements as rules

MOST_ATTACHMENTS = 20
BATCH = 500


@transaction.atomic
def open_measure(
    title: str,
    problem: str,
    cause: str = "",
    *,
    source_kind: str,
    source_pk: int | None = None,
    source_label: str = "",
    source_path: str = "",
    outlet: Outlet | None = None,
    product_line: str = "",
    owner: Person,
    due_on: date,
    remedy: str = "",
    figure: str = "",
    figure_before: Decimal | None = None,
    figure_target: Decimal | None = None,
    by: Access,
    at: datetime,
) -> Measure:
    """Open a measure for a problem that was found. Its owner is told, and must hold a post that sees it.

    `source_kind` is one of SourceKind; label and path lead back to where the problem was found. `figure` is what the effect will be read
    from, with its unit.
    """
    by.require(May.OPEN)
    made = _begun(
        title, problem, cause, source_kind=source_kind, source_pk=source_pk, source_label=source_label,
        source_path=source_path, outlet=outlet, product_line=product_line, by=by, at=at,
    )  # fmt: skip
    _refuse_past(due_on, at)
    _refuse_blind(owner, made, at)
    made.state, made.owner, made.due_on = State.OPEN, owner, due_on
    made.remedy = remedy.strip()[:2000]
    made.figure, made.figure_before, made.figure_target = figure.strip()[:80], figure_before, figure_target
    made.save(force_insert=True)
    audit.record(
        "improvements:measure:opened", made, by=by, at=at, outlet_id=made.outlet_id, owner=owner.pk,
        due_on=due_on.isoformat(), source=source_kind,
    )  # fmt: skip
    _tell_owner("improvements:given", made, by, at)
    return made


@transaction.atomic
def propose(
    title: str, problem: str, cause: str = "", remedy: str = "", *, outlet: Outlet | None = None, product_line: str = "", by: Access, at: datetime
) -> Measure:  # fmt: skip
    """A colleague proposes an improvement (CO-8); whoever may open measures accepts it or says why not."""
    by.require(May.WORK)
    made = _begun(
        title, problem, cause, source_kind=SourceKind.PROPOSAL, outlet=outlet, product_line=product_line, by=by, at=at,
    )  # fmt: skip
    made.state, made.remedy = State.PROPOSED, remedy.strip()[:2000]
    made.save(force_insert=True)
    audit.record("improvements:measure:proposed", made, by=by, at=at, outlet_id=made.outlet_id)
    deciders = holders(
        made.company_id, May.OPEN, on=timezone.localdate(at), outlet_id=made.outlet_id, but=by.person_id
    )
    tell(
        deciders, "improvements:proposed", about=made, by=by, at=at, measure=made.number, title=made.title, who=by.name
    )  # fmt: skip
    return made


def _begun(
    title: str, problem: str, cause: str, *, source_kind: str, source_pk: int | None = None, source_label: str = "",
    source_path: str = "", outlet: Outlet | None, product_line: str, by: Access, at: datetime,
) -> Measure:  # fmt: skip
    if not title.strip():
        raise Refusal(_("Give the improvement a title."), field="title", code="title")
    if not problem.strip():
        raise Refusal(_("Say what the problem is."), field="problem", code="problem")
    if source_kind not in SourceKind.values:
        raise Refusal(_("Choose where the problem was found."), field="source_kind", code="source_kind")
    if source_path and (not source_path.startswith("/") or source_path.startswith(("//", "/\\"))):
        raise Refusal(
            _("The address of the source must be a page of this product."), field="source_path", code="source_path"
        )  # fmt: skip
    if by.outlets is not None and (outlet is None or outlet.pk not in by.outlets):
        raise Refusal(_("Choose the outlet this is about."), field="outlet", code="outlet")
    return Measure(
        company_id=by.company_id, number=_number(by.company_id), title=title.strip()[:120], problem=problem.strip()[:2000],
        cause=cause.strip()[:2000], source_kind=source_kind, source_pk=source_pk, source_label=source_label.strip()[:120],
        source_path=source_path[:300], outlet=outlet, product_line=product_line.strip()[:40], opened_at=at,
        opened_by_id=by.person_id,
    )  # fmt: skip


def _refuse_past(due_on: date, at: datetime) -> None:
    if due_on < timezone.localdate(at):
        raise Refusal(_("The day lies in the past; choose one to come."), field="due_on", code="past")


def _refuse_blind(owner: Person, measure: Measure, at: datetime) -> None:
    """Somebody who can't see a measure can't answer for it."""
    who = holders(measure.company_id, May.WORK, on=timezone.localdate(at), outlet_id=measure.outlet_id)
    if owner.pk not in {person.pk for person in who}:
        raise Refusal(
            _("%(person)s holds no post that sees this improvement; choose somebody of headquarters or of its outlet.")
            % {"person": owner.name}, field="owner", code="owner",
        )  # fmt: skip


@transaction.atomic
def accept(
    measure: Measure, *, owner: Person, due_on: date, version: int | None = None, by: Access, at: datetime
) -> Measure:
    """Take a proposal up: it gets an owner and a day, and its proposer is told."""
    found = _held(measure, by, May.OPEN, version, (State.PROPOSED,))
    _refuse_past(due_on, at)
    _refuse_blind(owner, found, at)
    found.state, found.owner, found.due_on, found.told = State.OPEN, owner, due_on, ""
    _saved(found)
    audit.record(
        "improvements:measure:accepted", found, by=by, at=at, outlet_id=found.outlet_id, owner=owner.pk, due_on=due_on.isoformat()
    )  # fmt: skip
    _tell_owner("improvements:given", found, by, at)
    _tell_proposer(found, by, at)
    return found


@transaction.atomic
def decline(
    measure: Measure, reason: str, *, version: int | None = None, by: Access, at: datetime
) -> Measure:
    """Say no to a proposal, and why."""
    return _ended(measure, reason, State.DECLINED, (State.PROPOSED,), "declined", version, by, at)


@transaction.atomic
def withdraw(
    measure: Measure, reason: str, *, version: int | None = None, by: Access, at: datetime
) -> Measure:
    """Give a measure up before it is through, and say why."""
    return _ended(measure, reason, State.WITHDRAWN, UNDER_WAY, "withdrawn", version, by, at)


def _ended(
    measure: Measure, reason: str, state: State, sources: Sequence[str], verb: str, version: int | None, by: Access, at: datetime
) -> Measure:  # fmt: skip
    found = _held(measure, by, May.OPEN, version, sources)
    if not reason.strip():
        raise Refusal(_("Say why: the reason stays with it."), field="reason", code="reason")
    found.state, found.reason, found.ended_at, found.ended_by_id = (
        state, reason.strip()[:200], at, by.person_id,
    )  # fmt: skip
    _saved(found)
    audit.record(
        f"improvements:measure:{verb}", found, by=by, at=at, outlet_id=found.outlet_id, reason=found.reason
    )
    if state == State.DECLINED:
        _tell_proposer(found, by, at)
    return found


@transaction.atomic
def amend(
    measure: Measure,
    *,
    title: str,
    problem: str,
    cause: str,
    remedy: str,
    owner: Person,
    due_on: date,
    figure: str = "",
    figure_before: Decimal | None = None,
    figure_target: Decimal | None = None,
    version: int | None = None,
    by: Access,
    at: datetime,
) -> Measure:
    """Change a measure under way: its analysis, what is to be done, who by and until when. A new owner is told."""
    found = _held(measure, by, May.OPEN, version, (State.OPEN,))
    before = (found.owner_id, found.due_on)
    if not title.strip():
        raise Refusal(_("Give the improvement a title."), field="title", code="title")
    if not problem.strip():
        raise Refusal(_("Say what the problem is."), field="problem", code="problem")
    if due_on != found.due_on:
        _refuse_past(due_on, at)
        found.told = ""
    if owner.pk != found.owner_id:
        _refuse_blind(owner, found, at)
    found.title, found.problem, found.cause = (
        title.strip()[:120],
        problem.strip()[:2000],
        cause.strip()[:2000],
    )
    found.remedy, found.owner, found.due_on = remedy.strip()[:2000], owner, due_on
    found.figure, found.figure_before, found.figure_target = figure.strip()[:80], figure_before, figure_target
    _saved(found)
    audit.record(
        "improvements:measure:changed", found, by=by, at=at, outlet_id=found.outlet_id, owner=owner.pk,
        due_on=due_on.isoformat(), due_before=before[1].isoformat() if before[1] else "",
    )  # fmt: skip
    if owner.pk != before[0]:
        _tell_owner("improvements:given", found, by, at)
    return found


@transaction.atomic
def finish(
    measure: Measure,
    note: str,
    *,
    cause: str = "",
    attached: Sequence[tuple[bytes, str]] = (),
    version: int | None = None,
    by: Access,
    at: datetime,
) -> Measure:
    """Say what was done; the owner does, or whoever may open measures. The day of the review follows by the rulebook.

    Without a cause nothing was analysed (ST-5): it stands already, or is given now. `attached` are (content, name).
    """
    found = _own(measure, by, version)
    if not note.strip():
        raise Refusal(_("Say what was done."), field="note", code="note")
    found.cause = cause.strip()[:2000] or found.cause
    if not found.cause:
        raise Refusal(_("Write down the cause first: what the analysis found."), field="cause", code="cause")
    editions = editions_in_force(found.company_id, "improvements")
    decided = rules.review_day(timezone.localdate(at), rulebook(editions["improvements"]))
    found.review_decision = write_down(
        decided, facts={"done_on": timezone.localdate(at)}, editions=editions, about=found, by=by, at=at, outlet_id=found.outlet_id
    )  # fmt: skip
    found.state, found.done_at, found.done_by_id, found.done_note = (
        State.DONE, at, by.person_id, note.strip()[:2000],
    )  # fmt: skip
    found.review_on, found.review_told = decided.answer, False
    _saved(found)
    for data, name in attached:
        _attached(found, data, name, "", by, at)
    audit.record(
        "improvements:measure:done", found, by=by, at=at, outlet_id=found.outlet_id, review_on=found.review_on.isoformat()
    )  # fmt: skip
    return found


@transaction.atomic
def attach(
    measure: Measure, data: bytes, name: str, *, label: str = "", by: Access, at: datetime
) -> Attachment:
    """Put a file with a measure that is not ended."""
    found = _own(measure, by, None, UNDER_WAY)
    made = _attached(found, data, name, label, by, at)
    audit.record(
        "improvements:measure:attached", found, by=by, at=at, outlet_id=found.outlet_id, file=made.file.name
    )
    return made


def _attached(measure: Measure, data: bytes, name: str, label: str, by: Access, at: datetime) -> Attachment:
    if measure.attachments.count() >= MOST_ATTACHMENTS:
        raise Refusal(
            _("An improvement has at most %(most)s files.") % {"most": MOST_ATTACHMENTS}, field="file", code="many"
        )  # fmt: skip
    return Attachment.objects.create(
        measure=measure, round=measure.round, file=files.keep(data, name, by=by, at=at), label=label.strip()[:80], added_at=at,
        added_by_id=by.person_id,
    )  # fmt: skip


@transaction.atomic
def review(
    measure: Measure,
    verdict: str,
    *,
    figure: str,
    before: Decimal,
    after: Decimal,
    words: str = "",
    again_by: date | None = None,
    version: int | None = None,
    by: Access,
    at: datetime,
) -> Review:
    """Say whether it helped, by the figure before and after; somebody else than who owned or did it.

    Not effective: it is under way once more, due on `again_by`. Partly effective: so too where a day is given, else it ends there.
    """
    found = _held(measure, by, May.REVIEW, version, (State.DONE,))
    if by.person_id in (found.owner_id, found.done_by_id):
        raise Refusal(
            _("The effect is reviewed by somebody who neither answered for it nor did it."), code="four_eyes"
        )
    if verdict not in Verdict.values:
        raise Refusal(_("Say whether it was effective."), field="verdict", code="verdict")
    if not figure.strip():
        raise Refusal(_("Name the figure that the effect is read from."), field="figure", code="figure")
    again = verdict == Verdict.NOT or (verdict == Verdict.PARTLY and again_by is not None)
    if again and again_by is None:
        raise Refusal(
            _("It goes on: give the day by which it is done again."), field="again_by", code="again_by"
        )
    if again_by is not None and again and again_by < timezone.localdate(at):
        raise Refusal(_("The day lies in the past; choose one to come."), field="again_by", code="past")
    said = Review.objects.create(
        measure=found, round=found.round, done_at=found.done_at, done_by_id=found.done_by_id, done_note=found.done_note,
        owner_id=found.owner_id, verdict=verdict, figure=figure.strip()[:80], before=before, after=after,
        words=words.strip()[:1000], at=at, by_id=by.person_id,
    )  # fmt: skip
    found.figure, found.figure_before = (
        said.figure,
        before if found.figure_before is None else found.figure_before,
    )
    if again:
        found.state, found.due_on, found.round, found.told = State.OPEN, again_by, found.round + 1, ""
        found.done_at = found.done_by = found.review_on = found.review_decision = None
        found.done_note = ""
    else:
        found.state, found.ended_at, found.ended_by_id = verdict, at, by.person_id
    _saved(found)
    audit.record(
        "improvements:measure:reviewed", found, by=by, at=at, outlet_id=found.outlet_id, verdict=verdict, figure=said.figure,
        before=str(before), after=str(after), again=again,
    )  # fmt: skip
    _tell_owner("improvements:again" if again else "improvements:reviewed", found, by, at)
    return said


def _held(
    measure: Measure, by: Access, permission: str, version: int | None, sources: Sequence[str]
) -> Measure:
    """The measure, locked, in one of these states and as the person saw it."""
    by.require(permission)
    found: Measure = (
        Measure.objects.visible_to(by, permission).select_for_update(of=("self",)).get(pk=measure.pk)
    )
    moves.refuse_stale(found, version)
    if found.state not in sources:
        raise Refusal(
            _("%(measure)s is “%(state)s”; that can't be done with it now.")
            % {"measure": found.number, "state": found.get_state_display()}, code="state",
        )  # fmt: skip
    return found


def _own(
    measure: Measure, by: Access, version: int | None, sources: Sequence[str] = (State.OPEN,)
) -> Measure:
    """The measure, for its owner or for whoever may open measures."""
    found = _held(measure, by, May.WORK, version, sources)
    if (
        found.owner_id != by.person_id
        and not Measure.objects.visible_to(by, May.OPEN).filter(pk=found.pk).exists()
    ):
        raise Refusal(
            _("This is in %(person)s's charge; only they say that it is done.")
            % {"person": found.owner.name if found.owner else "–"}, code="owner",
        )  # fmt: skip
    return found


def _saved(measure: Measure) -> None:
    measure.version += 1
    measure.save()


def _tell_owner(kind: str, measure: Measure, by: Access, at: datetime) -> None:
    if measure.owner is None or measure.owner_id == by.person_id:
        return
    more: dict[str, Any] = (
        {"due": measure.due_on} if kind != "improvements:reviewed" else {"verdict": _said(measure)}
    )
    tell(
        [measure.owner], kind, about=measure, by=by, at=at, key=f"{measure.pk}:{measure.version}", measure=measure.number,
        title=measure.title, **more,
    )  # fmt: skip


def _tell_proposer(measure: Measure, by: Access, at: datetime) -> None:
    if measure.source_kind == SourceKind.PROPOSAL and measure.opened_by_id != by.person_id:
        tell(
            [measure.opened_by], "improvements:answered", about=measure, by=by, at=at, key=f"{measure.pk}:answered",
            measure=measure.number, title=measure.title, verdict=_said(measure),
        )  # fmt: skip


def _said(measure: Measure) -> dict[str, str]:
    """The state in both languages."""
    from django.utils.translation import override

    said = {}
    for code, language in (("zh", "zh-hans"), ("en", "en")):
        with override(language):
            said[code] = str(State(measure.state).label)
    return said


def chase(now: datetime, *, most: int = BATCH) -> int:
    """Tell whom the ladder says of measures that are due or late, and the reviewers of those to be looked at; how many. The caller opens the scope."""
    today = timezone.localdate(now)
    told = 0
    unfinished = Measure.objects.filter(state=State.OPEN).exclude(told="escalated").order_by("due_on", "id")
    for pk in list(unfinished.filter(due_on__lte=_horizon(today)).values_list("pk", flat=True)[:most]):
        told += _chase(pk, today, now)
    ripe = Measure.objects.filter(state=State.DONE, review_on__lte=today, review_told=False).order_by(
        "review_on", "id"
    )
    for pk in list(ripe.values_list("pk", flat=True)[:most]):
        told += _call_reviewers(pk, now)
    return told


def _horizon(today: date) -> date:
    """No ladder begins earlier than this before a day: whatever edition, a month of warning is the most that is looked at."""
    return date.fromordinal(today.toordinal() + 31)


@transaction.atomic
def _chase(pk: int, today: date, now: datetime) -> int:
    rows = Measure.objects.select_for_update(of=("self",), skip_locked=True).select_related("owner")
    found = rows.filter(pk=pk, state=State.OPEN).first()
    if found is None or found.due_on is None:
        return 0  # another worker has it, or it has just been done
    reached = rules.step(found.due_on, today, book_in_force(found.company_id, "improvements")).answer
    if rules.STEPS.index(reached) <= rules.STEPS.index(found.told):
        return 0
    by = Access(None, found.company_id, request="improvements")
    people = [found.owner] if found.owner else []
    if reached == "escalated":
        people += holders(found.company_id, May.REVIEW, on=today, outlet_id=found.outlet_id)
    found.told = reached
    found.save(update_fields=["told"])
    tell(
        people, "improvements:due" if reached == "warned" else "improvements:late", about=found, by=by, at=now,
        key=f"{found.pk}:{found.due_on}:{reached}", measure=found.number, title=found.title, due=found.due_on,
        who=found.owner.name if found.owner else "–",
    )  # fmt: skip
    audit.record("improvements:measure:chased", found, by=by, at=now, outlet_id=found.outlet_id, step=reached)
    return 1


@transaction.atomic
def _call_reviewers(pk: int, now: datetime) -> int:
    rows = Measure.objects.select_for_update(of=("self",), skip_locked=True)
    found = rows.filter(pk=pk, state=State.DONE, review_told=False).first()
    if found is None:
        return 0
    by = Access(None, found.company_id, request="improvements")
    reviewers = holders(found.company_id, May.REVIEW, on=timezone.localdate(now), outlet_id=found.outlet_id)
    found.review_told = True
    found.save(update_fields=["review_told"])
    tell(
        [person for person in reviewers if person.pk not in (found.owner_id, found.done_by_id)], "improvements:to-review",
        about=found, by=by, at=now, key=f"{found.pk}:{found.round}", measure=found.number, title=found.title,
    )  # fmt: skip
    return 1


def _number(company_id: int | None) -> str:
    """The next number of the company: GJ1, GJ2, … (改进)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT edge_next_number('measure', %s)", [company_id])
        return f"GJ{cursor.fetchone()[0]}"
