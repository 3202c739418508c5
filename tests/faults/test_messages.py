"""Many workers, a killed worker, a provider that lies: nothing is lost, nothing sent twice without saying so. Each with a control."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from threading import Lock
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from sanbao.notices import operations
from sanbao.notices.models import Message
from sanbao.notices.providers import Receipt, http, smtp, tokens
from tests.cast import NOW, Cast, assemble
from tests.faults.test_races import at_once
from tests.modules.notices import stubs

WORKERS, MESSAGES = 8, 40
EVENTS = 1_000 if os.environ.get("SANBAO_FAULTS") == "1" else 200
CONTROLLED = 60


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def write(cast: Cast, count: int) -> None:
    for number in range(count):
        operations.send(f"wang{number}@example.com", "Paid", "x", key=f"{number}", about=cast.company, by=cast.access("clerk"), at=NOW)  # fmt: skip


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


# A thousand events over the network


@pytest.fixture
def servers(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[stubs.Mail, stubs.Web]]:
    """A mail server and a gateway that drop, delay, lie, limit and talk nonsense by chance, from a fixed seed."""
    monkeypatch.setattr(http, "SECONDS", stubs.PATIENCE)
    monkeypatch.setattr(smtp, "SMTP_SECONDS", stubs.PATIENCE)
    monkeypatch.setattr(operations, "MOST_ATTEMPTS", 50)
    tokens.forget()
    with stubs.serving(stubs.Mail()) as mail, stubs.serving(stubs.Web()) as web:
        stubs.use_mail(mail, settings)
        stubs.use_web(web, settings)
        chance = Random(20261124)
        mail.plan = web.plan = lambda: chance.choices(stubs.BEHAVIOURS, (10, 2, 1, 1, 1, 2, 1))[0]
        yield mail, web
    tokens.forget()


def tell(cast: Cast, events: int) -> set[str]:
    """One message of each event, in turn over the four channels, each to an address of its own; the addresses."""
    shapes = {
        "email": "wang{:04}@example.com",
        "sms": "1380000{:04}",
        "wecom": "wang{:04}",
        "wechat": "oABCD1234-efghijkl{:04}",
    }
    by, addresses = cast.access("clerk"), set()
    for number in range(events):
        channel = list(shapes)[number % 4]
        address = shapes[channel].format(number)
        operations.send(
            address, "Paid", "x", key=f"{number}", about=cast.company, by=by, at=NOW, channel=channel
        )
        addresses.add(address)
    return addresses


def carried(
    cast: Cast, servers: tuple[stubs.Mail, stubs.Web], events: int
) -> tuple[int, set[str], set[str], Counter[str]]:
    """Send all events with eight workers until none waits: how many were lost, which arrived twice, which are marked, what arrived."""
    addresses, at = tell(cast, events), NOW
    while Message.objects.filter(state__in=("waiting", "sending")).exists():
        done, refused = at_once(lambda _n, at=at: operations.drain(now=lambda: at), WORKERS)
        assert (done, refused) == (WORKERS, [])
        at += timedelta(hours=4)
    arrived = servers[0].arrived + servers[1].arrived
    doubled = {address for address, count in arrived.items() if count > 1}
    marked = set(Message.objects.filter(unsure=True).values_list("address", flat=True))
    return len(addresses - set(arrived)), doubled, marked, arrived


def test_of_a_thousand_events_through_providers_that_drop_delay_and_lie_none_is_lost(
    cast: Cast, servers: tuple[stubs.Mail, stubs.Web], record_property: Callable[[str, object], None]
) -> None:
    """Over real sockets, four channels. A message arrives twice only where the provider had accepted, and is marked then."""
    lost, doubled, marked, arrived = carried(cast, servers, EVENTS)
    record_property("events", EVENTS)
    record_property("lost", lost)
    record_property("arrived twice", len(doubled))
    record_property("twice without a mark", len(doubled - marked))
    assert lost == 0
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    assert doubled and doubled <= marked
    assert len(arrived) == EVENTS


def test_the_control_what_broke_off_taken_for_accepted_is_lost(
    cast: Cast, servers: tuple[stubs.Mail, stubs.Web], monkeypatch: pytest.MonkeyPatch
) -> None:
    def hopeful(message: Message, error: str, at: datetime, *, unsure: bool = False) -> None:
        if unsure:
            operations._write(message, state=Message.State.SENT, ended_at=at)
        else:
            later(message, error, at)

    later = operations._later
    monkeypatch.setattr(operations, "_later", hopeful)
    lost, *_rest = carried(cast, servers, CONTROLLED)
    assert lost > 0


def test_the_control_what_broke_off_taken_for_refused_arrives_twice_unmarked(
    cast: Cast, servers: tuple[stubs.Mail, stubs.Web], monkeypatch: pytest.MonkeyPatch
) -> None:
    later = operations._later
    monkeypatch.setattr(
        operations, "_later", lambda message, error, at, unsure=False: later(message, error, at)
    )
    _lost, doubled, marked, _arrived = carried(cast, servers, CONTROLLED)
    assert doubled - marked


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
