"""A callback taken up for a change: locked, in reach, as the person saw it."""

from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit.moves import refuse_stale
from sanbao.callbacks.models import Callback
from sanbao.callbacks.permissions import May
from sanbao.callbacks.states import OPEN, State
from sanbao.ui.refusal import Refusal


def taken_up(
    callback: Callback, by: Access, permission: str = May.CALL, *, version: int | None = None
) -> Callback:
    """The callback's row, locked. DoesNotExist out of reach, Stale where another was faster."""
    rows = Callback.objects.visible_to(by, permission).filter(pk=callback.pk)
    locked = Callback.objects.filter(pk__in=rows.values("pk")).select_for_update(of=("self",))
    found: Callback = locked.select_related("plan__customer", "plan__order", "outlet", "taken_by").get()
    refuse_stale(found, version)
    return found


def refuse_unless_open(found: Callback) -> None:
    """Nobody is called about what is over, or about a job that is being done again."""
    if found.state == State.SUSPENDED:
        raise Refusal(
            _("The job %(number)s was reopened: the customer is called when it is done.") % {"number": found.plan.number},
            code="suspended",
        )  # fmt: skip
    if found.state not in OPEN:
        raise Refusal(_("%(number)s is “%(state)s” already.") % {"number": found, "state": found.get_state_display()}, code="ended")  # fmt: skip


def grown(found: Callback) -> Callback:
    """Save a callback that has changed."""
    found.version += 1
    found.save()
    return found
