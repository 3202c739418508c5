"""Back-tests by API: read what was decided again, what it came to, and every difference."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router

from sanbao.accounts.access import Access
from sanbao.backtests import queries
from sanbao.backtests.models import BackTest, Difference
from sanbao.backtests.permissions import May
from sanbao.decisions.words import word
from sanbao.outlets.models import Outlet
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope

router = Router(tags=["backtests"])

Id = Annotated[int, Field(ge=1, le=2**62)]


def _by(request: HttpRequest) -> Access:
    access: Access = request.access  # type: ignore[attr-defined]
    return access


def _shown(test: BackTest) -> dict[str, Any]:
    return {
        "id": test.pk,
        "what": test.what,
        "state": test.state,
        "book": test.book,
        "by": test.cited,
        "digest": test.digest,
        "compared_with": str(test.base) if test.base else "",
        "as_on": test.on.isoformat() if test.on else None,
        "first_month": f"{test.first_month:%Y-%m}",
        "last_month": f"{test.last_month:%Y-%m}",
        "kinds": test.kinds,
        "rules_version": test.rules_version,
        "total": test.total,
        "records": test.records,
        "differing": test.differing,
        "undecided": test.undecided,
        "outlets_more_fen": test.money,
        "customers_more_fen": test.customer_money,
        "asked_at": test.made_at.isoformat(),
        "ended_at": test.ended_at.isoformat() if test.ended_at else None,
    }


@router.get("", summary="Back-tests and replays, newest first")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def list_backtests(
    request: HttpRequest, before: Id | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id."""
    rows = queries.backtests(_by(request)).order_by("-id")
    if before:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: limit + 1])
    return {"items": [_shown(row) for row in page[:limit]], "more": len(page) > limit}


@router.get("/{pk}", summary="One back-test with its sums")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def read_backtest(request: HttpRequest, pk: Id, language: Literal["zh", "en"] = "zh") -> dict[str, Any]:
    test = queries.backtests(_by(request)).get(pk=pk)
    done = test.state == BackTest.State.DONE
    return _shown(test) | {
        "questions": [_sums(line, str(line.label)) for line in queries.by_question(test)],
        "months": [_sums(line, f"{line.label:%Y-%m}") for line in queries.by_month(test)],
        "parameters": [
            {
                "parameter": line.label,
                "was": line.before,
                "would_be": line.after,
                "clause": line.clause,
                "records": line.records,
                "outlets_more_fen": line.money,
                "customers_more_fen": line.customer_money,
            }
            for line in (queries.by_step(test, language) if done else [])
        ],
        "outlets": [
            {
                "outlet": line.outlet.code if line.outlet else "",
                "records": line.records,
                "more_fen": line.money,
                "customers_more_fen": line.customer_money,
            }
            for line in (queries.by_outlet(test) if done else [])
        ],
    }


def _sums(line: queries.Sums, label: str) -> dict[str, Any]:
    tally = line.tally
    told = {"of": label, "records": tally.records, "differing": tally.differing, "undecided": tally.undecided}
    if not line.of:
        return told
    return told | {"before_fen": tally.before, "after_fen": tally.after, "more_fen": line.more}


@router.get("/{pk}/differences", summary="Its differences, in the order of their numbers")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def list_differences(
    request: HttpRequest,
    pk: Id,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 200,
) -> dict[str, Any]:
    test = queries.backtests(_by(request)).get(pk=pk)
    rows = list(
        Difference.objects.visible_to(_by(request), May.SEE)
        .filter(backtest=test, pk__gt=after)
        .select_related("decision")
        .order_by("pk")[: limit + 1]
    )
    codes = dict(Outlet.objects.filter(pk__in=[row.outlet_id for row in rows if row.outlet_id]).values_list("pk", "code"))  # fmt: skip
    items = [
        {
            "id": row.pk,
            "decision": row.decision_id,
            "question": row.question,
            "question_words": str(word(row.question)),
            "outlet": codes.get(row.outlet_id, ""),
            "month": f"{row.month:%Y-%m}",
            "kind": row.kind,
            "was": row.decision.answer,
            "would_be": row.answer,
            "more_fen": row.money,
            "parameters": row.steps,
            "problem": queries.problem_words(row.problem) if row.problem else "",
        }
        for row in rows[:limit]
    ]
    return {"items": items, "more": len(rows) > limit}
