"""The virtual environment: made from the locked lists, then handed the command.

`./dev` starts this file with any Python; it replaces itself by the environment's own. Two lists make an
environment: `run` (what a user needs) and `dev` (that, and what tests and checks need). A copy of the list
inside the environment says what is installed, so that nothing is done when nothing has changed.
"""

import fcntl
import filecmp
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from sanbao_run.places import ROOT
from sanbao_run.trouble import Trouble

VENV = ROOT / ".venv"
TOOL = ROOT / ".tool"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.txt"
PATHS = VENV / "where.txt"
NEEDS_DEV = {"test", "check", "faults"}
OLDEST_UV = (0, 8)


def main() -> None:
    """`python -m sanbao_run.environment CHECKOUT COMMAND…`: set up, then become the environment's Python."""
    command = sys.argv[2:]
    try:
        ensure("dev" if command[:1] and command[0] in NEEDS_DEV else "run")
    except Trouble as trouble:
        sys.exit(str(trouble))
    except KeyboardInterrupt:
        sys.exit(130)
    os.execv(PYTHON, [str(PYTHON), "-m", "sanbao_run", *command])


def ensure(wanted: str) -> None:
    """See that the environment has all of the list `wanted` ("run" or "dev")."""
    if is_current(wanted):
        return
    try:
        TOOL.mkdir(exist_ok=True)
        with open(TOOL / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not is_current(wanted):  # somebody else may have done it while we waited
                install(_widest(wanted))
    except OSError as error:
        raise Trouble(
            f"Sanbao cannot set itself up in {ROOT} ({error.strerror or error}): "
            "run it as the folder's owner, or copy the folder to a place of your own.",
            f"无法在 {ROOT} 中安装：请以该文件夹的所有者运行，或把它复制到自己的文件夹中。",
        ) from None


def is_current(wanted: str) -> bool:
    """True when the environment works, lies where it was made and has the whole list."""
    try:
        if PATHS.read_text(encoding="utf-8") != str(ROOT) or not PYTHON.exists():
            return False
        return any(filecmp.cmp(STAMP, locked(name), shallow=False) for name in dict.fromkeys((wanted, "dev")))
    except OSError:
        return False


def locked(name: str) -> Path:
    """The hash-locked list of that name."""
    return ROOT / "requirements" / f"{name}.txt"


def _widest(wanted: str) -> str:
    """Once a developer's, an environment stays one, whichever command brings it up to date."""
    return "dev" if (VENV / "dev").exists() else wanted


def install(name: str) -> None:
    """Bring the environment to exactly the locked list."""
    tell("Setting up: installing what is locked in requirements/ … 正在安装依赖 …")
    uv = find_uv()
    if not PYTHON.exists() or not _works(PYTHON):
        shutil.rmtree(VENV, ignore_errors=True)
        _uv(uv, "venv", "--python", sys.executable, "--no-project", str(VENV))
    STAMP.unlink(missing_ok=True)
    sync = ("pip", "sync", "--require-hashes", "--no-build", "--python", str(PYTHON), str(locked(name)))
    _uv(uv, *sync)
    (_site_packages() / "sanbao.pth").write_text(f"{ROOT / 'src'}\n", encoding="utf-8")
    if name == "dev":
        (VENV / "dev").touch()
    PATHS.write_text(str(ROOT), encoding="utf-8")
    shutil.copyfile(locked(name), STAMP)


def lock() -> None:
    """Lock the three lists anew: the newest releases that requirements/*.in allow, with hashes."""
    uv = find_uv()
    how = (
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--upgrade",
    )
    for name in ("tool", "run", "dev"):
        _uv(uv, "pip", "compile", *how, str(locked(name).with_suffix(".in")), "-o", str(locked(name)))


def find_uv() -> Path:
    """uv from the PATH if new enough, else one of our own, from a hash-locked list of one line.

    Ours is kept in the user's cache, as uv's own files are: a second checkout then needs no network.
    """
    if (found := shutil.which("uv")) and _version_of(found) >= OLDEST_UV:
        return Path(found)
    home = _tool_home()
    own = home / "bin" / "uv"
    if own.exists():
        return own
    unfinished = home.with_name(f"{home.name}.{os.getpid()}")
    quietly = (
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--require-hashes",
        "--only-binary=:all:",
    )
    into = ("--target", str(unfinished), "-r", str(locked("tool")))
    result = _call([sys.executable, "-m", "pip", "install", *quietly, *into])
    if "No module named pip" in result.stderr:
        made = _call([sys.executable, "-m", "venv", str(TOOL / "pip")])
        if made.returncode != 0:
            raise Trouble(
                "This Python has neither pip nor venv: install them (on Debian: apt-get install python3-venv), "
                "or install uv.",
                "本机的 Python 没有 pip 和 venv：请安装（Debian：apt-get install python3-venv），或安装 uv。",
            )
        result = _call([str(TOOL / "pip" / "bin" / "python"), "-m", "pip", "install", *quietly, *into])
    if result.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise _not_installed(result.stderr)
    shutil.rmtree(home, ignore_errors=True)
    unfinished.rename(home)
    return own


def _tool_home() -> Path:
    """Where our uv lies, named by its locked list; in the checkout if there is no cache to write to."""
    name = f"uv-{hashlib.sha256(locked('tool').read_bytes()).hexdigest()[:12]}"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "sanbao"
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError:
        return TOOL / name
    return (cache if os.access(cache, os.W_OK) else TOOL) / name


def _uv(uv: Path, *arguments: str) -> None:
    """Run uv; without a network once more from its cache."""
    result = _call([str(uv), "--quiet", *arguments])
    if result.returncode != 0:
        again = _call([str(uv), "--quiet", "--offline", *arguments])
        if again.returncode != 0:
            raise _not_installed(result.stderr)


def _not_installed(said: str) -> Trouble:
    reason = next(
        (line.strip() for line in reversed(said.splitlines()) if line.strip()), "no reason was given"
    )
    return Trouble(
        f"The dependencies could not be installed; is there a network? ({reason})",
        "依赖安装失败，请检查网络连接后重试。",
    )


def _call(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=_installers_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def _installers_environment() -> dict[str, str]:
    """uv reads neither pip's settings nor the system's certificates unless told."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    environment.setdefault("UV_PYTHON_DOWNLOADS", "never")
    if not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & environment.keys() and (index := _pips_index()):
        environment["UV_DEFAULT_INDEX"] = index
    return environment


def _pips_index() -> str:
    """The package index pip is set to use on this machine, or nothing."""
    if named := os.environ.get("PIP_INDEX_URL"):
        return named
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    return asked.stdout.strip() if asked.returncode == 0 else ""


def _version_of(uv: str) -> tuple[int, ...]:
    said = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False).stdout.split()
    try:
        return tuple(int(part) for part in said[1].split(".")[:2])
    except (IndexError, ValueError):
        return (0,)


def _works(python: Path) -> bool:
    return subprocess.run([python, "-c", "pass"], capture_output=True, check=False).returncode == 0


def _site_packages() -> Path:
    return next(VENV.glob("lib/python3.*/site-packages"))


def tell(sentence: str) -> None:
    """Say what takes a while; on stderr, because a command's stdout is its answer."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
