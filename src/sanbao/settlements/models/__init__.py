from sanbao.settlements.models.answers import Answer
from sanbao.settlements.models.findings import Finding
from sanbao.settlements.models.handins import HandIn, Receipt
from sanbao.settlements.models.sheets import Sheet
from sanbao.settlements.models.statements import Line, Statement

__all__ = ["Answer", "Finding", "HandIn", "Line", "Receipt", "Sheet", "Statement"]
