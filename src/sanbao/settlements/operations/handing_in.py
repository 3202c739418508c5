"""Handing in a month: reading a file, taking it over whole, typing a sheet in, registering when things arrived."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.scope import as_owner
from sanbao.audit import operations as audit
from sanbao.documents.reading_first import require_read
from sanbao.files import operations as files
from sanbao.outlets.models import Outlet
from sanbao.settlements import telling
from sanbao.settlements.models import HandIn, Receipt, Sheet
from sanbao.settlements.operations.calling_back import sheet_withdrawn, sheets_arrived
from sanbao.settlements.operations.closing import open_month
from sanbao.settlements.permissions import May
from sanbao.settlements.reading import RecordFile, Row, Unreadable, read_record_sheets_in_child
from sanbao.ui.formats import language
from sanbao.ui.refusal import Refusal
from sanbao_rules.settlement import REQUIRED_FIELDS

# What makes two sheets of one number the same sheet.
_CONTENT = (
    "customer", "phone", "address", "model", "serial", "purchased_on", "installed_on", "reported_on", "completed_on",
    "fault", "action", "component", "work", "km", "claimed_out", "charged_fen", "engineer",
)  # fmt: skip


def read_hand_in(
    outlet: Outlet,
    month: date,
    data: bytes,
    name: str,
    *,
    headings: Mapping[str, int] | None = None,
    by: Access,
    at: datetime,
) -> HandIn:
    """Read a file of record sheets and keep it with what was found; nothing is taken over yet.

    An unreadable file is refused with the reader's sentence and not kept.
    """
    by.require(May.HAND_IN)
    require_read(May.HAND_IN, by=by, at=at)
    read = _read(outlet, month, data, name, headings, at)
    report, fresh, duplicates = _examine(read, outlet, month, by)
    stored = files.keep(data, name, by=by, at=at)
    with transaction.atomic():
        hand_in = HandIn.objects.create(
            company_id=outlet.company_id,
            outlet=outlet,
            month=month,
            file=stored,
            headings=dict(headings or {}),
            counts=_counts(read, fresh, duplicates, report),
            report=report,
            made_at=at,
            made_by_id=by.person_id,
        )
        audit.record(
            "settlements:hand-in:read",
            hand_in,
            by=by,
            at=at,
            outlet_id=outlet.pk,
            file=stored.name,
            **hand_in.counts,
        )
    return hand_in


@transaction.atomic
def take_over(hand_in: HandIn, *, by: Access, at: datetime) -> HandIn:
    """Take over every sheet of a read file, or none. Sheets known already are counted as entered twice, not stored again."""
    by.require(May.HAND_IN)
    require_read(May.HAND_IN, by=by, at=at)
    hand_in = HandIn.objects.visible_to(by, May.HAND_IN).select_for_update(of=("self",)).get(pk=hand_in.pk)
    outlet, month = hand_in.outlet, hand_in.month
    if hand_in.state != HandIn.State.READ:
        raise Refusal(
            _("This file is %(state)s already.") % {"state": hand_in.get_state_display()}, code="taken"
        )
    open_month(outlet, month)
    read = _read(outlet, month, files.content(hand_in.file), hand_in.file.name, hand_in.headings or None, at)
    report, fresh, duplicates = _examine(read, outlet, month, by)
    hand_in.report, hand_in.counts = report, _counts(read, fresh, duplicates, report)
    if errors := hand_in.counts["errors"]:
        raise Refusal(
            _("%(count)d rows need correcting before the file can be taken over; nothing has been.")
            % {"count": errors},
            code="rows",
            details={"report": report},
        )
    if not fresh and not duplicates:
        raise Refusal(_("There are no sheets in this file."), code="no_sheets")
    try:
        with transaction.atomic():
            sheets = Sheet.objects.bulk_create([_sheet(row, hand_in, at) for row in fresh], batch_size=1000)
    except IntegrityError:
        raise Refusal(
            _("Some of these sheets were handed in by somebody else this moment. Read the file again."),
            code="raced",
        ) from None
    hand_in.state, hand_in.taken_at = HandIn.State.TAKEN, at
    hand_in.save()
    _note_electronic_copy(outlet, month, by, at)
    audit.record("settlements:hand-in:taken", hand_in, by=by, at=at, outlet_id=outlet.pk, **hand_in.counts)
    sheets_arrived(sheets, by=by, at=at)
    return hand_in


@transaction.atomic
def drop_hand_in(hand_in: HandIn, *, by: Access, at: datetime) -> None:
    """Put a read file aside without taking it over; the file itself is kept."""
    by.require(May.HAND_IN)
    hand_in = HandIn.objects.select_for_update().get(pk=hand_in.pk)
    if hand_in.state != HandIn.State.READ:
        raise Refusal(
            _("This file is %(state)s already.") % {"state": hand_in.get_state_display()}, code="taken"
        )
    hand_in.state = HandIn.State.DROPPED
    hand_in.save(update_fields=["state"])
    audit.record("settlements:hand-in:dropped", hand_in, by=by, at=at, outlet_id=hand_in.outlet_id)


@transaction.atomic
def write_sheet(outlet: Outlet, month: date, fields: Mapping[str, Any], *, by: Access, at: datetime) -> Sheet:
    """Type one sheet in. `fields` are Sheet's fields; empty required ones make it void, as on paper (KA-11.2)."""
    by.require(May.HAND_IN)
    require_read(May.HAND_IN, by=by, at=at)
    open_month(outlet, month)
    fields = dict(fields)
    fields["model"] = str(fields.get("model", "")).strip().upper()
    _refuse_impossible(fields, timezone.localtime(at).date())
    missing = [name for name in REQUIRED_FIELDS if not fields.get(name)]
    try:
        with transaction.atomic():
            sheet = Sheet.objects.create(
                company_id=outlet.company_id,
                outlet=outlet,
                month=month,
                missing=missing,
                made_at=at,
                made_by_id=by.person_id,
                **fields,
            )
    except IntegrityError:
        raise _number_taken(str(fields.get("number")), by) from None
    audit.record("settlements:sheet:written", sheet, by=by, at=at, outlet_id=outlet.pk, missing=missing)
    sheets_arrived([sheet], by=by, at=at)
    return sheet


def _number_taken(number: str, by: Access) -> Refusal:
    """Why the number can't be used; of a sheet out of one's reach nothing more than that."""
    own = Sheet.objects.visible_to(by, May.HAND_IN).filter(number=number, withdrawn_at__isnull=True).exists()
    sentence = (
        _("Sheet %(number)s has been handed in already.")
        if own
        else _(
            "The number %(number)s can't be used. Check it against the paper; if it is right, ask headquarters."
        )
    )
    return Refusal(sentence % {"number": number}, field="number", code="twice")


@transaction.atomic
def write_sheets(
    outlet: Outlet, month: date, rows: Iterable[Mapping[str, Any]], *, by: Access, at: datetime
) -> list[Sheet]:
    """Write many sheets of an outlet's month at once, all or none; each as `write_sheet` would, with one event for all."""
    by.require(May.HAND_IN)
    require_read(May.HAND_IN, by=by, at=at)
    open_month(outlet, month)
    sheets = []
    for row in rows:
        fields = {**row, "model": str(row.get("model", "")).strip().upper()}
        _refuse_impossible(fields, timezone.localtime(at).date())
        missing = [name for name in REQUIRED_FIELDS if not fields.get(name)]
        sheets.append(
            Sheet(
                company_id=outlet.company_id,
                outlet=outlet,
                month=month,
                missing=missing,
                made_at=at,
                made_by_id=by.person_id,
                **fields,
            )
        )
    try:
        with transaction.atomic():
            Sheet.objects.bulk_create(sheets, batch_size=1000)
    except IntegrityError:
        raise Refusal(
            _("Some of these sheets have been handed in already; none was written."), code="twice"
        ) from None
    audit.record(
        "settlements:sheet:written", outlet, by=by, at=at, outlet_id=outlet.pk,
        month=f"{month:%Y-%m}", sheets=len(sheets), incomplete=sum(1 for sheet in sheets if sheet.missing),
    )  # fmt: skip
    sheets_arrived(sheets, by=by, at=at)
    return sheets


def _refuse_impossible(fields: Mapping[str, Any], today: date) -> None:
    if Decimal(fields.get("km") or 0) < 0:
        raise Refusal(_("Kilometres can't be negative."), field="km")
    for name in ("purchased_on", "installed_on", "reported_on", "completed_on"):
        day = fields.get(name)
        if day and not 2000 <= day.year <= 2100:
            raise Refusal(_("%(day)s is no likely date; check the year.") % {"day": day}, field=name)
        if day and day > today:
            raise Refusal(_("%(day)s is in the future.") % {"day": day}, field=name)
    if (fields.get("completed_on") and fields.get("reported_on")) and fields["completed_on"] < fields[
        "reported_on"
    ]:
        raise Refusal(_("The repair can't be completed before it was reported."), field="completed_on")


@transaction.atomic
def withdraw_sheet(sheet: Sheet, *, by: Access, at: datetime) -> None:
    """Take back a sheet of a month that is not settled; it stays on record as withdrawn, with its findings."""
    by.require(May.HAND_IN)
    open_month(sheet.outlet, sheet.month)
    sheet = Sheet.objects.select_for_update().get(pk=sheet.pk)
    if sheet.withdrawn_at:
        raise Refusal(
            _("Sheet %(number)s has been withdrawn already.") % {"number": sheet.number}, code="withdrawn"
        )
    if sheet.findings.live().exists():
        raise Refusal(
            _("There are findings about sheet %(number)s; it can't be withdrawn any more.")
            % {"number": sheet.number},
            code="findings",
        )
    sheet.withdrawn_at = at
    sheet.save(update_fields=["withdrawn_at"])
    audit.record("settlements:sheet:withdrawn", sheet, by=by, at=at, outlet_id=sheet.outlet_id)
    sheet_withdrawn(sheet, by=by, at=at)
    telling.withdrawn(sheet, by=by, at=at)


@transaction.atomic
def register_receipt(
    outlet: Outlet,
    month: date,
    *,
    by: Access,
    at: datetime,
    **days: date | None,
) -> Receipt:
    """Register when the month's sheets arrived (KA-11.1): `paper_on`, `electronic_on`, or both. None: not yet; left out: as it was."""
    by.require(May.REGISTER_RECEIPT)
    if not days.keys() <= {"paper_on", "electronic_on"}:
        raise TypeError(f"a receipt has paper_on and electronic_on, not {', '.join(days)}")
    today = timezone.localtime(at).date()
    for name, day in days.items():
        if day and day > today:
            raise Refusal(_("%(day)s is in the future.") % {"day": day}, field=name)
        if day and day < month:
            raise Refusal(_("%(day)s is before the month itself.") % {"day": day}, field=name)
    return _keep_receipt(outlet, month, days, by, at)


def _keep_receipt(
    outlet: Outlet, month: date, days: dict[str, date | None], by: Access, at: datetime
) -> Receipt:
    open_month(outlet, month)
    receipt, _made = Receipt.objects.update_or_create(
        company_id=outlet.company_id,
        outlet=outlet,
        month=month,
        defaults={**days, "made_at": at, "made_by_id": by.person_id},
    )
    audit.record(
        "settlements:receipt:registered", receipt, by=by, at=at, outlet_id=outlet.pk,
        **{name: day.isoformat() if day else None for name, day in days.items()},
    )  # fmt: skip
    return receipt


def _note_electronic_copy(outlet: Outlet, month: date, by: Access, at: datetime) -> None:
    """An outlet that hands in by itself has delivered its electronic copy that day; headquarters' own typing is no delivery."""
    reach = by.reach(May.HAND_IN)
    if (
        reach.whole
        or Receipt.objects.filter(outlet=outlet, month=month, electronic_on__isnull=False).exists()
    ):
        return
    _keep_receipt(outlet, month, {"electronic_on": timezone.localtime(at).date()}, by, at)


# Reading


def _read(
    outlet: Outlet, month: date, data: bytes, name: str, headings: Mapping[str, int] | None, at: datetime
) -> RecordFile:
    try:
        read = read_record_sheets_in_child(
            data,
            name,
            month=month,
            outlet_code=outlet.code,
            heading_choice=headings,
            today=timezone.localtime(at).date(),
        )
    except Unreadable as unreadable:
        raise Refusal(unreadable.sentence(language()), code=unreadable.code, field="file") from None
    return read


def _examine(
    read: RecordFile, outlet: Outlet, month: date, by: Access
) -> tuple[list[dict[str, str]], list[Row], int]:
    """The report on a file, the rows to store, and how many sheets it enters twice.

    A number is one in the whole company; of another outlet's sheet the report says no more than that the number can't be used.
    """
    report = [
        {
            "severity": problem.severity,
            "cell": problem.cell,
            "zh": problem.sentence("zh"),
            "en": problem.sentence("en"),
        }
        for problem in read.problems
    ]
    with as_owner("numbers are the company's, and other outlets' sheets are hidden from an outlet"):
        known = {
            sheet.number: sheet
            for sheet in Sheet.objects.filter(
                company_id=outlet.company_id,
                number__in=[row.number for row in read.rows if row.number],
                withdrawn_at__isnull=True,
            ).select_related("outlet")
        }
    reached = set(Outlet.objects.visible_to(by, May.HAND_IN).values_list("pk", flat=True))
    fresh, duplicates = [], len(read.duplicates)
    for row in read.rows:
        sheet = known.get(row.number) if row.number else None
        if sheet is None:
            fresh.append(row)
        elif (sheet.outlet_id, sheet.month) == (outlet.pk, month) and _same(sheet, row):
            duplicates += 1
            report.append(_line(row, "warning", "单号 {number} 已经收过，内容相同，不重复记入。",
                                "Sheet {number} has been handed in already with the same content; it is not stored again."))  # fmt: skip
        elif sheet.outlet_id not in reached:
            report.append(_line(
                row, "error", "单号 {number} 不能使用。请对照纸质单据核对；如确实无误，请联系厂家。",
                "The number {number} can't be used. Check it against the paper; if it is right, ask headquarters.",
            ))  # fmt: skip
        else:
            report.append(_line(
                row, "error",
                "单号 {number} 已由 {outlet} 在 {month} 报过，内容不同。请核对单号；如要更正，请先撤回原单。",
                "Sheet {number} was handed in by {outlet} for {month} with other content. Check the number; to correct it, withdraw the earlier sheet first.",
                outlet=sheet.outlet.code, month=f"{sheet.month:%Y-%m}",
            ))  # fmt: skip
    return report, fresh, duplicates


def _line(row: Row, severity: str, zh: str, en: str, **words: str) -> dict[str, str]:
    words["number"] = row.number
    return {"severity": severity, "cell": f"{row.line}", "zh": zh.format(**words), "en": en.format(**words)}


def _same(sheet: Sheet, row: Row) -> bool:
    return all(getattr(sheet, name) == _value(row, name) for name in _CONTENT)


def _value(row: Row, name: str) -> Any:
    value = getattr(row, name)
    if name == "model":
        return value.strip().upper()
    if name == "km":
        return Decimal(value or 0).quantize(Decimal("0.01"))
    return value


def _counts(
    read: RecordFile, fresh: Iterable[Row], duplicates: int, report: list[dict[str, str]]
) -> dict[str, int]:
    fresh = list(fresh)
    return {
        "sheets": len(fresh),
        "duplicates": duplicates,
        "incomplete": sum(1 for row in fresh if row.missing),
        "errors": sum(1 for line in report if line["severity"] == "error"),
        "warnings": sum(1 for line in report if line["severity"] == "warning"),
    }


def _sheet(row: Row, hand_in: HandIn, at: datetime) -> Sheet:
    return Sheet(
        company_id=hand_in.company_id,
        outlet_id=hand_in.outlet_id,
        month=hand_in.month,
        hand_in=hand_in,
        line=row.line,
        number=row.number,
        missing=list(row.missing),
        made_at=at,
        made_by_id=hand_in.made_by_id,
        **{name: _value(row, name) for name in _CONTENT},
    )
