"""What pytest needs before Django's settings are read: the test database server and the browser.

Loaded by `-p sanbao_run.for_pytest` in pyproject.toml, so that `pytest` alone works as `./dev test` does.
This file and for_browser.py are the only ones of the launcher that need more than the standard library.
"""

import hashlib
import os
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

os.environ["SANBAO_DATABASE"] = "test"
# The controller names the run; pytest-xdist's workers inherit the name.
os.environ.setdefault("SANBAO_TEST_RUN", str(os.getpid()))
# Playwright's way of waiting runs an event loop in the test's thread, where Django refuses the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

from sanbao_run import assets, database, for_browser, places
from sanbao_run.postgres import DATABASE, ROLE, Cluster
from sanbao_run.trouble import Trouble

BROWSER_FIXTURES = {"page", "context", "browser", "new_context"}

server_used = ExitStack()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the test server once, in the controller; register the browser's fixtures after Playwright's."""
    if not hasattr(config, "workerinput"):
        assets.compile_words()
        if database.is_embedded() and _wants_database(config):
            server = database.cluster("test")
            server_used.enter_context(server.used())
            _drop_left_over(server)
            _use_template(server)
    config.pluginmanager.register(for_browser, "sanbao-browser")


def pytest_unconfigure() -> None:
    """Stop the test server, unless another run still uses it."""
    server_used.close()


def _wants_database(config: pytest.Config) -> bool:
    """False when only tests are asked for that use no database, or servers of their own."""
    without = tuple(str(config.rootpath / "tests" / folder) for folder in ("rules", "setup"))
    return not all(str(Path(argument).absolute()).startswith(without) for argument in config.args)


def _use_template(server: Cluster) -> None:
    """Let each worker copy one migrated database instead of migrating its own; made anew when a migration changes."""
    name = f"template_sanbao_{_schema()}"
    if name not in _databases(server) and not _make_template(server, name):
        return  # the tests will show what is wrong with the migrations
    os.environ["SANBAO_TEST_TEMPLATE"] = name  # for pytest-xdist's workers, which read the settings later
    from django.db import connection

    connection.settings_dict["TEST"]["TEMPLATE"] = name


def _schema() -> str:
    """A digest of everything the tables follow from."""
    sources = [*places.ROOT.glob("src/sanbao/*/migrations/*.py"), places.ROOT / "requirements/run.txt"]
    sources += [
        places.ROOT / "src/sanbao" / name
        for name in ("site/settings.py", "accounts/row_security.py", "audit/history.py", "audit/coverage.py")
    ]
    digest = hashlib.sha256()
    for path in sorted(sources):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def _make_template(server: Cluster, name: str) -> bool:
    unfinished = f"test_sanbao_{os.getpid()}_template"
    server.ask(f"CREATE DATABASE {unfinished} OWNER {ROLE}")
    address = database.database_url("test").replace(f"/{DATABASE}?", f"/{unfinished}?")
    made = subprocess.run(
        [sys.executable, "-m", "sanbao", "migrate", "--verbosity", "0", "--skip-checks", "--tables-only"],
        env=os.environ | {"DATABASE_URL": address},
        capture_output=True,
        check=False,
    )
    if made.returncode != 0:
        return False
    for other in _databases(server):
        if other.startswith("template_sanbao_"):
            with suppress(Trouble):  # another run uses it
                server.ask(f"DROP DATABASE {other}")
    with suppress(Trouble):  # another run was quicker
        server.ask(f"ALTER DATABASE {unfinished} RENAME TO {name}")
    return name in _databases(server)


def _databases(server: Cluster) -> list[str]:
    return server.ask("SELECT datname FROM pg_database").split()


def _drop_left_over(server: Cluster) -> None:
    """Drop the databases of test runs that were killed."""
    for name in _databases(server):
        kind, _, run = name.partition("_sanbao_")
        run = run.split("_")[0]
        if kind == "test" and run.isdigit() and not _is_alive(int(run)):
            server.ask(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser, with a sentence that says how to get one."""
    if for_browser.find_browser():
        return
    for item in items:
        if BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.skip(reason=for_browser.NO_BROWSER))
