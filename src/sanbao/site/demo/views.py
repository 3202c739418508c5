"""Views that the made-up maker's leads share: what presses and nobody has, and what waits for the head's signature."""

from datetime import datetime, timedelta

from sanbao.site.demo.founding import Stage
from sanbao.views import operations
from sanbao.views.models import EVERYBODY


def share(stage: Stage, now: datetime) -> None:
    """One for everybody at the desk, one for the head, and how the supervisor likes to see units."""
    at = now - timedelta(days=6)
    pressing = {
        "tab": ["unassigned"], "level": ["urgent", "high"], "sort": ["due_at"],
        "columns": ["number", "level", "due_at", "category", "outlet", "received_at", "subject"],
    }  # fmt: skip
    supervisor, head = stage.people["zhaoqiang"], stage.people["chenbo"]
    operations.save("intake:requests", "紧急未派", pressing, shared_with=EVERYBODY, by=supervisor, at=at)
    waiting = {"tab": ["checked"], "sort": ["-net"]}
    operations.save(
        "settlements:statements", "待批准，金额从高到低", waiting, shared_with="head", by=head, at=at
    )
