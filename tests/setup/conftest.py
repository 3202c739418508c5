"""Servers and folders for the launcher's tests, apart from everybody else's."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sanbao_run.backups import Server
from sanbao_run.postgres import Cluster


def _home() -> Path:
    """A folder the server's owner can reach: pytest's own are closed to root's system user."""
    return Path(tempfile.mkdtemp(prefix="sanbao-t-", dir="/var/lib" if os.geteuid() == 0 else None))


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A running server for tests, with nothing in it."""
    home = _home()
    home.chmod(0o755)
    cluster = Cluster(home, "test")
    cluster.start()
    yield cluster
    cluster.start()
    cluster.stop()
    shutil.rmtree(home)


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty home for a server."""
    folder = _home()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state folder of our own, with the home of its server, for whole commands."""
    from sanbao_run import places

    monkeypatch.setenv("SANBAO_STATE", str(tmp_path))
    monkeypatch.delenv("SANBAO_DATABASE")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield tmp_path
    Cluster(places.server_home()).stop()
    shutil.rmtree(places.server_home(), ignore_errors=True)


@pytest.fixture
def source(server: Cluster) -> Server:
    """A database with a table of migrations, a table with a policy, and rows for the web's role."""
    address = f"postgresql://sanbao@/sanbao?host={server.sockets}&port=5432"
    found = Server(server.programs, address)
    found.ask(
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO sanbao_web;"
        "CREATE TABLE django_migrations (app text, name text);"
        "INSERT INTO django_migrations VALUES ('ledger', '0001_initial');"
        "CREATE TABLE sheet (id bigserial PRIMARY KEY, said text);"
        "ALTER TABLE sheet ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON sheet TO sanbao_web USING (id < 10);"
        "GRANT SELECT ON sheet TO sanbao_web; INSERT INTO sheet (said) SELECT '三包 ' || n FROM generate_series(1, 20000) n"
    )
    return found


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    (folder / "ab").mkdir(parents=True)
    (folder / "ab" / "abc").write_bytes(b"a picture")
    return folder
