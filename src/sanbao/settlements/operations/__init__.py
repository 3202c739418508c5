"""Every change in settlements: handing in, findings, statements and their life, the outlet's answers."""

from sanbao.settlements.operations.answers import answer, reply
from sanbao.settlements.operations.findings import register_finding, register_findings, withdraw_finding
from sanbao.settlements.operations.following_up import (
    add_evidence,
    recheck_finding,
    refuse_refund_proof,
    show_refund,
)
from sanbao.settlements.operations.handing_in import (
    drop_hand_in,
    read_hand_in,
    register_receipt,
    take_over,
    withdraw_sheet,
    write_sheet,
    write_sheets,
)
from sanbao.settlements.operations.hinting import check_hint, look_for_hints
from sanbao.settlements.operations.proposing import propose_finding
from sanbao.settlements.operations.reviewing import (
    accept_finding,
    admit_late_appeal,
    answer_finding,
    appeal_finding,
    confirm_finding,
    drop_finding,
    grant_appeal,
    move_finding,
    uphold_finding,
)
from sanbao.settlements.operations.statements import make_statement, make_statements, move

__all__ = [
    "accept_finding",
    "add_evidence",
    "admit_late_appeal",
    "answer",
    "answer_finding",
    "appeal_finding",
    "check_hint",
    "confirm_finding",
    "drop_finding",
    "drop_hand_in",
    "grant_appeal",
    "look_for_hints",
    "make_statement",
    "make_statements",
    "move",
    "move_finding",
    "propose_finding",
    "read_hand_in",
    "recheck_finding",
    "refuse_refund_proof",
    "register_finding",
    "register_findings",
    "register_receipt",
    "reply",
    "show_refund",
    "take_over",
    "uphold_finding",
    "withdraw_finding",
    "withdraw_sheet",
    "write_sheet",
    "write_sheets",
]
