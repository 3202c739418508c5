"""`./dev clauses`: for each clause of the mission, the rules and the code that act on it, and the tests that cite it."""

import json
from typing import Any

from django.core.management import BaseCommand, CommandParser

from sanbao.site.clauses import acting, citing, index


class Command(BaseCommand):
    help = "Where each clause acts, and which tests cite it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        rules, code, tests = acting(), citing("src"), citing("tests")
        rows = {
            clause: {
                "title": title,
                "rules": [f"{book}.{name}" for book, names in rules.get(clause, []) for name in names],
                "code": code.get(clause, []),
                "tests": tests.get(clause, []),
            }
            for clause, title in index().items()
        }
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
            return
        for clause, row in rows.items():
            self.stdout.write(f"{clause:8} {row['title']}")
            for kind in ("rules", "code", "tests"):
                if row[kind]:
                    self.stdout.write(f"         {kind}: {', '.join(row[kind])}")
        cited = sum(1 for row in rows.values() if row["tests"])
        self.stdout.write(f"{cited} of {len(rows)} clauses are cited by a test.")
