"""Every minute: warnings and escalations, and new mail; every working morning: how the desk stands."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.scope import everything
from sanbao.intake import alarms, mailboxes, operations, overview, summaries


@app.periodic(cron="* * * * *")
@app.task(name="intake.alarms", queueing_lock="intake.alarms", pass_context=False)
def sound_alarms(timestamp: int) -> int:
    """How many steps of the ladder were told."""
    with everything("promises of every company"):
        return alarms.sound(timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="intake.digest", queueing_lock="intake.digest", pass_context=False)
def tell_leaders(timestamp: int) -> int:
    """How many companies' leaders were told how their desk stands (CS-4); the same morning is told once. Task forces whose term is over, too."""
    with everything("the desks of every company"):
        operations.tell_overdue(timezone.now())
        return overview.tell_leaders(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="intake.mail", queueing_lock="intake.mail", lock="intake.mail", pass_context=False)
def fetch_mail(timestamp: int) -> int:
    """How many mails were fetched from the mailboxes of the settings."""
    return mailboxes.fetch_all(timezone.now())


@app.periodic(cron="5 * * * *")
@app.task(name="intake.summary", queueing_lock="intake.summary", pass_context=False)
def sum_up(timestamp: int) -> int:
    """How many companies' last month was summed up and kept (BA-5)."""
    with everything("the months of every company"):
        return summaries.keep_all(timezone.now())
