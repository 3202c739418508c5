"""Where each need of a step is met: what is missing is one click away."""

from django.urls import reverse

from sanbao.accounts.access import Access
from sanbao.workorders import flow, queries
from sanbao.workorders.models import Order
from sanbao.workorders.permissions import May
from sanbao.workorders.states import State

_PLAN = ("diagnosed", "plan_content", "plan_method", "plan_steps", "plan_material", "plan_time", "prices_shown", "plan_confirmed", "agreement_signed", "bill")  # fmt: skip
# need → (page, what follows its address, permission)
PAGES: dict[str, tuple[str, str, str]] = {
    **dict.fromkeys(_PLAN, ("workorders:plan", "", May.WORK)),
    "photo_nameplate": ("workorders:photos", "?show=plate", May.WORK),
    "photo_fault": ("workorders:photos", "?show=fault", May.WORK),
    "photo_done": ("workorders:photos", "?show=after", May.WORK),
    **dict.fromkeys(("parts_listed", "old_parts"), ("workorders:parts", "", May.WORK)),
    **dict.fromkeys(("checklist", "internal_check", *flow.WRITTEN), ("workorders:checks", "", May.WORK)),
    **dict.fromkeys(
        (code for code in flow.TICKED if code != "prices_shown"), ("workorders:checks", "", May.WORK)
    ),
    "site_checked": ("workorders:site", "", May.WORK),
    "customer_signed": ("workorders:signing", "?for=acceptance", May.WORK),
    **dict.fromkeys(
        ("contact", "content", "described", "unit", "appointment"), ("workorders:amend", "", May.MAKE)
    ),
    **dict.fromkeys(("engineer", "trainer"), ("workorders:dispatch", "", May.DISPATCH)),
    **dict.fromkeys(
        ("measures", "cause", "restored", "runs", "summed_up"), ("workorders:order", "#work", May.WORK)
    ),
}


def met_at(order: Order, need: str, access: Access) -> str:
    """The address where this person can meet the need; "" where there is none."""
    name, more, permission = PAGES.get(need, ("", "", ""))
    if not name or not queries.may(order, access, permission):
        return ""
    if need == "cause" and order.state != State.WORKING:
        name, more = "workorders:plan", ""
    return reverse(name, args=[order.pk]) + more
