"""Every night: forget the codes and visits that are over."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.scope import everything
from sanbao.portal import visitors


@app.periodic(cron="20 2 * * *")
@app.task(name="portal.forget", queueing_lock="portal.forget", pass_context=False)
def forget(timestamp: int) -> int:
    """How many were deleted."""
    with everything("visits to every company"):
        return visitors.forget(timezone.now())
