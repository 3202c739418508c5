"""The house holds what it promises: every page is marked, every permission is real, every word has its Chinese."""

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver, path

from sanbao.accounts.roles import ROLES, all_permissions
from sanbao.settlements.permissions import May
from sanbao.ui.pages import Mark, marks, require_marks, walk
from tests.words import chinese_of, modules, said_in

ROOT = Path(__file__).parents[2]
_PERMISSION = re.compile(r'"([a-z]+:[a-z-]+:[a-z-]+)"')


def _marks() -> dict[str, Mark]:
    return {
        f"{url} {mark.methods}": mark
        for url, _name, view in walk(get_resolver().url_patterns)
        for mark in marks(view)
    }


def test_every_url_says_who_may_open_it() -> None:
    """CO-1: authority is written down and drives permissions."""
    assert _marks()
    assert all(marks(view) for _url, _name, view in walk(get_resolver().url_patterns))


def test_the_modules_import_only_downwards() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    said = subprocess.run([str(tool), "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert not said.returncode, said.stdout
    assert "0 broken" in said.stdout


def test_an_unmarked_view_stops_the_program() -> None:
    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    with pytest.raises(ImproperlyConfigured, match="secret/"):
        require_marks([path("secret/", bare)])


def test_every_permission_a_page_asks_for_is_on_some_post() -> None:
    asked = {mark.permission for mark in _marks().values() if mark.permission} | {str(may) for may in May}

    assert asked <= all_permissions()


def test_every_permission_on_a_post_is_asked_for_somewhere() -> None:
    asked = {mark.permission for mark in _marks().values()} | {str(may) for may in May}
    for source in (ROOT / "src" / "sanbao").rglob("*.py"):
        if source.name not in ("roles.py", "navigation.py"):
            asked |= set(_PERMISSION.findall(source.read_text(encoding="utf-8")))

    assert all_permissions() <= asked


def test_nobody_who_makes_statements_also_checks_approves_or_pays() -> None:
    """CO-1: the posts themselves keep maker and checker apart."""
    for role in ROLES.values():
        steps = role.permissions & {May.SUBMIT, May.CHECK, May.APPROVE, May.PAY}
        assert len(steps) <= 1, role.code


@pytest.mark.parametrize("module", modules())
def test_every_word_of_a_module_has_its_chinese(module: str) -> None:
    known: dict[str, str] = {}
    for other in modules():
        known |= chinese_of(other)

    assert sorted(words for words in said_in(module) if not known.get(words)) == []


def test_an_english_word_has_one_chinese_whichever_module_says_it() -> None:
    """The catalogues are one when people read: of two Chinese words only one would ever be shown, on every page."""
    chinese: dict[str, set[str]] = defaultdict(set)
    for module in modules():
        for english, said in chinese_of(module).items():
            chinese[english].add(said)
    assert {english: said for english, said in chinese.items() if len(said) > 1} == {}
