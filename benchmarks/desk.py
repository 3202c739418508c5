"""The service desk beside the floor: `./dev bench desk [import] [requests ...]` (default 1000 100000 1000000; with
`import` only the import is measured).

In a scratch database the demonstration's maker gets so many made-up requests; then our pages, served as `./dev run` serves them, and the
floor of `../shared/bench` (the least Django + psycopg code for the same work; $SANBAO_FLOOR names another folder) are asked in turn, three
rounds of each, by the same load generator. Milliseconds as the client sees them; the median round counts. Ratios are ours to the floor's.
The first answer is the sign-in page, whole, from the moment the server is started.

Ours does more: a page in HTML with menu and filters, permissions, row-level security, rules with stored decisions, audit, row history,
idempotency. The floor answers a few fields of JSON. Decisions and the entries after the first are filled for one request in five hundred
only, as the floor's events are; promises for all.
"""

import importlib.util
import io
import itertools
import json
import os
import platform
import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]
FLOOR = Path(os.environ.get("SANBAO_FLOOR") or ROOT.parent / "shared" / "bench")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanbao.site.settings")
os.environ["SANBAO_DEMO"] = "1"

import django
import xlsxwriter
from python_calamine import CalamineWorkbook

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from sanbao.accounts import scope
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scope import everything, opened
from sanbao.imports import operations as imports
from sanbao.imports.kinds import KINDS
from sanbao.imports.models import Import
from sanbao.intake.models import Category
from sanbao.intake.queries import tally
from sanbao.outlets.models import Posting
from sanbao.outlets.queries import access_of
from sanbao.settlements.management.commands.settle import scratch_database

ROUNDS = 3
BY_EIGHT = (
    "create",
    "create, JSON",
    "list of fifty, JSON, by eight",
)  # eight clients at once; what counts is how many a second
AGENT = "hongyan"
LEADER = "zhaoqiang"
LONG_AGO = 2_000_000_000  # our rows' ids, out of the way of the demonstration's
WORDS = {"rare": "铜管焊点", "common": "漏电"}

# Text and distribution as the floor has them (fill.py); `i` is the row.
STATE = "(ARRAY['new','assigned','assigned','working','waiting','closed','closed','closed','closed','cancelled'])[1+(i/3)%%10]"
REQUESTS = """
INSERT INTO intake_request (id, company_id, number, outlet_id, channel, state, version, category_id, severity, level, flags, contact, phone, email, address,
    model, serial, subject, description, customer_help, assignee_id, team_id, waiting_for, due_at, due_promise, warn_at, missed, reopened, first_contact,
    solution, feedback, reason, received_at, made_at, customer_id)
SELECT {first} + i, %(company)s, 'Z' || i, CASE WHEN i %% 3 = 0 THEN (%(outlets)s::bigint[])[1 + i %% cardinality(%(outlets)s::bigint[])] END, 'phone', state, 1,
    %(category)s, 'part', 'normal', '{{}}', '客户' || i %% 10000, '138' || lpad((i %% 10000)::text, 8, '0'), '', '某市某区某路' || i %% 977 || '号', 'M' || i %% 200,
    'SN' || lpad(i::text, 10, '0'), {subject}, {description}, '', CASE WHEN state <> 'new' THEN (%(people)s::bigint[])[1 + (i / 7) %% 20] END, %(team)s,
    CASE state WHEN 'waiting' THEN 'customer' ELSE '' END, CASE WHEN state IN ('new', 'assigned', 'working') THEN at + interval '3 day' END,
    CASE WHEN state IN ('new', 'assigned', 'working') THEN 'resolution' ELSE '' END, NULL, false, 0, false, '', '', '', at, at,
    (%(customers)s::bigint[])[1 + i %% cardinality(%(customers)s::bigint[])]
FROM (SELECT i, {state} AS state, ({at}) AT TIME ZONE 'UTC' AS at FROM generate_series((%(low)s)::int, (%(high)s)::int) i) x
"""
ENTRIES = """
INSERT INTO intake_entry (request_id, at, kind, clock, clock_detail, state, by_id, handler_id, channel, body, internal, mentions, external_id)
SELECT {first} + i, ({at}) AT TIME ZONE 'UTC' + k * interval '1 hour', CASE k WHEN 1 THEN 'received' ELSE 'call' END, CASE k WHEN 1 THEN 'received' ELSE '' END,
    CASE k WHEN 1 THEN 'normal' ELSE '' END, '', (%(people)s::bigint[])[1], NULL, 'phone', '第' || k || '次处理：已联系用户，预约上门。', k = 1, '{{}}', ''
FROM generate_series((%(low)s)::int, (%(high)s)::int) i, generate_series(1, 20) k WHERE k = 1 OR {told}
"""
PROMISES = """
INSERT INTO intake_promise (request_id, kind, state, due_at, "left")
SELECT {first} + i, kind, CASE WHEN {state} IN ('new', 'assigned', 'working') THEN 'running' WHEN {state} = 'waiting' THEN 'paused' ELSE 'met' END,
    ({at}) AT TIME ZONE 'UTC' + interval '3 day', 0
FROM generate_series((%(low)s)::int, (%(high)s)::int) i, unnest(ARRAY['answer', 'response', 'resolution']) kind
"""
TALLY = """
DELETE FROM intake_tally;
INSERT INTO intake_tally (company_id, month, outlet, state, count)
SELECT company_id, date_trunc('month', received_at AT TIME ZONE 'Asia/Shanghai')::date, coalesce(outlet_id, 0), state, count(*) FROM intake_request GROUP BY 1, 2, 3, 4
"""

Asking = Callable[[int], Any]


class Desk:
    """Our side: a scratch database with the demonstration, filled further and further."""

    def __init__(self, fill: ModuleType) -> None:
        call_command("demo", stdout=io.StringIO())
        call_command("web_role")
        self.filled = 0
        self.agent = Person.objects.get(username=AGENT)
        company = Company.objects.get(code="hezao")
        self.people = self._colleagues(company)
        self.values = {
            "company": company.pk, "people": [person.pk for person in self.people], "outlets": self._numbers("outlets_outlet", company),
            "customers": self._numbers("customers_customer", company), "category": self._numbers("intake_category", company)[0],
            "team": self._numbers("intake_team", company)[0],
        }  # fmt: skip
        words = {name: getattr(fill, name).replace("%", "%%") for name in ("SUBJ", "DESC", "HIST", "C")}
        named = {"first": LONG_AGO, "state": STATE, "subject": words["SUBJ"], "description": words["DESC"], "told": words["HIST"], "at": words["C"]}  # fmt: skip
        self.statements = [sql.format(**named) for sql in (REQUESTS, ENTRIES, PROMISES)]

    def _numbers(self, table: str, company: Company) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {table} WHERE company_id = %s ORDER BY id", [company.pk])
            return [pk for (pk,) in cursor.fetchall()]

    def _colleagues(self, company: Company) -> list[Person]:
        """Twenty who have requests; the agent is one of them."""
        made = [Person.objects.create_person(f"bench{n}", f"坐席{n}") for n in range(19)]
        posting = Posting.objects.get(person=self.agent)
        for person in made:
            posting.pk, posting.person = None, person
            posting._state.adding = True
            posting.save()
        return [self.agent, *made]

    def fill(self, upto: int) -> None:
        """Fill up to so many, past triggers and foreign keys (which then hold for new rows again), and count anew."""
        tables = ("intake_request", "intake_entry", "intake_promise")
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
            cursor.execute(
                "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
                [list(tables)],
            )
            keys = cursor.fetchall()
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for table, name, _rule in keys:
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            for low in range(self.filled + 1, upto + 1, 100_000):
                for sql in self.statements:
                    cursor.execute(sql, self.values | {"low": low, "high": min(upto, low + 99_999)})
            for table, name, rule in keys:
                cursor.execute(
                    f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {rule.removesuffix(" NOT VALID")} NOT VALID'
                )
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute(TALLY)
            cursor.execute("RESET synchronous_commit")
            cursor.execute("VACUUM ANALYZE")
        self.filled = upto

    def signed_in(self) -> dict[str, str]:
        """The cookies of the agent's session."""
        client = Client()
        with override_settings(ALLOWED_HOSTS=["*"]):
            client.force_login(self.agent)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.secret = secrets.token_hex(16)
        return {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={self.secret}"
        }

    def movable(self, count: int) -> list[int]:
        """Requests that can be started, spread over the whole table."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM intake_request WHERE id > %s AND state = 'assigned' AND version = 1 AND outlet_id IS NULL ORDER BY md5(id::text) LIMIT %s",
                [LONG_AGO, count],
            )
            return [pk for (pk,) in cursor.fetchall()]

    def work(self, load: ModuleType) -> dict[str, Asking]:
        """What is asked, by name."""
        cookies = self.signed_in()
        posted = cookies | {"Content-Type": "application/x-www-form-urlencoded"}
        movable = itertools.cycle([[pk, 1] for pk in self.movable(1000)])
        page = itertools.count(1)

        def form(**fields: object) -> str:
            return urlencode({"csrfmiddlewaretoken": self.secret, "once": secrets.token_hex(16), **fields})

        def get(path: str) -> Any:
            return load.Req("GET", path, cookies, ok=(200,))

        def create(_i: int) -> Any:
            n = next(page)
            body = form(
                contact=f"客户{n}", phone=f"139{n % 10**8:08}", category=self.values["category"], subject=f"报修{n} 油烟机异响", severity="part",
                description="客户来电反映油烟机异响，已过三包期需上门检测。", channel="phone",
            )  # fmt: skip
            return load.Req("POST", "/intake/call/", posted, body, ok=(303,))

        code = Category.objects.get(pk=self.values["category"]).code

        def create_by_api(_i: int) -> Any:
            n = next(page)
            told = {
                "class": code, "subject": f"报修{n} 油烟机异响", "description": "客户来电反映油烟机异响，已过三包期需上门检测。",
                "severity": "part", "contact": f"客户{n}", "phone": f"139{n % 10**8:08}",
            }  # fmt: skip
            head = cookies | {
                "Content-Type": "application/json",
                "X-CSRFToken": self.secret,
                "Idempotency-Key": secrets.token_hex(16),
            }
            return load.Req("POST", "/api/v1/requests", head, json.dumps(told), ok=(200,))

        def move(_i: int) -> Any:
            """Started, then put on hold and taken up again by turns."""
            thing = next(movable)
            pk, version = thing
            thing[1] += 1
            noun = "start" if version == 1 else "wait" if version % 2 == 0 else "resumption"
            path = f"/intake/requests/{pk}/moves/{noun}/"
            return load.Req(
                "POST", path, posted, form(version=version, waiting_for="customer", text="x"), ok=(303,)
            )

        def person(i: int) -> int:
            return int(self.values["people"][i % 20])

        names = dict(Person.objects.filter(pk__in=self.values["people"]).values_list("pk", "username"))

        def list_by_api(i: int) -> Any:
            return get(f"/api/v1/requests?state=closed&assignee={names[person(i)]}&limit=50")

        return {
            "create": create,
            "create, JSON": create_by_api,
            "list of fifty": lambda i: get(f"/intake/requests/?tab=all&state=closed&person={person(i)}"),
            "one request": lambda i: get(f"/intake/requests/{LONG_AGO + 1 + i % 190}/"),
            "search, rare words": lambda i: get(f"/intake/requests/?tab=all&q={_quoted(WORDS['rare'])}"),
            "search, common words": lambda i: get(f"/intake/requests/?tab=all&q={_quoted(WORDS['common'])}"),
            "move": move,
            "list of fifty, JSON": list_by_api,
            "list of fifty, JSON, by eight": list_by_api,
            "one request, JSON": lambda i: get(f"/api/v1/requests/{LONG_AGO + 1 + i % 190}"),
            "report": lambda _i: get("/intake/months/"),
        }

    def pure_report(self) -> float:
        """Milliseconds of the median query state × month × outlet from the tally, rows read, as the agent asks it."""
        access = access_of(self.agent, timezone.localdate())
        spent = []
        with scope.opened(access):
            for _ in range(50):
                begun = time.perf_counter()
                list(tally(access, date(2000, 1, 1)))
                spent.append(time.perf_counter() - begun)
        return round(statistics.median(spent) * 1000, 2)


class Floor:
    """The floor's side, in a database of its own on the same server."""

    def work(self, load: ModuleType, port: int) -> dict[str, Asking]:
        """The same work by the floor's own addresses."""
        _status, head, _body = load.once("127.0.0.1", port, load.Req("GET", "/login"))
        cookie = next(line for line in head.splitlines() if line.lower().startswith("set-cookie: sessionid="))
        cookies = {"Cookie": cookie.split(": ", 1)[1].split(";")[0]}
        posted = cookies | {"Content-Type": "application/json"}

        def get(path: str) -> Any:
            return load.Req("GET", path, cookies, ok=(200,))

        def create(i: int) -> Any:
            told = {"customer": i % 10000, "product": i % 200, "outlet": i % 100, "assignee": i % 20, "priority": i % 5, "subject": f"报修{i} 油烟机异响", "description": "客户来电反映油烟机异响，已过三包期需上门检测。"}  # fmt: skip
            return load.Req("POST", "/requests", posted, json.dumps(told), ok=(201,))

        def fifty(i: int) -> Any:
            return get(f"/requests?assignee={i % 20}&status=4")

        return {
            "create": create,
            "create, JSON": create,
            "list of fifty": fifty,
            "one request": lambda i: get(f"/requests/{1 + i % 190}"),
            "search, rare words": lambda i: get(f"/requests?q={_quoted(WORDS['rare'])}"),
            "search, common words": lambda i: get(f"/requests?q={_quoted(WORDS['common'])}"),
            "move": lambda i: load.Req(
                "POST", f"/requests/{1 + (i * 7919) % 999}/transition", posted, "{}", ok=(200,)
            ),
            "list of fifty, JSON": fifty,
            "list of fifty, JSON, by eight": fifty,
            "one request, JSON": lambda i: get(f"/requests/{1 + i % 190}"),
            "report": lambda _i: get("/report"),
        }


IMPORTED = 10_000


def bring(desk: Desk) -> dict[str, Any]:
    """A workbook of requests taken over by us, and the floor's share of it: read with calamine, copied into a table without anything.

    `read` is what the page does (checks and error list, nothing stored); `take over` is the worker's part, which reads and checks again.
    """
    access = access_of(Person.objects.get(username=LEADER), timezone.localdate())
    ours: dict[str, list[float]] = {"read": [], "take over": []}
    floor: list[float] = []
    for round_ in range(ROUNDS):
        data = _workbook(desk, round_)
        begun = time.perf_counter()
        with opened(access):
            work = imports.read_file(KINDS["requests"], data, "requests.xlsx", by=access, at=timezone.now())
            ours["read"].append(time.perf_counter() - begun)
            if work.counts["errors"]:
                raise SystemExit(f"import: {work.report[:3]}")
            Import.objects.filter(pk=work.pk).update(state=Import.State.WAITING)
            begun = time.perf_counter()
            done = imports.take_over(work, by=access, at=timezone.now())
        ours["take over"].append(time.perf_counter() - begun)
        if (done.state, done.counts["adds"]) != (Import.State.TAKEN, IMPORTED):
            raise SystemExit(f"import: {done.state} {done.report[:3]}")
        floor.append(_floors_import(data))
    told = {name: round(statistics.median(seconds), 2) for name, seconds in ours.items()}
    least = round(statistics.median(floor), 2)
    return {
        "rows": IMPORTED,
        "ours (s)": told,
        "floor (s)": least,
        "floors": round(told["take over"] / least, 1),
    }


def _workbook(desk: Desk, round_: int) -> bytes:
    """Ten thousand rows as another system writes them, all of the last thirty days."""
    classes = Category.objects.filter(company_id=desk.values["company"], retired_at__isnull=True)
    names = [row.code for row in classes if row.path.count("/") > 2]
    now = timezone.localtime()
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(
            0,
            0,
            [
                "外部单号",
                "受理时间",
                "服务分类",
                "严重程度",
                "主题",
                "详细描述",
                "联系人",
                "联系电话",
                "地址",
                "机身编码",
            ],
        )
        for i in range(IMPORTED):
            at = now - timedelta(minutes=4 * i + 30)
            sheet.write_row(i + 1, 0, [
                f"R{desk.filled}-{round_}-{i}", f"{at:%Y-%m-%d %H:%M}", names[i % len(names)], ("danger", "down", "part", "slight")[i % 4], f"报修{i} 油烟机异响",
                "客户来电反映油烟机异响，已过三包期需上门检测。", f"客户{i % 10000}", f"139{i:08}", f"某市某区某路{i % 977}号", f"SN{i:010}",
            ])  # fmt: skip
    return made.getvalue()


def _floors_import(data: bytes) -> float:
    begun = time.perf_counter()
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()[1:]
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE floor_import ({', '.join(f'c{n} text' for n in range(len(rows[0])))})"
        )
        with cursor.copy("COPY floor_import FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("DROP TABLE floor_import")
    return time.perf_counter() - begun


def _quoted(words: str) -> str:
    return quote(words)


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(
    command: list[str], environment: dict[str, str], port: int, where: Path, path: str
) -> Iterator[tuple[int, float]]:
    """A web server while it is needed: its process, and the seconds until it answered at `path` for the first time."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | environment, cwd=where)
    try:
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
                    answer.read()
                break
            except OSError:
                if process.poll() is not None or time.perf_counter() - begun > 60:
                    raise SystemExit(f"{command} did not start") from None
                time.sleep(0.01)
        yield process.pid, time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait(20)


def _gunicorn(application: str, port: int, threads: int, *more: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "-w", "2", "--threads", str(threads), "--no-control-socket", "--log-level", "warning", *more, application]  # fmt: skip


def ours(name: str, port: int) -> tuple[list[str], dict[str, str], Path]:
    """Our server as `./dev run` starts it, on the scratch database, with limits on the rate out of the way (_served.py)."""
    home = settings.DATABASES["default"]
    url = f"postgresql://{home['USER']}@/{name}?host={home['HOST'].replace('/', '%2F')}&port={home['PORT']}"
    environment = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "_served", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'benchmarks'}"}  # fmt: skip
    command = _gunicorn(
        "sanbao.site.wsgi", port, 8, "--preload", "--worker-class", "sanbao.edge.serving.Worker"
    )
    return command, environment, ROOT


def floors(name: str, port: int) -> tuple[list[str], dict[str, str], Path]:
    home = settings.DATABASES["default"]
    environment = {"FLOOR_DB": name, "FLOOR_USER": home["USER"], "FLOOR_HOST": home["HOST"], "FLOOR_PORT": str(home["PORT"]), "FLOOR_FAST": "1", "PYTHONPATH": "", "DJANGO_SETTINGS_MODULE": ""}  # fmt: skip
    return _gunicorn("floor_app:application", port, 4, "-k", "gthread"), environment, FLOOR / "floor"


def measure(load: ModuleType, port: int, pid: int, work: dict[str, Asking]) -> dict[str, dict[str, float]]:
    """One round of everything: by one, but what is measured in a second's worth by eight at once."""
    told = {}
    for name, asking in work.items():
        clients, most = (8, 600) if name in BY_EIGHT else (1, 150)
        result = load.run(
            "127.0.0.1",
            port,
            asking,
            clients=clients,
            max_requests=most,
            max_seconds=12,
            warm=8,
            server_pid=pid,
        )
        if result["errors"]:
            raise SystemExit(f"{name}: {result['errors']} failed, first {result['first_error']}")
        told[name] = {key: result[key] for key in ("p50_ms", "p95_ms", "rps", "server_cpu_ms")}
    return told


def middle(rounds: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    return {name: {key: round(statistics.median(each[name][key] for each in rounds), 2) for key in rounds[0][name]} for name in rounds[0]}  # fmt: skip


def main() -> None:
    only_import = "import" in sys.argv[1:]
    sizes = [int(size) for size in sys.argv[1:] if size != "import"] or [1_000, 100_000, 1_000_000]
    if not (FLOOR / "floor" / "floor_app.py").exists():
        raise SystemExit(f"The floor is not at {FLOOR}; $SANBAO_FLOOR names its folder.")
    load, fill = _module(FLOOR / "loadgen.py"), _module(FLOOR / "fill" / "fill.py")
    result: dict[str, Any] = {
        "benchmark": "desk", "at": datetime.now(UTC).isoformat(timespec="seconds"), "cpus": os.cpu_count(), "python": platform.python_version(),
        "sizes": {},
    }  # fmt: skip
    with everything("a benchmark"), scratch_database():
        name = settings.DATABASES["default"]["NAME"]
        floor = f"{name}_floor"
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{floor}"')
        try:
            desk = Desk(fill)
            for size in sizes:
                begun = time.perf_counter()
                desk.fill(size)
                _command, environment, where = floors(floor, 0)
                subprocess.run(
                    [sys.executable, "floor_app.py", str(size)],
                    env=os.environ | environment,
                    cwd=where,
                    check=True,
                )
                filled = round(time.perf_counter() - begun, 1)
                measured = {} if only_import else _both(load, desk, name, floor)
                result["sizes"][size] = measured | {"import": bring(desk), "seconds to fill both": filled}
                print(
                    json.dumps({size: result["sizes"][size]}, ensure_ascii=False), file=sys.stderr, flush=True
                )
        finally:
            connection.close()
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{floor}" WITH (FORCE)')
    print(json.dumps(result, ensure_ascii=False, indent=1))


def _both(load: ModuleType, desk: Desk, name: str, floor: str) -> dict[str, Any]:
    here, there = _free_port(), _free_port()
    mine, theirs = ours(name, here), floors(floor, there)
    with (
        serving(*mine[:2], here, mine[2], "/sign-in/") as (my_pid, started),
        serving(*theirs[:2], there, theirs[2], "/login") as (floor_pid, _started),
    ):
        my_work, floor_work = desk.work(load), Floor().work(load, there)
        rounds = [
            (measure(load, here, my_pid, my_work), measure(load, there, floor_pid, floor_work))
            for _ in range(ROUNDS)
        ]
        pure = desk.pure_report()
        rss, pss = load.rss_kb(load.tree(my_pid))
    us, it = middle([a for a, _ in rounds]), middle([b for _, b in rounds])
    return {
        "ours": us,
        "floor": it,
        "floors": {
            name: round(it[name]["rps"] / us[name]["rps"] if name in BY_EIGHT else us[name]["p50_ms"] / it[name]["p50_ms"], 2)
            for name in us
        },
        "report, the query alone (ms)": pure,
        "first answer (s)": round(started, 2),
        "memory (MB, PSS of all processes)": round(pss / 1024),
        "memory (MB, RSS)": round(rss / 1024),
    }  # fmt: skip


if __name__ == "__main__":
    main()
