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
from sanbao.settlements.models import Receipt
from sanbao_rules.settlement import due_days


@app.task(name="settlements.settle_month")
def settle_month(person_id: int, company_id: int, month: str) -> int:
    """Make the month's drafts with the rights the asker has when the job runs; returns how many. Killed, it may run again."""
    person = Person.objects.get(pk=person_id)
    by = access_of(person, timezone.localdate(), company_id=company_id, request="job")
    with opened(by):
        made = operations.make_statements(date.fromisoformat(month), by=by, at=timezone.now())
        return sum(batch.statements for batch in made)


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
