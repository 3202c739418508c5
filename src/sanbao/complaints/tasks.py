"""Every minute: warnings and escalations of complaints; after a month: the report to the company's leaders."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.scope import everything
from sanbao.complaints import alarms, reports


@app.periodic(cron="* * * * *")
@app.task(name="complaints.alarms", queueing_lock="complaints.alarms", pass_context=False)
def sound_alarms(timestamp: int) -> int:
    """How many rungs of the ladder were told."""
    with everything("clocks of every company's complaints"):
        return alarms.sound(timezone.now())


@app.periodic(cron="15 * * * *")
@app.task(name="complaints.report", queueing_lock="complaints.report", pass_context=False)
def report(timestamp: int) -> int:
    """How many companies' last month was reported to their leaders (CS-6)."""
    with everything("the months of every company"):
        return reports.report_all(timezone.now())
