"""`python -m sanbao_run COMMAND`: what `./dev` can do. Runs in the environment that environment.py made."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from sanbao_run import assets, backups, database, environment, keeping, places, running
from sanbao_run.database import Kind
from sanbao_run.places import ROOT
from sanbao_run.trouble import Trouble

HELP = """\
./dev COMMAND

  run               set everything up, load the demonstration if the database is empty, serve; Ctrl-C stops
  test [ARGUMENTS]  set everything up and run all tests; arguments go to pytest
  faults            races, kills, hostile input in full size; prints every figure, exit 1 while one is not met
  check             format, lint, import contracts, types, missing migrations

  serve             like run, without the demonstration
  demo              load the demonstration
  stop              stop a running Sanbao and its database servers
  settle FOLDER     settle a month given as files, print the result as JSON
  clauses           where each clause acts, and which tests cite it
  bench [NAME]      run the benchmarks, or one of them
  migrate, shell, … any other word is a management command of Django, with the database running
  db [ARGUMENTS]    psql on the database
  backup [--keep] FILE  write database and files to a file (or, under the time's name, into a folder), while people work
  verify-backup [--newest] FILE  restore it into a scratch place, compare every table and file, ask the ledger
  kept [drop NAME]  the databases that restores have put aside; remove one
  mend              finish or undo a restore that was killed; every start does it
  restore FILE      replace database and files by what a backup holds, all or nothing
  build             make everything a release needs, without starting anything: packages, words, the browser's files
  words             compile the catalogues of words (.po)
  lock              lock the newest allowed releases of the dependencies, with hashes

Settings are environment variables: .env.example lists them, docs/operations/set-up.md explains them.
"""


def main() -> int:
    """Carry out one command. Trouble becomes its sentence and exit code 1."""
    command, *arguments = sys.argv[1:] or ["help"]
    try:
        read_env_file(Path(os.environ.get("SANBAO_ENV_FILE") or ROOT / ".env"))
        database.database_settings()  # a wrong DATABASE_URL is told here, not by every process that reads it
        if action := COMMANDS.get(command):
            return action(arguments)
        return manage([command, *arguments])
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except OSError as error:
        if not error.filename:
            raise
        print(f"{error.filename}: {error.strerror}. 无法读写该文件。", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def read_env_file(path: Path) -> None:
    """Take settings from `.env` (lines NAME=value); what the environment already says wins."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not name.lstrip().startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def run(_arguments: list[str]) -> int:
    running.run(demonstration=True)
    return 0


def serve(_arguments: list[str]) -> int:
    running.run(demonstration=False)
    return 0


def test(arguments: list[str]) -> int:
    """All tests, or what the arguments choose. The last lines are pytest's own."""
    places.writable_state()
    assets.compile_words()
    assets.build_pages()
    chosen = any(argument.startswith(("-n", "--numprocesses", "--pdb")) for argument in arguments)
    # One more than there are processors: a third of a test's time it waits for the database or a child.
    spread = [] if chosen else ["-n", str(min((os.cpu_count() or 1) + 1, 6)), "--dist", "worksteal"]
    return call([sys.executable, "-m", "pytest", *spread, *arguments])


def faults(_arguments: list[str]) -> int:
    """The figures of safety and reliability, from everything in full size."""
    places.writable_state()
    assets.compile_words()
    assets.build_pages()
    return call([sys.executable, str(ROOT / "tests/faults/figures.py")])


def check(_arguments: list[str]) -> int:
    """Every check runs, whatever the earlier ones found; the names of those that failed come last."""
    assets.compile_words()
    tools = Path(sys.executable).parent
    checks = {
        "format": [str(tools / "ruff"), "format", "--check", "--output-format", "concise", "."],
        "lint": [str(tools / "ruff"), "check", "--output-format", "concise", "."],
        "imports": [str(tools / "lint-imports")],
        "types": [str(tools / "mypy")],
    }
    failed = []
    for name, command in checks.items():
        print(f"== {name}", flush=True)
        if call(command):
            failed.append(name)
    print("== migrations", flush=True)
    if manage(["makemigrations", "--check", "--dry-run"]):
        failed.append("migrations")
    print(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def manage(arguments: list[str]) -> int:
    """A management command of Django, with the database running. Its stdout is all its own."""
    assets.compile_words()
    with server("run"):
        return call([sys.executable, "-m", "sanbao", *arguments])


def bench(arguments: list[str]) -> int:
    """All benchmarks, or the named one; further arguments are handed to it."""
    found = {path.stem: path for path in sorted((ROOT / "benchmarks").glob("[a-z]*.py"))}
    if arguments and arguments[0] not in found:
        raise Trouble(
            f"There is no benchmark “{arguments[0]}”; there are: {', '.join(found) or 'none'}.",
            f"没有名为“{arguments[0]}”的基准测试。",
        )
    chosen = [found[arguments[0]]] if arguments else list(found.values())
    with server("run"):
        return max((call([sys.executable, str(path), *arguments[1:]]) for path in chosen), default=0)


def stop(_arguments: list[str]) -> int:
    """Stop a running Sanbao, and both embedded servers."""
    lock = places.state() / "run.lock"
    if (found := running.holder(lock)) and found[0].isdigit():
        os.kill(int(found[0]), signal.SIGTERM)
        give_up = time.monotonic() + 2 * running.PATIENCE_SECONDS
        while running.holder(lock) and time.monotonic() < give_up:
            time.sleep(running.POLL_SECONDS)
    kinds: tuple[Kind, ...] = ("run", "test")
    for kind in kinds:
        database.cluster(kind).stop()
    environment.tell("Stopped. 已停止。")
    return 0


def psql(arguments: list[str]) -> int:
    with server("run"):
        return call([program("psql"), database.plain_url("run"), *arguments])


def backup(arguments: list[str]) -> int:
    """Database and files in one file, made while people work; into a folder, under a name with the time."""
    keep = "--keep" in arguments
    file = Path(one_file([each for each in arguments if each != "--keep"])).absolute()
    folder = file
    if file.is_dir():
        file /= f"sanbao-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.tar"
    elif keep:
        raise Trouble("--keep needs a folder.", "--keep 需要给出文件夹。")
    with server("run"):
        manifest = backups.write(running.backup_server(), running.media_folder(), file, version())
        backups.say(running.backup_server(), "backup", True, file.stat().st_size)
    rows = sum(int(digest.split(":")[0]) for digest in manifest["tables"].values())
    print(
        f"{file}: {len(manifest['tables'])} tables, {rows} rows, {len(manifest['files'])} files. 备份完成。"
    )
    for gone in keeping.prune(folder, how_many()) if keep else []:
        print(f"{gone.name}: let go. 已按保留规则删除。")
    return 0


def how_many() -> keeping.Keep:
    """SANBAO_KEEP, "7 5 12": newest backups of so many days, weeks and months."""
    said = os.environ.get("SANBAO_KEEP") or "7 5 12"
    try:
        daily, weekly, monthly = (int(part) for part in said.split())
    except ValueError:
        raise Trouble(
            f"SANBAO_KEEP must be three numbers, as 7 5 12, not “{said}”.",
            "SANBAO_KEEP 应为三个数字，如 7 5 12。",
        ) from None
    return keeping.Keep(daily, weekly, monthly)


def verify_backup(arguments: list[str]) -> int:
    """Restore into a scratch database and folder beside the running system, compare the digests, ask the ledger's invariants."""
    file = Path(one_file([each for each in arguments if each != "--newest"])).absolute()
    if "--newest" in arguments:
        file = keeping.newest(file)
    with server("run"):
        manifest, found = backups.verify(running.backup_server(), file, places.state(), ask_ledger)
        backups.say(running.backup_server(), "verify-backup", not found, len(found))
    for name, digest in manifest["tables"].items():
        print(f"{name:60} {digest.split(':')[0]:>10}")
    print(*found, sep="\n", end="\n" if found else "")
    print(
        f"{file}: {len(found)} differences. 备份与原数据不一致。"
        if found
        else f"{file}: equal, {len(manifest['tables'])} tables, {len(manifest['files'])} files, of {manifest['at']}. 备份完好。"
    )
    if not found and keeping.made_at(file):
        keeping.mark_of(file).write_text(
            f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}\n", encoding="ascii"
        )
    return 1 if found else 0


def ask_ledger(scratch: backups.Server, manifest: dict[str, Any]) -> list[str]:
    """The ledger's invariants in the restored database; the broken ones. Not asked of a backup of another release's tables."""
    ours = {name.partition(".")[2] for name in manifest["migrations"]}
    if {path.stem for path in (ROOT / "src/sanbao").glob("*/migrations/[0-9]*.py")} - ours:
        print(
            "The ledger was not asked: the backup is of an earlier release. 备份来自较早的版本，未核对总账。"
        )
        return []
    environment_of = {**os.environ, "DATABASE_URL": scratch.url, "SANBAO_POOL": "0"}
    command = [sys.executable, "-m", "sanbao", "ledger"]
    done = subprocess.run(command, env=environment_of, capture_output=True, text=True, check=False, cwd=ROOT)
    print(done.stdout, end="")
    if done.returncode and "BROKEN" not in done.stdout:
        return [
            f"The ledger could not be asked: {(done.stderr.strip().splitlines() or ['it said nothing'])[-1]}"
        ]
    return [
        f"ledger: {line.removeprefix('BROKEN').strip()} is broken"
        for line in done.stdout.splitlines()
        if line.startswith("BROKEN")
    ]


def kept(arguments: list[str]) -> int:
    """List the databases that restores have put aside; `kept drop NAME` removes one, with its files."""
    with server("run"):
        if arguments[:1] == ["drop"]:
            keeping.drop_kept(running.backup_server(), running.media_folder(), one_file(arguments[1:]))
            print(f"Removed: {arguments[1]}. 已删除。")
            return 0
        found = keeping.kept(running.backup_server(), running.media_folder())
    for name, size in found:
        print(f"{name:60} {size}")
    print(
        "Remove one with ./dev kept drop NAME. 用 ./dev kept drop 名称 删除。"
        if found
        else "None. 没有另存的数据库。"
    )
    return 0


def mend(_arguments: list[str]) -> int:
    """Finish or undo a restore that was killed. Every start does it; the units in deploy/ call it."""
    with server("run"):
        running.mend()
    return 0


def restore(arguments: list[str]) -> int:
    """All or nothing, database and files: a backup that is damaged or newer than we are changes nothing."""
    file = Path(one_file(arguments)).absolute()
    if running.holder(places.state() / "run.lock"):
        raise Trouble("Stop Sanbao before restoring: ./dev stop.", "恢复之前请先停止：./dev stop。")
    with server("run"):
        running.mend()
        kept = backups.restore(
            running.backup_server(), running.media_folder(), file, backups.known_migrations()
        )
    print(
        f"Restored. The earlier database and files are kept as {kept}. 已恢复，原数据库和文件另存为 {kept}。"
    )
    return 0


def version() -> str:
    """The commit of this checkout, or "unknown" where it is no checkout."""
    command = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    try:
        return (
            subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
        )
    except OSError:
        return "unknown"


def build(_arguments: list[str]) -> int:
    """What a release needs before it is switched to; the packages are there when this runs."""
    assets.compile_words()
    assets.build_pages()
    assets.compile_code()
    environment.tell(f"Built: {version()}. 构建完成。")
    return 0


def words(_arguments: list[str]) -> int:
    assets.compile_words()
    return 0


def lock(_arguments: list[str]) -> int:
    """Take the newest releases that requirements/*.in allow; the next command installs them."""
    environment.lock()
    return 0


def show_help(_arguments: list[str]) -> int:
    print(HELP, end="")
    return 0


def one_file(arguments: list[str]) -> str:
    if len(arguments) != 1:
        raise Trouble("Name one file.", "请给出一个文件名。")
    return arguments[0]


def program(name: str) -> str:
    """One of PostgreSQL's programs."""
    return str(database.cluster("run").programs / name)


def server(kind: Kind) -> AbstractContextManager[None]:
    """The embedded server while a block runs; nothing to do where DATABASE_URL names another."""
    if not database.is_embedded():
        return nullcontext()
    places.writable_state()
    return database.cluster(kind).used()


def call(command: list[str]) -> int:
    """Run a program in our place: it has our terminal, and Ctrl-C is its to answer."""
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": run,
    "serve": serve,
    "test": test,
    "faults": faults,
    "check": check,
    "stop": stop,
    "bench": bench,
    "db": psql,
    "backup": backup,
    "verify-backup": verify_backup,
    "restore": restore,
    "kept": kept,
    "mend": mend,
    "build": build,
    "words": words,
    "lock": lock,
    "help": show_help,
    "--help": show_help,
    "-h": show_help,
}

if __name__ == "__main__":
    sys.exit(main())
