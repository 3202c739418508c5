"""Surveys at intervals: the audience by a filter, a sample drawn by a seed, invitations for it (SR-7, ST-5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.customers.models import Consent
from sanbao.outlets.models import Outlet
from sanbao.surveys.models import Campaign, Invitation, Questionnaire, Response, Version
from sanbao.surveys.operations.inviting import ALIVE, Basis, invite
from sanbao.surveys.permissions import May
from sanbao.ui.refusal import Refusal
from sanbao.workorders.models import Order
from sanbao.workorders.states import State
from sanbao_rules import surveys as rules

MOST = 5_000  # a sample nobody exceeds; more are several campaigns


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a campaign could ask: the jobs its filter finds, those of them that may be asked, and the latter's numbers."""

    population: int
    jobs: Sequence[int]

    @property
    def eligible(self) -> int:
        return len(self.jobs)


@transaction.atomic
def keep_campaign(
    campaign: Campaign | None,
    *,
    name: str,
    version: Version,
    first_day: date,
    last_day: date,
    outlet: Outlet | None = None,
    category: str = "",
    kind: str = "",
    size: int,
    seed: str,
    by: Access,
    at: datetime,
) -> Campaign:
    """Prepare a campaign, or change one that has not begun."""
    by.require(May.RUN)
    if not name.strip():
        raise Refusal(_("Give the survey a name."), field="name", code="name")
    if last_day < first_day:
        raise Refusal(_("The last day lies before the first."), field="last_day", code="period")
    if (
        version.state != Version.State.PUBLISHED
        or version.questionnaire.purpose != Questionnaire.Purpose.CAMPAIGN
    ):
        raise Refusal(
            _("Choose a questionnaire that is in use and made for surveys at intervals."), field="version", code="version"
        )  # fmt: skip
    if not 1 <= size <= MOST:
        raise Refusal(_("A sample has from 1 to %(most)s jobs.") % {"most": MOST}, field="size", code="size")
    if not seed.strip():
        raise Refusal(
            _("Give a seed: any word, so that the draw can be repeated."), field="seed", code="seed"
        )
    held = _draft(campaign, by) if campaign else Campaign(
        company_id=by.company_id, number=_number(by.company_id), made_at=at, made_by_id=by.person_id
    )  # fmt: skip
    held.name, held.version, held.first_day, held.last_day = name.strip()[:80], version, first_day, last_day
    held.outlet, held.category, held.kind = outlet, category[:40], kind
    held.size, held.seed = size, seed.strip()[:40]
    held.save()
    audit.record("surveys:campaign:changed" if campaign else "surveys:campaign:prepared", held, by=by, at=at)
    return held


def jobs_of(campaign: Campaign) -> QuerySet[Order]:
    """The jobs the filter finds: the population the answers stand for."""
    rows = Order.objects.filter(
        company_id=campaign.company_id, state=State.CLOSED, closed_at__date__gte=campaign.first_day,
        closed_at__date__lte=campaign.last_day,
    )  # fmt: skip
    if campaign.outlet_id:
        rows = rows.filter(outlet_id=campaign.outlet_id)
    if campaign.category:
        rows = rows.filter(unit__model__category=campaign.category)
    if campaign.kind:
        rows = rows.filter(kind=campaign.kind)
    return rows


def audience(campaign: Campaign, on: date) -> Audience:
    """How many jobs there are and which may be asked: nobody twice about a job, nobody who asked not to be, one job for each customer."""
    rows = jobs_of(campaign)
    asked = Invitation.objects.filter(order=OuterRef("pk"), state__in=ALIVE)
    answered = Response.objects.filter(order=OuterRef("pk"))
    free = (
        rows.filter(rating__isnull=True, erased_at__isnull=True)
        .exclude(Exists(asked))
        .exclude(Exists(answered))
    )
    free = free.exclude(customer__do_not_call=True).exclude(customer__no_marketing=True)
    if Basis.of(campaign.company_id).book.value("campaign_consent", on).value == "agreed":
        consent = Consent.objects.filter(
            customer=OuterRef("customer"), purpose=Consent.Purpose.SURVEY, withdrawn_at__isnull=True
        )
        free = free.filter(Exists(consent))
    known = (
        free.filter(customer__isnull=False)
        .order_by("customer_id", "-closed_at", "-pk")
        .distinct("customer_id")
    )
    jobs = [
        *known.values_list("pk", flat=True),
        *free.filter(customer__isnull=True).values_list("pk", flat=True),
    ]
    return Audience(rows.count(), sorted(jobs))


@transaction.atomic
def begin(campaign: Campaign, *, by: Access, at: datetime) -> Campaign:
    """Draw the sample and invite it. Refused where nobody may be asked."""
    from django.utils import timezone

    held = _draft(campaign, by)
    today = timezone.localdate(at)
    found = audience(held, today)
    if not found.jobs:
        raise Refusal(
            _("Nobody can be asked: of %(count)s jobs of this period none has a customer who may be asked and was not asked yet.")
            % {"count": found.population}, code="nobody",
        )  # fmt: skip
    held.population, held.eligible = found.population, found.eligible
    held.state, held.begun_at, held.begun_by_id = Campaign.State.RUNNING, at, by.person_id
    held.save()
    basis = Basis.of(held.company_id)
    drawn = rules.draw(found.jobs, held.size, held.seed)
    orders = Order.objects.select_related("unit__model").in_bulk(drawn)
    for pk in drawn:
        invite(orders[pk], held.version, held, basis, by=by, at=at)
    audit.record(
        "surveys:campaign:begun", held, by=by, at=at, population=held.population, eligible=held.eligible, sample=len(drawn), seed=held.seed
    )  # fmt: skip
    return held


@transaction.atomic
def end_campaign(campaign: Campaign, *, by: Access, at: datetime) -> Campaign:
    """Take no more answers: links that are out say that the time is over."""
    by.require(May.RUN)
    rows = Campaign.objects.visible_to(by, May.RUN).select_for_update(of=("self",))
    held: Campaign = rows.get(pk=campaign.pk)
    if held.state != Campaign.State.RUNNING:
        raise Refusal(_("Only a survey under way can be ended."), code="state")
    open_ = held.invitations.filter(Q(state=Invitation.State.SENT) | Q(state=Invitation.State.PLANNED))
    open_.filter(state=Invitation.State.PLANNED).delete()
    open_.update(state=Invitation.State.EXPIRED)
    held.state, held.ended_at, held.ended_by_id = Campaign.State.ENDED, at, by.person_id
    held.save()
    audit.record("surveys:campaign:ended", held, by=by, at=at)
    return held


def _draft(campaign: Campaign, by: Access) -> Campaign:
    by.require(May.RUN)
    rows = Campaign.objects.visible_to(by, May.RUN).select_related("version__questionnaire", "outlet")
    held: Campaign = rows.select_for_update(of=("self",)).get(pk=campaign.pk)
    if held.state != Campaign.State.DRAFT:
        raise Refusal(_("This survey has begun; it is not changed any more."), code="begun")
    return held


def _number(company_id: int | None) -> str:
    """The next number of the company: DC1, DC2, … (调查)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT edge_next_number('survey', %s)", [company_id])
        return f"DC{cursor.fetchone()[0]}"
