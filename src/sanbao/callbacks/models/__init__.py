"""The models of callbacks, by what they belong to."""

from sanbao.callbacks.models.calls import Callback, Record, Try
from sanbao.callbacks.models.notes import Need, Observation, PromisedAnswer
from sanbao.callbacks.models.plans import Plan
from sanbao.callbacks.models.setup import Day, Script

__all__ = ["Callback", "Day", "Need", "Observation", "Plan", "PromisedAnswer", "Record", "Script", "Try"]
