"""One code sent twice at the same moment lets in once. The control takes the lock out and lets in more often."""

import re
import time
from typing import Any

import pytest

from sanbao.accounts import scope
from sanbao.notices.models import Message
from sanbao.notices.sealing import content
from sanbao.portal import visitors
from sanbao.portal.models import Code, Visit
from sanbao.portal.operations import door
from tests.cast import NOW, Cast, assemble
from tests.faults.test_races import at_once

TIMES = 8


@pytest.fixture
def cast(transactional_db: None, settings: Any) -> Cast:
    settings.SMS_URL = "https://sms.example.com/send"
    return assemble()


def raced(cast: Cast, time_machine: Any) -> int:
    """How many visits one code has opened that was sent eight times at once."""
    time_machine.move_to(NOW, tick=True)
    by = door(cast.company)
    with scope.opened(by):
        handle = visitors.send_code(cast.company, "13800005678", by=by, at=NOW)
    digits = re.findall(r"\d{6}", content(Message.objects.get()).body)[0]

    def enter(_number: int) -> bool:
        with scope.opened(by):
            return visitors.enter(cast.company, handle, digits, by=by, at=NOW) is not None

    done, refused = at_once(enter, TIMES)
    assert (done, refused) == (TIMES, [])
    return Visit.objects.count()


def test_a_code_sent_eight_times_at_once_lets_in_once(
    cast: Cast, time_machine: Any, record_property: Any
) -> None:
    """ASVS 6.5.1."""
    visits = raced(cast, time_machine)
    record_property("visits by one code sent 8 times at once", visits)
    assert visits == 1


def test_control_without_the_lock_it_lets_in_more_often(
    cast: Cast, time_machine: Any, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    def unlocked(company: Any, number: int) -> Code | None:
        found = Code.objects.filter(pk=number, company_id=company.pk).first()
        time.sleep(0.2)
        return found

    monkeypatch.setattr(visitors, "_locked", unlocked)
    visits = raced(cast, time_machine)
    record_property("visits by one code without the lock", visits)
    assert visits > 1
