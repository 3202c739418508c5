"""What pytest needs before Django's settings are read: the test database server and the browser.

Loaded by `-p sanbao_run.for_pytest` in pyproject.toml, so that `pytest` alone works as `./dev test` does.
This file and for_browser.py are the only ones of the launcher that need more than the standard library.
"""

import os
from contextlib import ExitStack

import pytest

os.environ["SANBAO_DATABASE"] = "test"
# The controller names the run; pytest-xdist's workers inherit the name.
os.environ.setdefault("SANBAO_TEST_RUN", str(os.getpid()))
# Playwright's way of waiting runs an event loop in the test's thread, where Django refuses the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

from sanbao_run import assets, database, for_browser
from sanbao_run.postgres import Cluster

BROWSER_FIXTURES = {"page", "context", "browser", "new_context"}

server_used = ExitStack()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the test server once, in the controller; register the browser's fixtures after Playwright's."""
    if not hasattr(config, "workerinput"):
        assets.compile_words()
        if database.is_embedded():
            server = database.cluster("test")
            server_used.enter_context(server.used())
            _drop_left_over(server)
    config.pluginmanager.register(for_browser, "sanbao-browser")


def pytest_unconfigure() -> None:
    """Stop the test server, unless another run still uses it."""
    server_used.close()


def _drop_left_over(server: Cluster) -> None:
    """Drop the databases of test runs that were killed."""
    for name in server.ask("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_sanbao\\_%'").split():
        run = name.split("_")[2]
        if run.isdigit() and not _is_alive(int(run)):
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
