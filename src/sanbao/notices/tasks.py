"""Every minute: send what is due, and handle what has come in."""

import contextlib

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from sanbao.accounts.scope import everything
from sanbao.notices import inbox
from sanbao.notices.operations import drain


@app.periodic(cron="* * * * *")
@app.task(name="notices.send", queueing_lock="notices.send", pass_context=False)
def send_due(timestamp: int) -> int:
    """How many messages were tried."""
    with everything("the outbox of every company"):
        return drain()


@app.periodic(cron="* * * * *")
@app.task(name="notices.receive", queueing_lock="notices.receive", pass_context=False)
def handle_due(timestamp: int) -> int:
    """How many incoming messages were tried. What is answered leaves at once."""
    with everything("the inbox of every company"):
        tried = inbox.drain()
        if tried:
            drain()
        return tried


def hurry() -> None:
    """Have it handled now: who follows an official account can be greeted for a minute only. The minute's own job does it otherwise."""
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        handle_due.configure(queueing_lock="notices.receive").defer(timestamp=int(timezone.now().timestamp()))
