"""Which stored decisions a period has, and reading them piece by piece. They are only ever read.

A month's settlement counts in the month it settles, by the decision of the statement that stands; anything else in the month it was
decided in, by the latest decision about it: what was replaced is not counted twice.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import connection
from django.utils import timezone

from sanbao.backtests import kinds as kinds_of
from sanbao.backtests.deciding import MONTH, Asked
from sanbao.backtests.models import BackTest
from sanbao.settlements.states import State
from sanbao_rules.periods import add_months

WEIGHT = 20_000  # sheets in a piece, about; a decision without sheets weighs as ten
_EACH = 10
AT_MOST_COUNTED = 100_000

_STATEMENTS = f"""
    FROM settlements_statement AS s JOIN decisions_decision AS d ON d.id = s.decision_id
    WHERE %(months)s AND s.company_id = %(company)s AND s.month BETWEEN %(first)s AND %(last)s AND s.state <> '{State.REVERSED}'
      AND d.company_id = %(company)s AND d.question = '{MONTH}'
"""
_OTHERS = f"""
    FROM decisions_decision AS d
    WHERE d.company_id = %(company)s AND d.made_at >= %(since)s AND d.made_at < %(until)s AND d.question <> '{MONTH}'
      AND (d.question = ANY(%(questions)s) OR %(others)s AND d.question <> ALL(%(known)s))
      AND NOT EXISTS (SELECT FROM decisions_decision AS later WHERE later.supersedes_id = d.id)
"""
_BOOK = " AND (%(book)s = '' OR jsonb_exists(d.editions, %(book)s))"
_NOT_BOOK = " AND %(book)s <> '' AND NOT jsonb_exists(d.editions, %(book)s)"
_COLUMNS = (
    "d.id, d.question, {month}, d.facts::text, d.answer::text, d.reasons::text, d.editions, d.outlet_id"
)
_RANGE = " AND d.id BETWEEN %(from)s AND %(to)s"
# The month as people at the desk say it, whatever zone the session has.
_MADE_IN = "to_char(d.made_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-01')"


@dataclass(frozen=True, slots=True)
class Portion:
    """Where a piece begins and ends, and how many decisions it has."""

    first_id: int
    last_id: int
    records: int


def parameters(test: BackTest) -> dict[str, Any]:
    """What the statements ask with."""
    return asked_for(test.company_id, test.book, test.first_month, test.last_month, test.kinds)


def asked_for(company_id: int, book: str, first: date, last: date, kinds: list[str]) -> dict[str, Any]:
    """The same, before there is a back-test: for the estimate."""
    chosen = kinds_of.questions(kinds)
    return {
        "company": company_id,
        "book": book,
        "first": first,
        "last": last,
        "since": _midnight(first),
        "until": _midnight(add_months(last, 1)),
        "months": MONTH in chosen,
        "questions": chosen,
        "others": kinds_of.OTHERS in kinds,
        "known": kinds_of.known(),
    }


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def portions(asked: dict[str, Any]) -> Iterator[Portion]:
    """The decisions of the period cut into pieces of about the same work, in the order of their numbers."""
    sql = f"SELECT d.id, s.records {_STATEMENTS}{_BOOK} UNION ALL SELECT d.id, 0 {_OTHERS}{_BOOK} ORDER BY 1"
    first = last = records = weight = 0
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        for pk, sheets in cursor:
            first = first or pk
            last, records, weight = pk, records + 1, weight + _EACH + sheets
            if weight >= WEIGHT:
                yield Portion(first, last, records)
                first = records = weight = 0
    if records:
        yield Portion(first, last, records)


def of_portion(
    asked: dict[str, Any], first_id: int, last_id: int
) -> tuple[list[Asked], dict[int, int | None]]:
    """The decisions of a piece, and the outlet of each."""
    month = _COLUMNS.format(month="to_char(s.month, 'YYYY-MM-01')")
    made = _COLUMNS.format(month=_MADE_IN)
    sql = f"SELECT {month} {_STATEMENTS}{_BOOK}{_RANGE} UNION ALL SELECT {made} {_OTHERS}{_BOOK}{_RANGE} ORDER BY 1"
    found, outlets = [], {}
    with connection.cursor() as cursor:
        cursor.execute(sql, asked | {"from": first_id, "to": last_id})
        for *fields, editions, outlet_id in cursor:
            found.append(Asked._make([*fields, _loaded(editions)]))
            outlets[fields[0]] = outlet_id
    return found, outlets


def sampled(company_id: int, ids: list[int]) -> tuple[list[Asked], dict[int, int | None]]:
    """Some decisions by their numbers."""
    found, outlets = [], {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS.format(month=_MADE_IN)} FROM decisions_decision AS d"
            " WHERE d.company_id = %(company)s AND d.id = ANY(%(ids)s) ORDER BY d.id",
            {"company": company_id, "ids": ids},
        )
        for *fields, editions, outlet_id in cursor:
            found.append(Asked._make([*fields, _loaded(editions)]))
            outlets[fields[0]] = outlet_id
    return found, outlets


def _loaded(editions: Any) -> dict[str, int]:
    """A cursor of Django's gives JSON as text."""

    loaded: dict[str, int] = json.loads(editions) if isinstance(editions, str) else editions
    return loaded


def skipped(asked: dict[str, Any]) -> dict[str, int]:
    """How many decisions of the period do not rest on the book, by question: nothing in it can change them."""
    if not asked["book"]:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT question, count(*) FROM (SELECT d.question {_STATEMENTS}{_NOT_BOOK} UNION ALL"
            f" SELECT d.question {_OTHERS}{_NOT_BOOK}) AS x GROUP BY question ORDER BY question",
            asked,
        )
        return dict(cursor.fetchall())


def counted(asked: dict[str, Any]) -> tuple[int, int, bool]:
    """How many decisions and record sheets a period has for the book, and whether there are more decisions than were counted."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), coalesce(sum(s.records), 0) {_STATEMENTS}{_BOOK}", asked)
        months, sheets = cursor.fetchone()
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 {_OTHERS}{_BOOK} LIMIT {AT_MOST_COUNTED + 1}) AS x", asked
        )
        (others,) = cursor.fetchone()
    return months + min(others, AT_MOST_COUNTED), int(sheets), others > AT_MOST_COUNTED
