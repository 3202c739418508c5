"""Asking people to read: preparing a campaign, asking everybody on the posts named, confirming, reminding, closing (BA-8)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.accounts.roles import ROLES
from sanbao.accounts.scope import everything, opened
from sanbao.audit import operations as audit
from sanbao.decisions import operations as decisions
from sanbao.documents import telling
from sanbao.documents.models import Campaign, Question, Reading, Try, Version
from sanbao.documents.permissions import May
from sanbao.documents.reading_first import ACTIONS
from sanbao.documents.states import State
from sanbao.outlets.models import Outlet, Posting
from sanbao.regulations.models import Edition
from sanbao.regulations.queries import book_in_force, editions_in_force
from sanbao.ui.refusal import Refusal, Stale
from sanbao_rules import personnel

FIELDS = (
    "kind",
    "title",
    "message",
    "posts",
    "outlets",
    "due_on",
    "remind_days",
    "late_days",
    "stops",
    "repeats",
)
MOST_QUESTIONS, MOST_OPTIONS = 20, 6


@transaction.atomic
def prepare_campaign(
    about: Version | Edition, fields: Mapping[str, Any], *, by: Access, at: datetime
) -> Campaign:
    """Prepare a campaign about a regulation's version or a rulebook's edition; nobody is asked before it begins."""
    by.require(May.RUN)
    made = Campaign(company_id=by.company_id, made_at=at, made_by_id=by.person_id)
    if isinstance(about, Version):
        made.version = Version.objects.visible_to(by, May.SEE).get(pk=about.pk)
        if made.version.state not in (State.APPROVED, State.IN_FORCE):
            raise Refusal(
                _("Only what is approved can be read out to people. Have it approved first."), field="about", code="not_approved"
            )  # fmt: skip
    else:
        made.edition = Edition.objects.in_company(by.company_id or 0).get(pk=about.pk)
    _fill(made, fields, timezone.localdate(at))
    made.save(force_insert=True)
    audit.record("documents:campaign:prepared", made, by=by, at=at)
    return made


@transaction.atomic
def amend_campaign(campaign: Campaign, fields: Mapping[str, Any], *, by: Access, at: datetime) -> Campaign:
    """Change a campaign. While it runs only the due day, the reminder and what rests can change; whoever was asked is asked still."""
    by.require(May.RUN)
    found = _held(campaign, by)
    if found.state == Campaign.State.CLOSED:
        raise Refusal(_("This campaign is closed."), code="closed")
    if found.state == Campaign.State.RUNNING:
        allowed = {"due_on", "remind_days", "late_days", "stops", "message", "repeats"}
        fields = {name: value for name, value in fields.items() if name in allowed}
    due_before = found.due_on
    _fill(found, fields, timezone.localdate(at))
    found.save()
    if found.state == Campaign.State.RUNNING and found.due_on != due_before:
        found.readings.filter(confirmed_at__isnull=True, due_on=due_before).update(due_on=found.due_on)
    if found.state == Campaign.State.RUNNING:
        _plan_again(found, by, at)
    audit.record("documents:campaign:changed", found, by=by, at=at)
    return found


@transaction.atomic
def add_question(
    campaign: Campaign, text: str, options: Sequence[str], right: int, *, by: Access, at: datetime
) -> Question:
    """Add a question that must be answered right; only while the campaign is being prepared, so that everybody answers the same."""
    by.require(May.RUN)
    found = _prepared(campaign, by)
    options = [option.strip() for option in options if option.strip()]
    if not text.strip():
        raise Refusal(_("Write the question."), field="text", code="text")
    if not 2 <= len(options) <= MOST_OPTIONS or len(set(options)) != len(options):
        raise Refusal(
            _("Give two to %(most)s different answers, one a line.") % {"most": MOST_OPTIONS}, field="options", code="options"
        )  # fmt: skip
    if not 0 <= right < len(options):
        raise Refusal(_("Say which answer is right."), field="right", code="right")
    if found.questions.count() >= MOST_QUESTIONS:
        raise Refusal(_("A campaign has at most %(most)s questions.") % {"most": MOST_QUESTIONS}, code="many")
    made = Question.objects.create(
        company_id=found.company_id, campaign=found, text=text.strip(), options=options, right=right
    )
    audit.record("documents:campaign:changed", found, by=by, at=at, question=made.text[:60])
    return made


@transaction.atomic
def remove_question(question: Question, *, by: Access, at: datetime) -> Campaign:
    """Take a question out while the campaign is being prepared."""
    by.require(May.RUN)
    found = _prepared(question.campaign, by)
    audit.record("documents:campaign:changed", found, by=by, at=at, removed=question.text[:60])
    question.delete()
    return found


@transaction.atomic
def begin_campaign(campaign: Campaign, *, by: Access, at: datetime) -> Campaign:
    """Ask everybody who holds a post that is meant today; each is told once."""
    by.require(May.RUN)
    return _begin(_prepared(campaign, by), by, at)


def _begin(found: Campaign, by: Access, at: datetime) -> Campaign:
    today = timezone.localdate(at)
    if found.due_on < today:
        raise Refusal(_("The due day has gone by. Choose a later one first."), field="due_on", code="past")
    found.state, found.begun_at = Campaign.State.RUNNING, at
    found.save()
    if not _ask(found, today, found.due_on, by, at):
        raise Refusal(
            _("Nobody holds such a post today: choose other posts or outlets."), field="posts", code="nobody"
        )
    _plan_again(found, by, at)
    audit.record("documents:campaign:begun", found, by=by, at=at, asked=found.asked)
    return found


def _plan_again(campaign: Campaign, by: Access, at: datetime) -> None:
    """When it comes again, by the book `personnel`: a decision kept beside its answer (SR-6, CS-5)."""
    if not campaign.repeats or campaign.begun_at is None:
        campaign.again_on = None
        campaign.save(update_fields=["again_on"])
        return
    known = {"last_on": timezone.localdate(campaign.begun_at), "on": timezone.localdate(at)}
    made = personnel.assessment(**known, book=book_in_force(campaign.company_id, "personnel"))
    if campaign.again_on == made.answer["due"]:
        return
    campaign.again_on = made.answer["due"]
    campaign.again_decision = decisions.write_down(
        made, facts=known, editions=editions_in_force(campaign.company_id, "personnel"), about=campaign, by=by, at=at
    )  # fmt: skip
    campaign.save(update_fields=["again_on", "again_decision"])


@transaction.atomic
def close_campaign(campaign: Campaign, *, by: Access, at: datetime) -> Campaign:
    """Ask nobody any more; nothing rests because of it any longer. What was confirmed stays on record."""
    by.require(May.RUN)
    found = _held(campaign, by)
    if found.state != Campaign.State.RUNNING:
        raise Refusal(_("This campaign does not run."), code="not_running")
    found.state, found.closed_at = Campaign.State.CLOSED, at
    _count(found)
    found.save()
    audit.record(
        "documents:campaign:closed", found, by=by, at=at, asked=found.asked, confirmed=found.confirmed
    )
    return found


# What a reader does


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a confirmation: whether it counts, and which questions were answered wrongly."""

    reading: Reading
    confirmed: bool
    wrong: tuple[int, ...] = ()


@transaction.atomic
def confirm(
    campaign: Campaign, answers: Mapping[int, int], *, read: bool, by: Access, at: datetime
) -> Outcome:
    """Confirm that one has read. Every try at the questions is kept; only when all are right the reading counts."""
    found = _own(campaign, by)
    if found.confirmed_at is not None:
        return Outcome(found, True)
    if found.campaign.state != Campaign.State.RUNNING:
        raise Refusal(_("This campaign does not run."), code="not_running")
    if not read:
        raise Refusal(_("Read it to the end, then tick that you have."), field="read", code="unread")
    questions = list(found.campaign.questions.order_by("pk"))
    if missing := [question for question in questions if question.pk not in answers]:
        raise Refusal(
            _("Answer every question; %(count)d have no answer yet.") % {"count": len(missing)}, field=f"question-{missing[0].pk}",
            code="unanswered",
        )  # fmt: skip
    wrong = tuple(question.pk for question in questions if answers[question.pk] != question.right)
    if questions:
        Try.objects.create(
            company_id=found.company_id, reading=found, at=at, right=len(questions) - len(wrong), of=len(questions),
            answers={str(question.pk): answers[question.pk] for question in questions},
        )  # fmt: skip
        found.tries += 1
    if wrong:
        found.save()
        audit.record("documents:reading:tried", found.campaign, by=by, at=at, wrong=len(wrong))
        return Outcome(found, False, wrong)
    found.confirmed_at = at
    found.save()
    Campaign.objects.filter(pk=found.campaign_id).update(confirmed=F("confirmed") + 1)
    audit.record("documents:reading:confirmed", found.campaign, by=by, at=at, outlet_id=found.outlet_id)
    return Outcome(found, True)


def _own(campaign: Campaign, by: Access) -> Reading:
    """One's own reading, locked; DoesNotExist for whoever is not asked."""
    by.require(May.SEE)
    rows = Reading.objects.of(by).exclude(campaign__state=Campaign.State.DRAFT).select_related("campaign")
    found: Reading = rows.select_for_update(of=("self",)).get(campaign_id=campaign.pk)
    return found


# What the job does every morning


def ask_and_remind(at: datetime) -> int:
    """Ask newcomers, leave out those who have left, remind before and after the due day. How many readings were told; each stage once."""
    with everything("the running campaigns of every company"):
        running = list(Campaign.objects.filter(state=Campaign.State.RUNNING).order_by("pk"))
    told = 0
    for campaign in running:
        by = Access(None, campaign.company_id, request="job")
        with opened(by), everything("what the calendar does, nobody asks for"), transaction.atomic():
            told += _tend(campaign, by, at)
    return told + _come_again(at)


def _come_again(at: datetime) -> int:
    """Begin anew what comes again today: the same people, the same questions, about the text in force by now. How many were asked."""
    with everything("the campaigns of every company that come again"):
        due = list(
            Campaign.objects.filter(again_on__lte=timezone.localdate(at), next__isnull=True).order_by("pk")
        )
    told = 0
    for campaign in due:
        by = Access(None, campaign.company_id, request="job")
        with opened(by), everything("what the calendar does, nobody asks for"), transaction.atomic():
            told += _again(campaign, by, at)
    return told


def _again(campaign: Campaign, by: Access, at: datetime) -> int:
    found = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    today = timezone.localdate(at)
    if Campaign.objects.filter(follows=found).exists() or not audience(found, today).exists():
        return 0  # another worker was quicker; or nobody is meant today, and somebody may be tomorrow
    begun = timezone.localdate(found.begun_at) if found.begun_at else today
    made = Campaign(
        company_id=found.company_id, made_at=at, made_by_id=found.made_by_id, follows=found, edition=found.edition,
        version=_by_now(found.version) if found.version else None, due_on=today + max(found.due_on - begun, timedelta()),
        **{name: getattr(found, name) for name in FIELDS if name != "due_on"},
    )  # fmt: skip
    made.save(force_insert=True)
    Question.objects.bulk_create(
        Question(
            company_id=one.company_id, campaign=made, text=one.text, options=one.options, right=one.right
        )
        for one in found.questions.order_by("pk")
    )
    audit.record("documents:campaign:prepared", made, by=by, at=at)
    return _begin(made, by, at).asked


def _by_now(version: Version) -> Version:
    """The version in force of the same document; where none is any more, the one that was read."""
    in_force = Version.objects.filter(document_id=version.document_id, state=State.IN_FORCE).first()
    return in_force or version


def _tend(campaign: Campaign, by: Access, at: datetime) -> int:
    found = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if found.state != Campaign.State.RUNNING:
        return 0
    today = timezone.localdate(at)
    told = _ask(found, today, max(found.due_on, today + timedelta(days=found.late_days)), by, at)
    waiting = found.readings.filter(confirmed_at__isnull=True, left_on__isnull=True).select_related(
        "person", "campaign"
    )
    for reading in waiting.order_by("pk"):
        if reading.due_on < today:
            telling.overdue(reading, by=by, at=at)
            told += 1
        elif (
            found.remind_days
            and reading.asked_on < today
            and today >= reading.due_on - timedelta(days=found.remind_days)
        ):
            telling.reminded(reading, by=by, at=at)
            told += 1
    return told


def _ask(campaign: Campaign, today: date, due: date, by: Access, at: datetime) -> int:
    """Ask whoever is meant today and was not asked yet; those who hold no such post any more are left out, and come back with it."""
    meant: dict[int, Posting] = {}
    for posting in audience(campaign, today):
        meant.setdefault(posting.person_id, posting)
    known = {reading.person_id: reading for reading in campaign.readings.all()}
    fresh = [
        Reading(
            company_id=campaign.company_id, campaign=campaign, person_id=posting.person_id, role=posting.role,
            region_id=posting.outlet.region_id if posting.outlet else posting.region_id,
            outlet_id=posting.outlet_id, asked_on=today, due_on=due,
        )
        for person_id, posting in meant.items() if person_id not in known
    ]  # fmt: skip
    Reading.objects.bulk_create(fresh, batch_size=1000)
    for person_id, reading in known.items():
        if (person_id in meant) == (reading.left_on is not None):
            reading.left_on = None if person_id in meant else today
            reading.save(update_fields=["left_on"])
    _count(campaign)
    campaign.save(update_fields=["asked", "confirmed"])
    people = Person.objects.in_bulk([reading.person_id for reading in fresh])
    for reading in fresh:
        telling.asked(reading, people[reading.person_id], by=by, at=at)
    return len(fresh)


def audience(campaign: Campaign, on: date) -> QuerySet[Posting]:
    """The posts that are asked on a day, outlets' before others so that progress is told by outlet."""
    with everything("who is asked is found whatever the asker may see"):
        rows = Posting.objects.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=on),
            company_id=campaign.company_id,
            person__is_active=True,
        )
        if campaign.posts:
            rows = rows.filter(role__in=campaign.posts)
        if campaign.outlets:
            rows = rows.filter(outlet__in=campaign.outlets)
        return rows.select_related("outlet").order_by(F("outlet_id").asc(nulls_last=True), "pk")


def _count(campaign: Campaign) -> None:
    counts = campaign.readings.filter(Q(left_on__isnull=True) | Q(confirmed_at__isnull=False)).aggregate(
        asked=Count("pk"), confirmed=Count("pk", filter=Q(confirmed_at__isnull=False))
    )
    campaign.asked, campaign.confirmed = counts["asked"], counts["confirmed"]


def _held(campaign: Campaign, by: Access) -> Campaign:
    found: Campaign = (
        Campaign.objects.visible_to(by, May.RUN).select_for_update(of=("self",)).get(pk=campaign.pk)
    )
    return found


def _prepared(campaign: Campaign, by: Access) -> Campaign:
    found = _held(campaign, by)
    if found.state != Campaign.State.DRAFT:
        raise Stale(_("This campaign has begun already; it can't be changed any more."), code="begun")
    return found


def _fill(campaign: Campaign, fields: Mapping[str, Any], today: date) -> None:
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"a campaign has no {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(campaign, name, value)
    campaign.title = campaign.title.strip()
    if not campaign.title:
        raise Refusal(_("Give the campaign a title."), field="title", code="title")
    if campaign.due_on is None or ("due_on" in fields and campaign.due_on < today):
        raise Refusal(_("The due day is today or later."), field="due_on", code="past")
    campaign.posts = _known(campaign.posts, ROLES, "posts", _("There is no such post."))
    campaign.stops = _known(campaign.stops, ACTIONS, "stops", _("This can't rest until something is read."))
    campaign.outlets = sorted(set(campaign.outlets))
    there = Outlet.objects.filter(company_id=campaign.company_id, pk__in=campaign.outlets).count()
    if there != len(campaign.outlets):
        raise Refusal(_("One of these outlets is not there."), field="outlets", code="outlet")


def _known(chosen: Iterable[str], known: Mapping[str, Any], field: str, sentence: str) -> list[str]:
    found = list(dict.fromkeys(chosen))
    if any(each not in known for each in found):
        raise Refusal(sentence, field=field, code=field)
    return found
