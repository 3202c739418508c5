"""Work for the night: what became of repairs that were watched, and of orders that are open too long."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.workorders import operations


@app.periodic(cron="40 2 * * *")
@app.task(name="workorders.judge", queueing_lock="workorders.judge", pass_context=False)
def judge(timestamp: int) -> int:
    """How many orders have another answer than the day before (GN-2, the national rules)."""
    return operations.judge_what_is_pending(timezone.now())
