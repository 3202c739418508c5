"""Every five minutes: editions whose day has come are adopted."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.scope import everything
from sanbao.regulations import publication


@app.periodic(cron="*/5 * * * *")
@app.task(name="regulations.take_force", queueing_lock="regulations.take_force", pass_context=False)
def take_force(timestamp: int) -> int:
    """How many editions took force. Until it runs they are in force all the same (queries.editions_in_force)."""
    with everything("editions of every company take force on their day"):
        return publication.take_force(at=timezone.now())
