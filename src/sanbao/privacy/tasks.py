"""Every night: list what is due to be erased, and erase it where the company has switched that on."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.models import Company
from sanbao.accounts.scope import everything
from sanbao.privacy.erasing import erase_due


@app.periodic(cron="40 2 * * *")
@app.task(name="privacy.retention", queueing_lock="privacy.retention", pass_context=False)
def retention(timestamp: int) -> dict[str, dict[str, int]]:
    """What was erased, by company and kind. Killed at any point it may run again: each batch is one transaction."""
    done = {}
    with everything("the nightly retention of every company"):
        for company in Company.objects.order_by("pk"):
            done[company.code] = erase_due(company.pk, at=timezone.now())
    return done
