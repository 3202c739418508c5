"""Every minute: make the calls that are due; every night: forget old ones."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.scope import everything
from sanbao.hooks import sending


@app.periodic(cron="* * * * *")
@app.task(name="hooks.send", queueing_lock="hooks.send", pass_context=False)
def send_due(timestamp: int) -> int:
    """How many calls were tried."""
    with everything("the calls of every company"):
        return sending.drain()


@app.periodic(cron="40 3 * * *")
@app.task(name="hooks.forget", queueing_lock="hooks.forget", pass_context=False)
def forget_old(timestamp: int) -> int:
    """How many calls were forgotten."""
    with everything("the calls of every company"):
        return sending.forget(timezone.now())
