"""Finds every word a module says to people, in its Python and its templates, and the Chinese its catalogue has for it."""

import ast
import re
from pathlib import Path

from babel.messages.pofile import read_po

SOURCE = Path(__file__).parents[1] / "src" / "sanbao"
_CALLS = {"_", "__", "gettext", "gettext_lazy"}
_PLURALS = {"ngettext", "ngettext_lazy"}
_TAG = re.compile(r"""\{%\s*(?:trans|translate)\s+("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_INLINE = re.compile(r"""_\(("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\)""")
_BLOCK = re.compile(r"\{%\s*blocktrans(?:late)?\b([^%]*)%\}(.*?)\{%\s*endblocktrans(?:late)?\s*%\}", re.S)


def modules() -> list[str]:
    """The application's modules."""
    return sorted(path.parent.name for path in SOURCE.glob("*/apps.py"))


def said_in(module: str) -> set[str]:
    """Every source string of a module."""
    said: set[str] = set()
    for path in (SOURCE / module).rglob("*.py"):
        if "migrations" not in path.parts:
            said |= _in_python(path.read_text(encoding="utf-8"))
    for path in (SOURCE / module).rglob("*.html"):
        said |= _in_template(path.read_text(encoding="utf-8"))
    return said


def _in_python(text: str) -> set[str]:
    said = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            count = 1 if name in _CALLS else 2 if name in _PLURALS else 0
            said |= {
                argument.value
                for argument in node.args[:count]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            }
    return said


def _in_template(text: str) -> set[str]:
    said = {ast.literal_eval(found) for found in _TAG.findall(text)}
    said |= {ast.literal_eval(found) for found in _INLINE.findall(text)}
    for options, body in _BLOCK.findall(text):
        for part in re.split(r"\{%\s*plural\s*%\}", body):
            words = re.sub(r"\{\{\s*(\w+)[^}]*\}\}", r"%(\1)s", part)
            if "trimmed" in options:
                words = " ".join(line.strip() for line in words.strip().splitlines())
            said.add(words)
    return {words for words in said if words.strip()}


def chinese_of(module: str) -> dict[str, str]:
    """The catalogue of a module: source string to Chinese."""
    path = SOURCE / module / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale="zh_Hans")
    known: dict[str, str] = {}
    for message in catalogue:
        ids = message.id if isinstance(message.id, list | tuple) else (message.id,)
        strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
        for source in ids:
            if source and not message.fuzzy:
                known[source] = strings[0]
    return known


if __name__ == "__main__":
    import sys

    every: dict[str, str] = {}
    for module in modules():
        every |= chinese_of(module)
    for module in sys.argv[1:] or modules():
        for words in sorted(said_in(module)):
            if not every.get(words):
                print(f"{module}\t{words!r}")
