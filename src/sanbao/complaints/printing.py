"""The complaint handling sheet (投诉处理单) and the month's report as controlled forms, filled from what is kept, masked unless somebody may see it (GN-8, RW-8)."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.complaints.facts import word
from sanbao.complaints.models import Complaint
from sanbao.complaints.states import State, Verdict
from sanbao.ui.formats import percent, yuan
from sanbao.ui.printing import day, moment, month_words, pdf
from sanbao.workorders.prints import common
from sanbao.workorders.prints.common import Customer, Frame

SHEET, REPORT = "complaint-sheet", "complaint-report"
NUMBERS = {SHEET: "SB-TS-01", REPORT: "SB-TS-02"}


def sheet_pdf(
    company: Company,
    found: Complaint | None,
    access: Access,
    at: datetime,
    language: str,
    *,
    link: str = "",
    unmasked: bool = False,
) -> bytes:
    """The sheet as PDF; without a complaint a blank one."""
    frame = _frame(company, access, at, link=link, unmasked=unmasked)
    if found is None:
        return pdf(SHEET, common.framed(frame, NUMBERS[SHEET], "") | {"sheet": _blank()}, language)
    dressed = common.framed(frame, NUMBERS[SHEET], found.number)
    return pdf(SHEET, dressed | {"sheet": _told(found, frame, access)}, language)


def _frame(
    company: Company, access: Access, at: datetime, *, link: str = "", unmasked: bool = False
) -> Frame:
    return Frame(
        company.name,
        company.hotline,
        at,
        f"{access.name} {access.request}".strip(),
        unmasked=unmasked,
        link=link,
    )


_FIELDS = (
    "number", "received", "channel", "registrar", "kind", "severity", "outlet", "engineer", "orders", "model", "serial", "subject", "description", "wish",
    "department", "owner", "handed", "answered", "finding", "verdict", "cause", "solution", "promised", "routes", "outcome", "done", "told", "told_at",
    "told_by", "callback", "feedback", "called_back", "compensation", "lesson", "archived", "repeats",
)  # fmt: skip


def _blank() -> dict[str, Any]:
    return dict.fromkeys(_FIELDS, "") | {
        "blank": True,
        "customer": {"name": "", "phone": "", "address": ""},
        "clocks": [],
    }


def _told(found: Complaint, frame: Frame, access: Access) -> dict[str, Any]:
    """The sheet's fields, every one a finished text. An outlet's copy names no money."""
    company = found.company_id
    money = found.compensations.exclude(state="refused").order_by("id") if access.outlets is None else []
    orders = found.orders.order_by("id").values_list("number", flat=True)
    verdict = Verdict(found.verdict).label if found.verdict else ""
    return _blank() | {
        "blank": False,
        "customer": common.customer(Customer(found.contact, found.phone, found.address), frame),
        "number": found.number,
        "received": moment(found.received_at),
        "channel": str(found.get_channel_display()),
        "registrar": found.registered_by.name if found.registered_by else "",
        "kind": word(company, found.kind),
        "severity": " · ".join([word(company, found.severity), *(word(company, flag) for flag in found.flags)]),
        "outlet": str(found.about_outlet or ""),
        "engineer": found.engineer.name if found.engineer else "",
        "orders": "、".join(orders),
        "model": found.model,
        "serial": found.serial,
        "subject": found.subject,
        "description": found.description,
        "wish": found.wish,
        "department": word(company, found.department),
        "owner": found.owner.name if found.owner else "",
        "handed": moment(found.handed_at),
        "answered": moment(found.answered_at),
        "finding": found.finding,
        "verdict": str(verdict),
        "cause": word(company, found.cause),
        "solution": found.solution,
        "promised": day(found.promised_on),
        "routes": "；".join(word(company, route) for route in found.routes),
        "outcome": found.outcome,
        "done": moment(found.done_at),
        "told": found.told,
        "told_at": moment(found.told_at),
        "told_by": found.told_by.name if found.told_by else "",
        "callback": str(found.get_callback_display()) if found.callback else "",
        "feedback": found.feedback,
        "called_back": moment(found.called_back_at),
        "compensation": "；".join(f"{each.get_kind_display()} {yuan(each.amount_fen)} {each.get_state_display()}" for each in money),
        "lesson": found.lesson,
        "archived": moment(found.archived_at) if found.state == State.ARCHIVED else "",
        "repeats": found.repeat_of.number if found.repeat_of else "",
        "clocks": [
            [str(clock.get_kind_display()), moment(clock.due_at), moment(clock.met_at), str(clock.get_state_display())]
            for clock in found.clocks.filter(case__isnull=True).order_by("id")
        ],
    }  # fmt: skip


def report_pdf(
    company: Company, month: date, found: dict[str, Any], access: Access, at: datetime, language: str
) -> bytes:
    """The month's report as PDF; it names no customer."""
    frame = _frame(company, access, at, unmasked=True)
    told = {
        "month": month_words(month, language),
        "reported": moment(found["kept"].at) if found["kept"] else "",
        "totals": [[str(label), str(count), "" if before is None else str(before)] for label, count, before in found["totals"]],
        "given": found["given"],
        "in_time": [[str(label), str(part), str(whole), _share(share)] for label, part, whole, share in found["in_time"]],
        "causes": [[label, str(count), _share(share)] for label, count, share in found["causes"]],
        "kinds": [[label, str(count), _share(share)] for label, count, share in found["kinds"]],
        "outlets": [
            [code, str(about), str(jobs), "–" if rate is None else f"{rate:.1f}", str(valid), str(verified), _share(share)]
            for code, valid, verified, share, about, jobs, rate in found["outlets"]
        ],
        "products": [[name or "–", str(valid), str(verified), _share(share)] for name, valid, verified, share in found["products"]],
        "lessons": [list(lesson) for lesson in found["lessons"]],
        "as_of": moment(timezone.localtime(at)),
    }  # fmt: skip
    return pdf(REPORT, common.framed(frame, NUMBERS[REPORT], told["month"]) | {"report": told}, language)


def _share(share: float | None) -> str:
    return "–" if share is None else str(percent(share))
