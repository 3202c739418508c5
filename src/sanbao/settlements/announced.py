"""What other systems can subscribe to of settlements (sanbao.hooks)."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sanbao.hooks.kinds import Kind
from sanbao.settlements.models import Statement
from sanbao.settlements.states import MOVES


def _shown(statement: Statement) -> dict[str, Any]:
    """A statement; amounts in fen. It names no customer."""
    return {
        "type": "statement", "id": statement.pk, "number": statement.number, "outlet": statement.outlet.code,
        "month": f"{statement.month:%Y-%m}", "state": statement.state, "net_fen": statement.net, "payable_fen": statement.payable,
        "path": reverse("settlements:statement", args=[statement.pk]),
    }  # fmt: skip


KINDS = (
    Kind(
        "statement.moved", _("Statement moved"), tuple(f"settlements:statement:{noun}" for noun in MOVES), _shown, ("state",),
        example={
            "type": "statement", "id": 88, "number": "JS-2026-04-GZ001", "outlet": "GZ001", "month": "2026-04", "state": "paid",
            "net_fen": 183_450, "payable_fen": 183_450, "path": "/settlements/statements/88/",
        },
    ),
)  # fmt: skip
