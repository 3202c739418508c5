"""Every change of the service desk. Pages, API, channels, imports and the demonstration come through here."""

from sanbao.intake.operations.acknowledging import acknowledge
from sanbao.intake.operations.assigning import assign, hand_up, take
from sanbao.intake.operations.by_customer import confirm, withdraw
from sanbao.intake.operations.chatting import Said, take_in_words
from sanbao.intake.operations.desk import (
    drop_duty,
    end_member,
    end_pledge,
    found_desk,
    keep_absence,
    keep_category,
    keep_duty,
    keep_member,
    keep_pledge,
    keep_rule,
    keep_team,
    retire_category,
    retire_rule,
    retire_team,
    withdraw_absence,
)
from sanbao.intake.operations.following import follow_order
from sanbao.intake.operations.forces import end_force, keep_force, link, report, tell_overdue, unlink
from sanbao.intake.operations.marking import follow, keep_tags, retire_tag, unfollow
from sanbao.intake.operations.merging import UNDONE_WITHIN, merge, undo_merge
from sanbao.intake.operations.moving import AMENDABLE, amend, move
from sanbao.intake.operations.registering import Ask, receive, receive_many, register
from sanbao.intake.operations.talking import (
    ask_for_help,
    fill_phrase,
    finish_task,
    note,
    put_task,
    receive_message,
    reply,
    say_called,
)
from sanbao.intake.operations.times import LONGEST, come, go, keep_time, remind_of_going

__all__ = [
    "AMENDABLE",
    "LONGEST",
    "UNDONE_WITHIN",
    "Ask",
    "Said",
    "acknowledge",
    "amend",
    "ask_for_help",
    "assign",
    "come",
    "confirm",
    "drop_duty",
    "end_force",
    "end_member",
    "end_pledge",
    "fill_phrase",
    "finish_task",
    "follow",
    "follow_order",
    "found_desk",
    "go",
    "hand_up",
    "keep_absence",
    "keep_category",
    "keep_duty",
    "keep_force",
    "keep_member",
    "keep_pledge",
    "keep_rule",
    "keep_tags",
    "keep_team",
    "keep_time",
    "link",
    "merge",
    "move",
    "note",
    "put_task",
    "receive",
    "receive_many",
    "receive_message",
    "register",
    "remind_of_going",
    "reply",
    "report",
    "retire_category",
    "retire_rule",
    "retire_tag",
    "retire_team",
    "say_called",
    "take",
    "take_in_words",
    "tell_overdue",
    "undo_merge",
    "unfollow",
    "unlink",
    "withdraw",
    "withdraw_absence",
]  # fmt: skip
