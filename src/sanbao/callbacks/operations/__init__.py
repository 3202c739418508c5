"""Every change of callbacks. Pages, API, jobs, the modules above and the demonstration come through here."""

from sanbao.callbacks.operations.after_complaints import call_back, hear, take_back
from sanbao.callbacks.operations.calling import (
    end,
    give,
    never_again,
    record,
    release,
    take,
    take_next,
    try_,
)
from sanbao.callbacks.operations.daily import share_out, share_out_all, watch_answers
from sanbao.callbacks.operations.noting import (
    Errand,
    became_finding,
    keep_answer,
    note_need,
    observe,
    promise_answer,
)
from sanbao.callbacks.operations.planning import (
    Paper,
    end_for_order,
    follow_order,
    join_sheet,
    plan_by_hand,
    plan_call,
    plan_for_sheet,
    plan_for_sheets,
    suspend,
    withdraw_sheet,
)
from sanbao.callbacks.operations.scripts import found_scripts, keep_script

__all__ = [
    "Errand", "Paper", "became_finding", "call_back", "end", "end_for_order", "follow_order", "found_scripts", "give", "hear", "join_sheet", "keep_answer", "keep_script",
    "never_again", "note_need", "observe", "plan_by_hand", "plan_call", "plan_for_sheet", "plan_for_sheets", "promise_answer", "record",
    "release", "share_out", "share_out_all", "suspend", "take", "take_back", "take_next", "try_", "watch_answers", "withdraw_sheet",
]  # fmt: skip
