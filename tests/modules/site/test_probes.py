"""/healthz, /readyz and /metrics: what machines are told, and what nobody is."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sanbao.edge import heard, metrics
from sanbao.site import figures, probes, tasks
from sanbao.site.probes import CHECKS, Found
from tests.cast import Cast

ROOT = Path(__file__).parents[3]
TOKEN = "a-token-of-at-least-twenty"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def worker(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")


@pytest.fixture
def token(settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def ask(path: str = "/readyz", **headers: str):
    return Client().get(path, headers=headers)


# Ready


def test_everything_in_order_is_ready(worker: None, settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    answer = ask()
    assert answer.json() == {"status": "ready", "checks": dict.fromkeys(CHECKS, "ok")}
    assert answer.status_code == 200
    assert list((tmp_path / "media").iterdir()) == []


def failing(name: str, monkeypatch: pytest.MonkeyPatch, settings, tmp_path: Path) -> None:
    """Break what the check looks at."""
    settings.MEDIA_ROOT = tmp_path
    if name == "database":

        def silent() -> None:
            raise OperationalError("password of the database in the text")

        monkeypatch.setattr(probes, "_ask", silent)
    elif name == "migrations":
        monkeypatch.setattr(probes, "_known", lambda: frozenset([("ledger", "9999_later")]))
    elif name == "role":
        monkeypatch.setattr(probes, "ROLE", "nobody_of_this_name")
    elif name == "worker":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '10 minutes'")
    elif name == "media":
        (tmp_path / "file").write_text("")
        settings.MEDIA_ROOT = tmp_path / "file" / "media"
    elif name == "disk":
        monkeypatch.setattr(probes, "LEAST_FREE", 10**18)


@pytest.mark.parametrize("name", CHECKS)
def test_each_thing_that_is_missing_is_named(
    worker: None, monkeypatch: pytest.MonkeyPatch, settings, tmp_path: Path, name: str
) -> None:
    failing(name, monkeypatch, settings, tmp_path)
    answer = ask()
    assert answer.status_code == 503
    failed = {check for check, said in answer.json()["checks"].items() if said == "failed"}
    assert failed == ({"database", "migrations", "role", "worker"} if name == "database" else {name})
    assert "details" not in answer.json()


def test_a_check_may_be_left_out(db: None, settings, tmp_path: Path) -> None:
    """A balancer that must not take the pages away because the worker is gone."""
    settings.MEDIA_ROOT = tmp_path
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
    assert ask().json()["checks"]["worker"] == "failed"
    answer = ask("/readyz?without=worker,disk")
    assert answer.status_code == 200 and set(answer.json()["checks"]) == set(CHECKS) - {"worker", "disk"}


def test_a_database_that_stays_silent_keeps_nobody_waiting(worker: None, monkeypatch) -> None:
    answers = threading.Event()
    monkeypatch.setattr(probes, "PATIENCE", 0.2)
    monkeypatch.setattr(probes, "_ask", lambda: answers.wait(60))
    begun = time.monotonic()
    try:
        for _each in range(3):  # the third finds both askers still waiting
            assert ask().json()["checks"]["database"] == "failed"
        assert time.monotonic() - begun < 30
    finally:
        answers.set()


def test_details_are_for_whoever_shows_the_token(worker: None, token: None, monkeypatch, settings, tmp_path: Path) -> None:  # fmt: skip
    """ASVS 16.5.1, 13.4.5."""
    failing("migrations", monkeypatch, settings, tmp_path)
    assert "ledger.9999_later" in ask(**SHOWN).json()["details"]["migrations"]
    for headers in (
        {},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer "},
    ):
        assert "9999_later" not in ask(**headers).text


def test_what_a_check_stumbled_over_is_told_by_its_kind_only(worker: None, token: None, monkeypatch, settings, tmp_path) -> None:  # fmt: skip
    failing("database", monkeypatch, settings, tmp_path)
    answer = ask(**SHOWN)
    assert answer.json()["details"]["database"] == "OperationalError"
    assert "password" not in answer.text


def test_checks_are_asked_one_by_one() -> None:
    found = probes.judge({"media": lambda: Found(False, "x"), "disk": lambda: Found(True)})
    assert (found["media"].well, found["disk"].well) == (False, True)


# Metrics


def test_metrics_are_not_there_without_a_token_set(db: None) -> None:
    assert ask("/metrics").status_code == 404
    assert ask("/metrics", Authorization="Bearer ").status_code == 404


@pytest.mark.parametrize("told", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer ä"])  # fmt: skip
def test_metrics_are_closed_without_the_token_shown(db: None, token: None, told: str) -> None:
    """ASVS 13.4.5."""
    answer = ask("/metrics", Authorization=told)
    assert answer.status_code in (400, 401) and b"sanbao_" not in answer.content


def value(text: str, name: str) -> float | None:
    """The sample of exactly this name and labels."""
    for line in text.splitlines():
        if line.startswith(f"{name} "):
            return float(line.rpartition(" ")[2])
    return None


def test_requests_and_refusals_are_counted_by_names_of_our_code(cast: Cast, sign_in, token: None) -> None:
    read = lambda: ask("/metrics", **SHOWN).text  # noqa: E731
    count = 'sanbao_requests_total{method="GET",route="outlets:list",status="2xx"}'
    refused = 'sanbao_refusals_total{code="none",status="404"}'
    before = read()
    client = sign_in("clerk")
    client.get("/outlets/", {"q": "13812345678"})
    client.get("/canary/13812345678/")
    after = read()

    assert (value(after, count) or 0) - (value(before, count) or 0) == 1
    assert value(after, refused) > (value(before, refused) or 0)
    assert value(after, 'sanbao_request_seconds_count{route="outlets:list"}') >= 1
    assert value(after, 'sanbao_request_statements_sum{route="outlets:list"}') > 3
    assert value(after, 'sanbao_request_database_seconds_sum{route="outlets:list"}') > 0
    assert "13812345678" not in after and "canary" not in after


def test_a_code_made_of_something_else_is_no_label(monkeypatch) -> None:
    """No label from what people type, and no end of them."""
    monkeypatch.setattr(metrics, "_codes", set())
    assert metrics.code_of("stale") == "stale"
    for odd in ("13812345678", "王小明", "A B", "x" * 41, ""):
        assert metrics.code_of(odd) == "other"
    assert {metrics.code_of(f"code{number}") for number in range(metrics.MOST_CODES + 5)} >= {"other"}


def test_sign_ins_that_fail_are_counted(cast: Cast, token: None) -> None:
    name = 'sanbao_events_total{event="sign-in.failed"}'
    before = value(ask("/metrics", **SHOWN).text, name) or 0
    Client().post(reverse("accounts:sign-in"), {"username": "nobody", "password": "x"})
    assert value(ask("/metrics", **SHOWN).text, name) > before


def test_the_state_of_queue_outbox_ledger_backups_and_database_is_told(
    worker: None, cast: Cast, token: None
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, args) VALUES ('default', 'x.y', 'todo', '{}')"
        )
    heard.say(heard.BACKUP, well=True, at=timezone.now(), figure=100)
    heard.say(heard.VERIFY, well=False, at=timezone.now(), figure=2)
    tasks.check_ledger(0)
    text = ask("/metrics", **SHOWN).text

    assert value(text, 'sanbao_queue_length{queue="default"}') == 1
    assert value(text, 'sanbao_queue_oldest_seconds{queue="default"}') >= 0
    assert value(text, "sanbao_worker_silent_seconds") < 60
    assert value(text, "sanbao_outbox_waiting") == 0 and value(text, "sanbao_outbox_dead") == 0
    assert (
        value(text, "sanbao_ledger_check_well") == 1 and value(text, "sanbao_ledger_check_age_seconds") < 60
    )
    assert value(text, "sanbao_backup_well") == 1 and value(text, "sanbao_backup_verify_well") == 0
    assert value(text, "sanbao_database_bytes") > 1_000_000
    assert value(text, "sanbao_database_sessions") >= 1
    assert "sanbao_figures_failed" in text and 'sanbao_figures_failed{figure="outbox"} 0.0' in text


def test_what_was_never_done_is_absent(db: None, token: None) -> None:
    assert value(ask("/metrics", **SHOWN).text, "sanbao_backup_age_seconds") is None


def test_a_broken_book_is_told(cast: Cast, token: None, monkeypatch) -> None:
    monkeypatch.setattr(tasks, "broken_invariants", lambda _extra: {"every entry sums to zero": [(1, 2)]})
    assert tasks.check_ledger(0) == 1
    assert value(ask("/metrics", **SHOWN).text, "sanbao_ledger_check_well") == 0
    assert heard.last(heard.LEDGER).figure == 1


def test_one_figure_that_cannot_be_looked_up_leaves_the_others(
    worker: None, token: None, monkeypatch
) -> None:
    def _outbox() -> Iterator[object]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column FROM notices_message")
        yield

    monkeypatch.setattr(figures, "_outbox", _outbox)
    text = ask("/metrics", **SHOWN).text
    assert 'sanbao_figures_failed{figure="outbox"} 1.0' in text
    assert value(text, "sanbao_database_bytes") > 0


_COUNTS = """
import sys
from sanbao.edge import instruments, metrics
for _each in range(int(sys.argv[1])):
    metrics.request("outlets:list", "GET", 200, 0.03, 5, 0.01, "")
metrics.job("x.y", "done", 0.2)
print(instruments.page().decode() if sys.argv[2] == "read" else "")
"""


def counting(folder: Path | None, count: int, what: str) -> str:
    """A real process of its own, that counts and then perhaps reads."""
    surroundings = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    surroundings["SANBAO_METRICS_TOKEN"] = TOKEN  # without it nothing is counted
    if folder:
        surroundings["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    done = subprocess.run(
        [sys.executable, "-c", _COUNTS, str(count), what], env=surroundings | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_whichever_process_is_asked_tells_of_all(tmp_path: Path) -> None:
    """Several workers of gunicorn, and the jobs' worker: the sums are of all of them, also of one that has ended."""
    counting(tmp_path / "metrics", 3, "count")
    text = counting(tmp_path / "metrics", 4, "read")
    assert value(text, 'sanbao_requests_total{method="GET",route="outlets:list",status="2xx"}') == 7
    assert value(text, 'sanbao_request_seconds_count{route="outlets:list"}') == 7
    assert value(text, 'sanbao_jobs_total{result="done",task="x.y"}') == 2


def test_without_the_folder_a_process_knows_only_itself(tmp_path: Path) -> None:
    """The control."""
    counting(None, 3, "count")
    text = counting(None, 4, "read")
    assert value(text, 'sanbao_requests_total{method="GET",route="outlets:list",status="2xx"}') == 4
