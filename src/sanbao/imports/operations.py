"""Reading a file, taking its rows over, or letting it be. A file is taken over whole or not at all."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sanbao.accounts.access import Access
from sanbao.accounts.scope import as_owner
from sanbao.audit import operations as audit
from sanbao.edge.copying import copy_in
from sanbao.edge.garbage import uncollected
from sanbao.edge.kept import keeping
from sanbao.edge.storing import fresh
from sanbao.files import operations as files
from sanbao.files.tables import Unreadable
from sanbao.imports.kinds import KINDS, Kind, Plan, Step
from sanbao.imports.models import Brought, Import, Progress
from sanbao.imports.permissions import May
from sanbao.imports.personal import people_in
from sanbao.imports.reading import Read, read, report
from sanbao.ui.formats import language
from sanbao.ui.refusal import Refusal

AT_ONCE = 500  # more rows than these are the worker's, and the page shows how far it is


class Stopped(Exception):
    """Somebody wanted the taking over to end before it was through."""


def read_file(
    kind: Kind,
    data: bytes,
    name: str,
    *,
    known: str = "",
    columns: Mapping[str, int] | None = None,
    by: Access,
    at: datetime,
) -> Import:
    """Read a file and keep it with what was found; nothing is taken over yet. What can't be read at all is refused and not kept."""
    _require(kind, by)
    known = known if known in kind.known else kind.known[0]
    with uncollected():
        found, plan = _understood(kind, data, name, columns, known, by, at)
    stored = files.keep(data, name, by=by, at=at)
    with transaction.atomic():
        work = Import.objects.create(
            company_id=by.company_id, kind=kind.code, file=stored, known=known, columns=dict(columns or {}),
            counts=_counts(found, plan), report=report(found), people=people_in(kind, found.rows),
            made_at=at, made_by_id=by.person_id,
        )  # fmt: skip
        Progress.objects.create(work=work, total=len(found.rows))
        audit.record(
            "imports:import:read", work, by=by, at=at, kind=kind.code, file=stored.name, **work.counts
        )
    return work


def _require(kind: Kind, by: Access) -> None:
    by.require(May.TAKE_OVER)
    by.require(kind.permission)


def _understood(
    kind: Kind,
    data: bytes,
    name: str,
    columns: Mapping[str, int] | None,
    known: str,
    by: Access,
    at: datetime,
) -> tuple[Read, Plan]:
    try:
        found = read(kind, data, name, columns)
    except Unreadable as unreadable:
        raise Refusal(unreadable.sentence(language()), code=unreadable.code, field="file") from None
    return found, kind.examine(found.rows, known, by, at, found.say)


def _counts(found: Read, plan: Plan) -> dict[str, int]:
    severities = [problem.severity for _line, problem in found.problems]
    return {
        "rows": len(found.rows),
        "adds": plan.adds,
        "updates": plan.updates,
        "left_out": plan.left_out,
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
    }


@transaction.atomic
def begin(work: Import, *, by: Access, at: datetime) -> Import:
    """Take the file over: a small one at once, a large one by the worker. Refused while anything in it needs mending."""
    _require(KINDS[work.kind], by)
    work = _locked(work, by, Import.State.READ)
    if work.counts["errors"]:
        raise _needs_mending(work.counts["errors"])
    if work.counts["rows"] <= AT_ONCE:
        return _take_over(work, by, at, lambda done: None)
    from sanbao.imports import tasks  # the worker's side knows the operations

    work.state, work.taken_by_id = Import.State.WAITING, by.person_id
    work.save(update_fields=["state", "taken_by"])
    Progress.objects.filter(work=work).update(done=0, total=work.counts["rows"], stopped_at=None)
    audit.record("imports:import:begun", work, by=by, at=at, rows=work.counts["rows"])
    tasks.take_over.defer(import_id=work.pk, person_id=by.person_id, company_id=by.company_id)
    return work


def take_over(work: Import, *, by: Access, at: datetime) -> Import:
    """The worker's part: everything in one transaction, told of beside it. Stopped or refused, the file is as it was before."""
    _require(KINDS[work.kind], by)
    try:
        with transaction.atomic(), _told(work) as step:
            _at_work(work)
            locked = _locked(work, by, Import.State.WAITING)
            return _take_over(locked, by, at, step)
    except (Stopped, Refusal) as ended:
        with transaction.atomic():
            again = _locked(work, by, Import.State.WAITING)
            again.state = Import.State.READ
            if isinstance(ended, Refusal):
                line = {"severity": "error", "cell": "", "line": 0, "zh": str(ended), "en": str(ended)}
                again.report = ended.details.get("report") or [line, *again.report]
                again.counts |= ended.details.get("counts") or {}
            again.save()
            audit.record(
                "imports:import:stopped", again, by=by, at=at, why="asked" if isinstance(ended, Stopped) else ended.code
            )  # fmt: skip
        return again


@uncollected()
def _take_over(work: Import, by: Access, at: datetime, step: Step) -> Import:
    kind = KINDS[work.kind]
    _one_at_a_time(work.company_id, kind.code)
    step(0)
    found, plan = _understood(
        kind, files.content(work.file), work.file.name, work.columns or None, work.known, by, at
    )
    counts = _counts(found, plan)
    if counts["errors"]:
        raise Refusal(
            str(_needs_mending(counts["errors"])), code="rows", details={"report": report(found), "counts": counts}
        )  # fmt: skip
    try:
        with keeping(), transaction.atomic():
            brought = kind.take(plan, by, at, step)
            _keep(work, brought)
    except IntegrityError:
        raise Refusal(
            _("Some of these rows were brought by somebody else this moment. Read the file again."),
            code="raced",
        ) from None
    step(counts["rows"])
    work.state, work.taken_at, work.taken_by_id = Import.State.TAKEN, at, by.person_id
    work.counts, work.report = counts, report(found)
    work.save()
    audit.record("imports:import:taken", work, by=by, at=at, kind=kind.code, **counts)
    return work


def _needs_mending(count: int) -> Refusal:
    words = ngettext(
        "One cell needs correcting before the file can be taken over; nothing has been.",
        "%(count)d cells need correcting before the file can be taken over; nothing has been.",
        count,
    )
    return Refusal(words % {"count": count}, code="rows")


@as_owner("COPY is refused where row-level security holds; whoever calls has asked for the permission")
def _keep(work: Import, brought: list[tuple[str, int]]) -> None:
    copy_in([
        fresh(Brought, company_id=work.company_id, kind=work.kind, key=key, work_id=work.pk, thing_id=thing)
        for key, thing in brought
    ])  # fmt: skip


def _one_at_a_time(company_id: int, kind: str) -> None:
    """Two people who bring the same rows at once do it one after the other, so that the second sees what the first has brought."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [f"imports:{kind}", company_id])


def _at_work(work: Import) -> None:
    """The worker is at it, as long as its transaction lasts (`stop` asks)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('imports:at-work'), %s)", [work.pk])


def _nobody_at_work(work: Import) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('imports:at-work'), %s)", [work.pk])
        return bool(cursor.fetchone()[0])


@contextmanager
def _told(work: Import) -> Iterator[Step]:
    """`step(done)` writes how far it is on a connection of its own, and ends the work where somebody has asked for that."""
    beside = connection.copy()

    def step(done: int) -> None:
        with beside.cursor() as cursor:
            cursor.execute(
                "UPDATE imports_progress SET done = %s WHERE work_id = %s RETURNING stopped_at",
                [done, work.pk],
            )
            row = cursor.fetchone()
        if row and row[0]:
            raise Stopped

    try:
        yield step
    finally:
        beside.close()


@transaction.atomic
def stop(work: Import, *, by: Access, at: datetime) -> Import:
    """Ask the worker to end before it is through: it takes nothing over. Where no worker is at it any more, the file is free at once."""
    _require(KINDS[work.kind], by)
    if work.state != Import.State.WAITING:
        raise _not_any_more(work)
    Progress.objects.filter(work_id=work.pk).update(stopped_at=at)
    if _nobody_at_work(work):
        work = _locked(work, by, Import.State.WAITING)
        work.state = Import.State.READ
        work.save(update_fields=["state"])
    audit.record("imports:import:stopped", work, by=by, at=at, why="asked")
    return work


@transaction.atomic
def drop(work: Import, *, by: Access, at: datetime) -> None:
    """Put a read file aside without taking it over; the file itself is kept."""
    _require(KINDS[work.kind], by)
    work = _locked(work, by, Import.State.READ)
    work.state = Import.State.DROPPED
    work.save(update_fields=["state"])
    audit.record("imports:import:dropped", work, by=by, at=at)


def _locked(work: Import, by: Access, state: str) -> Import:
    found: Import = (
        Import.objects.visible_to(by, May.TAKE_OVER)
        .select_for_update(of=("self",))
        .select_related("file")
        .get(pk=work.pk)
    )
    if found.state != state:
        raise _not_any_more(found)
    return found


def _not_any_more(work: Import) -> Refusal:
    words: dict[str, Any] = {"state": work.get_state_display()}
    return Refusal(_("This file is %(state)s already.") % words, code="state")
