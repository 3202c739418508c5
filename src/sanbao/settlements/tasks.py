"""Work for the worker: months of so many outlets that nobody should wait for the page."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scope import everything, opened
from sanbao.outlets.models import Outlet
from sanbao.outlets.queries import access_of
from sanbao.regulations.queries import book_in_force
from sanbao.settlements import operations, telling
from sanbao.settlements.models import Finding, Receipt
from sanbao.settlements.operations import hinting
from sanbao.settlements.queries import REFUND_OPEN, recheck_is_due
from sanbao_rules.periods import add_months
from sanbao_rules.settlement import due_days


@app.task(name="settlements.settle_month")
def settle_month(person_id: int, company_id: int, month: str) -> int:
    """Make the month's drafts with the rights the asker has when the job runs; returns how many. Killed, it may run again."""
    person = Person.objects.get(pk=person_id)
    by = access_of(person, timezone.localdate(), company_id=company_id, request="job")
    with opened(by):
        made = operations.make_statements(date.fromisoformat(month), by=by, at=timezone.now())
        return sum(batch.statements for batch in made)


@app.periodic(cron="40 2 * * *")
@app.task(name="settlements.hints", queueing_lock="settlements.hints", pass_context=False)
def hints(timestamp: int) -> int:
    """The hints of this month's and last month's sheets, found anew every night; how many wait to be looked into."""
    at, found = timezone.now(), 0
    this_month = timezone.localdate(at).replace(day=1)
    with everything("the sheets of every company"):
        for company_id in Company.objects.values_list("pk", flat=True):
            for month in (add_months(this_month, -1), this_month):
                found += hinting.find(company_id, month, at=at)
    return found


@app.periodic(cron="15 8 * * *")
@app.task(name="settlements.findings_due", queueing_lock="settlements.findings_due", pass_context=False)
def findings_due(timestamp: int) -> int:
    """How many findings somebody was reminded of; of each once."""
    return tell_of_due_findings(timezone.now())


def tell_of_due_findings(at: datetime) -> int:
    """Remind headquarters of orders to improve whose time is over, and outlets of refunds two days before they are due and when they are late."""
    today, told = timezone.localdate(at), 0
    with everything("the findings of every company"):
        companies = list(Company.objects.values_list("pk", flat=True))
    for company_id in companies:
        by = Access(None, company_id, request="job")
        with opened(by), everything("the findings of a company, which nobody at work asks for"):
            rows = Finding.objects.filter(company_id=company_id).select_related("sheet__outlet", "outlet")
            for finding in rows.filter(recheck_is_due(today)):
                telling.recheck_due(finding, by=by, at=at)
                told += 1
            for finding in rows.filter(REFUND_OPEN, refund_by__lte=today + timedelta(days=2)):
                late = finding.refund_by is not None and finding.refund_by < today
                telling.refund_due(finding, by=by, at=at, key="late" if late else "soon")
                told += 1
    return told


DUE_SOON = timedelta(days=3)


@app.periodic(cron="5 8 * * *")
@app.task(name="settlements.months_due", queueing_lock="settlements.months_due", pass_context=False)
def months_due(timestamp: int) -> int:
    """How many outlets were told that their month is due; each is told once."""
    return tell_of_due_months(timezone.now())


def tell_of_due_months(at: datetime) -> int:
    """Tell every outlet under contract whose sheets of last month have not come, in the three days before they are due (KA-11.1)."""
    today = timezone.localdate(at)
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    told = 0
    with everything("the months of every company"):
        companies = list(Company.objects.values_list("pk", flat=True))
    for company_id in companies:
        by = Access(None, company_id, request="job")
        with opened(by), everything("the outlets of a company, which nobody at work asks for"):
            books = {name: book_in_force(company_id, name) for name in ("settlement", "calendar")}
            _nominal, due = due_days(month, books)
            if not today <= due <= today + DUE_SOON:
                continue
            arrived = Receipt.objects.filter(company_id=company_id, month=month).exclude(
                paper_on=None, electronic_on=None
            )
            waiting = Outlet.objects.filter(company_id=company_id).exclude(pk__in=arrived.values("outlet_id"))
            waiting = waiting.exclude(contract_until__lt=month).exclude(contract_from__gt=today)
            for outlet in waiting.iterator(chunk_size=500):
                telling.month_due(outlet, month, due, by=by, at=at)
                told += 1
    return told
