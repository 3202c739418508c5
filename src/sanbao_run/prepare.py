"""What `./dev run` asks of Django before the web and the worker start, in one process: every start of Python
with Django costs a second. Prints the demonstration's sign-ins, if there are any, on stdout.

Like the pytest plugin, this file needs more than the standard library; it runs in a process of its own.
"""

import os
import sys
from contextlib import redirect_stdout

import django
from django.core.management import call_command, get_commands
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from sanbao_run.postgres import OLDEST
from sanbao_run.trouble import Trouble


def main() -> None:
    """`python -m sanbao_run.prepare [demo]`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanbao.site.settings")
    os.environ["SANBAO_POOL"] = "0"  # one connection is enough here
    # Nothing is lost that the next start would not make again, so no commit waits for the disk.
    os.environ.setdefault("PGOPTIONS", "-c synchronous_commit=off")
    django.setup()
    try:
        check_server()
        migrate()
        call_command("web_role", skip_checks=True)
        if "demo" in sys.argv[1:] and "demo" in get_commands():
            load_demonstration()  # which pins the rulebooks at its own beginning
        call_command("pin", skip_checks=True)  # a release may bring rulebooks without bringing a migration
    except Trouble as trouble:
        sys.exit(str(trouble))


def check_server() -> None:
    """Trouble if the server cannot be reached or is too old."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        where = connection.settings_dict["HOST"] or "this machine"
        raise Trouble(
            f"The database server at {where} cannot be reached: {str(error).strip().splitlines()[0]}",
            f"无法连接数据库服务器 {where}，请检查 DATABASE_URL。",
        ) from None
    major = connection.pg_version // 10_000  # type: ignore[attr-defined]
    if major < OLDEST:
        raise Trouble(
            f"Sanbao needs PostgreSQL {OLDEST} or newer; the server of DATABASE_URL is {major}.",
            f"需要 PostgreSQL {OLDEST} 或更新版本；DATABASE_URL 指向的服务器是 {major}。",
        )


def migrate() -> None:
    """Bring the tables up to date; asking whether they are is ten times quicker than Django's command."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print("Setting up: making the tables … 正在建立数据表 …", file=sys.stderr, flush=True)
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True, tables_only=True)


def load_demonstration() -> None:
    """Load the demonstration if the database is empty, then print who may sign in."""
    with redirect_stdout(sys.stderr):
        call_command("demo", "--if-empty", skip_checks=True)
    call_command("demo", "--sign-ins", skip_checks=True)


if __name__ == "__main__":
    main()
