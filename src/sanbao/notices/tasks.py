"""Every minute: send what is due."""

from procrastinate.contrib.django import app

from sanbao.accounts.scope import everything
from sanbao.notices.operations import drain


@app.periodic(cron="* * * * *")
@app.task(name="notices.send", queueing_lock="notices.send", pass_context=False)
def send_due(timestamp: int) -> int:
    """How many messages were tried."""
    with everything("the outbox of every company"):
        return drain()
