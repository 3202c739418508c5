"""Every half hour: what is due goes out within the hours of the rulebook; what has run out is closed."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.scope import everything
from sanbao.surveys import operations


@app.periodic(cron="*/30 * * * *")
@app.task(name="surveys.send", queueing_lock="surveys.send", pass_context=False)
def send(timestamp: int) -> int:
    """How many invitations and reminders went out. A worker that dies in between leaves whole ones behind."""
    with everything("surveys of every company"):
        now = timezone.now()
        operations.expire(now)
        return operations.send_due(now) + operations.remind(now)
