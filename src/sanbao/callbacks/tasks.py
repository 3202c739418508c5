"""Each working morning the day's calls are shared out; every few minutes promised answers are watched."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.callbacks import operations


@app.periodic(cron="*/10 6-11 * * *")
@app.task(name="callbacks.share_out", queueing_lock="callbacks.share_out", pass_context=False)
def share_out(timestamp: int) -> int:
    """How many companies' calls were shared out for today; the same day is shared out once."""
    return operations.share_out_all(timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="callbacks.answers", queueing_lock="callbacks.answers", pass_context=False)
def watch_answers(timestamp: int) -> int:
    """How many promised answers people were told of: due soon, or overdue."""
    return operations.watch_answers(timezone.now())
