"""Looking through a month's sheets for what smells: each kind one statement over the whole month, quick at a million sheets.

A hint is found anew with every run; one that a person has looked into stays as it is, one that holds no more is taken away. The limits
are the company's (book `findings`); whether it smells and why is told by the rules (sanbao_rules.findings.hint).
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.audit import operations as audit
from sanbao.regulations.queries import book_in_force
from sanbao.settlements.models import Hint
from sanbao.settlements.permissions import May
from sanbao.ui.refusal import Refusal
from sanbao_rules.periods import add_months, month_end

# What each kind finds: sheet, the one it is seen beside, and what is told. A visit was where its engineer let the place be taken, else
# where the address is known to lie. `near` are the month's sheets with those shortly before.
_NEAR = """
    near AS (
        SELECT id, outlet_id, month, phone, serial, work, completed_on, reported_on FROM settlements_sheet
        WHERE company_id = %(company)s AND withdrawn_at IS NULL AND month BETWEEN %(before)s AND %(month)s
    )
"""
_SHEET_OF = """
    sheet_of AS (
        SELECT DISTINCT ON (order_id) order_id, id, outlet_id, month FROM settlements_sheet
        WHERE company_id = %(company)s AND withdrawn_at IS NULL AND order_id IS NOT NULL AND month BETWEEN %(before)s AND %(month)s
        ORDER BY order_id, id DESC
    )
"""
_VISITS = f"""
    visits AS (
        SELECT v.id, v.engineer_id, v.order_id, v.arrived_at, v.left_at,
               coalesce(v.latitude::float, nullif(split_part(o.coordinates, ',', 1), '')::float) AS latitude,
               coalesce(v.longitude::float, nullif(split_part(o.coordinates, ',', 2), '')::float) AS longitude
        FROM workorders_visit AS v LEFT JOIN workorders_order AS o ON o.id = v.order_id AND o.mode = 'on_site'
        WHERE v.company_id = %(company)s AND NOT v.helps AND v.left_at > v.arrived_at
          AND v.arrived_at >= %(from)s AND v.arrived_at < %(until)s
    ),
    {_SHEET_OF},
    followed AS (
        SELECT v.*, lag(order_id) OVER one AS order_before, lag(arrived_at) OVER one AS arrived_before,
               lag(left_at) OVER one AS left_before, lag(latitude) OVER one AS latitude_before, lag(longitude) OVER one AS longitude_before
        FROM visits AS v WINDOW one AS (PARTITION BY engineer_id ORDER BY arrived_at, id)
    )
"""
# Great circles on a small scale: a degree is 111.2 km, and of longitude less by the cosine of the latitude.
_KM = """111.2 * sqrt(power((latitude - latitude_before)::float, 2)
    + power((longitude - longitude_before)::float * cos(radians(latitude::float)), 2))"""

_FOUND = {
    Hint.Kind.PHONE_SERIALS: f"""
        WITH {_NEAR}, each AS (
            SELECT DISTINCT ON (phone, serial) * FROM near
            WHERE phone <> '' AND serial <> '' AND completed_on IS NOT NULL ORDER BY phone, serial, completed_on DESC, id DESC
        ), counted AS (
            SELECT *, count(*) OVER (PARTITION BY phone ORDER BY completed_on
                       RANGE BETWEEN make_interval(days => %(days)s) PRECEDING AND CURRENT ROW) AS serials,
                   lag(id) OVER (PARTITION BY phone ORDER BY completed_on, id) AS other
            FROM each
        )
        SELECT id, outlet_id, month, other, jsonb_build_object('serials', serials) FROM counted WHERE serials > %(serials)s""",
    Hint.Kind.SAME_SERIAL: f"""
        WITH {_NEAR}, counted AS (
            SELECT *, lag(id) OVER one AS other, completed_on - lag(completed_on) OVER one AS gap FROM near
            WHERE serial <> '' AND completed_on IS NOT NULL
            WINDOW one AS (PARTITION BY serial, work ORDER BY completed_on, id)
        )
        SELECT id, outlet_id, month, other, jsonb_build_object('gap', gap) FROM counted WHERE gap <= %(days)s""",
    Hint.Kind.STAFF_PHONE: f"""
        WITH {_NEAR}, staff AS (
            SELECT phone FROM workorders_engineer WHERE company_id = %(company)s AND phone <> ''
            UNION SELECT replace(phone, '-', '') FROM outlets_outlet WHERE company_id = %(company)s AND phone <> ''
            UNION SELECT phone FROM outlets_outlet WHERE company_id = %(company)s AND phone <> ''
        )
        SELECT near.id, outlet_id, month, NULL::bigint, '{{}}'::jsonb FROM near JOIN staff USING (phone)""",
    Hint.Kind.BACKWARDS: f"""
        WITH {_NEAR}
        SELECT id, outlet_id, month, NULL::bigint, jsonb_build_object('reported', reported_on, 'completed', completed_on)
        FROM near WHERE completed_on < reported_on""",
    Hint.Kind.SHORT: f"""
        WITH {_VISITS}
        SELECT s.id, s.outlet_id, s.month, NULL::bigint,
               jsonb_build_object('minutes', floor(extract(epoch FROM v.left_at - v.arrived_at) / 60)::int)
        FROM visits AS v JOIN sheet_of AS s USING (order_id)
        WHERE v.left_at - v.arrived_at < make_interval(mins => %(minutes)s)""",
    Hint.Kind.OVERLAPPING: f"""
        WITH {_VISITS}
        SELECT s.id, s.outlet_id, s.month, b.id,
               jsonb_build_object('minutes', ceil(extract(epoch FROM least(f.left_at, f.left_before) - f.arrived_at) / 60)::int)
        FROM followed AS f JOIN sheet_of AS s USING (order_id) LEFT JOIN sheet_of AS b ON b.order_id = f.order_before
        WHERE f.order_before <> f.order_id AND f.arrived_at < f.left_before""",
    Hint.Kind.TOO_FAST: f"""
        WITH {_VISITS}, gone AS (
            SELECT *, {_KM} AS km, greatest(extract(epoch FROM arrived_at - left_before) / 60, 1) AS minutes
            FROM followed WHERE order_before <> order_id AND arrived_at >= left_before
        )
        SELECT s.id, s.outlet_id, s.month, b.id,
               jsonb_build_object('km', round(km), 'minutes', round(minutes), 'speed', round(km * 60 / minutes::float))
        FROM gone AS g JOIN sheet_of AS s USING (order_id) LEFT JOIN sheet_of AS b ON b.order_id = g.order_before
        WHERE round(km * 60 / minutes::float) > %(speed)s""",
    Hint.Kind.SAME_PHOTO: f"""
        WITH {_SHEET_OF}, shots AS (
            SELECT p.id, p.order_id, f.sha256 FROM sheet_of AS s
            JOIN workorders_photo AS p USING (order_id) JOIN files_storedfile AS f ON f.id = p.file_id
            WHERE s.month = %(month)s AND p.at >= %(long_before)s AND p.at < %(until)s
        ), firsts AS (
            SELECT sha256, first.order_id FROM (SELECT DISTINCT sha256 FROM shots) AS digests CROSS JOIN LATERAL (
                SELECT p.order_id FROM files_storedfile AS f JOIN workorders_photo AS p ON p.file_id = f.id
                WHERE f.company_id = %(company)s AND f.sha256 = digests.sha256 AND p.at >= %(long_before)s AND p.at < %(until)s
                ORDER BY p.id LIMIT 1
            ) AS first
        ), pairs AS (
            SELECT shots.order_id, min(firsts.order_id) AS order_before FROM shots JOIN firsts USING (sha256)
            WHERE firsts.order_id <> shots.order_id GROUP BY shots.order_id
        )
        SELECT s.id, s.outlet_id, s.month, b.id, '{{}}'::jsonb
        FROM pairs AS p JOIN sheet_of AS s USING (order_id)
        LEFT JOIN settlements_sheet AS b ON b.order_id = p.order_before AND b.withdrawn_at IS NULL""",
}
_KEEP = """
    INSERT INTO settlements_hint (company_id, outlet_id, sheet_id, kind, other_id, told, found_at, note)
    SELECT DISTINCT ON (id) %(company)s, outlet_id, id, %(kind)s, other, told, %(at)s, ''
    FROM ({found}) AS found (id, outlet_id, month, other, told) WHERE month = %(month)s ORDER BY id
    ON CONFLICT (sheet_id, kind) DO UPDATE SET other_id = excluded.other_id, told = excluded.told, found_at = excluded.found_at
    WHERE settlements_hint.checked_at IS NULL
"""


def look_for_hints(month: date, *, by: Access, at: datetime) -> int:
    """Look through the company's sheets of a month; how many hints wait to be looked into."""
    by.require(May.CHECK_HINT)
    with scope.as_owner("hints compare the sheets of all outlets; who looks for them sees them all"):
        found = find(by.company_id, month, at=at)
    company = Company.objects.get(pk=by.company_id)
    audit.record("settlements:hints:looked-for", company, by=by, at=at, month=f"{month:%Y-%m}", found=found)
    return found


@transaction.atomic
def find(company_id: int, month: date, *, at: datetime) -> int:
    """The hints of a company's month, found anew; how many wait to be looked into. For the nightly job, too."""
    book, on = book_in_force(company_id, "findings"), month_end(month)
    limits: dict[str, Any] = {
        name: book.value(f"hint_{name}", on).value for name in ("serials", "days", "minutes", "speed")
    }
    given = limits | {
        "company": company_id, "month": month, "before": add_months(month, -2), "at": at,
        "from": month - timedelta(days=7), "until": on + timedelta(days=7), "long_before": add_months(month, -12),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for kind, found in _FOUND.items():
            cursor.execute(_KEEP.format(found=found), given | {"kind": kind.value})
        # What was found before and holds no more.
        cursor.execute(
            "DELETE FROM settlements_hint AS h USING settlements_sheet AS s WHERE s.id = h.sheet_id AND h.company_id = %(company)s"
            " AND s.month = %(month)s AND h.checked_at IS NULL AND (h.found_at < %(at)s OR s.withdrawn_at IS NOT NULL)",
            given,
        )
        cursor.execute(
            "SELECT count(*) FROM settlements_hint AS h JOIN settlements_sheet AS s ON s.id = h.sheet_id"
            " WHERE h.company_id = %(company)s AND s.month = %(month)s AND h.checked_at IS NULL",
            given,
        )
        return int(cursor.fetchone()[0])


@transaction.atomic
def check_hint(hint: Hint, note: str, *, by: Access, at: datetime) -> Hint:
    """Somebody has looked into it and found nothing: the hint is not shown any more, and does not come back."""
    by.require(May.CHECK_HINT)
    hint = Hint.objects.visible_to(by, May.CHECK_HINT).select_for_update(of=("self",)).get(pk=hint.pk)
    if hint.checked_at:
        raise Refusal(_("This hint has been looked into already."), code="checked")
    if not note.strip():
        raise Refusal(
            _("Say what you have looked at: the note stays with the hint."), field="note", code="note"
        )
    hint.checked_at, hint.checked_by_id, hint.note = at, by.person_id, note.strip()[:200]
    hint.save(update_fields=["checked_at", "checked_by", "note"])
    audit.record(
        "settlements:hint:checked", hint.sheet, by=by, at=at, outlet_id=hint.outlet_id, kind=hint.kind, note=hint.note
    )  # fmt: skip
    return hint
