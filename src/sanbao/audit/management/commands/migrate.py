"""`sanbao migrate`: Django's, and then the row history's triggers on every business table that lacks them."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate

from sanbao.audit import history


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options.get("plan") or options.get("check_unapplied") or options.get("check"):
            return
        touched = history.install()
        if touched and options["verbosity"] > 1:
            self.stdout.write(f"Row history on {', '.join(touched)}.")
