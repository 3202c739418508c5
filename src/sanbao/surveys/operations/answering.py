"""A customer answers, by link or on paper; what a low score sets off; an answer put right on the same day (DP-6, SC-2, SC-4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Company
from sanbao.audit import operations as audit
from sanbao.decisions.operations import write_down
from sanbao.notices.telling import tell
from sanbao.outlets.models import Outlet
from sanbao.outlets.queries import holders
from sanbao.surveys.models import Invitation, Question, Response, Said, Version
from sanbao.surveys.operations.following import request_for
from sanbao.surveys.operations.inviting import ALIVE, Basis, category_of
from sanbao.surveys.operations.questions import OVERALL, WORKS
from sanbao.surveys.permissions import May
from sanbao.ui.refusal import Refusal, Stale
from sanbao.workorders import operations as workorders
from sanbao.workorders.models import Order
from sanbao_rules import surveys as rules

MOST_WORDS = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """What a customer says: by question's code the stars, the codes chosen or the words; and words beside the score."""

    answers: Mapping[str, Any]
    words: str = ""
    anonymous: bool = False
    call_back: bool = False


@dataclass(slots=True)
class _Read:
    """The answers as they are kept."""

    score: int = 0
    rows: list[tuple[Question, int | None, list[str], str]] = field(default_factory=list)


def door(company: Company) -> Access:
    """The company's own work for whoever stands outside: nobody in person, with no permission."""
    return Access(None, company.pk, (Grant("door", None, None),), name="", request="survey")


@transaction.atomic
def answer(invitation: Invitation, told: Told, *, by: Access, at: datetime) -> Response:
    """The first answer to a link; it stays. Refused when it was answered before, when it has run out, and when the work began again.

    Call it in the scope of `door`: whoever opens it has the link.
    """
    rows = Invitation.objects.select_related("order__unit__model", "version", "campaign")
    held: Invitation = rows.select_for_update(of=("self",)).get(pk=invitation.pk)
    refuse_closed(held, at)
    made = _kept(
        held.version, told, order=held.order, outlet=held.outlet, source=Response.Source.LINK, invitation=held, by=by, at=at
    )  # fmt: skip
    held.state = Invitation.State.ANSWERED
    held.answered_at = _day(at) if told.anonymous else at
    held.save(update_fields=["state", "answered_at"])
    if not told.anonymous:
        _complete_flow(held.order, made, by, at)
    return made


def refuse_closed(invitation: Invitation, at: datetime) -> None:
    """Why a link can't be answered, in words the customer can use."""
    if invitation.state == Invitation.State.ANSWERED:
        raise Stale(_("You have answered this already; your first answer counts. Thank you."), code="twice")
    is_over = invitation.last_day is not None and invitation.last_day < timezone.localdate(at)
    if invitation.state == Invitation.State.EXPIRED or (
        invitation.state == Invitation.State.SENT and is_over
    ):
        raise Refusal(
            _("This survey could be answered until %(day)s. If something is wrong, please call us.") % {"day": invitation.last_day},
            code="expired",
        )  # fmt: skip
    if invitation.state != Invitation.State.SENT:
        raise Refusal(
            _("The work began again, so we ask you when it is done. If something is wrong, please call us."), code="closed"
        )  # fmt: skip


def _day(at: datetime) -> datetime:
    """The beginning of the day: the hour of an anonymous answer could tell who gave it."""
    return timezone.make_aware(datetime.combine(timezone.localdate(at), time()))


def _kept(
    version: Version, told: Told, *, order: Order | None, outlet: Outlet | None, source: str, invitation: Invitation | None,
    by: Access, at: datetime, kind: str = "", category: str = "",
) -> Response:  # fmt: skip
    read = _read(version, told.answers)
    decided, basis = _judged(read.score, told.words, order, at, version.company_id)
    named = None if told.anonymous else order
    made = Response(
        company_id=version.company_id, outlet=outlet, invitation=None if told.anonymous else invitation, order=named,
        campaign=invitation.campaign if invitation else None, version=version, engineer_id=named.engineer_id if named else None,
        category=category_of(order) if order else category, kind=order.kind if order else kind, source=source, anonymous=told.anonymous,
        score=read.score, words=told.words.strip()[:MOST_WORDS], low=decided.answer["low"],
        call_back=told.call_back and not told.anonymous, answered_at=_day(at) if told.anonymous else at, entered_by_id=by.person_id,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise Stale(
            _("There is an answer about this work order already; the first one counts."), code="twice"
        ) from None
    _say(made, read)
    made.decision = write_down(
        decided, facts={"stars": read.score, "on": timezone.localdate(at)}, editions=basis.editions, about=made, by=by, at=at,
        outlet_id=made.outlet_id,
    )  # fmt: skip
    made.save(update_fields=["decision"])
    audit.record(
        "surveys:response:given", made, by=by, at=at, outlet_id=made.outlet_id, score=made.score, source=source, anonymous=told.anonymous
    )  # fmt: skip
    _follow(made, decided.answer["request"], by, at)
    return made


def _judged(
    score: int, words: str, order: Order | None, at: datetime, company_id: int | None
) -> tuple[Any, Basis]:
    """The rule about the score; refuses a low one without a word."""
    basis = Basis.of(company_id)
    decided = rules.score(score, timezone.localdate(at), basis.book)
    if decided.answer["comment"] and not words.strip():
        raise Refusal(
            _("We are sorry. Tell us in a few words what was wrong, so that we can put it right."), field="words", code="words"
        )  # fmt: skip
    return decided, basis


def _read(version: Version, answers: Mapping[str, Any]) -> _Read:
    """The answers by question; refuses what a question does not offer, beside it."""
    read = _Read()
    for question in version.questions.all():
        given = answers.get(question.code)
        stars, chosen, words = None, [], ""
        match question.kind:
            case Question.Kind.STARS:
                stars = int(given) if str(given or "") in {"1", "2", "3", "4", "5"} else None
                missing = stars is None
            case Question.Kind.TEXT:
                words = str(given or "").strip()[:MOST_WORDS]
                missing = not words
            case _:
                wanted = [given] if isinstance(given, str) else list(given or ())
                known = [one["code"] for one in question.options]
                chosen = [code for code in known if code in wanted]
                if set(wanted) - set(known) - {""} or (
                    question.kind == Question.Kind.CHOICE and len(chosen) > 1
                ):
                    raise Refusal(_("Choose one of the answers."), field=question.code, code="choice")
                missing = not chosen
        if missing and question.required:
            raise Refusal(_("Please answer this question."), field=question.code, code="required")
        if not missing:
            read.rows.append((question, stars, chosen, words))
        if question.code == OVERALL and stars is not None:
            read.score = stars
    return read


def _say(response: Response, read: _Read) -> None:
    Said.objects.bulk_create(
        Said(response=response, question=question, stars=stars, chosen=chosen, words=words)
        for question, stars, chosen, words in read.rows
    )


def _follow(response: Response, request: bool, by: Access, at: datetime) -> None:
    """A low score goes up: whoever leads is told; a request is registered where the rulebook or the customer says so."""
    if (request and response.order is not None) or response.call_back:
        request_for(response, by=by, at=at)
    if not response.low and not response.call_back:
        return
    on = timezone.localdate(at)
    people = {person.pk: person for person in holders(response.company_id, May.RUN, on=on)}
    if response.outlet_id:
        people |= {
            person.pk: person
            for person in holders(
                response.company_id, May.SEE, on=on, outlet_id=response.outlet_id, only_there=True
            )
        }
    tell(
        people.values(), "surveys:low", about=response, by=by, at=at, key=f"{response.pk}", stars=response.score,
        where=response.outlet.code if response.outlet else "–", order=response.order.number if response.order else "–",
    )  # fmt: skip


def _complete_flow(order: Order, response: Response, by: Access, at: datetime) -> None:
    """A customer who says that it works has been cared for: the last step of the order's flow is done (SC-2, SC-4).

    Where an earlier step is still open, the step stays to be done by somebody.
    """
    said = response.said.filter(question__code=WORKS).first()
    works = said is not None and said.chosen == ["yes"]
    if not rules.flow_end(works, timezone.localdate(at), Basis.of(order.company_id).book).answer:
        return
    words = response.words or _("Survey answered: it works, %(stars)s stars.") % {"stars": response.score}
    try:
        with transaction.atomic():
            workorders.care_after(order, words, by=door(order.company), at=at)
    except Refusal:
        return


@transaction.atomic
def correct(invitation: Invitation, told: Told, *, by: Access, at: datetime) -> Response:
    """The customer puts an answer right, on the same day if the rulebook lets it; an anonymous one is nobody's any more."""
    found = Response.objects.select_for_update(of=("self",)).select_related("version", "outlet", "order").filter(invitation=invitation).first()  # fmt: skip
    basis = Basis.of(invitation.company_id)
    on = timezone.localdate(at)
    if found is None or not rules.correction(timezone.localdate(found.answered_at), on, basis.book).answer:
        raise Stale(_("You have answered this already; your first answer counts. Thank you."), code="twice")
    read = _read(found.version, told.answers)
    decided, basis = _judged(read.score, told.words, found.order, at, found.company_id)
    was_low = found.low or found.call_back
    found.score, found.words, found.low = read.score, told.words.strip()[:MOST_WORDS], decided.answer["low"]
    found.call_back, found.corrected_at = told.call_back, at
    found.decision = write_down(
        decided, facts={"stars": read.score, "on": on}, editions=basis.editions, about=found, by=by, at=at, outlet_id=found.outlet_id,
        supersedes=found.decision,
    )  # fmt: skip
    found.save()
    found.said.all().delete()
    _say(found, read)
    audit.record(
        "surveys:response:corrected", found, by=by, at=at, outlet_id=found.outlet_id, score=found.score
    )
    if not was_low:
        _follow(found, decided.answer["request"], by, at)
    return found


@transaction.atomic
def enter(
    version: Version, told: Told, *, order: Order | None = None, outlet: Outlet | None = None, kind: str = "", category: str = "",
    by: Access, at: datetime,
) -> Response:  # fmt: skip
    """A colleague types in what a customer has written on paper (SR-7). With the order's number the job counts as asked."""
    by.require(May.ENTER)
    if version.state == Version.State.DRAFT:
        raise Refusal(
            _("This questionnaire was never sent; choose one in use."), field="version", code="draft"
        )
    if order is not None:
        outlet = order.outlet
    if by.outlets is not None and (outlet is None or outlet.pk not in by.outlets):
        raise Refusal(_("Choose your outlet."), field="outlet", code="outlet")
    invitation = None
    if order is not None:
        rows = Invitation.objects.select_related("campaign").select_for_update(of=("self",))
        invitation = rows.filter(order=order, state__in=ALIVE).first()
        if invitation is not None and invitation.state == Invitation.State.ANSWERED:
            raise Refusal(
                _("The customer of this work order has answered already; the first answer counts."), field="number", code="twice"
            )  # fmt: skip
    made = _kept(
        version, told, order=order, outlet=outlet, source=Response.Source.PAPER, invitation=invitation, by=by, at=at, kind=kind, category=category
    )  # fmt: skip
    if invitation is not None:
        invitation.state, invitation.answered_at = (
            Invitation.State.ANSWERED,
            _day(at) if told.anonymous else at,
        )
        if invitation.sent_at is None:
            invitation.sent_at, invitation.channel = at, "paper"
        invitation.save(update_fields=["state", "answered_at", "sent_at", "channel"])
    if order is not None and not told.anonymous:
        _complete_flow(order, made, by, at)
    return made


def shown_answers(response: Response) -> Sequence[Said]:
    """What was said, in the order of the questions."""
    return list(response.said.select_related("question").order_by("question__position", "question_id"))
