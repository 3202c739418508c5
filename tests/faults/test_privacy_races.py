"""Two people deciding about one request at once; a worker that is killed while it erases. Each with a control."""

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection
from django.db.models import QuerySet

from sanbao.audit.models import Event
from sanbao.privacy import operations
from sanbao.privacy.models import Request
from sanbao.settlements.models import Sheet
from tests.cast import NOW, Cast, assemble, moment
from tests.faults.test_races import PEOPLE, at_once

LATER = moment(2029, 6, 1)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def _asked(cast: Cast) -> Request:
    cast.sheet()
    cast.received()
    cast.statement(upto="paid")
    from sanbao.audit.personal import Subject

    return operations.ask_to_erase(
        Subject(cast.company.pk, "13800005678"), "by letter", by=cast.access("admin"), at=LATER
    )


def test_of_many_approvals_at_once_one_erases(cast: Cast) -> None:
    request = _asked(cast)
    done, refused = at_once(lambda _n: operations.approve(request, by=cast.access("head"), at=LATER))
    assert (done, len(refused)) == (1, PEOPLE - 1)
    assert {error.code for error in refused} == {"decided"}
    assert Event.objects.filter(action="privacy:request:done").count() == 1


def test_the_control_without_the_lock_several_do(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    request = _asked(cast)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    import time

    real = operations._may_be_erased

    def slowly(*args: object) -> None:
        real(*args)
        time.sleep(0.3)

    monkeypatch.setattr(operations, "_may_be_erased", slowly)
    done, _refused = at_once(lambda _n: operations.approve(request, by=cast.access("head"), at=LATER))
    assert done > 1


KILLED = """
import os, django
django.setup()
from django.conf import settings
from django.db import connection
settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = {name!r}
from sanbao.accounts.scope import everything
from sanbao.privacy import erasing
from tests.cast import moment
real = erasing.settlements.erase_sheets
count = 0
def killed(*args, **kwargs):
    global count
    count += 1
    done = real(*args, **kwargs)
    if count == {at}:
        os.kill(os.getpid(), 9)  # in the middle of a batch: written, not committed
    return done
erasing.settlements.erase_sheets = killed
with everything("tests"):
    erasing.erase_due({company}, at=moment(2029, 6, 1), batch=2)
"""


def test_a_worker_killed_in_the_middle_of_a_batch_loses_that_batch_only_and_the_next_night_finishes(
    cast: Cast,
) -> None:
    from sanbao.privacy import erasing

    for _ in range(6):
        cast.sheet()
    cast.received()
    cast.statement(upto="paid")
    operations.switch(True, by=cast.access("admin"), at=NOW)
    code = KILLED.format(name=connection.settings_dict["NAME"], at=2, company=cast.company.pk)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "sanbao.site.settings", "PYTHONPATH": "src:.", "SANBAO_POOL": "0"}  # fmt: skip
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()[-2000:]
    assert Sheet.objects.filter(customer="").count() == 2  # the first batch stands, the second left nothing
    assert Event.objects.filter(action="privacy:retention:erased").count() == 1
    assert erasing.erase_due(cast.company.pk, at=LATER, batch=2)["sheets"] == 4
    assert not Sheet.objects.exclude(customer="").exists()
