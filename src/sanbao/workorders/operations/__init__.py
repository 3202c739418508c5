"""Every change of work orders. Pages, API, phones, jobs and the demonstration come through here."""

from sanbao.workorders.operations.assigning import (
    Assigned,
    assign_waiting,
    auto_assign,
    keep_absence,
    keep_own_gates,
    send,
    switch_assigning,
    withdraw_absence,
)
from sanbao.workorders.operations.by_customer import (
    accept_by_signature,
    agree,
    ask_again,
    decline,
    decline_wish,
    grant_wish,
    hand_link,
    may_ask_again,
    not_right_yet,
    rate,
    wish,
)
from sanbao.workorders.operations.dispatching import call_off, dispatch, hand_up, help_out, place_with
from sanbao.workorders.operations.ending import (
    accept_work,
    cancel,
    care_after,
    end_incomplete,
    follow_up,
    hear_from_callback,
    reopen,
)
from sanbao.workorders.operations.identifying import identify
from sanbao.workorders.operations.judging import (
    judge_what_is_pending,
    look_at_age,
    look_for_repeat,
    note_early_grounds,
)
from sanbao.workorders.operations.making import Job, amend, make
from sanbao.workorders.operations.papers import account_for, add_photo, sign, take_back_part
from sanbao.workorders.operations.planning import Line, answer_plan, draft_plan, offer_plan
from sanbao.workorders.operations.setup import (
    found_setup,
    keep_check,
    keep_engineer,
    keep_fault,
    move_check,
    retire_check,
    retire_engineer,
    retire_fault,
)
from sanbao.workorders.operations.signing import confirm_on_glass, fit_part, sign_for
from sanbao.workorders.operations.siting import check_site, refuse_site
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
    "Assigned", "Job", "Line", "accept", "accept_by_signature", "accept_work", "account_for", "add_photo", "agree", "amend", "answer_plan", "arrive",
    "ask_again", "assign_waiting", "auto_assign", "call_off", "cancel", "care_after", "check_quality", "check_site", "complete", "confirm_on_glass",
    "decline", "decline_wish", "dispatch", "do_step", "draft_plan", "end_incomplete", "fit_part", "follow_up", "found_setup", "grant_wish",
    "hand_link", "hand_up", "hear_from_callback", "help_out", "hold", "identify", "judge_what_is_pending", "keep_absence", "keep_check", "keep_engineer", "keep_fault",
    "keep_own_gates", "look_at_age", "look_for_repeat", "make", "may_ask_again", "move_check", "not_right_yet", "note_early_grounds", "offer_plan",
    "place_with", "rate", "refuse", "refuse_site", "reopen", "resume", "retire_check", "retire_engineer", "retire_fault", "return_work", "send",
    "sign", "sign_for", "skip", "switch_assigning", "take_back_part", "wish", "withdraw_absence", "write_checks",
]  # fmt: skip
