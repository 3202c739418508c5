"""Who is told of back-tests: whoever asked for one, when it is through; those who keep the rules, when a replay finds a difference."""

from datetime import datetime

from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.backtests.models import BackTest
from sanbao.backtests.permissions import May
from sanbao.notices.telling import tell
from sanbao.outlets.queries import holders

KEEPS_EDITIONS = "regulations:edition:adopt"


def done(test: BackTest, *, by: Access, at: datetime) -> None:
    """Whoever asked for it need not wait at the page."""
    if test.made_by is not None:
        tell(
            [test.made_by], "backtests:done", about=test, by=by, at=at,
            backtest=str(test), records=test.records, differing=test.differing,
        )  # fmt: skip


def alarm(test: BackTest, *, by: Access, at: datetime) -> None:
    """The rules answer otherwise than they did, or an edition was changed: that must never be (decisions are replayable for ever)."""
    audit.record(
        "backtests:backtest:alarmed", test, by=by, at=at,
        records=test.records, differing=test.differing, undecided=test.undecided, broken=len(test.broken),
    )  # fmt: skip
    today = timezone.localdate(at)
    people = {
        person.pk: person
        for permission in (May.MAKE, KEEPS_EDITIONS)
        for person in holders(test.company_id, permission, on=today)
    }
    tell(
        people.values(), "backtests:alarm", about=test, by=by, at=at,
        records=test.records, differing=test.differing + test.undecided, broken=len(test.broken),
    )  # fmt: skip
