"""Every morning: who is told that a measure is due, late, or to be reviewed."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.scope import everything
from sanbao.improvements import operations


@app.periodic(cron="30 8 * * *")
@app.task(name="improvements.chase", queueing_lock="improvements.chase", pass_context=False)
def chase(timestamp: int) -> int:
    """How many were told. Run twice a day, the second finds nothing."""
    with everything("measures of every company"):
        return operations.chase(timezone.now())
