"""What the log says of requests, faults, refusals and jobs, and what it never says (ASVS 5.0 chapter 16)."""

import io
import logging
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError, connection
from django.test import Client, override_settings
from django.urls import reverse

from sanbao.edge import jobs, logs, masking, watch
from tests.cast import PASSWORD, Cast
from tests.modules.edge import logbook

DOCS = Path(__file__).parents[3] / "docs" / "operations"


@pytest.fixture
def book() -> Iterator[logbook.Book]:
    with logbook.opened() as opened:
        yield opened


def test_a_request_leaves_one_line_with_who_what_and_how_long(
    cast: Cast, sign_in, book: logbook.Book
) -> None:
    """ASVS 16.2.1, 16.2.2, 16.2.4: when (UTC), where, who, what, in one format."""
    client = sign_in("clerk")
    answer = client.get("/outlets/", {"q": "王小明"})

    line = book.one("request")
    assert (line["route"], line["method"], line["status"]) == ("outlets:list", "GET", 200)
    assert line["person"] == cast.people["clerk"].pk
    assert line["company"] == cast.company.pk
    assert line["request"] == answer.headers["X-Request-Id"]
    assert line["statements"] > 3 and line["db_ms"] > 0 and line["ms"] >= line["db_ms"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["at"])
    assert "王小明" not in book.text


@pytest.mark.parametrize(("path", "route"), [("/nothing/13812345678/", "none"), ("/static/nothing.css", "static"), ("/healthz", "health")])  # fmt: skip
def test_addresses_are_never_written_only_routes(db: None, book: logbook.Book, path: str, route: str) -> None:
    Client().get(path)
    assert book.one("request")["route"] == route
    assert "13812345678" not in book.text


def test_an_id_is_taken_over_from_our_own_proxy_only(db: None) -> None:
    """An id from outside could tie one's lines to somebody else's."""
    told = "0123456789abcdef0123456789abcdef"
    ask = lambda value: Client().get("/healthz", headers={"X-Request-Id": value}).headers["X-Request-Id"]  # noqa: E731

    assert ask(told) != told
    with override_settings(BEHIND_PROXY=True):
        assert ask(told) == told
        for bad in ("x" * 20, "13812345678", "0123456789ABCDEF0", "a" * 41):
            assert ask(bad) != bad


def test_a_fault_is_told_with_the_id_that_stands_on_the_page(cast: Cast, sign_in, monkeypatch, book: logbook.Book) -> None:  # fmt: skip
    """ASVS 16.5.1, 16.3.4: the reader can quote it, the log has what happened."""

    def fails(*_arguments: object) -> None:
        raise RuntimeError("the inside broke")

    monkeypatch.setattr("sanbao.site.views.panels", fails)
    client = sign_in("clerk")
    client.raise_request_exception = False
    answer = client.get("/")

    number = answer.headers["X-Request-Id"]
    assert answer.status_code == 500 and number in answer.text
    assert "the inside broke" not in answer.text
    fault = book.one("fault")
    assert fault["request"] == number and fault["level"] == "error"
    assert fault["errors"][0]["said"] == "the inside broke"
    assert any("test_logs.py" in frame and "fails" in frame for frame in fault["errors"][0]["frames"])
    assert book.one("request")["level"] == "warning"
    english = client.get("/", headers={"Accept-Language": "en"}).text
    assert "to be quoted" in english


def test_the_api_tells_a_faults_id_too(cast: Cast, sign_in, monkeypatch) -> None:
    def fails(*_arguments: object, **_options: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("sanbao.settlements.api.queries.statements", fails)
    client = sign_in("clerk")
    client.raise_request_exception = False
    answer = client.get("/api/v1/settlements/statements")
    assert answer.json()["request"] == answer.headers["X-Request-Id"]


def test_databases_errors_are_told_by_code_and_constraint_without_rows(db: None, book: logbook.Book) -> None:
    """ASVS 16.2.5, 13.4.2: PostgreSQL's DETAIL holds the row, its LINE the statement."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE t (phone text CONSTRAINT one_phone UNIQUE)")
            cursor.execute("INSERT INTO t VALUES (%s)", ["Wang Xiaoming"])
            cursor.execute("INSERT INTO t VALUES (%s)", ["Wang Xiaoming"])
    except IntegrityError as error:
        logging.getLogger("x").error("broken", exc_info=error)
    errors = book.one("log")["errors"]
    assert errors[1]["sqlstate"] == "23505" and errors[1]["constraint"] == "one_phone"
    assert "Wang" not in book.text and "INSERT" not in book.text


def test_values_the_database_could_not_read_are_not_told(db: None, book: logbook.Book) -> None:
    from django.db import DataError

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", ["Wang Xiaoming"])
    except DataError as error:
        logging.getLogger("x").error("broken", exc_info=error)
    assert book.of("log") and "Wang" not in book.text


def test_statements_and_their_parameters_are_never_written(cast: Cast, sign_in, book: logbook.Book) -> None:
    """Even with everything turned up: django.db.backends stays silent."""
    with override_settings(DEBUG=True):
        sign_in("clerk").get("/outlets/", {"q": "Xiaoming"})
    assert not [line for line in book.lines if line.get("logger", "").startswith("django.db")]
    assert "SELECT" not in book.text


def test_what_gunicorn_could_not_read_is_not_repeated(book: logbook.Book) -> None:
    logging.getLogger("gunicorn").getChild("odd").warning(
        "Invalid request from ip=10.0.0.1: Invalid line: 'canary\" canary"
    )
    assert "canary" not in book.text and book.one("log")["level"] == "warning"


@pytest.mark.parametrize("level", ["", "DEBUG", "INFO", "ERROR"])
def test_talkative_libraries_stay_quiet_at_any_level(level: str) -> None:
    found = logs.settings("stdout", level)["loggers"]
    for name in ("django.db.backends", "httpx", "procrastinate", "psycopg"):
        assert logging.getLevelName(found[name]["level"]) >= logging.WARNING


# Security events (ASVS 16.3.1–16.3.3)


def test_signing_in_and_failing_to_are_told_without_the_name_that_was_tried(
    cast: Cast, book: logbook.Book
) -> None:
    """ASVS 16.3.1. A name may be a password typed into the wrong field."""
    client, url = Client(), reverse("accounts:sign-in")
    clerk = cast.people["clerk"]
    clerk.set_password(PASSWORD)
    clerk.save()
    name = clerk.username
    client.post(url, {"username": "Hunter2Hunter2", "password": "wrong"})
    client.post(url, {"username": name, "password": "wrong"})
    client.post(url, {"username": name, "password": PASSWORD})
    client.post(reverse("accounts:sign-out"))

    unknown, wrong = book.of("sign-in.failed")
    assert unknown["account"] is None and wrong["account"] == cast.people["clerk"].pk
    assert wrong["address"] == "127.0.0.1" and wrong["level"] == "warning"
    assert book.one("sign-in.done")["account"] == cast.people["clerk"].pk
    assert book.one("sign-out")["account"] == cast.people["clerk"].pk
    assert name not in book.text and "Hunter2" not in book.text and PASSWORD not in book.text


def test_a_closed_door_is_told(cast: Cast, book: logbook.Book) -> None:
    for _each in range(7):
        Client().post(reverse("accounts:sign-in"), {"username": "nobody", "password": "wrong"})
    assert book.of("sign-in.locked")


def test_what_a_post_does_not_include_is_told_with_the_permission(
    cast: Cast, sign_in, book: logbook.Book
) -> None:
    """ASVS 16.3.2."""
    assert sign_in("owner-GZ001").get(reverse("audit:events")).status_code == 403
    line = book.of("permission.refused")[-1]
    assert line["permission"] == "audit:event:view" and line["person"] == cast.people["owner-GZ001"].pk


def test_asking_for_things_by_number_is_told(cast: Cast, sign_in, book: logbook.Book) -> None:
    """ASVS 16.3.2: somebody who counts numbers up leaves a trail."""
    assert sign_in("clerk").get(reverse("outlets:outlet", args=[999_999])).status_code == 404
    assert book.one("scope.refused")["route"] == "outlets:outlet"
    Client().get("/nothing/")
    assert len(book.of("scope.refused")) == 1


def test_a_key_that_is_none_is_told(db: None, book: logbook.Book) -> None:
    Client().get("/api/v1/settlements/statements", headers={"Authorization": "Bearer sb_wrongwrong"})
    assert book.one("token.refused")["address"] == "127.0.0.1"
    assert "wrongwrong" not in book.text


def test_too_many_requests_are_told(db: None, monkeypatch, book: logbook.Book) -> None:
    from sanbao.edge import rates

    monkeypatch.setattr(rates, "wait", lambda *_arguments: 7)
    assert Client().get("/healthz").status_code == 429
    assert book.one("rate.exceeded")["route"] == "health"
    assert book.one("request")["code"] == "too_many"


def test_refused_requests_are_told_by_code_only(db: None, book: logbook.Book) -> None:
    """ASVS 16.3.3."""
    Client().get("/%00canary")
    assert book.one("hygiene.refused")["code"] == "characters"
    assert "canary" not in book.text


def test_a_form_from_elsewhere_is_told(cast: Cast, book: logbook.Book) -> None:
    Client(enforce_csrf_checks=True).post(reverse("accounts:sign-in"), {"username": "x", "password": "y"})
    assert book.one("forgery.refused")
    assert not book.of("permission.refused")


def test_exports_and_changes_are_told_by_action_and_number(cast: Cast, sign_in, book: logbook.Book) -> None:
    """ASVS 16.3.2, 16.3.4."""
    sign_in("admin").get(reverse("outlets:list"), {"export": "xlsx", "reason": "stock-taking"})
    found = book.of("export")
    assert [line["action"] for line in found] == ["outlets:outlets:exported"]


@pytest.mark.parametrize(("error", "why"), [("40P01", "deadlock"), ("55P03", "lock"), ("57014", "statement")])
def test_what_the_database_breaks_off_is_told(book: logbook.Book, error: str, why: str) -> None:
    broken = OperationalError("x")
    broken.__cause__ = type("E", (Exception,), {"sqlstate": error})()
    watch.broken_off(broken)
    assert book.one("database.broken-off")["why"] == why


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(KeyError, match=r"observing\.md"):
        logs.tell("something.else")


def test_every_event_stands_in_the_docs_and_none_besides() -> None:
    """ASVS 16.1.1: what is logged, in which format, is written down."""
    for name in ("observing.md", "observing.zh.md"):
        path = DOCS / name
        if not path.exists() and name.endswith(".zh.md"):
            continue
        text = path.read_text(encoding="utf-8")
        told = set(
            re.findall(
                r"^\| `([a-z][a-z.-]+)` \|",
                text.partition("<!-- events -->")[2].partition("<!-- -->")[0],
                re.M,
            )
        )
        assert told == set(logs.EVENTS)


# Jobs


def job(run, **arguments: object):
    context = SimpleNamespace(job=SimpleNamespace(id=12, task_name="x.y", attempts=0, task_kwargs=arguments))
    return jobs.watched(run, context, None)


def test_a_job_leaves_one_line(db: None, book: logbook.Book) -> None:
    assert job(lambda: 7) == 7
    line = book.one("job")
    assert (line["task"], line["result"], line["request"]) == ("x.y", "done", "job-12")


def test_every_task_of_the_product_is_watched() -> None:
    from procrastinate.contrib.django import app

    assert len(app.tasks) > 4
    for task in app.tasks.values():
        assert task.task_middleware.count(jobs.watched) == 1
    jobs.ready(app)
    assert all(task.task_middleware.count(jobs.watched) == 1 for task in app.tasks.values())


# The canary: marked secrets and phones in every input, and nothing of them in the log


def canaries() -> dict[str, str]:
    mark = "".join(secrets.choice("abcdefgh") for _each in range(8))  # no digits: those have a shape
    return {
        "password": f"Canary {mark} horse", "name": f"canary{mark}name", "phone": f"138{secrets.randbelow(10**8):08d}",
        "note": f"CanaryNote{mark}", "cookie": f"canarycookie{mark}", "token": f"sb_canary{mark}", "file": f"canaryfile{mark}.xlsx",
        "agent": f"CanaryAgent{mark}", "person": f"金丝雀{chr(0x4E00 + secrets.randbelow(9999))}丝", "once": f"canaryonce{mark}", "id": "44010619900101" + f"{secrets.randbelow(10**4):04d}",
    }  # fmt: skip


def fly(cast: Cast, monkeypatch: pytest.MonkeyPatch, book: logbook.Book) -> dict[str, str]:
    """Sign-in, API, upload, export, a failing view, a failing job and a talkative library, each with every canary in every input."""
    bird = canaries()
    headers = {"User-Agent": bird["agent"], "Authorization": f"Bearer {bird['token']}", "Idempotency-Key": bird["once"], "Referer": f"http://testserver/?q={bird['note']}"}  # fmt: skip
    client = Client(raise_request_exception=False, headers=headers)
    client.cookies["other"] = bird["cookie"]
    client.post(f"/sign-in/?next=/{bird['note']}", {"username": bird["name"], "password": bird["password"]})
    client.post(
        reverse("accounts:sign-in"),
        {"username": bird["name"], "password": bird["password"], "next": bird["note"]},
    )
    client.get(reverse("accounts:link", args=[f"{bird['note']}{bird['token']}"]))
    client.get("/api/v1/settlements/statements", {"q": bird["phone"]})
    client.get(f"/{bird['name']}/{bird['phone']}/")
    client.force_login(cast.people["admin"])
    del client.headers
    client.headers = headers  # type: ignore[attr-defined]
    api = {
        "phone": bird["phone"],
        "name": bird["person"],
        "note": [bird["note"]],
        "password": bird["password"],
    }
    client.post("/api/v1/settlements/receipts", api, content_type="application/json")
    file = io.BytesIO(f"{bird['person']},{bird['phone']},{bird['id']}".encode())
    file.name = bird["file"]
    client.post(reverse("settlements:hand-in"), {"file": file, "note": bird["note"]})
    client.get(reverse("outlets:list"), {"q": bird["phone"], "export": "xlsx", "reason": bird["note"]})

    def fails(request_or_access: object, *_rest: object) -> None:
        with connection.cursor() as cursor:
            try:
                cursor.execute("SELECT %s::int", [bird["person"]])
            except Exception as error:
                said = f"cannot do {bird['note']} with {bird['password']} for {bird['person']} at {bird['phone']} ({bird['cookie']}, {bird['id']})"
                raise ValueError(said) from error

    monkeypatch.setattr("sanbao.site.views.panels", fails)
    client.get("/", {"q": bird["note"], "who": bird["person"], "p": bird["password"]})
    with pytest.raises(ValueError):
        job(lambda: fails(None), **bird)
    logging.getLogger("library").warning(
        "sent %s to %s, password=%s", bird["id"], bird["phone"], bird["password"].replace(" ", "")
    )
    return bird


def seen(bird: dict[str, str], text: str) -> set[str]:
    plain = text.replace(" ", "")
    return {name for name, value in bird.items() if value in text or value.replace(" ", "") in plain}


def test_no_canary_sings_in_the_log(cast: Cast, monkeypatch: pytest.MonkeyPatch, book: logbook.Book, record_property) -> None:  # fmt: skip
    """ASVS 16.2.5, 14.2.1, 16.5.1: secrets and people's data, put into every kind of input, nowhere in the log."""
    bird = fly(cast, monkeypatch, book)

    assert seen(bird, book.text) == set()
    assert {"request", "fault", "job", "sign-in.failed", "log"} <= {line["event"] for line in book.lines}
    assert len(book.of("fault")) == 2
    record_property("lines_without_canaries", len(book.lines))


def test_with_the_masking_taken_out_the_canaries_sing(cast: Cast, monkeypatch: pytest.MonkeyPatch, book: logbook.Book) -> None:  # fmt: skip
    """The control: it is the masking that keeps them out."""
    monkeypatch.setattr(masking, "masked", lambda _logger, _method, event: event)
    monkeypatch.setattr(masking, "told", lambda text: text)
    bird = fly(cast, monkeypatch, book)
    assert {"phone", "password", "note", "cookie", "person", "id"} <= seen(bird, book.text)


def test_without_the_request_at_hand_the_words_of_a_form_would_be_told(cast: Cast, monkeypatch: pytest.MonkeyPatch, book: logbook.Book) -> None:  # fmt: skip
    """The control of the third net: shapes alone do not know a password of words."""
    monkeypatch.setattr(masking, "_safely", lambda _source: ())
    bird = fly(cast, monkeypatch, book)
    assert {"note", "password"} <= seen(bird, book.text)


def test_people_at_a_terminal_read_the_same_without_secrets(db: None) -> None:
    with logbook.opened(human=True) as book:
        try:
            raise PermissionDenied("phone 13812345678\nINFO forged line")
        except PermissionDenied:
            logging.getLogger("x").exception("failed\nby %s", "13812345678")
    assert "13812345678" not in book.text
    assert "\nINFO" not in book.text and "PermissionDenied" in book.text
