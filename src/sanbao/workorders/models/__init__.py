"""The tables of work orders, one file for each thing with a life of its own."""

from sanbao.workorders.models.actions import Action
from sanbao.workorders.models.engineers import Assigning, Engineer
from sanbao.workorders.models.orders import Order, StepDone
from sanbao.workorders.models.papers import Photo, Signature, UsedPart
from sanbao.workorders.models.plans import Plan, PlanLine
from sanbao.workorders.models.setup import Check, CheckResult, Fault
from sanbao.workorders.models.visits import Visit
from sanbao.workorders.models.wishes import Wish

__all__ = [
    "Action", "Assigning", "Check", "CheckResult", "Engineer", "Fault", "Order", "Photo", "Plan", "PlanLine", "Signature", "StepDone", "UsedPart",
    "Visit", "Wish",
]  # fmt: skip
