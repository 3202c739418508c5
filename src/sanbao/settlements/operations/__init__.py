"""Every change in settlements: handing in, findings, statements and their life, the outlet's answers."""

from sanbao.settlements.operations.answers import answer, reply
from sanbao.settlements.operations.findings import register_finding, register_findings, withdraw_finding
from sanbao.settlements.operations.handing_in import (
    drop_hand_in,
    read_hand_in,
    register_receipt,
    take_over,
    withdraw_sheet,
    write_sheet,
    write_sheets,
)
from sanbao.settlements.operations.statements import make_statement, make_statements, move

__all__ = [
    "answer",
    "drop_hand_in",
    "make_statement",
    "make_statements",
    "move",
    "read_hand_in",
    "register_finding",
    "register_findings",
    "register_receipt",
    "reply",
    "take_over",
    "withdraw_finding",
    "withdraw_sheet",
    "write_sheet",
    "write_sheets",
]
