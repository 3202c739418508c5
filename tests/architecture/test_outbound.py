"""Nothing but `edge.fetch` opens a connection to another machine."""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "sanbao"
DOORS = (
    "httpx",
    "httpcore",
    "requests",
    "urllib.request",
    "urllib3",
    "http.client",
    "socket",
    "aiohttp",
    "ftplib",
    "telnetlib",
)
THE_ONE = SOURCE / "edge" / "fetch.py"


def imported(path: Path) -> set[str]:
    """Every module a file imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def opens(names: set[str]) -> set[str]:
    return {name for name in names for door in DOORS if name == door or name.startswith(f"{door}.")}


def test_nothing_else_opens_connections() -> None:
    """ASVS 1.3.6, 13.2.4: one door out, where addresses, time and size are limited. Whoever needs a call uses safe_fetch."""
    wrong = {
        str(path.relative_to(SOURCE)): opens(imported(path))
        for path in SOURCE.rglob("*.py")
        if path != THE_ONE
    }
    assert {path: names for path, names in wrong.items() if names} == {}


def test_the_test_sees_what_it_looks_for() -> None:
    assert opens(imported(THE_ONE)) >= {"httpx", "socket"}
