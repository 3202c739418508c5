"""How `./dev` finds a Python, installs what is locked, and says what is wrong."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sanbao_run import assets, environment, places
from sanbao_run.places import ROOT
from sanbao_run.trouble import Trouble

LOCKS = ["tool", "run", "dev"]
# Loaded by pytest or in a process of its own, never by the launcher before the environment exists.
NOT_ONLY_STANDARD = {"for_pytest.py", "for_browser.py", "prepare.py"}


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash_and_no_registry_is_named(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert "==" in entry and "--hash=sha256:" in entry


def test_developers_have_everything_that_users_have() -> None:
    assert locked("run") <= locked("dev")


def locked(name: str) -> set[str]:
    return set(re.findall(r"^(\S+==\S+)", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_what_is_asked_for_is_locked(name: str) -> None:
    asked = (ROOT / "requirements" / f"{name}.in").read_text()
    names = {re.split(r"[\[=~<> ;]", line)[0].lower() for line in asked.splitlines() if re.match(r"\w", line)}
    assert names <= {entry.split("==")[0] for entry in locked(name)}


@pytest.mark.parametrize("folder", ["sanbao_run", "sanbao_rules"])
def test_launcher_and_rules_need_only_the_standard_library(folder: str) -> None:
    for path in sorted((ROOT / "src" / folder).rglob("*.py")):
        if path.name in NOT_ONLY_STANDARD:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                root = name.split(".")[0]
                assert root in sys.stdlib_module_names or root == folder, f"{path} imports {name}"


def test_a_machine_without_python_is_told_what_to_install(tmp_path: Path) -> None:
    shutil.copy(ROOT / "dev", tmp_path / "dev")
    (tmp_path / "bin").mkdir()
    for tool in ("dirname", "sh"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    said = subprocess.run(
        [tmp_path / "dev", "run"], env={"PATH": str(tmp_path / "bin")}, capture_output=True, text=True
    )
    assert said.returncode == 1
    assert said.stderr.startswith("Sanbao needs Python 3.11 or newer")
    assert len(said.stderr.splitlines()) == 2


def test_nothing_is_installed_when_nothing_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "install", lambda name: pytest.fail(f"installed {name}"))
    if not environment.is_current("run"):
        pytest.skip("this environment was not made by ./dev")
    environment.ensure("run")


def test_an_environment_from_another_place_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = tmp_path / "where.txt"
    moved.write_text("/somewhere/else")
    monkeypatch.setattr(environment, "PATHS", moved)
    assert not environment.is_current("run")


def test_a_state_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SANBAO_STATE", str(tmp_path / "file" / "var"))
    with pytest.raises(Trouble, match="SANBAO_STATE"):
        places.writable_state()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can pose as another user")
def test_a_checkout_of_somebody_else_is_refused_by_one_sentence(home: Path) -> None:
    python = "/usr/bin/python3"  # one that everybody may run
    if subprocess.run([python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]).returncode:
        pytest.skip("the system's Python is older than 3.11")
    shutil.copytree(ROOT / "src/sanbao_run", home / "src/sanbao_run")
    shutil.copytree(ROOT / "requirements", home / "requirements")
    shutil.copy(ROOT / "dev", home / "dev")

    environment = {"PATH": "/usr/bin:/bin", "SANBAO_PYTHON": python}
    said = subprocess.run(
        [home / "dev", "run"], env=environment, user="nobody", capture_output=True, text=True, cwd="/"
    )

    assert said.returncode == 1
    assert said.stderr.startswith(f"Sanbao cannot set itself up in {home}")
    assert len(said.stderr.splitlines()) == 2


def test_a_broken_catalogue_of_words_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "src/app/module/locale/zh_Hans/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text('msgid "a"\nwhat is this\n')
    monkeypatch.setattr(assets, "ROOT", tmp_path)
    with pytest.raises(Trouble, match=r"locale/zh_Hans/LC_MESSAGES/django\.po"):
        assets.compile_words()


def test_words_are_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "src/app/module/locale/zh_Hans/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "a"\nmsgstr "甲"\n'
    )
    monkeypatch.setattr(assets, "ROOT", tmp_path)
    assets.compile_words()
    made = (folder / "django.mo").stat().st_mtime_ns
    assets.compile_words()
    assert (folder / "django.mo").stat().st_mtime_ns == made
