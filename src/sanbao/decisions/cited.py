"""How many decisions rest on a clause, and which: counted by a job, and what was decided since is added when somebody asks.

A decision counts in the month it was made in. One that is replaced stops counting, so each decision adds itself and takes off the one it replaces;
both are in the database by then, and the sum is right however far the job has come.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Sum

from sanbao.accounts.access import Access
from sanbao.decisions.models import Cited, Counting, Decision
from sanbao_rules.questions import AMOUNTS

PORTION = 20_000  # so many numbers are counted in one transaction
MOST_SINCE = 40_000  # what is added when somebody asks: a settled month of many outlets, but not a year
NEWEST = 10

_WITH_NET = sorted(question for question, names in AMOUNTS.items() if isinstance(names, tuple) and "net" in names)  # fmt: skip

# A reason is [code, args, parameter, clause, book]; a clause is "source number".
_NAMED = """
    WITH fresh AS (
        SELECT * FROM decisions_decision WHERE company_id = %(company)s AND id > %(after)s AND id <= %(to)s
    ), changed AS (
        SELECT 1 AS change, fresh.* FROM fresh
        UNION ALL
        SELECT -1, d.* FROM decisions_decision AS d
        WHERE d.company_id = %(company)s AND d.id IN (SELECT supersedes_id FROM fresh WHERE supersedes_id IS NOT NULL)
    ), named AS (
        SELECT change, id, region_id, outlet_id, clause, question, date_trunc('month', made_at AT TIME ZONE 'Asia/Shanghai')::date AS month,
            CASE WHEN question = ANY(%(with_net)s) THEN coalesce((answer ->> 'net')::bigint, 0) ELSE 0 END AS fen
        FROM changed CROSS JOIN LATERAL (
            SELECT DISTINCT substr(cited #>> '{}', strpos(cited #>> '{}', ' ') + 1) AS clause
            FROM jsonb_path_query(reasons, '$."$tuple"[*]."$reason"[3]') AS r(cited) WHERE strpos(cited #>> '{}', ' ') > 0
        ) AS clauses
    )
"""
_COUNT = f"""
    {_NAMED}
    INSERT INTO decisions_cited AS c (company_id, region_id, outlet_id, clause, month, question, count, fen, newest)
    SELECT %(company)s, region_id, outlet_id, clause, month, question, sum(change), sum(change * fen),
        coalesce((array_agg(id ORDER BY id DESC) FILTER (WHERE change > 0))[:{NEWEST}], '{{}}')
    FROM named GROUP BY region_id, outlet_id, clause, month, question
    ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (company_id, clause, month, question, outlet_id, region_id) DO UPDATE SET
        count = c.count + excluded.count, fen = c.fen + excluded.fen, newest = (excluded.newest || c.newest)[:{NEWEST}]
"""
_SINCE = f"""
    {_NAMED}
    SELECT question, sum(change), sum(change * fen), coalesce(array_agg(id) FILTER (WHERE change > 0), '{{}}') FROM named
    WHERE clause = %(clause)s AND month >= %(since)s AND (%(whole)s OR region_id = ANY(%(regions)s) OR outlet_id = ANY(%(outlets)s))
    GROUP BY question
"""


# The job


def count(company_id: int, at: datetime) -> int:
    """Count what the last run left a mark for, and leave the next mark; returns how many numbers further it came."""
    before = _counting(company_id).counted_to
    while _portion(company_id):
        pass
    with transaction.atomic():
        row = Counting.objects.select_for_update(of=("self",)).get(company_id=company_id)
        if row.counted_to == row.mark:
            row.mark = Decision.objects.aggregate(last=Max("pk"))["last"] or 0
            row.marked_at = at
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
                (row.open_below,) = cursor.fetchone()
            row.save()
    return row.counted_to - before


@transaction.atomic
def _portion(company_id: int) -> bool:
    """The next numbers up to the mark, whole or not at all; False where there are none, or one below it may still be on its way."""
    row = Counting.objects.select_for_update(of=("self",)).get(company_id=company_id)
    if row.counted_to >= row.mark or not _all_ended(row.open_below):
        return False
    to = min(row.counted_to + PORTION, row.mark)
    add_up(company_id, row.counted_to, to)
    row.counted_to = to
    if to == row.mark:
        row.counted_at = row.marked_at
    row.save(update_fields=["counted_to", "counted_at"])
    return True


def _all_ended(open_below: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= %s", [open_below])
        return bool(cursor.fetchone()[0])


def add_up(company_id: int, after: int, to: int) -> None:
    """Put the decisions of these numbers into the counts."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"company": company_id, "after": after, "to": to, "with_net": _WITH_NET})


def _counting(company_id: int) -> Counting:
    row: Counting = Counting.objects.get_or_create(company_id=company_id)[0]
    return row


# What a page asks


@dataclass(frozen=True, slots=True)
class Resting:
    """How many decisions of a question rest on a clause, and how much money they decided (fen; None where it is none)."""

    question: str
    count: int
    fen: int | None


@dataclass(frozen=True, slots=True)
class RestingOn:
    """By question, and the newest few. `whole`: to this moment; else as they were at `counted_at` (None: the job has not come round yet)."""

    by_question: tuple[Resting, ...] = ()
    newest: tuple[Decision, ...] = ()
    whole: bool = True
    counted_at: datetime | None = None


def resting_on(access: Access, permission: str, clause: str, since: date) -> RestingOn:
    """The reader's decisions that rest on a clause ("KA-11.1") and still stand, from the month of `since` on.

    So many statements and so long whether a company has decided a thousand times or a million times.
    """
    reach = access.reach(permission)
    if not reach:
        return RestingOn()
    rows = Cited.objects.visible_to(access, permission).filter(clause=clause, month__gte=since.replace(day=1))
    sums = {
        question: [count, fen]
        for question, count, fen in rows.order_by().values_list("question").annotate(Sum("count"), Sum("fen"))
    }
    # Whatever is among the ten newest of all stands in one of the ten rows that have the newest first.
    ids = [pk for listed in rows.filter(newest__0__gt=0).order_by("-newest__0").values_list("newest", flat=True)[:NEWEST] for pk in listed]  # fmt: skip
    row = Counting.objects.in_company(access.company_id).first() or Counting()
    later = Decision.objects.in_company(access.company_id).filter(pk__gt=row.counted_to)
    whole = not later.order_by("pk")[MOST_SINCE : MOST_SINCE + 1].exists()
    if whole:
        for question, count, fen, fresh in _since(access, permission, clause, since, row.counted_to):
            had = sums.setdefault(question, [0, 0])
            had[0], had[1] = had[0] + count, had[1] + fen
            ids += fresh
    counted = [Resting(question, count, fen if question in _WITH_NET else None) for question, (count, fen) in sums.items() if count]  # fmt: skip
    standing = Decision.objects.visible_to(access, permission).filter(
        pk__in=sorted(ids, reverse=True)[: 5 * NEWEST], superseded_by=None
    )
    return RestingOn(
        tuple(sorted(counted, key=lambda one: (-one.count, one.question))),
        tuple(standing.defer("facts", "reasons", "answer").order_by("-id")[:NEWEST]),
        whole,
        row.counted_at,
    )


def _since(
    access: Access, permission: str, clause: str, since: date, counted_to: int
) -> Sequence[tuple[str, int, int, list[int]]]:
    """What has been decided since the job counted."""
    reach = access.reach(permission)
    asked: dict[str, Any] = {
        "company": access.company_id, "after": counted_to, "to": 2**62, "with_net": _WITH_NET,
        "clause": clause, "since": since.replace(day=1),
        "whole": reach.whole, "regions": list(reach.regions), "outlets": list(reach.outlets),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, asked)
        return [
            (question, int(count), int(fen), list(fresh)) for question, count, fen, fresh in cursor.fetchall()
        ]
