"""The month's report to the company's leaders (CS-6): kept once, on the first working day after the month, told and mailed; a page and a PDF."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.complaints import analysis
from sanbao.complaints.clocks import Basis
from sanbao.complaints.facts import word
from sanbao.complaints.models import Clock, Complaint, Report
from sanbao.complaints.permissions import May
from sanbao.complaints.states import State
from sanbao.notices.telling import tell
from sanbao.outlets.queries import holders
from sanbao.ui.formats import yuan

FROM = time(8, 0)


def report_all(now: datetime) -> int:
    """On the first working day after a month, from eight: keep its figures and tell the leaders. How many companies were reported on."""
    local = timezone.localtime(now)
    if local.time() < FROM:
        return 0
    month = (local.date().replace(day=1) - timedelta(days=1)).replace(day=1)
    missing = Company.objects.exclude(pk__in=Report.objects.filter(month=month).values("company"))
    told = 0
    for company in missing.order_by("pk"):
        calendar = Basis.of(company.pk).calendar
        if any(calendar.is_workday(local.date().replace(day=day)) for day in range(1, local.day + 1)):
            told += report(company, month, now) is not None
    return told


@transaction.atomic
def report(company: Company, month: date, now: datetime) -> Report | None:
    """Keep a month's figures and tell those who analyse; None where there was no complaint, or it is reported already."""
    last = analysis.last_of(month)
    found = analysis.figures(company.pk, month, last)
    totals = found["totals"]
    if not totals["received"]:
        return None
    kept, made = Report.objects.get_or_create(
        company=company, month=month, defaults={"at": now, "figures": found}
    )
    if not made:
        return None
    by = Access(None, company.pk, request="report")
    people = holders(company.pk, May.ANALYSE, on=timezone.localdate(now))
    tell(
        people, "complaints:report", about=kept, by=by, at=now, key=f"{month:%Y-%m}", month=month, received=totals["received"],
        justified=totals["justified"], missed=totals["missed"], given=totals["given_fen"],
    )  # fmt: skip
    return kept


def shown(company_id: int | None, month: date) -> dict[str, Any]:
    """A month as page and PDF show it: numbers as of now, those that were reported beside them, causes in words, what was learnt."""
    last = analysis.last_of(month)
    found = analysis.figures(company_id, month, last)
    kept = Report.objects.filter(company_id=company_id, month=month).first()
    before = kept.figures["totals"] if kept else {}
    labels = {
        "received": _("Complaints received"), "justified": _("Justified, wholly or partly"), "unjustified": _("Not justified"), "open": _("Not called back yet"),
        "repeated": _("Repetitions"), "critical": _("Critical"), "missed": _("With a clock missed"), "content": _("Content when called back"),
        "not_content": _("Not content when called back"), "given": _("Compensations approved"),
    }  # fmt: skip
    begin, end = analysis.queries.period(month, last)
    learnt = Complaint.objects.filter(
        company_id=company_id, received_at__gte=begin, received_at__lt=end
    ).exclude(lesson="")
    return {
        "kept": kept,
        "totals": [(labels[key], found["totals"][key], before.get(key)) for key in labels],
        "given": yuan(found["totals"]["given_fen"]),
        "in_time": [(Clock.Kind(kind).label, part, whole, part / whole if whole else None) for kind, part, whole in found["in_time"]],
        "causes": [(word(company_id, code) or _("not verified yet"), count, count / found["totals"]["received"]) for code, count in found["causes"]],
        "kinds": [(word(company_id, code), count, count / found["totals"]["received"]) for code, count in found["kinds"]],
        "outlets": [(code, valid, verified, valid / verified if verified else None, about, jobs, about * 100 / jobs if jobs else None) for code, valid, verified, about, jobs in found["by_outlet"]],
        "products": [(name, valid, verified, valid / verified if verified else None) for name, valid, verified in found["by_product"]],
        "lessons": [(row.number, row.lesson) for row in learnt.filter(state=State.ARCHIVED).order_by("id")[:50]],
    }  # fmt: skip
