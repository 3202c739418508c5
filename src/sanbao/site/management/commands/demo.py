"""`sanbao demo`: load the demonstration, print its sign-ins, or begin it anew."""

import time
import unicodedata
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.db import connection
from django.utils import timezone

from sanbao.accounts.scope import everything
from sanbao.site.demo import loading
from sanbao.site.demo.people import DEMO_PEOPLE, PASSWORD


class Command(BaseCommand):
    help = "Fills an empty database with two made-up companies and a year of their settlements."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--if-empty", action="store_true", help="do nothing if the database is not empty")
        what.add_argument("--sign-ins", action="store_true", help="print who may sign in, and load nothing")
        what.add_argument(
            "--reset", action="store_true", help="throw the demonstration away and load it anew"
        )

    @everything("the demonstration founds companies")
    def handle(self, *args: Any, if_empty: bool, sign_ins: bool, reset: bool, **options: Any) -> None:
        if sign_ins:
            self._print_sign_ins()
            return
        if reset:
            _empty_database()
        started = time.monotonic()
        if loading.load(now=timezone.now()):
            self.stdout.write(f"Demonstration loaded in {time.monotonic() - started:.1f} s. 演示数据已载入。")
        elif not if_empty:
            raise CommandError(
                "The database is not empty, so the demonstration was not loaded; --reset begins a demonstration anew. "
                "数据库不是空的，未载入演示数据。"
            )

    def _print_sign_ins(self) -> None:
        if loading.is_empty() or not loading.is_demonstration():
            return
        self.stdout.write(f"Sign in as one of these; the password is {PASSWORD}. 演示账号，密码同上：")
        for username, name, post, place in DEMO_PEOPLE:
            self.stdout.write(f"  {_wide(username, 15)}{_wide(name, 10)}{_wide(str(post), 18)}{place}")


def _wide(text: str, columns: int) -> str:
    """The text filled up to so many columns of a terminal, where a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(1, columns - taken)


def _empty_database() -> None:
    """Drop and make all tables anew: what is written once can't be deleted row by row. Refuses to touch anything real."""
    if not (settings.DEBUG or settings.DEMO):
        raise CommandError("--reset works only where SANBAO_DEMO=1 or DEBUG=1 is set. 仅限演示环境。")
    if not loading.is_demonstration():
        raise CommandError(
            "There are other companies in this database; nothing was deleted. 库中有其他公司，未删除任何数据。"
        )
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
