"""A customer's data in settlements: sheets, findings, the outlets' questions, hand-in files. Asked by the privacy module.

The books keep their figures: statements, lines, decisions and ledger hold no names, and a sheet whose customer is erased goes on deciding
what it decided. What is erased is erased in the history and the event log too.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from sanbao.accounts.access import Access
from sanbao.audit.history import ERASED
from sanbao.audit.personal import Hold, Subject, scrub_events, scrub_history
from sanbao.files import operations as files
from sanbao.regulations.queries import book_in_force
from sanbao.settlements.models import Answer, Finding, HandIn, Line, Remark, Sheet
from sanbao.settlements.states import State
from sanbao.ui import formats
from sanbao_rules.explain import explain_all
from sanbao_rules.retention import erasable_from

RECORD = "repair_records"
_COPIED = (
    "number", "month", "customer", "phone", "address", "model", "serial", "purchased_on", "installed_on", "reported_on",
    "completed_on", "fault", "action", "component", "charged_fen", "engineer", "made_at", "withdrawn_at",
)  # fmt: skip
KINDS = {
    "sheets": gettext_noop("record sheets"),
    "findings": gettext_noop("findings"),
    "answers": gettext_noop("questions of outlets"),
    "files": gettext_noop("hand-in files"),
}


def sheets_of(subject: Subject) -> QuerySet[Sheet]:
    """The subject's sheets, withdrawn ones too. A cell with two numbers belongs to both."""
    rows = Sheet.objects.filter(company_id=subject.company_id, erased_at__isnull=True)
    if subject.phone:
        rows = rows.filter(
            Q(phone=subject.phone) | Q(phone__startswith=f"{subject.phone}/") | Q(phone__endswith=f"/{subject.phone}")
            | Q(phone__contains=f"/{subject.phone}/")
        )  # fmt: skip
    if subject.name:
        rows = rows.filter(customer=subject.name)
    return rows if subject.phone or subject.name else rows.none()


def since(sheet: Sheet) -> date:
    """The day a sheet's retention counts from: completion, else report, else the end of its month's first day."""
    return sheet.completed_on or sheet.reported_on or sheet.month


class Source:
    """What settlements answer about a customer (sanbao.audit.personal.Source)."""

    def names(self, subject: Subject) -> set[str]:
        return set(sheets_of(subject).exclude(customer="").values_list("customer", flat=True).distinct())

    def copy(self, subject: Subject) -> dict[str, list[dict[str, Any]]]:
        sheets = list(sheets_of(subject).select_related("outlet", "hand_in__file").order_by("id"))
        findings = (
            Finding.objects.filter(sheet__in=sheets)
            .select_related("sheet")
            .prefetch_related("remarks__file")
            .order_by("id")
        )
        answers = Answer.objects.filter(sheet__in=sheets).select_related("sheet").order_by("id")
        taken = {sheet.hand_in_id: sheet.hand_in for sheet in sheets if sheet.hand_in_id}
        return {
            "sheets": [{"outlet": str(s.outlet)} | {name: _plain(getattr(s, name)) for name in _COPIED} for s in sheets],
            "findings": [
                {"sheet": str(f.sheet), "finding": f.get_kind_display(), "note": f.note, "refund_fen": f.refund_fen,
                 "made_at": _plain(f.made_at),
                 "remarks": [{"text": r.text, "file": r.file.name if r.file else "", "made_at": _plain(r.made_at)} for r in f.remarks.all()]}
                for f in findings
            ],
            "answers": [
                {"sheet": str(a.sheet), "note": a.note, "reply": a.reply, "made_at": _plain(a.made_at)} for a in answers
            ],
            "files": [
                {"name": h.file.name, "month": f"{h.month:%Y-%m}", "made_at": _plain(h.made_at), "sha256": h.file.sha256}
                for h in taken.values()
            ],
        }  # fmt: skip

    def holds(self, subject: Subject, on: date) -> list[Hold]:
        """The latest retention of the subject's sheets that still runs: one sentence, not one for each sheet."""
        latest = max((since(sheet) for sheet in sheets_of(subject)), default=None)
        if latest is None:
            return []
        book = book_in_force(subject.company_id, "retention")
        made = erasable_from(RECORD, latest, on, book)
        if made.answer <= on:
            return []
        language = "zh" if formats.chinese() else "en"
        told = explain_all(made.reasons, {"retention": book}, language)[0]
        return [Hold(told.text, made.reasons[0].args["last"], told.clause)]

    def open_matters(self, subject: Subject) -> list[str]:
        sheets = list(sheets_of(subject).values_list("pk", flat=True))
        found = []
        lines = (
            Line.objects.filter(sheet_id__in=sheets, live=True)
            .exclude(statement__state__in=(State.PAID, State.REVERSED))
            .select_related("statement")
        )
        for number in sorted({line.statement.number for line in lines}):
            found.append(
                _("Statement %(number)s with this person's sheet is not paid yet.") % {"number": number}
            )
        settled = Line.objects.filter(sheet_id__in=sheets, live=True).values_list("sheet_id", flat=True)
        waiting = Sheet.objects.filter(pk__in=sheets, withdrawn_at__isnull=True).exclude(pk__in=list(settled))
        found += [_("Sheet %(number)s is not settled yet.") % {"number": sheet} for sheet in waiting]
        questions = Answer.objects.filter(
            sheet_id__in=sheets, kind=Answer.Kind.QUESTION, replied_at__isnull=True
        ).select_related("sheet")
        found += [_("The outlet's question about sheet %(number)s waits for a reply.") % {"number": q.sheet} for q in questions]  # fmt: skip
        return found

    def erase(self, subject: Subject, *, by: Access, at: datetime, reason: str) -> dict[str, int]:
        return erase_sheets(
            list(sheets_of(subject).select_for_update().order_by("id")), by=by, at=at, reason=reason
        )


def erase_sheets(sheets: list[Sheet], *, by: Access, at: datetime, reason: str) -> dict[str, int]:
    """Take the customers out of these sheets, of what was written about them, of their hand-in files, of history and events.

    Inside `erasing()`. A hand-in file goes whole: it is kept by its hash and can't lose a line; its sheets are rows and stay.
    """
    ids = [sheet.pk for sheet in sheets]
    said = {sheet.pk: _spoken(sheet) for sheet in sheets}
    for sheet in sheets:
        words = said[sheet.pk]
        sheet.fault, sheet.action = _without(sheet.fault, words), _without(sheet.action, words)
        sheet.customer = sheet.phone = sheet.address = ""
        sheet.erased_at = at
    Sheet.objects.bulk_update(
        sheets, ["customer", "phone", "address", "fault", "action", "erased_at"], batch_size=500
    )
    findings = list(Finding.objects.filter(sheet_id__in=ids))
    for finding in findings:
        finding.note = _without(finding.note, said[finding.sheet_id])
        finding.reason = _without(finding.reason, said[finding.sheet_id])
    Finding.objects.bulk_update(findings, ["note", "reason"], batch_size=500)
    remarks = list(Remark.objects.filter(finding__in=findings).select_related("finding", "file"))
    for remark in remarks:
        remark.text = _without(remark.text, said[remark.finding.sheet_id])
    Remark.objects.bulk_update(remarks, ["text"], batch_size=500)
    # A file of evidence shows or says who the customer is: it goes whole.
    shown = sum(files.erase(remark.file, by=by, at=at, reason=reason) for remark in remarks if remark.file)
    answers = list(Answer.objects.filter(sheet_id__in=ids))
    for answer in answers:
        words = said[answer.sheet_id]
        answer.note, answer.reply = _without(answer.note, words), _without(answer.reply, words)
    Answer.objects.bulk_update(answers, ["note", "reply"], batch_size=500)
    erased = _erase_files(
        HandIn.objects.filter(pk__in={sheet.hand_in_id for sheet in sheets if sheet.hand_in_id}),
        by,
        at,
        reason,
    )
    scrub_history(Sheet._meta.db_table, ids)
    scrub_history(Finding._meta.db_table, [finding.pk for finding in findings])
    scrub_history(Remark._meta.db_table, [remark.pk for remark in remarks])
    scrub_events(Finding._meta.label_lower, [finding.pk for finding in findings], ["reason", "note", "file"])
    scrub_history(Answer._meta.db_table, [answer.pk for answer in answers])
    scrub_events(Sheet._meta.label_lower, ids, ["reason", "note", "reply"])
    scrub_events(
        "settlements.statement", sorted({answer.statement_id for answer in answers}), ["note", "reply"]
    )
    return {
        "sheets": len(sheets),
        "findings": len(findings),
        "answers": len(answers),
        "files": erased + shown,
    }


def _erase_files(hand_ins: Iterable[HandIn], by: Access, at: datetime, reason: str) -> int:
    """Erase the contents of these hand-ins' files and what their reports quote; the counts and the hash stay."""
    erased = 0
    for hand_in in hand_ins:
        erased += files.erase(hand_in.file, by=by, at=at, reason=reason)
        hand_in.report = []
        hand_in.save(update_fields=["report"])
        scrub_history(HandIn._meta.db_table, [hand_in.pk])
    return erased


def due_sheets(company_id: int, free_since: date) -> QuerySet[Sheet]:
    """Sheets with a customer's data that count from before `free_since` and whose month is done with."""
    busy = Line.objects.filter(live=True).exclude(statement__state__in=(State.PAID, State.REVERSED))
    return (
        Sheet.objects.filter(company_id=company_id, erased_at__isnull=True)
        .filter(
            Q(completed_on__lt=free_since)
            | Q(completed_on__isnull=True, reported_on__lt=free_since)
            | Q(completed_on__isnull=True, reported_on__isnull=True, month__lt=free_since)
        )
        .exclude(pk__in=busy.values("sheet_id"))
    )


def due_files(company_id: int, put_aside_before: date) -> QuerySet[HandIn]:
    """Hand-ins put aside whose content is still there."""
    from sanbao.files.models import Tombstone

    gone = Tombstone.objects.filter(company_id=company_id).values("sha256")
    return (
        HandIn.objects.filter(
            company_id=company_id, state=HandIn.State.DROPPED, made_at__date__lt=put_aside_before
        )
        .exclude(file__sha256__in=gone)
        .select_related("file")
    )


def erase_files_put_aside(hand_ins: list[HandIn], *, by: Access, at: datetime, reason: str) -> int:
    """Erase the contents of files that were put aside. Inside `erasing()`."""
    return _erase_files(hand_ins, by, at, reason)


def _spoken(sheet: Sheet) -> list[str]:
    """What a free text may say of the person: the telephones with or without dashes, the name of two letters or more, the address."""
    numbers = [part for part in sheet.phone.split("/") if len(part) >= 5]
    words = [*numbers, *(re.sub(r"\D", "", number) for number in numbers)]
    words += [word for word in (sheet.customer, sheet.address) if len(word) >= 2]
    return sorted({word for word in words if word}, key=len, reverse=True)


def _without(text: str, words: list[str]) -> str:
    """The text with a tombstone for each of the words."""
    for word in words:
        text = text.replace(word, ERASED)
    return text


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
