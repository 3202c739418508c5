"""Every change of work orders. Pages, API, phones, jobs and the demonstration come through here."""

from sanbao.workorders.operations.dispatching import call_off, dispatch, hand_up, help_out, place_with
from sanbao.workorders.operations.ending import (
    accept_work,
    cancel,
    care_after,
    end_incomplete,
    follow_up,
    reopen,
)
from sanbao.workorders.operations.making import Job, amend, make
from sanbao.workorders.operations.papers import account_for, add_photo, sign, take_back_part
from sanbao.workorders.operations.planning import Line, answer_plan, draft_plan, offer_plan
from sanbao.workorders.operations.setup import (
    found_setup,
    keep_check,
    keep_engineer,
    keep_fault,
    retire_check,
    retire_engineer,
    retire_fault,
)
from sanbao.workorders.operations.stepping import do_step, skip
from sanbao.workorders.operations.working import (
    accept,
    arrive,
    check_quality,
    complete,
    hold,
    refuse,
    resume,
    return_work,
    write_checks,
)

__all__ = [
    "Job", "Line", "accept", "accept_work", "account_for", "add_photo", "amend", "answer_plan", "arrive", "call_off", "cancel", "care_after", "check_quality", "complete", "dispatch",
    "do_step", "draft_plan", "end_incomplete", "follow_up", "found_setup", "hand_up", "help_out", "hold", "keep_check", "keep_engineer", "keep_fault", "make", "offer_plan", "place_with",
    "refuse", "reopen", "resume", "retire_check", "retire_engineer", "retire_fault", "return_work", "sign", "skip", "take_back_part", "write_checks",
]  # fmt: skip
