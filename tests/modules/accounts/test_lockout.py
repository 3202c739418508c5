"""Guessing gets slower: failures counted in the database, for names, addresses and at once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts import lockout
from sanbao.accounts.models import SignIn, Throttle
from sanbao.audit.models import Event
from tests.cast import NOW, PASSWORD, Cast

pytestmark = pytest.mark.django_db
NAME = ("name", "linwen")


def _failed(times: int, *subjects: tuple[str, str]) -> None:
    for _ in range(times):
        lockout.count(*(subjects or (NAME,)), at=NOW)


def _sign_in(username: str, password: str = "wrong", **more: str):
    return Client(**more).post(reverse("accounts:sign-in"), {"username": username, "password": password})


@pytest.fixture
def clerk(cast: Cast):
    cast.people["clerk"].set_password(PASSWORD)
    cast.people["clerk"].save()
    return cast.people["clerk"]


def test_the_wait_grows_from_a_minute_to_a_quarter_of_an_hour() -> None:
    """ASVS 6.3.1."""
    waits = [lockout.wait_after("name", failures) for failures in range(1, 12)]
    minutes = [wait and wait.total_seconds() / 60 for wait in waits]
    assert minutes == [None, None, None, None, 1, 2, 4, 8, 15, 15, 15]


def test_after_five_failures_the_next_try_is_not_heard_and_says_how_long() -> None:
    _failed(5)
    with pytest.raises(lockout.TooMany) as refused:
        lockout.count(NAME, at=NOW + timedelta(seconds=10))
    assert refused.value.status == 429
    assert "1 分钟" in str(refused.value)
    lockout.count(NAME, at=NOW + timedelta(seconds=61))  # heard again, and counted
    with pytest.raises(lockout.TooMany):
        lockout.count(NAME, at=NOW + timedelta(seconds=62))


def test_success_lets_a_name_start_afresh_and_old_failures_are_forgotten() -> None:
    _failed(4)
    lockout.forgive(NAME)
    _failed(4)
    lockout.count(NAME, at=NOW + timedelta(days=2))
    assert Throttle.objects.get().failures == 1


def test_an_own_account_wins_nobody_endless_tries_from_an_address() -> None:
    """A success gives back its own try and no more."""
    address = ("address", "10.0.0.9")
    for _ in range(29):
        lockout.count(NAME, address, at=NOW)
        lockout.unlock(NAME)
    lockout.count(address, at=NOW)
    lockout.forgive(address)
    lockout.count(address, at=NOW)
    with pytest.raises(lockout.TooMany):
        lockout.count(address, at=NOW)


def test_the_table_keeps_no_name() -> None:
    _failed(1, ("name", "my-secret-typed-into-the-wrong-field"))
    assert "secret" not in str(list(Throttle.objects.values()))


def test_a_name_that_does_not_exist_is_locked_like_one_that_does(clerk) -> None:
    """ASVS 6.3.8: the answers are the same, try by try."""
    answers = {
        name: [_sign_in(name, REMOTE_ADDR=address) for _ in range(6)]
        for name, address in (("clerk", "10.0.0.1"), ("nobody", "10.0.0.2"))
    }
    told = {
        name: [(answer.status_code, answer.context["form"].non_field_errors()) for answer in several]
        for name, several in answers.items()
    }
    assert told["clerk"] == told["nobody"]
    assert [status for status, _errors in told["clerk"]] == [422] * 5 + [429]


def test_the_right_password_is_not_heard_while_locked_and_is_after_an_unlock(clerk) -> None:
    for _ in range(5):
        _sign_in("clerk")
    assert _sign_in("clerk", PASSWORD).status_code == 429
    lockout.unlock(("name", "clerk"))
    assert _sign_in("clerk", PASSWORD).status_code == 303


def test_full_width_and_capital_letters_are_no_way_round(clerk) -> None:
    for name in ("clerk", "CLERK", "ｃｌｅｒｋ", "Clerk", "cLERK"):
        _sign_in(name)
    assert _sign_in("clerk", PASSWORD).status_code == 429


def test_tries_are_written_down_for_the_person_and_for_the_event_log(clerk) -> None:
    """ASVS 16.3.1: successful and failed sign-ins are logged."""
    for _ in range(5):
        _sign_in("clerk", HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537")
    _sign_in("clerk")
    Throttle.objects.all().delete()
    _sign_in("clerk", PASSWORD)
    outcomes = SignIn.objects.filter(person=clerk).order_by("id").values_list("outcome", flat=True)
    assert list(outcomes) == ["wrong"] * 5 + ["locked", "done"]
    assert SignIn.objects.first().device == "Chrome · Windows"
    actions = list(Event.objects.filter(by=clerk).order_by("id").values_list("action", flat=True))
    assert actions == [
        *["accounts:person:sign-in-refused"] * 5, "accounts:person:locked", "accounts:person:signed-in"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["a\x00b", "𠮷野", "'; drop table--", "x" * 61, "\ud800".encode("utf-8", "replace").decode()]
)
def test_strange_names_are_refused_and_never_a_fault(db, name: str) -> None:
    assert _sign_in(name).status_code in (400, 422)


def _at_once(judge) -> int:
    """Ten threads count a try each; how many were heard."""
    heard: list[int] = []
    barrier = threading.Barrier(10)

    def run() -> None:
        barrier.wait()
        try:
            judge()
            heard.append(1)
        except lockout.TooMany:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(heard)


@pytest.mark.django_db(transaction=True)
def test_ten_tries_at_once_are_heard_five_times() -> None:
    """ASVS 6.3.1: trying in parallel wins nothing."""
    now = timezone.now()
    assert _at_once(lambda: lockout.count(NAME, at=now)) == 5


@pytest.mark.django_db(transaction=True)
def test_control_without_the_row_lock_more_are_heard(monkeypatch) -> None:
    """The guard is off: rows are read without a lock, with a moment between reading and writing."""
    import time

    now = timezone.now()
    Throttle.objects.create(kind="name", digest=lockout._digest(*NAME), last_at=now)

    def unlocked(kind: str, key: str, at) -> Throttle:
        row = Throttle.objects.get(kind=kind, digest=lockout._digest(kind, key))
        time.sleep(0.05)
        return row

    monkeypatch.setattr(lockout, "_locked", unlocked)
    assert _at_once(lambda: lockout.count(NAME, at=now)) > 5
