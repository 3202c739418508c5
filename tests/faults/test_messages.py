"""Many workers, a killed worker, a provider that lies: nothing is lost, nothing sent twice without saying so. Each with a control."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from random import Random
from threading import Lock

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from sanbao.notices import operations
from sanbao.notices.models import Message
from sanbao.notices.providers import Receipt, Temporary, Unsure
from tests.cast import NOW, Cast, assemble
from tests.faults.test_races import at_once

WORKERS, MESSAGES = 8, 40


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def write(cast: Cast, count: int) -> None:
    for number in range(count):
        operations.send("wang@example.com", "Paid", "x", key=f"{number}", about=cast.company, by=cast.access("clerk"), at=NOW)  # fmt: skip


class Counting:
    """Accepts everything, slowly, and counts what arrives."""

    def __init__(self) -> None:
        self.arrived: Counter[str] = Counter()
        self.lock = Lock()

    def send(self, message: Message) -> Receipt:
        time.sleep(0.01)
        with self.lock:
            self.arrived[message.key] += 1
        return Receipt("r")


def raced(cast: Cast) -> Counter[str]:
    provider = Counting()
    write(cast, MESSAGES)
    done, refused = at_once(lambda _n: operations.drain(now=lambda: NOW, provider=lambda _c: provider, most=200), WORKERS)  # fmt: skip
    assert (done, refused) == (WORKERS, [])
    return provider.arrived


def test_eight_workers_at_one_outbox_send_each_message_once(cast: Cast) -> None:
    arrived = raced(cast)
    assert len(arrived) == MESSAGES
    assert set(arrived.values()) == {1}


def test_the_control_without_the_row_lock_sends_twice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    assert max(raced(cast).values()) > 1


class Lying:
    """Refuses, breaks off before or after it has accepted, or accepts, by chance from a fixed seed."""

    def __init__(self) -> None:
        self.chance, self.arrived = Random(20261124), Counter()

    def send(self, message: Message) -> Receipt:
        what = self.chance.choice(("busy", "lost", "accepted but broke off", "fine", "fine"))
        if what == "busy":
            raise Temporary(what)
        if what == "lost":
            raise Unsure(what)
        self.arrived[message.key] += 1
        if what != "fine":
            raise Unsure(what)
        return Receipt("r")


def test_of_a_thousand_messages_through_a_lying_provider_none_is_lost_and_doubles_are_all_marked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(operations, "MOST_ATTEMPTS", 50)
    write(cast, 1_000)
    provider, at = Lying(), NOW
    while Message.objects.exclude(state="sent").exists():
        operations.drain(now=lambda at=at: at, provider=lambda _c: provider)
        at += timedelta(hours=4)
    doubled = {key for key, count in provider.arrived.items() if count > 1}
    assert len(provider.arrived) == 1_000
    assert doubled
    assert doubled <= set(Message.objects.filter(unsure=True).values_list("key", flat=True))


def test_the_control_a_message_sent_before_the_change_is_committed_tells_of_nothing(cast: Cast) -> None:
    """Handed straight to the provider instead of the outbox, a message outlives the change that was undone."""
    provider = Counting()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write(cast, 1)
        provider.send(Message.objects.get())
        _ = 1 / 0
    assert provider.arrived and not Message.objects.exists()


KILLED = """
import os, django
django.setup()
from django.conf import settings
from django.db import connection
settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = {name!r}
from sanbao.accounts.scope import everything
from sanbao.notices import operations
from sanbao.notices.providers import Receipt
from tests.cast import NOW
class Killing:
    count = 0
    def send(self, message):
        self.count += 1
        if self.count == 3:
            os.kill(os.getpid(), 9)
        return Receipt("r")
provider = Killing()
with everything("tests"):
    operations.drain(now=lambda: NOW, provider=lambda channel: provider)
"""


def killed(cast: Cast) -> None:
    write(cast, 5)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "sanbao.site.settings", "PYTHONPATH": "src:.", "SANBAO_POOL": "0"}  # fmt: skip
    code = KILLED.format(name=connection.settings_dict["NAME"])
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()[-2000:]
    assert Message.objects.filter(state="sent").count() == 2


def test_what_a_killed_worker_held_is_sent_by_another_when_the_lease_is_over(cast: Cast) -> None:
    killed(cast)
    provider = Counting()
    operations.drain(now=lambda: NOW, provider=lambda _c: provider)
    assert Message.objects.filter(state="sent").count() == 4
    operations.drain(now=lambda: NOW + operations.LEASE * 2, provider=lambda _c: provider)
    assert Message.objects.filter(state="sent").count() == 5
    assert Message.objects.filter(unsure=True).count() == 1


def test_the_control_a_lease_that_never_ends_loses_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    killed(cast)
    monkeypatch.setattr(operations, "_TRYABLE", (Message.State.WAITING,))
    operations.drain(now=lambda: NOW + operations.LEASE * 2, provider=lambda _c: Counting())
    assert Message.objects.exclude(state="sent").count() == 1
