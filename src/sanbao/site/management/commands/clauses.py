"""`sanbao clauses [KA-11.1 …] [--json | --document]`: where each clause of the mission acts, and which tests cite it."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from sanbao.site.clauses import document, ids, trace


class Command(BaseCommand):
    help = (
        "Says for each clause which rulebook parameters rest on it, which code cites it and which tests do."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="*", help="numbers of clauses; all of them when none is named")
        parser.add_argument("--json", action="store_true", help="as JSON")
        parser.add_argument("--document", action="store_true", help="write docs/clauses.md anew")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["document"]:
            (Path(settings.ROOT) / "docs" / "clauses.md").write_text(document(), encoding="utf-8")
            return
        known = ids()
        if unknown := [clause for clause in options["ids"] if clause not in known]:
            raise CommandError(f"There is no clause {', '.join(unknown)}.")
        found = trace()
        chosen = {clause: found[clause] for clause in options["ids"] or known}
        if options["json"]:
            self.stdout.write(json.dumps(chosen, ensure_ascii=False, indent=1))
            return
        for clause, places in chosen.items():
            self.stdout.write(clause)
            for kind, where in places.items():
                if where:
                    self.stdout.write(f"  {kind}: {', '.join(where)}")
        acting = sum(bool(places["rulebooks"] or places["code"]) for places in chosen.values())
        tested = sum(bool(places["tests"]) for places in chosen.values())
        self.stdout.write(f"{len(chosen)} clauses, {acting} act somewhere, {tested} are cited by a test.")
