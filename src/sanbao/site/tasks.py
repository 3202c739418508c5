"""Work for the worker that belongs to no module alone."""

from django.utils import timezone
from procrastinate.contrib.django import app

from sanbao.accounts.scope import everything
from sanbao.edge import heard
from sanbao.ledger.queries import broken_invariants
from sanbao.settlements.queries import INVARIANTS


@app.periodic(cron="7 */6 * * *")
@app.task(name="site.check_ledger", queueing_lock="site.check_ledger", pass_context=False)
def check_ledger(timestamp: int) -> int:
    """How many of the ledger's invariants are broken; the metrics tell it, and somebody should be woken (safety.md 1.3)."""
    with everything("the books of every company"):
        return checked()


def checked() -> int:
    """Check, and keep the result for the metrics."""
    broken = broken_invariants(INVARIANTS)
    heard.say(heard.LEDGER, well=not broken, at=timezone.now(), figure=len(broken))
    return len(broken)
