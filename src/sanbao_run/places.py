"""Where things lie: the checkout, its state, the database server's home, its socket."""

import hashlib
import os
import secrets
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from sanbao_run.trouble import Trouble

ROOT = Path(__file__).resolve().parents[2]

# A socket's whole path must fit in about 107 bytes on Linux, 103 on macOS; its name takes 17 of them.
LONGEST_SOCKET_FOLDER = 85


def state() -> Path:
    """The folder for everything made while running: `$SANBAO_STATE`, else `var` in the checkout."""
    return Path(os.environ.get("SANBAO_STATE") or ROOT / "var").absolute()


def writable_state() -> Path:
    """The state folder, made if need be. Trouble if it cannot be written to."""
    folder = state()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Trouble(
            f"Sanbao cannot write to {folder} ({error.strerror}): run it as the folder's owner, "
            "or name another folder in SANBAO_STATE.",
            f"无法写入 {folder}：请以该文件夹的所有者运行，或用环境变量 SANBAO_STATE 指定另一个文件夹。",
        ) from None
    return folder


def server_home() -> Path:
    """The home of the embedded database server.

    Root's files are often closed to everyone else, and PostgreSQL refuses to run as root: root's server
    therefore lives in /var/lib and belongs to a system user.
    """
    if os.geteuid() == 0:
        return Path("/var/lib") / f"sanbao-{fingerprint(state())}"
    return state() / "postgres"


def state_name() -> str:
    """A name for this state folder that another one, made later at the same place, does not share."""
    path = state() / "name"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError), path.open("x", encoding="ascii") as file:
            file.write(secrets.token_hex(8))
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


def socket_folder(wanted: Path) -> Path:
    """`wanted`, or a short stand-in for it when its path is too long for a socket.

    The stand-in lies in `$XDG_RUNTIME_DIR`, else in the folder for temporary files; one that somebody else
    owns or can enter is refused, because whoever owns it could pose as the server.
    """
    if len(os.fsencode(wanted)) <= LONGEST_SOCKET_FOLDER:
        return wanted
    base = os.environ.get("XDG_RUNTIME_DIR")
    if not (base and os.access(base, os.W_OK) and len(base) < 50):
        base = "/tmp"  # noqa: S108 - not gettempdir(), which may be as long as what we flee from
    return Path(base) / f"sanbao-{os.geteuid()}-{fingerprint(wanted)}"


def make_private(folder: Path, owner: int | None = None) -> None:
    """Make the folder with mode 0700 for `owner` (default: us). Trouble if somebody else holds it."""
    owner = os.geteuid() if owner is None else owner
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
        raise Trouble(
            f"{folder} belongs to somebody else: remove it and start again.",
            f"{folder} 属于其他用户：请删除后重试。",
        )
    if found.st_uid != owner:
        os.chown(folder, owner, -1)
    folder.chmod(0o700)


def fingerprint(path: Path) -> str:
    """Ten hexadecimal digits that stand for a path."""
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:10]
