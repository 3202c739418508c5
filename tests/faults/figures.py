"""`./dev faults`: the figures of safety and reliability, each from the run itself, printed as one table; exit code 1 while one is not met.

The whole suite with SANBAO_FAULTS=1 (the long tests in their full size), in two runs: first everything else, under coverage; then the
storms, the fuzz and the crawls of tests/faults and tests/access without it, because measuring costs them four tenths of their time and
what they alone reach does not count as tested. A row names its tests and what their recorded figures (`record_property`) must say; a row whose tests did not run, failed or recorded nothing is "not met", never assumed.
The table is also written as Markdown to var/faults/table.md, with the commit, the date and the machine (docs/operations/proof.md keeps the last).
"""

import json
import os
import platform
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUT = ROOT / "var" / "faults"
MINUTES = 20


@dataclass(slots=True)
class Found:
    """What the tests of a row did: how many passed, which failed or were skipped, the seconds they took, the figures they recorded."""

    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: int = 0
    seconds: float = 0.0
    figures: dict[str, list[float]] = field(default_factory=dict)

    def total(self, name: str) -> float:
        """The sum of a figure over the row's tests; not a number if none recorded it, so that no comparison holds."""
        return sum(self.figures[name]) if name in self.figures else float("nan")

    def most(self, name: str) -> float:
        return max(self.figures.get(name, [float("nan")]))


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what, what is asked, the tests it rests on (beginnings of their names), and what their figures must say."""

    what: str
    asked: str
    tests: tuple[str, ...]
    holds: Callable[[Found], bool] = lambda found: True


ROWS = (
    Row("URLs that declare", "100 %, checked at start", ("tests/architecture/test_house.py",)),
    Row("authorization matrix", "0 leaks, 0 wrong denials", ("tests/access/test_matrix.py",),
        lambda found: found.total("leaks") == 0 and found.total("wrong denials") == 0 and found.total("requests") > 1000),
    Row("canary crawl", "no foreign canary", ("tests/access/test_canary.py",), lambda found: found.total("foreign canaries met") == 0),
    Row("side channels", "each red without its filter", ("tests/access/test_side_channels.py",),
        lambda found: found.total("told by side doors") == 0),
    Row("mass assignment", "0 fields outside the declared input", ("tests/faults/test_mass_assignment.py",)),
    Row("fuzz", "≥ 20 000 requests, 0 five-hundreds, 0 over 2 s", ("tests/faults/test_fuzz.py",),
        lambda found: found.total("requests") >= 20_000 and found.total("five hundreds") == 0 and found.total("over 2 s") == 0),
    Row("ledger under random operations, 8 threads", "10 000 operations, all invariants hold", ("tests/faults/test_ledger_storm.py",),
        lambda found: found.total("operations") >= 10_000),
    *(Row(f"{whose} life against a model", "100 runs × 50 steps, 0 differences",
          (f"tests/faults/test_{name}_life.py",), lambda found: found.total("runs") >= 100 and found.total("steps") >= 5_000)
      for name, whose in (("statement", "a statement's"), ("order", "a work order's"))),
    Row("races", "one winner in every round, controls fail",
        ("tests/faults/test_races.py", "tests/faults/test_privacy_races.py", "tests/faults/test_telling_races.py", "tests/faults/test_visit_races.py", "tests/faults/test_chat_races.py", "tests/faults/test_order_races.py", "tests/faults/test_finding_races.py", "tests/faults/test_callback_races.py", "tests/faults/test_complaint_races.py", "tests/faults/test_backtest_races.py")),
    Row("kill -9 during settlement", "50 points, 0 lost, 0 double", ("tests/faults/test_killed_settlement.py",),
        lambda found: found.total("points") >= 50),
    Row("money moved with one key, 8 times at once", "one effect", ("tests/faults/test_same_key.py", "tests/modules/edge/test_once.py")),
    Row("notices through providers that drop, delay and lie", "1 000 events, 0 lost, twice only with a mark", ("tests/faults/test_messages.py",),
        lambda found: found.total("events") >= 1_000 and found.total("lost") == 0 and found.total("twice without a mark") == 0),
    Row("the same incoming message 16 times at once", "one row, one handling", ("tests/faults/test_inbox_races.py",)),
    Row("the same WeChat callback, and two lines of one account, at once", "one request", ("tests/faults/test_chat_races.py",)),
    Row("two workers at one account of WeChat customer service, and one killed while fetching", "0 lost, 0 double", ("tests/faults/test_customer_service_races.py",)),
    Row("upload corpus", "0 five-hundreds, < 5 s, < 200 MB", ("tests/faults/test_uploads.py", "tests/modules/settlements/reading/test_hostile_files.py")),
    Row("hostile requests", "0 five-hundreds", ("tests/faults/test_hostile_input.py", "tests/faults/test_queries.py")),
    Row("calendar 2023–2026", "right to the minute", ("tests/rules/test_worktime.py",)),
    Row("write without an audit row", "0, over all tables", ("tests/modules/audit/test_history.py",)),
    Row("backup while writing → restore", "equal digests, equal files", ("tests/setup/test_backups.py",)),
)  # fmt: skip

# Every branch of these is taken by some test.
WHOLE = ("src/sanbao_rules/", "src/sanbao/ledger/", "src/sanbao/accounts/access.py", "src/sanbao/accounts/roles.py",
         "src/sanbao/accounts/scope.py", "src/sanbao/accounts/scoped.py", "src/sanbao/accounts/row_security.py", "src/sanbao/audit/moves.py",
         "src/sanbao/settlements/states.py")  # fmt: skip
LINES = 90.0
# What runs without coverage.
STORMS = ("tests/faults", "tests/access")


def main() -> int:
    """Run, then print the table."""
    OUT.mkdir(parents=True, exist_ok=True)
    for old in (*OUT.glob("*.json"), *OUT.glob("*.xml")):
        old.unlink()
    coverage = OUT / "coverage.json"
    measuring = ("--cov=src", "--cov-branch", f"--cov-report=json:{coverage}", "--cov-report=")
    started = time.monotonic()
    code, tests = 0, []
    for name, arguments in (
        ("behaviour", (*measuring, "tests", *(f"--ignore={storm}" for storm in STORMS))),
        ("storms", STORMS),
    ):
        junit = OUT / f"{name}.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", f"--junitxml={junit}", *arguments]
        environment = os.environ | {"SANBAO_FAULTS": "1", "SANBAO_RUN": name}
        code = subprocess.call(command, cwd=ROOT, env=environment) or code
        tests += read(junit)
    minutes = (time.monotonic() - started) / 60
    results = [(row, *judge(row, tests)) for row in ROWS]
    lines = [
        (row.what, row.asked, reached, met, f"{found.seconds:.0f} s") for row, found, reached, met in results
    ]
    lines += [(*line, "") for line in covered(coverage)]
    lines.append(("URL patterns that answered 2xx or 3xx", "all", *answered(), ""))
    lines.append(("all of it", f"under {MINUTES} minutes", f"{minutes:.1f} minutes; pytest's exit code {code}", code == 0 and minutes < MINUTES, ""))  # fmt: skip
    for what, asked, reached, met, seconds in lines:
        print(f"{'met    ' if met else 'NOT MET'}  {what} [{asked}]: {reached} {seconds}")
    (OUT / "table.md").write_text(written(lines), encoding="utf-8")
    return 0 if all(line[3] for line in lines) else 1


def written(lines: Sequence[tuple[str, str, str, bool, str]]) -> str:
    """The table as Markdown, under what it was measured on."""
    ask = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    commit = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip() or "no commit"
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    head = f"Commit {commit}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine}."
    rows = [
        " | ".join(
            (what, asked, "yes" if met else "**no**", f"{reached} {seconds}".strip().replace("|", "/"))
        )
        for what, asked, reached, met, seconds in lines
    ]
    table = ("| what | asked | met | reached |", "| --- | --- | --- | --- |", *(f"| {row} |" for row in rows))
    return "\n".join((head, "", *table, ""))


def read(junit: Path) -> list[ElementTree.Element]:
    """The test cases of the run; none if it wrote nothing."""
    return list(ElementTree.parse(junit).iter("testcase")) if junit.exists() else []


def judge(row: Row, tests: list[ElementTree.Element]) -> tuple[Found, str, bool]:
    """What a row's tests did, said in words, and whether the row is met."""
    found = Found()
    for case in tests:
        where = case.get("classname", "").replace(".", "/") + ".py"
        if not where.startswith(row.tests):
            continue
        found.seconds += float(case.get("time", 0))
        if any(child.tag in ("failure", "error") for child in case):
            found.failed.append(case.get("name", ""))
        elif any(child.tag == "skipped" for child in case):
            found.skipped += 1
        else:
            found.passed += 1
        for item in case.iter("property"):
            try:
                found.figures.setdefault(item.get("name", ""), []).append(float(item.get("value", "")))
            except ValueError:
                continue  # a figure in words
    if not found.passed and not found.failed:
        return found, "not run: there is no such test yet", False
    told = ", ".join(f"{name} {sum(values):g}" for name, values in sorted(found.figures.items()))
    words = (
        f"{found.passed} tests"
        + (f", {found.skipped} skipped" if found.skipped else "")
        + (f"; {told}" if told else "")
    )
    if found.failed:
        words += f"; FAILED: {', '.join(found.failed[:5])}"
    return found, words, not found.failed and row.holds(found)


def covered(path: Path) -> list[tuple[str, str, str, bool]]:
    """The two rows of coverage."""
    if not path.exists():
        return [("coverage", "measured", "not run", False)]
    report = json.loads(path.read_text(encoding="utf-8"))
    files: Mapping[str, dict] = report["files"]
    short = sorted(
        (round(entry["summary"]["percent_covered"], 1), name)
        for name, entry in files.items()
        if name.startswith(WHOLE) and "/migrations/" not in name and entry["summary"]["percent_covered"] < 100
    )
    totals = report["totals"]
    lines = 100 * totals["covered_lines"] / totals["num_statements"]
    return [
        ("branches of rules, ledger, permissions, states", "100 %",
         "all" if not short else "; ".join(f"{name} {percent} %" for percent, name in short), not short),
        ("lines overall", f"≥ {LINES:.0f} %", f"{lines:.1f} %", lines >= LINES),
    ]  # fmt: skip


def answered() -> tuple[str, bool]:
    """Which URLs never answered with success in the whole run (conftest writes what each worker saw)."""
    seen: set[str] = set()
    known: set[str] = set()
    for path in OUT.glob("answered-*.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        seen |= set(told["answered"])
        known |= set(told["known"])
    if not known:
        return "not run", False
    never = sorted(known - seen)
    return (f"{len(known)} of {len(known)}" if not never else f"never: {', '.join(never)}"), not never


if __name__ == "__main__":
    sys.exit(main())
