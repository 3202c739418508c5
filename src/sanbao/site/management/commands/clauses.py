"""`sanbao clauses [KA-11.1 …] [--json]`: where each clause of the mission acts, and which tests cite it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from sanbao.regulations.queries import shipped_places
from sanbao.site.clauses import ids

_CITED = re.compile(r"\b[A-Z]{2}-\d+(?:\.\d+)?\b")
_SOURCES = (("code", "src", "*.py"), ("code", "src", "*.html"), ("tests", "tests", "*.py"))


class Command(BaseCommand):
    help = (
        "Says for each clause which rulebook parameters rest on it, which code cites it and which tests do."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ids", nargs="*", help="numbers of clauses; all of them when none is named")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
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


def trace() -> dict[str, dict[str, list[str]]]:
    """For each clause: the rulebook parameters, the code and the tests ("path:line") that cite it."""
    found: dict[str, dict[str, list[str]]] = {
        clause: {"rulebooks": [], "code": [], "tests": []} for clause in ids()
    }
    for clause, places in shipped_places("en").items():
        if clause in found:
            found[clause]["rulebooks"] = [f"{book}.{parameter}" for book, parameter, _label in places]
    for kind, folder, pattern in _SOURCES:
        for clause, place in _citations(Path(settings.ROOT) / folder, pattern):
            if clause in found and place not in found[clause][kind]:
                found[clause][kind].append(place)
    return found


def _citations(folder: Path, pattern: str) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob(pattern)):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for clause in _CITED.findall(line):
                yield clause, f"{path.relative_to(settings.ROOT)}:{number}"
