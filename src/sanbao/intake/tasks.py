"""Every minute: warnings and escalations, new mail, what was written by WeChat customer service; every working morning: how the desk stands."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.scope import everything
from sanbao.intake import alarms, customer_service, mailboxes, operations, overview, summaries


@app.periodic(cron="* * * * *")
@app.task(name="intake.alarms", queueing_lock="intake.alarms", pass_context=False)
def sound_alarms(timestamp: int) -> int:
    """How many steps of the ladder were told."""
    with everything("promises of every company"):
        return alarms.sound(timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="intake.digest", queueing_lock="intake.digest", pass_context=False)
def tell_leaders(timestamp: int) -> int:
    """How many companies' leaders were told how their desk stands (CS-4); the same morning is told once. Task forces whose term is over, and days at
    work without an end (BA-6), too."""
    with everything("the desks of every company"):
        operations.tell_overdue(timezone.now())
        operations.remind_of_going(timezone.now())
        return overview.tell_leaders(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="intake.mail", queueing_lock="intake.mail", lock="intake.mail", pass_context=False)
def fetch_mail(timestamp: int) -> int:
    """How many mails were fetched from the mailboxes of the settings."""
    return mailboxes.fetch_all(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(
    name="intake.customer_service", queueing_lock="intake.customer_service", lock="intake.customer_service", pass_context=False
)  # fmt: skip
def fetch_customer_service(timestamp: int) -> int:
    """How many messages and events were fetched from WeChat customer service: of accounts that were called for, and every ten minutes of all."""
    return customer_service.fetch_due(timezone.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="intake.service_accounts", queueing_lock="intake.service_accounts", pass_context=False)
def learn_service_accounts(timestamp: int) -> int:
    """How many accounts of WeChat customer service are known: where a notification was lost, they are asked all the same."""
    return customer_service.learn_all(timezone.now())


@app.periodic(cron="5 * * * *")
@app.task(name="intake.summary", queueing_lock="intake.summary", pass_context=False)
def sum_up(timestamp: int) -> int:
    """How many companies' last month was summed up and kept (BA-5)."""
    with everything("the months of every company"):
        return summaries.keep_all(timezone.now())
