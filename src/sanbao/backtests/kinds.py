"""What can be decided again, as a person ticks it: each kind is some questions of the rules. What belongs to none is among the others."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from sanbao_rules.questions import QUESTIONS

OTHERS = "others"
KINDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "settlements": (_("Monthly settlements with their deductions"), ("settlement.",)),
    "warranty": (_("Warranty"), ("warranty.",)),
    "charges": (_("Fees and quotations"), ("charges.", "workorder.quote")),
    "promises": (_("Promises and deadlines"), ("service.", "worktime.")),
    "workorders": (_("Work orders"), ("workorder.",)),
    "callbacks": (_("Callbacks and findings"), ("callback.", "callbacks.", "finding.")),
    OTHERS: (_("Everything else"), ()),
}


def choices() -> list[tuple[str, Any]]:
    return [(code, label) for code, (label, _beginnings) in KINDS.items()]


def kind_of(question: str) -> str:
    """The kind a question belongs to: the longest beginning wins, so that a quotation is a fee before it is a work order."""
    fitting = [
        (len(beginning), code)
        for code, (_label, beginnings) in KINDS.items()
        for beginning in beginnings
        if question.startswith(beginning)
    ]
    return max(fitting)[1] if fitting else OTHERS


def known() -> list[str]:
    """Every question the rules know."""
    return sorted(QUESTIONS)


def questions(kinds: Iterable[str]) -> list[str]:
    """The known questions of these kinds."""
    wanted = set(kinds)
    return [question for question in known() if kind_of(question) in wanted]
