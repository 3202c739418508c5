"""What was heard last of work that is done now and then: the ledger's check, a backup, its verification. One row each, the newest only."""

from dataclasses import dataclass
from datetime import datetime

from sanbao.edge.models import Heard

LEDGER, REPLAY = "ledger", "replay"
BACKUP, VERIFY = "backup", "verify-backup"  # the launcher writes these (sanbao_run)


@dataclass(frozen=True, slots=True)
class Last:
    """When it was done, whether it was well, and a figure: broken invariants, bytes, differences."""

    at: datetime
    well: bool
    figure: int


def say(name: str, *, well: bool, at: datetime, figure: int = 0) -> None:
    """Keep the result of this time in the place of the last one's."""
    Heard.objects.update_or_create(name=name, defaults={"at": at, "well": well, "figure": figure})


def last(name: str) -> Last | None:
    """The last result; None if it was never done."""
    row = Heard.objects.filter(name=name).first()
    return Last(row.at, row.well, row.figure) if row else None
