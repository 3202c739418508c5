"""Every change of complaints. Pages, API, the customers' pages and the demonstration come through here."""

from sanbao.complaints.operations.cases import keep_case
from sanbao.complaints.operations.handling import AMENDABLE, amend, go_on, hold, link_order, unlink_order
from sanbao.complaints.operations.money import move_money, propose
from sanbao.complaints.operations.moving import move
from sanbao.complaints.operations.registering import Told, from_request, receive, register
from sanbao.complaints.operations.talking import called, note, receive_message, reply, report

__all__ = [
    "AMENDABLE", "Told", "amend", "called", "from_request", "go_on", "hold", "keep_case", "link_order", "move", "move_money", "note", "propose",
    "receive", "receive_message", "register", "reply", "report", "unlink_order",
]  # fmt: skip
