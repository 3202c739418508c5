"""Every ten minutes: warranties still to be decided."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.scope import everything
from sanbao.products import covering


@app.periodic(cron="*/10 * * * *")
@app.task(name="products.covers", queueing_lock="products.covers", pass_context=False)
def decide_covers(timestamp: int) -> int:
    """How many units were decided."""
    with everything("units of every company"):
        return covering.decide_what_is_open(timezone.now())
