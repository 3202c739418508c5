"""Which backups are kept, which earlier databases a restore left behind, and what a killed restore left half done."""

import fcntl
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sanbao_run import journal
from sanbao_run.backups import AT_WORK, Server
from sanbao_run.trouble import Trouble

NAME = re.compile(r"sanbao-(\d{8})T(\d{6})Z\.tar")
KEPT = re.compile(r".+_before_\d{14}_[0-9a-f]{4}")


@dataclass(frozen=True)
class Keep:
    """How many days, weeks (ISO) and months keep their newest backup."""

    daily: int = 7
    weekly: int = 5
    monthly: int = 12


def made_at(file: Path) -> datetime | None:
    """When a backup was made, by its name; None for other files."""
    found = NAME.fullmatch(file.name)
    return datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S").replace(tzinfo=UTC) if found else None


def backups_in(folder: Path) -> list[Path]:
    """The folder's backups, newest first."""
    return sorted(
        (file for file in folder.iterdir() if made_at(file)), key=lambda file: file.name, reverse=True
    )


def mark_of(file: Path) -> Path:
    """The file beside a backup that says it was restored and found equal."""
    return file.with_name(f"{file.name}.verified")


def newest(folder: Path) -> Path:
    """The newest backup of a folder. Trouble if there is none."""
    if found := backups_in(folder):
        return found[0]
    raise Trouble(f"There is no backup in {folder}.", f"{folder} 中没有备份。")


def to_let_go(files: Iterable[Path], keep: Keep) -> list[Path]:
    """Of backups, newest first, those that no day, week or month keeps.

    Never the newest, and never the newest one that was verified: if all later ones are damaged, it is the last good one.
    """
    files = list(files)
    saved = set(files[:1]) | set([file for file in files if mark_of(file).exists()][:1])
    for count, period in (
        (keep.daily, lambda day: day),
        (keep.weekly, lambda day: day.isocalendar()[:2]),
        (keep.monthly, lambda day: (day.year, day.month)),
    ):
        newest_of: dict[object, Path] = {}
        for file in files:
            at = made_at(file)
            assert at
            newest_of.setdefault(period(at.date()), file)
        saved |= set(list(newest_of.values())[:count])
    return [file for file in files if file not in saved]


def prune(folder: Path, keep: Keep) -> list[Path]:
    """Let go of what is not kept; returns it."""
    gone = to_let_go(backups_in(folder), keep)
    for file in gone:
        file.unlink()
        mark_of(file).unlink(missing_ok=True)
    return gone


# What earlier restores kept


def kept(server: Server, media: Path) -> list[tuple[str, str]]:
    """The databases that restores put aside, oldest first, with their sizes; and folders of files without one."""
    sizes = dict(
        line.split("|", 1)
        for line in server.ask(
            "SELECT datname, pg_size_pretty(pg_database_size(oid)) FROM pg_database"
        ).splitlines()
    )
    folders = {path.name for path in media.parent.iterdir()} if media.parent.is_dir() else set()
    mine = f"{server.name}_before_"
    names = {name for name in sizes.keys() | folders if name.startswith(mine) and KEPT.fullmatch(name)}
    return [(name, sizes.get(name, "files only")) for name in sorted(names)]


def drop_kept(server: Server, media: Path, name: str) -> None:
    """Remove one of them, database and files. Trouble for any other name."""
    if name not in dict(kept(server, media)):
        raise Trouble(
            f"{name} is none of the databases a restore has kept: ./dev kept lists them.",
            f"{name} 不是恢复时另存的数据库：用 ./dev kept 查看。",
        )
    server.other("postgres").ask(f'DROP DATABASE IF EXISTS "{name}"')
    shutil.rmtree(media.with_name(name), ignore_errors=True)


# A restore that was killed while it switched


def mend(server: Server, media: Path) -> str:
    """Finish or undo a restore that was killed between its renames; what was done, or nothing.

    The databases change their names in one transaction, after the folders. So: if the earlier database has its new name, everything
    is done; else the folders go back.
    """
    said = journal.read(media)
    if not said:
        journal.forget(media)
        return ""
    present = server.other("postgres").ask("SELECT datname FROM pg_database").split()
    aside = media.with_name(said["kept"])
    if said["kept"] in present:
        done = f"A restore that was broken off was complete; the earlier database and files are kept as {said['kept']}. 上次恢复已完成。"
    else:
        if aside.exists():
            if media.exists():
                shutil.rmtree(media)
            aside.rename(media)
        with suppress(Trouble):
            server.other("postgres").ask(f'DROP DATABASE IF EXISTS "{said["scratch"]}"')
        done = "A restore was broken off before it took effect; everything is as it was before. 上次恢复中断，已还原到恢复之前。"
    journal.forget(media)
    return done


def left_behind(beside: Path) -> list[Path]:
    """Scratch folders of verifications and restores, whether at work or killed."""
    return sorted(beside.glob("restore-????????"))


def sweep(server: Server, beside: Path) -> None:
    """Remove the scratch folders and databases that killed verifications and restores left; nothing while one is at work."""
    if not left_behind(beside):
        return
    with open(beside / AT_WORK, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        for folder in left_behind(beside):
            with suppress(Trouble):
                server.other("postgres").ask(
                    f'DROP DATABASE IF EXISTS "sanbao_restore_{folder.name.removeprefix("restore-")}"'
                )
            shutil.rmtree(folder, ignore_errors=True)
