"""What the answers say: satisfaction by outlet, engineer, product, question and month; for pages, API, and the appraisals above.

Two sources, each job once: answers to surveys, and the ratings customers leave on the order's page (of orders without an answered survey).
The definitions stand in docs/modules/surveys.md.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.outlets.models import Outlet
from sanbao.regulations.queries import book_in_force
from sanbao.surveys.models import Campaign, Invitation, Publication, Questionnaire, Response, Said, Version
from sanbao.surveys.permissions import May
from sanbao.workorders.models import Order
from sanbao.workorders.states import State
from sanbao_rules import surveys as rules
from sanbao_rules.decision import Decision

SURVEYS, RATINGS = "surveys", "ratings"
GROUPS = ("outlet", "engineer", "category", "kind", "month")


@dataclass(frozen=True, slots=True)
class Cut:
    """Which answers: given from the first day to the last (both included); of a campaign, an outlet, a product, a source."""

    first_day: date
    last_day: date
    campaign_id: int | None = None
    outlet_id: int | None = None
    category: str = ""
    source: str = ""

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The moments between which an answer lies."""
        begin, end = (
            timezone.make_aware(datetime.combine(day, time()))
            for day in (self.first_day, self.last_day + timedelta(days=1))
        )
        return begin, end


@dataclass(frozen=True, slots=True)
class Figures:
    """What a group's answers say. `hidden`: too few to be shown, or it would give a small group away."""

    key: Any
    label: str
    answers: int
    satisfied: int
    rate: Decimal | None
    mean: Decimal | None
    hidden: bool = False


@dataclass(slots=True)
class Results:
    """A page of results."""

    total: Figures
    decision: Decision
    population: int
    asked: int
    scores: list[int]
    by_source: list[Figures] = field(default_factory=list)
    groups: dict[str, list[Figures]] = field(default_factory=dict)
    questions: list[dict[str, Any]] = field(default_factory=list)
    least: int = 0


# Which rows


def responses(access: Access) -> QuerySet[Response]:
    """The answers a person may read one by one."""
    return Response.objects.visible_to(access, May.SEE)


def invitations(access: Access) -> QuerySet[Invitation]:
    """Who was or is to be asked, in a person's reach."""
    return Invitation.objects.visible_to(access, May.SEE)


def campaigns(access: Access) -> QuerySet[Campaign]:
    return Campaign.objects.visible_to(access, May.SEE)


def questionnaires(access: Access) -> QuerySet[Questionnaire]:
    return Questionnaire.objects.visible_to(access, May.SEE)


def publications(access: Access) -> QuerySet[Publication]:
    """The published results: for everybody in the company."""
    return Publication.objects.visible_to(access, May.READ)


def versions_in_use(access: Access, purpose: str = "") -> QuerySet[Version]:
    rows = Version.objects.visible_to(access, May.SEE).filter(state=Version.State.PUBLISHED)
    rows = rows.select_related("questionnaire")
    return rows.filter(questionnaire__purpose=purpose) if purpose else rows


def answered(rows: QuerySet[Response], cut: Cut) -> QuerySet[Response]:
    """Of these answers those of a cut."""
    begin, end = cut.span
    rows = rows.filter(answered_at__gte=begin, answered_at__lt=end)
    if cut.campaign_id:
        rows = rows.filter(campaign_id=cut.campaign_id)
    if cut.outlet_id:
        rows = rows.filter(outlet_id=cut.outlet_id)
    if cut.category:
        rows = rows.filter(category=cut.category)
    return rows.none() if cut.source == RATINGS else rows


def rated(orders: QuerySet[Order], cut: Cut) -> QuerySet[Order]:
    """Of these orders those with a rating on their page, closed within the cut, whose customer has answered no survey about them."""
    begin, end = cut.span
    rows = orders.filter(rating__isnull=False, closed_at__gte=begin, closed_at__lt=end)
    rows = rows.exclude(survey_invitations__state=Invitation.State.ANSWERED)
    if cut.outlet_id:
        rows = rows.filter(outlet_id=cut.outlet_id)
    if cut.category:
        rows = rows.filter(unit__model__category=cut.category)
    return rows.none() if cut.source == SURVEYS or cut.campaign_id else rows


# Counting


def satisfaction(access: Access, cut: Cut, group: str, on: date, *, show_all: bool = False) -> list[Figures]:
    """The figures of each group: outlet, engineer, category, kind or month. Groups too small are hidden unless `show_all`.

    Anonymous answers have no engineer; they stand under none.
    """
    counted = _counts(access, cut, group)
    return _figures(access, counted, group, on, show_all=show_all)


def satisfaction_by_outlet(access: Access, first: date, last: date, on: date) -> dict[int, Figures]:
    """For appraisals: outlet → its figures of a period, small groups too (they are judged by their own scale)."""
    rows = satisfaction(access, Cut(first, last), "outlet", on, show_all=True)
    return {row.key: row for row in rows if row.key is not None}


def satisfaction_by_person(access: Access, first: date, last: date, on: date) -> dict[int, Figures]:
    """For appraisals: engineer → the figures of the jobs they answered for, in a period."""
    rows = satisfaction(access, Cut(first, last), "engineer", on, show_all=True)
    return {row.key: row for row in rows if row.key is not None}


def satisfaction_of_period(access: Access, first: date, last: date, on: date) -> Figures:
    """For appraisals: the figures of everything in the person's reach."""
    counted = _counts(access, Cut(first, last), "all")
    return _figure(None, "", counted.get(None, Counter()), _limit(access, on))


def response_rate(access: Access, first: date, last: date) -> Decimal | None:
    """Answered of those sent in a period, by link or on paper; without ratings, which nobody is sent for."""
    rows = invitations(access).filter(sent_at__date__gte=first, sent_at__date__lte=last)
    found = rows.aggregate(sent=Count("pk"), answered=Count("pk", filter=Q(state=Invitation.State.ANSWERED)))
    return rules.rate(found["answered"], found["sent"])


_RESPONSE_KEYS = {"outlet": "outlet_id", "engineer": "engineer_id", "category": "category", "kind": "kind"}
_ORDER_KEYS = {
    "outlet": "outlet_id",
    "engineer": "engineer_id",
    "category": "unit__model__category",
    "kind": "kind",
}


def _counts(access: Access, cut: Cut, group: str) -> dict[Any, Counter[int]]:
    """Group → how many gave each number of stars, of both sources; two statements."""
    found: dict[Any, Counter[int]] = {}
    sources: tuple[tuple[QuerySet[Any], Mapping[str, str], str, str], ...] = (
        (answered(responses(access), cut), _RESPONSE_KEYS, "score", "answered_at"),
        (rated(Order.objects.visible_to(access, May.SEE), cut), _ORDER_KEYS, "rating", "closed_at"),
    )
    for rows, keys, stars, moment in sources:
        if group == "month":
            rows = rows.annotate(key=TruncMonth(moment))
        elif group == "all":
            rows = rows.annotate(key=F("company_id"))
        else:
            rows = rows.annotate(key=F(keys[group]))
        for key, score, count in rows.order_by().values_list("key", stars).annotate(count=Count("pk")):
            place = (
                timezone.localtime(key).date()
                if group == "month"
                else None
                if group == "all"
                else key or None
            )
            found.setdefault(place, Counter())[score] += count
    return found


def _limit(access: Access, on: date) -> int:
    return int(book_in_force(access.company_id, rules.BOOK).value("satisfied_from", on).value)


def _figure(key: Any, label: str, scores: Mapping[int, int], limit: int, hidden: bool = False) -> Figures:
    answers = sum(scores.values())
    glad = sum(count for stars, count in scores.items() if stars >= limit)
    mean = Decimal(sum(stars * count for stars, count in scores.items())) / answers if answers else None
    return Figures(
        key, label, answers, glad, rules.rate(glad, answers), None if mean is None else mean.quantize(Decimal("0.01")), hidden
    )  # fmt: skip


def _figures(
    access: Access, counted: Mapping[Any, Counter[int]], group: str, on: date, *, show_all: bool
) -> list[Figures]:
    keys = sorted(counted, key=lambda key: (key is None, str(key)))
    labels = _labels(group, keys)
    book = book_in_force(access.company_id, rules.BOOK)
    limit, least = (int(book.value(name, on).value) for name in ("satisfied_from", "least_answers"))
    small = set() if show_all else rules.hidden([sum(counted[key].values()) for key in keys], least)
    return [_figure(key, labels[key], counted[key], limit, place in small) for place, key in enumerate(keys)]


def _labels(group: str, keys: Iterable[Any]) -> dict[Any, str]:
    keys = list(keys)
    known: dict[Any, str] = {}
    if group == "outlet":
        rows = Outlet.objects.filter(pk__in=[key for key in keys if key])
        known = {row.pk: f"{row.code} {row.name}" for row in rows}
    elif group == "engineer":
        known = dict(Person.objects.filter(pk__in=[key for key in keys if key]).values_list("pk", "name"))
    elif group == "month":
        known = {key: f"{key:%Y-%m}" for key in keys if key}
    return {key: known.get(key, str(key) if key else "") for key in keys}


def results(access: Access, cut: Cut, on: date, *, groups: Sequence[str] = GROUPS) -> Results:
    """Everything a page of results shows: totals with margin and response rate, sources, groups, questions."""
    book = book_in_force(access.company_id, rules.BOOK)
    counted = _counts(access, cut, "all").get(None, Counter())
    scores = [counted.get(stars, 0) for stars in range(1, 6)]
    population, asked = _asked(access, cut, sum(scores))
    decided = rules.result(population, asked, dict(enumerate(scores, 1)), on, book)
    limit, least = (int(book.value(name, on).value) for name in ("satisfied_from", "least_answers"))
    total = _figure(None, "", counted, limit, 0 < sum(scores) < least)
    found = Results(total, decided, population, asked, scores, least=least)
    if total.hidden or not total.answers:
        return found
    by_survey = _counts(access, _of(cut, SURVEYS), "all").get(None, Counter())
    pairs = ((SURVEYS, by_survey), (RATINGS, counted - by_survey))
    small = rules.hidden([sum(each.values()) for _code, each in pairs], least)
    found.by_source = [
        _figure(code, code, each, limit, place in small) for place, (code, each) in enumerate(pairs) if each
    ]
    found.groups = {group: satisfaction(access, cut, group, on) for group in groups}
    found.questions = by_question(access, cut, least)
    return found


def _of(cut: Cut, source: str) -> Cut:
    if cut.source and cut.source != source:
        return Cut(cut.first_day, cut.first_day - timedelta(days=1))
    return Cut(cut.first_day, cut.last_day, cut.campaign_id, cut.outlet_id, cut.category, source)


def _asked(access: Access, cut: Cut, answers: int) -> tuple[int, int]:
    """The jobs the answers stand for, and those that were asked: of a campaign its own; else the jobs closed in the period.

    Ratings come from jobs nobody was sent a survey for, papers of no order from people nobody knows: each counts as asked. Never less than
    the answers there are.
    """
    begin, end = cut.span
    if cut.campaign_id:
        campaign = campaigns(access).get(pk=cut.campaign_id)
        asked = invitations(access).filter(campaign_id=cut.campaign_id, sent_at__isnull=False).count()
        return max(campaign.population, asked, answers), max(asked, answers)
    jobs = Order.objects.visible_to(access, May.SEE).filter(
        state=State.CLOSED, closed_at__gte=begin, closed_at__lt=end
    )
    sent = invitations(access).filter(sent_at__gte=begin, sent_at__lt=end)
    if cut.outlet_id:
        jobs, sent = jobs.filter(outlet_id=cut.outlet_id), sent.filter(outlet_id=cut.outlet_id)
    if cut.category:
        jobs, sent = jobs.filter(unit__model__category=cut.category), sent.filter(category=cut.category)
    ratings = rated(Order.objects.visible_to(access, May.SEE), cut).count()
    papers = answered(responses(access), cut).filter(source=Response.Source.PAPER, order__isnull=True).count()
    asked = (0 if cut.source == RATINGS else sent.count()) + ratings + papers
    return max(jobs.count(), asked, answers), max(asked, answers)


def by_question(access: Access, cut: Cut, least: int) -> list[dict[str, Any]]:
    """How each question was answered, by its short name over all versions: stars with mean, choices with counts; too few are hidden."""
    rows = Said.objects.filter(response__in=answered(responses(access), cut))
    heads: dict[str, Any] = {}
    for said in (
        rows.order_by()
        .values("question__code", "question__kind", "stars", "chosen")
        .annotate(count=Count("pk"))
    ):
        head = heads.setdefault(
            said["question__code"],
            {"kind": said["question__kind"], "count": 0, "stars": Counter(), "chosen": Counter()},
        )
        head["count"] += said["count"]
        if said["stars"]:
            head["stars"][said["stars"]] += said["count"]
        for code in said["chosen"]:
            head["chosen"][code] += said["count"]
    texts = _texts(access, heads)
    return [
        _question(code, head, texts.get(code), least)
        for code, head in heads.items()
        if head["kind"] != "text"
    ]


def _texts(access: Access, codes: Iterable[str]) -> dict[str, Any]:
    """The newest wording of each question."""
    from sanbao.surveys.models import Question

    rows = Question.objects.filter(version__company_id=access.company_id, code__in=list(codes)).exclude(
        version__state=Version.State.DRAFT
    )
    return {row.code: row for row in rows.order_by("version__published_at", "version_id")}


def _question(code: str, head: Mapping[str, Any], newest: Any, least: int) -> dict[str, Any]:
    stars: Counter[int] = head["stars"]
    count = sum(stars.values())
    mean = Decimal(sum(n * many for n, many in stars.items())) / count if count else None
    named = dict(newest.named_options) if newest else {}
    return {
        "code": code,
        "text": newest.text if newest else code,
        "kind": head["kind"],
        "count": head["count"],
        "hidden": head["count"] < least,
        "mean": None if mean is None else mean.quantize(Decimal("0.01")),
        "stars": [stars.get(n, 0) for n in range(1, 6)],
        "chosen": [(word, head["chosen"].get(option, 0)) for option, word in named.items()],
    }


def published_figures(access: Access, cut: Cut, on: date) -> dict[str, Any]:
    """A result as plain data that stands still: hidden groups without their figures."""
    found = results(access, cut, on, groups=("outlet", "category", "month"))
    answer = found.decision.answer
    return {
        "population": found.population,
        "asked": found.asked,
        "scores": found.scores,
        "total": _plain(found.total),
        "response": _text(answer["response"]),
        "margin": _text(answer["margin"]),
        "sources": [_plain(row) for row in found.by_source],
        "groups": {group: [_plain(row) for row in rows] for group, rows in found.groups.items()},
        "questions": [
            {"code": each["code"], "mean": None if each["hidden"] else _text(each["mean"]), "count": None if each["hidden"] else each["count"]}
            for each in found.questions
            if each["kind"] == "stars"
        ],
    }  # fmt: skip


def _plain(row: Figures) -> dict[str, Any]:
    if row.hidden:
        return {"label": row.label, "answers": None, "rate": None, "mean": None}
    return {"label": row.label, "answers": row.answers, "rate": _text(row.rate), "mean": _text(row.mean)}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def comments(access: Access, cut: Cut, most: int = 30) -> QuerySet[Response]:
    """What customers wrote, newest first."""
    rows = answered(responses(access), cut).exclude(words="").select_related("outlet", "order")
    return rows.order_by("-id")[:most]
