"""Work for the worker: months of so many outlets that nobody should wait for the page."""

from datetime import date

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.models import Person
from sanbao.accounts.scope import opened
from sanbao.outlets.queries import access_of
from sanbao.settlements import operations


@app.task(name="settlements.settle_month")
def settle_month(person_id: int, company_id: int, month: str) -> int:
    """Make the month's drafts with the rights the asker has when the job runs; returns how many. Killed, it may run again."""
    person = Person.objects.get(pk=person_id)
    by = access_of(person, timezone.localdate(), company_id=company_id, request="job")
    with opened(by):
        made = operations.make_statements(date.fromisoformat(month), by=by, at=timezone.now())
        return sum(batch.statements for batch in made)
