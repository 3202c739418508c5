"""Work for the worker: files of so many rows that nobody should wait for the page."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.models import Person
from sanbao.accounts.scope import opened
from sanbao.imports import operations
from sanbao.imports.models import Import
from sanbao.outlets.queries import access_of


@app.task(name="imports.take_over")
def take_over(import_id: int, person_id: int, company_id: int) -> str:
    """Take a file over with the rights its sender has when the job runs; the state it is in afterwards. Killed, it may run again."""
    person = Person.objects.get(pk=person_id)
    by = access_of(person, timezone.localdate(), company_id=company_id, request="job")
    with opened(by):
        work = Import.objects.get(pk=import_id)
        if work.state != Import.State.WAITING:
            return work.state  # stopped before it began, or taken over by a run before this one
        return operations.take_over(work, by=by, at=timezone.now()).state
