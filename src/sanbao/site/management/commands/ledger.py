"""`sanbao ledger`: check every invariant of the ledger and of what posts to it; exit 1 if one is broken."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from sanbao.edge import heard
from sanbao.ledger.queries import INVARIANTS, broken_invariants
from sanbao.settlements.queries import INVARIANTS as SETTLEMENTS


class Command(BaseCommand):
    help = "Checks that the ledger's invariants hold, and prints the offending rows of those that don't."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = broken_invariants(SETTLEMENTS)
        for name in {**INVARIANTS, **SETTLEMENTS}:
            self.stdout.write(f"{'BROKEN' if name in broken else 'holds '}  {name}")
            for row in broken.get(name, []):
                self.stdout.write(f"        {', '.join(str(value) for value in row)}")
        heard.say(heard.LEDGER, well=not broken, at=timezone.now(), figure=len(broken))
        if broken:
            raise SystemExit(1)
