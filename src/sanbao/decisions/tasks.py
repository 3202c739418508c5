"""Work for the worker: counting decisions by the clauses they rest on."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.models import Company
from sanbao.accounts.scope import everything
from sanbao.decisions import cited


@app.periodic(cron="17 * * * *")
@app.task(name="decisions.count_cited", queueing_lock="decisions.count_cited", pass_context=False)
def count_cited(timestamp: int) -> int:
    """How many numbers further the counts came, of all companies. Killed, it goes on from the last whole portion."""
    with everything("the decisions of every company"):
        companies = list(Company.objects.order_by("pk").values_list("pk", flat=True))
        return sum(cited.count(company_id, timezone.now()) for company_id in companies)
