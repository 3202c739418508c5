from sanbao.settlements.models.answers import Answer
from sanbao.settlements.models.findings import Correction, Finding, Remark
from sanbao.settlements.models.handins import HandIn, Receipt
from sanbao.settlements.models.hints import Hint
from sanbao.settlements.models.sheets import Sheet
from sanbao.settlements.models.statements import Line, Statement

__all__ = [
    "Answer",
    "Correction",
    "Finding",
    "HandIn",
    "Hint",
    "Line",
    "Receipt",
    "Remark",
    "Sheet",
    "Statement",
]
