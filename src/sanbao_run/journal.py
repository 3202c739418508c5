"""What a restore is about to do, on the disk before its first rename, so that a killed one is finished or undone at the next start."""

import json
import os
from pathlib import Path

NAME = ".sanbao-restore.json"


def write(media: Path, **said: str) -> None:
    """Beside the folder of files. Returns once it has reached the disk."""
    path = media.with_name(NAME)
    with path.open("w", encoding="utf-8") as file:
        json.dump(said, file)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(media: Path) -> dict[str, str]:
    """What was about to be done; nothing where no restore was broken off, or before its first rename."""
    try:
        said: dict[str, str] = json.loads(media.with_name(NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said


def forget(media: Path) -> None:
    media.with_name(NAME).unlink(missing_ok=True)
