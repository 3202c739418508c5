"""Which database: the embedded server's, or the one `DATABASE_URL` names. Nothing here starts anything."""

import os
from typing import Any, Literal
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from sanbao_run import places
from sanbao_run.postgres import DATABASE, PORT, ROLE, Cluster
from sanbao_run.trouble import Trouble

Kind = Literal["run", "test"]


def kind_asked_for() -> Kind:
    """ "test" inside a test run (`$SANBAO_DATABASE`, set by the pytest plugin), else "run"."""
    return "test" if os.environ.get("SANBAO_DATABASE") == "test" else "run"


def is_embedded() -> bool:
    """True unless `DATABASE_URL` names another server."""
    return not os.environ.get("DATABASE_URL")


def cluster(kind: Kind | None = None) -> Cluster:
    """The embedded server for running, or the faster and less careful one for tests."""
    home = places.server_home()
    belongs_to = "" if home.is_relative_to(places.state()) else places.state_name()
    return Cluster(home, kind or kind_asked_for(), belongs_to)


def database_url(kind: Kind | None = None) -> str:
    """The address of the database in the form `postgresql://role@/name?host=folder`."""
    if not is_embedded():
        # The web's own way (PgBouncer); worker, migrations, backups and what mends ask the server itself.
        own = os.environ.get("DATABASE_URL_WEB") if os.environ.get("SANBAO_WEB") == "1" else ""
        return own or os.environ["DATABASE_URL"]
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(cluster(kind).sockets), safe='')}&port={PORT}"


def plain_url(kind: Kind | None = None) -> str:
    """The address as PostgreSQL's own programs take it: without the words that are ours.

    Trouble behind PgBouncer: a dump needs a session of its own.
    """
    scheme, place, path, query, _ = urlsplit(database_url(kind))
    words = parse_qsl(query)
    if dict(words).get("pgbouncer") == "1":
        raise Trouble(
            "DATABASE_URL leads to PgBouncer, which hands each statement to another session: name the server itself for this command.",
            "DATABASE_URL 指向 PgBouncer：请为此命令改用数据库服务器本身的地址。",
        )
    kept = urlencode([word for word in words if word[0] not in ("pool", "pgbouncer")], quote_via=quote)
    return f"{scheme}://{place}{path}{'?' if kept else ''}{kept}"


def database_settings(kind: Kind | None = None) -> dict[str, Any]:
    """Django's `DATABASES["default"]`, with the connection pool's options.

    `kind`: "run" or "test"; by default what `$SANBAO_DATABASE` says. Nothing is started by asking.
    `$SANBAO_POOL` is the most connections a process keeps; 0: none, as for tests and one-off commands.
    Of `DATABASE_URL`, two words after the `?` are ours: `pool=N` (the same) and `pgbouncer=1` (behind PgBouncer: no pool, no server-side cursors, nothing prepared). The others go to the driver.
    """
    kind = kind or kind_asked_for()
    parts = urlsplit(database_url(kind))
    if parts.scheme not in ("postgres", "postgresql"):
        raise Trouble(
            f"DATABASE_URL must begin with postgresql://, not {parts.scheme}://: Sanbao keeps its data in "
            "PostgreSQL only.",
            "DATABASE_URL 必须以 postgresql:// 开头：本系统只使用 PostgreSQL。",
        )
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    bouncer = options.pop("pgbouncer", "0") == "1"
    host = unquote(options.pop("host", parts.hostname or ""))
    try:
        pooled = int(options.pop("pool", os.environ.get("SANBAO_POOL") or "16"))
        port = options.pop("port", parts.port or "")
    except ValueError as error:
        raise Trouble(f"DATABASE_URL cannot be read: {error}.", "DATABASE_URL 格式有误。") from None
    if pooled and not bouncer and kind == "run":
        options["pool"] = {"min_size": 1, "max_size": pooled, "timeout": 10}
    if not bouncer:  # what is asked again is prepared: docs/adr/edge-prepared-statements.md
        options |= {"server_side_binding": True, "prepare_threshold": 1}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or DATABASE,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port),
        "CONN_MAX_AGE": 0,  # with a pool Django refuses anything else
        "DISABLE_SERVER_SIDE_CURSORS": bouncer,
        "OPTIONS": options,
        "TEST": _test_names(),
    }


def _test_names() -> dict[str, Any]:
    """Each test run has a database of its own, so that several people's runs do not meet."""
    names: dict[str, Any] = {"NAME": f"test_sanbao_{os.environ.get('SANBAO_TEST_RUN', 'x')}"}
    if template := os.environ.get("SANBAO_TEST_TEMPLATE"):
        names["TEMPLATE"] = template
    return names
