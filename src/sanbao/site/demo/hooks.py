"""A system of the made-up maker that would hear of requests: subscribed, tried, and paused, so that the demonstration calls nobody."""

from datetime import datetime, timedelta

from sanbao.hooks import operations
from sanbao.site.demo.founding import Stage

_KINDS = ("request.registered", "request.moved", "promise.missed", "statement.moved")


def subscribe(stage: Stage, now: datetime) -> None:
    """The ERP's address, an example that leads nowhere; its test call was discarded."""
    by, at = stage.founder, now - timedelta(days=3)
    made, _secret = operations.subscribe("ERP", "https://erp.example.com/sanbao", _KINDS, by=by, at=at)
    call = operations.ping(made, by=by, at=at + timedelta(minutes=2))
    operations.move(made, "pause", version=None, by=by, at=at + timedelta(minutes=5))
    operations.move_delivery(call, "discard", version=None, by=by, at=at + timedelta(minutes=6))
