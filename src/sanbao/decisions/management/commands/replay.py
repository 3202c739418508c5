"""`sanbao replay 12 15`, `sanbao replay --all`: ask the rules again and print every difference; exit 1 on any."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sanbao.accounts.scope import everything
from sanbao.decisions.models import Decision
from sanbao.decisions.queries import replay


class Command(BaseCommand):
    help = "Replays stored decisions with their stored facts and editions, and compares answers and reasons."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="*", type=int, help="numbers of decisions")
        parser.add_argument("--all", action="store_true", help="every decision")

    @everything("decisions of every company are replayed")
    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["ids"]) == options["all"]:
            raise CommandError("Name decisions by their numbers, or say --all.")
        rows = Decision.objects.order_by("pk")
        if options["ids"]:
            rows = rows.filter(pk__in=options["ids"])
            if missing := set(options["ids"]) - set(rows.values_list("pk", flat=True)):
                raise CommandError(f"There is no decision {', '.join(map(str, sorted(missing)))}.")
        asked = differing = 0
        for decision in rows.iterator(chunk_size=50):
            asked += 1
            again = replay(decision)
            if again.same:
                continue
            differing += 1
            self.stdout.write(f"decision {decision.pk} ({decision.question}) differs:")
            for name, (stored, now) in again.differences.items():
                self.stdout.write(f"  {name} stored: {json.dumps(stored, ensure_ascii=False)}")
                self.stdout.write(f"  {name} now:    {json.dumps(now, ensure_ascii=False)}")
        self.stdout.write(f"{asked} decisions replayed, {differing} differ.")
        if differing:
            raise SystemExit(1)
