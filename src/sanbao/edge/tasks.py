"""The nightly sweep."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.edge import once


@app.periodic(cron="17 3 * * *")
@app.task(name="edge.sweep", pass_context=False)
def sweep(timestamp: int) -> int:
    """Drop the kept answers that nobody will ask for again; returns how many."""
    return once.forget(timezone.now() - once.KEPT)
