"""`./dev settle FOLDER`: decide a folder of months in a scratch database and print the result as JSON."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.db import connections

from sanbao.accounts.scope import everything
from sanbao.settlements.folder import settle


class Command(BaseCommand):
    help = "Settle a month given as files (see docs/algorithms/settlement.md) and print JSON; exit 1 if a row was refused."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    @everything("a folder is settled in a scratch database")
    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder. 没有这个文件夹：{folder}")
        with scratch_database():
            result = settle(folder)
        self.stdout.write(json.dumps(result.months, ensure_ascii=False, indent=1))
        for complaint in result.complaints:
            print(complaint, file=sys.stderr)
        if result.complaints:
            sys.exit(1)


@contextmanager
def scratch_database() -> Iterator[None]:
    """A migrated database of its own for what is done inside, dropped at the end; the running one is not touched."""
    connection = connections["default"]
    home = connection.settings_dict
    name = f"sanbao_scratch_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    original = (home["NAME"], home["OPTIONS"].pop("pool", None))
    home["NAME"] = name
    try:
        call_command("migrate", verbosity=0, skip_checks=True)
        yield
    finally:
        connection.close()
        home["NAME"] = original[0]
        if original[1]:
            home["OPTIONS"]["pool"] = original[1]
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.close()
