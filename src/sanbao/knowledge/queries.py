"""Reading the knowledge base, and suggesting what fits a customer's words (ST-3)."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.accounts.finding import each_inside, numbers
from sanbao.edge.kept import kept
from sanbao.knowledge.models import Article, Gram, Phrase, Revision
from sanbao.knowledge.permissions import May
from sanbao.knowledge.states import MOVES, State
from sanbao.products.models import Model

# How many articles are looked at closely: their own words are compared with the customer's.
LOOKED_AT = 200
MOST_PAIRS = 80
# What is so far behind the best is left out: it shares a common word and nothing else.
_FAR_BEHIND = 0.2
_RUNS = re.compile(r"[^\W_]+")
_WEIGHT_MODEL, _WEIGHT_CODE, _WEIGHT_FEEDBACK = 0.25, 0.15, 0.2


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article that fits, and why: the share of the customer's words it holds, whether its product and class are those asked for."""

    article: Article
    score: float
    shared: float
    fits: bool
    classed: bool


def articles(access: Access) -> QuerySet[Article]:
    """The articles a person may read; drafts too, for whoever writes."""
    rows = Article.objects.visible_to(access, May.SEE)
    return rows if access.may(May.WRITE) else rows.filter(standing=Article.Standing.PUBLISHED)


def published(access: Access) -> QuerySet[Article]:
    return Article.objects.visible_to(access, May.SEE).filter(standing=Article.Standing.PUBLISHED)


def visitor(company_id: int) -> Access:
    """Somebody who reads a company's public pages: in its scope, with no post."""
    return Access(None, company_id)


def public(company_id: int) -> QuerySet[Article]:
    """What anyone may read of a company."""
    return Article.objects.filter(company_id=company_id, standing=Article.Standing.PUBLISHED, public=True)


def found(rows: QuerySet[Article], words: str) -> list[int]:
    """The numbers of those of these articles in which the words stand, newest first; `rows` are narrowed already."""
    words = words.strip()
    if not words:
        return []
    by_number = Q(number__iexact=words)
    return numbers(rows.filter(each_inside("words", words) | by_number | Q(title__icontains=words)))


def shown(article: Article) -> Revision | None:
    """The revision to be read: the published one, else the one withdrawn last."""
    revisions = article.revisions.select_related("draft_by", "reviewed_by", "published_by", "withdrawn_by")
    return (
        revisions.filter(state=State.PUBLISHED).first()
        or revisions.filter(state=State.WITHDRAWN).order_by("-no").first()
    )


def legal_moves(revision: Revision, access: Access) -> list[object]:
    """The moves this person may make now; those that another must make are left out."""
    return [
        step
        for step in MOVES.values()
        if revision.state in step.sources
        and access.may(step.permission)
        and not any(getattr(revision, f"{earlier}_by_id") == access.person_id for earlier in step.another)
    ]


def models_of(article: Article | Revision) -> list[Model]:
    return list(Model.objects.filter(company_id=article.company_id, pk__in=article.fits).order_by("code"))


def phrases(access: Access, codes: Sequence[str] = ()) -> list[Phrase]:
    """The standard phrases in use: those of these classes first, then those of none."""
    rows = kept(
        ("phrases", access.company_id, access.reach(May.SEE)),
        ("knowledge_phrase",),
        lambda: list(
            Phrase.objects.visible_to(access, May.SEE).filter(ended_at__isnull=True).order_by("title")[:200]
        ),
    )
    wanted = set(codes)
    return sorted(
        (row for row in rows if not row.codes or not wanted or wanted & set(row.codes)),
        key=lambda row: not (wanted & set(row.codes)),
    )


# Suggesting


def suggest(
    access: Access, words: str, model: Model | int | None = None, codes: Sequence[str] = (), *, most: int = 5
) -> list[Suggestion]:
    """The published articles that fit what a customer says, best first.

    `words` is free text of any length, `model` the product it is about, `codes` the classes of the request. Ranked by the pairs of
    characters shared, rare ones counting more; then product, class, and what readers said of it. Nothing fitting: an empty list.
    """
    return _suggested(published(access), access.company_id, words, model, codes, most)


def suggest_public(
    company_id: int, words: str, model: Model | int | None = None, *, most: int = 5
) -> list[Suggestion]:
    """The same for the public page: public articles only. In the scope of `visitor`."""
    return _suggested(public(company_id), company_id, words, model, (), most)


def _suggested(
    rows: QuerySet[Article],
    company_id: int | None,
    words: str,
    model: Model | int | None,
    codes: Sequence[str],
    most: int,
) -> list[Suggestion]:
    product = model.pk if isinstance(model, Model) else model
    pairs = _pairs(words)
    commonness = _commonness(company_id, pairs)
    picked = _looked_at(rows, commonness)
    if not picked and (product is not None or codes):
        about = Q(fits__contains=[product]) if product is not None else Q(pk__in=[])
        picked = numbers(
            rows.filter(about | Q(codes__overlap=list(codes))) if codes else rows.filter(about),
            most=LOOKED_AT,
        )
    weights = {pair: math.log(1 + commonness[""] / count) for pair, count in commonness.items() if pair}
    weighed = [
        _weighed(row, weights, product, codes)
        for row in Article.objects.filter(pk__in=picked).values_list(*_WEIGHED)
    ]
    best = sorted(
        (one for one in weighed if one[2] > 0 or one[3] or one[4]), key=lambda one: (-one[1], -one[0])
    )[:most]  # fmt: skip
    if best and (least := _FAR_BEHIND * best[0][1]) > 0:
        best = [one for one in best if one[1] >= least]
    found = Article.objects.defer("pairs", "words").in_bulk([pk for pk, *_ in best])
    return [Suggestion(found[pk], *why) for pk, *why in best if pk in found]


def _pairs(words: str) -> list[str]:
    """The pairs of characters of what is said, without signs and blanks; of a long text those of its beginning."""
    found: dict[str, None] = {}
    for run in _RUNS.findall(words[:600].lower()):
        found.update(dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1)))
    return list(found)[:MOST_PAIRS]


def _commonness(company_id: int | None, pairs: Sequence[str]) -> dict[str, int]:
    """In how many articles each pair stands; the empty pair is their number. Pairs that stand in none are left out."""
    rows = Gram.objects.filter(company_id=company_id, gram__in=["", *pairs], articles__gt=0)
    counts = dict(rows.values_list("gram", "articles"))
    return {"": 1} | counts


def _looked_at(rows: QuerySet[Article], commonness: dict[str, int]) -> list[int]:
    """The articles worth a close look: those that hold one of the rarest pairs, so few that looking is quick.

    Where even the rarest pair is common, those that hold several of them at once.
    """
    rarest = sorted((count, pair) for pair, count in commonness.items() if pair)
    if not rarest:
        return []
    taken, total = [], 0
    for count, pair in rarest:
        if total + count > LOOKED_AT:
            break
        taken.append(pair)
        total += count
    if taken:
        return _numbers(rows.filter(pairs__overlap=taken))
    for several in (6, 3, 1):
        if picked := _numbers(rows.filter(pairs__contains=[pair for _count, pair in rarest[:several]])):
            return picked
    return []


def _numbers(rows: QuerySet[Article]) -> list[int]:
    """As `numbers`, in whatever order they are found: the first few are enough, and an order would have PostgreSQL fetch all of them."""
    asked = rows.order_by().values_list("pk", flat=True)[:LOOKED_AT]
    if not scope.current().limited:
        return list(asked)
    with scope.as_owner(
        "an index of arrays is of no use under row-level security; the rows are read in scope"
    ):
        return list(asked)


_WEIGHED = ("pk", "title", "brief", "fits", "codes", "helped", "failed")


def _weighed(
    row: tuple[Any, ...], weights: dict[str, float], product: int | None, codes: Sequence[str]
) -> tuple[int, float, float, bool, bool]:
    """An article's number, its score, the share of the words it holds, whether it is about the product and of the class."""
    pk, title, brief, models, classes, helped, failed = row
    brief, title = brief.lower(), title.lower()
    whole = sum(weights.values()) or 1.0
    shared = sum(weight for pair, weight in weights.items() if pair in brief) / whole
    in_title = sum(weight for pair, weight in weights.items() if pair in title) / whole
    fits = product is not None and product in models
    classed = bool(set(codes) & set(classes))
    score = shared + 0.3 * in_title + _WEIGHT_MODEL * fits + _WEIGHT_CODE * classed
    if product is not None and models and not fits:
        score -= _WEIGHT_MODEL
    liked = (helped + 1) / (helped + failed + 2)
    return pk, score + _WEIGHT_FEEDBACK * (liked - 0.5), shared, fits, classed
