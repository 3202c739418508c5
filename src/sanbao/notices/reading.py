"""What a person is shown of their notices: their own lines, as long as they may see the thing."""

from collections import defaultdict
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.edge.written import Statement, mark
from sanbao.notices import about, wording
from sanbao.notices.kinds import KINDS, OWN, Kind, shown_kinds
from sanbao.notices.models import Notice

MOST_COUNTED = 99
PAGE = 50


def _by_permission() -> dict[tuple[str, bool], list[str]]:
    grouped: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for kind in shown_kinds():
        grouped[kind.permission, kind.anywhere].append(kind.code)
    return dict(grouped)


_GROUPS = _by_permission()


def _seen(access: Access) -> Q:
    """Lines whose thing the person may see today, from the posts alone: no query."""
    seen = Q(pk__in=[])
    for (permission, anywhere), kinds in _GROUPS.items():
        reach = access.reach(permission) if permission != OWN else None
        if reach is None or reach.whole or (anywhere and reach):
            seen |= Q(kind__in=kinds)
        elif reach:
            outlets = reach.outlets | (access.in_regions if reach.regions else frozenset())
            seen |= Q(kind__in=kinds, outlet_id__in=outlets)
    return seen


def mine(access: Access) -> QuerySet[Notice]:
    """The person's lines in the company they work in, without those of things that are no longer theirs to see."""
    if access.company_id is None:
        nothing: QuerySet[Notice] = Notice.objects.none()
        return nothing
    rows: QuerySet[Notice] = Notice.objects.of(access)
    return rows.filter(_seen(access))


def unread(access: Access) -> int:
    """How many are unread, counted up to a hundred: one query by index."""
    statement = _counting(Access(_ANYBODY, access.company_id, access.grants, in_regions=access.in_regions))
    if statement is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.params({"person": access.person_id}))
        return int(cursor.fetchone()[0])


_ANYBODY = mark(1, 0)


@lru_cache(maxsize=2_000)
def _counting(access: Access) -> Statement | None:
    """The count as SQL, which depends on the posts alone: every page asks it. None where there is nothing to see."""
    rows = mine(access).filter(read_at=None).order_by().values("pk")[: MOST_COUNTED + 1]
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return None
    return Statement(f"SELECT count(*) FROM ({sql}) unread", params, {"person": _ANYBODY})


def bell(access: Access | None) -> str:
    """The number beside the bell: "" for none, "99+" for many. On every page, also on those that open no scope."""
    if access is None or access.company_id is None:
        return ""
    with nullcontext() if scope.is_open() else scope.opened(access):
        count = unread(access)
    return "" if not count else f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)


@dataclass(frozen=True, slots=True)
class Shown:
    """A line in the reader's language, with where it leads ("" for nowhere)."""

    notice: Notice
    kind: Kind
    subject: str
    text: str
    url: str


def shown(rows: list[Notice], access: Access) -> list[Shown]:
    """The lines in the reader's language."""
    language = language_now()
    own = (
        wording.own_words(access.company_id, {row.kind for row in rows}) if rows and access.company_id else {}
    )
    found = []
    for row in rows:
        kind = KINDS[row.kind]
        words = wording.in_language(kind, row.values, language, own)
        found.append(Shown(row, kind, words.subject, words.text, url(row, access)))
    return found


def language_now() -> str:
    """The language the page is written in: "zh-hans" or "en"."""
    return "en" if (get_language() or "").startswith("en") else "zh-hans"


def url(notice: Any, access: Access) -> str:
    """Where a line leads: the kind's own page, else the thing's page if the reader has one."""
    kind = KINDS[notice.kind]
    if kind.page:
        try:
            return reverse(kind.page)
        except NoReverseMatch:
            return ""
    return about.url(notice, access)
