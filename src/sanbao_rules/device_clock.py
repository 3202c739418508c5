"""A phone's clock: when something done without signal really happened, and whether that can be true.

The phone's clock at sending against the server's at receipt is its error; deadlines count by the moment put right.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.rulebook import Dated, Rulebook
from sanbao_rules.worktime import moment_of, second_of

QUESTION = "workorder.device_clock"
STATES = ("accepted", "corrected", "refused")


def plausible(
    device_at: datetime,
    sent_at: datetime,
    received_at: datetime,
    book: Rulebook,
    *,
    dispatched_at: datetime | None = None,
    earlier: Iterable[datetime] = (),
) -> Decision:
    """The moment that counts, or why there is none. `device_at`, `sent_at` and `earlier` are by the phone's clock."""
    on = moment_of(second_of(received_at)).date()
    tolerance, order = book.value("clock_tolerance", on), book.value("clock_rules", on)
    slack = timedelta(minutes=tolerance.value)
    error = received_at - sent_at
    right = abs(error) <= slack
    at = device_at if right else device_at + error
    minutes = _minutes(error)
    reasons = [
        _reason("clock_right", tolerance, at=device_at, tolerance=tolerance.value)
        if right
        else _reason(
            "clock_slow" if error > timedelta(0) else "clock_fast",
            tolerance, device=device_at, minutes=abs(minutes), at=at,
        )
    ]  # fmt: skip
    latest = max(earlier, default=None)
    rules = order.value
    if "future" in rules and device_at > sent_at + slack:
        refused = _reason("clock_future", order, device=device_at, sent=sent_at)
    elif "before_dispatch" in rules and dispatched_at is not None and at < dispatched_at - slack:
        refused = _reason("clock_before_dispatch", order, at=at, dispatched=dispatched_at)
    elif "out_of_order" in rules and latest is not None and device_at < latest:
        refused = _reason("clock_out_of_order", order, device=device_at, earlier=latest)
    else:
        state = "accepted" if right else "corrected"
        return _made(state, at, minutes, reasons, book)
    return _made("refused", None, minutes, [*reasons, refused], book)


def _made(state: str, at: datetime | None, minutes: int, reasons: list[Reason], book: Rulebook) -> Decision:
    answer = {"state": state, "at": at, "offset_minutes": minutes}
    return Decision(QUESTION, answer, tuple(reasons), book.cited)


def _minutes(error: timedelta) -> int:
    """Whole minutes, the nearest."""
    return round(error.total_seconds() / 60)


def _reason(code: str, rests_on: Dated, **args: Any) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, "workorder")
