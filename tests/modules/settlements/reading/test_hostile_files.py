"""Whatever is uploaded ends in a clear sentence or in rows, soon, and without a great deal of memory (safety.md 1.9)."""

import functools
import json
import random
import re
import subprocess
import sys
import time

import pytest

from sanbao.edge import children
from sanbao.files.tables import Unreadable, child
from sanbao.settlements.reading import read_record_sheets
from tests.modules.settlements import corpus

SECONDS, MEGABYTES = 5, 220
COLLECTION = corpus.hostile()


@functools.cache
def content(file: corpus.Hostile) -> bytes:
    return file.make()


@pytest.mark.parametrize("file", COLLECTION, ids=lambda file: file.name)
def test_every_file_ends_in_a_sentence_or_in_rows(file: corpus.Hostile) -> None:
    data = content(file)
    began = time.process_time()  # its own work, however busy the machine is
    try:
        read = read_record_sheets(data, file.name)
    except Unreadable as unreadable:
        assert unreadable.code == file.refusal
        for language in ("zh", "en"):
            assert "{" not in unreadable.sentence(language)
    else:
        assert file.refusal is None
        assert [row.customer for row in read.rows[:1]] == ["张三"]
        assert all(problem.sentence("zh") and problem.sentence("en") for problem in read.problems)
    assert time.process_time() - began < SECONDS


# Started between the test and the child, so that this process's own memory is not counted as the child's.
_MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""
HEAVY = [
    file
    for file in COLLECTION
    if re.search(r"bomb|text|dense|painted|corner|column|rows|sheets|far|deep|long", file.name)
]


@pytest.mark.parametrize("file", HEAVY, ids=lambda file: file.name)
def test_no_file_takes_much_memory(file: corpus.Hostile) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", _MEASURE, *child.command(file.name)],
        input=content(file),
        capture_output=True,
        check=True,
    )
    assert int(done.stderr) / 1024 < MEGABYTES
    assert json.loads(done.stdout)
    assert len(done.stdout) < 60 << 20


@pytest.mark.parametrize(
    "file", [file for file in COLLECTION if file not in HEAVY], ids=lambda file: file.name
)
def test_ordinary_files_meet_the_same_answer_without_a_child(file: corpus.Hostile) -> None:
    try:
        read_record_sheets(content(file), file.name, in_child=False)
        answer = None
    except Unreadable as unreadable:
        answer = unreadable.code
    assert answer == file.refusal


def test_the_child_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    seen = {}

    def run(*arguments, **options):
        seen.update(options)
        return subprocess.CompletedProcess(arguments, 0, stdout=b'{"unreadable": "empty", "words": {}}')

    monkeypatch.setattr(children.subprocess, "run", run)
    with pytest.raises(Unreadable):
        child.open_table(b"x", "a.csv")
    assert seen["env"] == {}


@pytest.mark.parametrize(
    ("code", "said"),
    [(-24, "too_slow"), (-9, "too_slow"), (-6, "broken"), (1, "broken"), (77, "too_large_inside")],
)
def test_a_child_that_dies_is_a_refusal(monkeypatch: pytest.MonkeyPatch, code: int, said: str) -> None:
    monkeypatch.setattr(
        children.subprocess, "run", lambda *a, **o: subprocess.CompletedProcess(a, code, stdout=b"")
    )
    with pytest.raises(Unreadable) as refused:
        child.open_table(b"x", "a.csv")
    assert refused.value.code == said


def test_a_child_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_arguments, **options):
        raise subprocess.TimeoutExpired("python", options["timeout"])

    monkeypatch.setattr(children.subprocess, "run", run)
    with pytest.raises(Unreadable) as refused:
        child.open_table(b"x", "a.csv")
    assert refused.value.code == "too_slow"


def test_cells_far_outside_are_named_and_cost_nothing() -> None:
    data = corpus._with('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    read = read_record_sheets(data, "a.xlsx")
    assert [problem.cell for problem in read.problems if problem.code == "stray"] == ["XFD1048576"]
    assert len(read.rows) == 1


@pytest.mark.parametrize(("name", "copies"), [("a.xlsx", 300), ("a.xls", 40)])
def test_damaged_copies_never_raise_anything_else(name: str, copies: int) -> None:
    """Bytes changed at random places of a good file: read, or refused with a sentence. The old format only ever in the child."""
    chance = random.Random(20260413)
    write = corpus.xlsx if name == "a.xlsx" else corpus.xls
    good = write(corpus.month(corpus.sheet_row()))
    for _ in range(copies):
        data = bytearray(good)
        for _ in range(chance.randint(1, 30)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            read_record_sheets(bytes(data), name, in_child=name == "a.xls")
        except Unreadable as unreadable:
            assert unreadable.sentence("zh")
