"""Whatever is uploaded ends in a picture, in rows or in a sentence: no 500, under 5 s, and under 200 MB more than before (safety.md 2).

The seconds are the processor's, this process's and its children's: on a machine that others use the clock says something about them.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sanbao.edge import children
from sanbao.files import operations as files
from sanbao.files import pictures
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast
from tests.modules.files import corpus as images
from tests.modules.settlements import corpus as tables

SECONDS, MEGABYTES = 5, 220  # 200 more than the 20 a bare Python has

# Started between the test and the child, so that this process's own memory is not counted as the child's.
_MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""
PICTURES: dict[str, Callable[[], bytes]] = {
    name: make for name, (_code, make) in images.REFUSED.items()
} | images.READ


def worked() -> float:
    """Seconds of the processor that this process and its ended children have used."""
    return sum(os.times()[:4])


@pytest.fixture
def keep(cast: Cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return lambda data: files.keep_image(data, "a.jpg", by=cast.access("clerk"), at=NOW)


@pytest.mark.parametrize("name", images.REFUSED)
def test_a_hostile_picture_is_refused_with_a_sentence(keep, name: str) -> None:
    """ASVS 5.2.2, 5.2.6, 15.2.2: by content, and by the size the header states."""
    code, make = images.REFUSED[name]
    data = make()
    began = worked()
    with pytest.raises(Refusal) as refused:
        keep(data)
    assert refused.value.code == code
    assert "%(" not in str(refused.value)
    assert worked() - began < SECONDS


@pytest.mark.parametrize("name", images.READ)
def test_an_odd_but_honest_picture_is_kept_or_refused_for_its_size(keep, name: str) -> None:
    data = images.READ[name]()
    began = worked()
    try:
        kept = keep(data)
    except Refusal as refused:
        assert name in ("four hundred scans", "colours that are a bomb"), refused.code
        assert refused.code in ("picture_too_large", "picture_broken", "picture_bytes")
    else:
        assert kept.width > 0
    assert worked() - began < SECONDS


@pytest.mark.parametrize("name", PICTURES)
def test_no_picture_takes_much_memory(name: str) -> None:
    """Measured in the child, with Python and Pillow in it."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", _MEASURE, *children.command(pictures.ENTRY, memory=pictures.MEMORY, cpu=pictures.CPU_SECONDS)],
        input=PICTURES[name](), capture_output=True, check=True,
    )  # fmt: skip
    assert int(done.stderr) / 1024 < MEGABYTES


def own(function: str, *, memory: int, cpu: int) -> list[str]:
    """The child's command for a function of `tests.faults.eater`."""
    command = children.command(f"tests.faults.eater:{function}", memory=memory, cpu=cpu)
    root = str(Path(__file__).parents[2])
    command[command.index(children._START)] = f"import sys; sys.path.insert(0, {root!r}); {children._START}"
    return command


def test_without_its_limits_a_child_would_eat_all_of_it() -> None:
    """Control: the limits, not the files' good manners, are what holds."""
    for memory, ends in ((200 * 2**20, children.OUT_OF_MEMORY), (2**30, 0)):
        done = subprocess.run(
            own("eat", memory=memory, cpu=5), input=b"", capture_output=True, check=False, env={}
        )
        assert done.returncode == ends, done.stderr.decode()[-300:]


def test_a_child_that_never_ends_is_stopped() -> None:
    """By its processor time, and by the clock where it only waits."""
    began = time.monotonic()
    done = subprocess.run(
        own("spin", memory=2**30, cpu=1), input=b"", capture_output=True, check=False, timeout=20
    )
    assert done.returncode in children._SLOW
    assert time.monotonic() - began < 8
    with pytest.raises(children.Died) as died:
        children.run("signal:sigwait", b"", memory=2**30, cpu=1, wall=1)
    assert died.value.code in ("slow", "broken")


@pytest.mark.parametrize("file", tables.hostile(), ids=lambda file: file.name)
def test_a_hostile_table_on_the_page_is_told_and_nothing_is_taken_over(
    cast: Cast, sign_in: Callable[[str], Client], file
) -> None:
    """ASVS 5.2.2, 5.2.3, 5.2.5: bombs, encrypted, broken and foreign files by way of the form that people use."""
    client = sign_in("owner-GZ001")
    client.raise_request_exception = False
    body = {
        "outlet": cast.outlets["GZ001"].pk,
        "month": "2026-04",
        "file": SimpleUploadedFile(file.name, file.make()),
    }
    began = worked()
    answer = client.post(reverse("settlements:hand-in"), body)
    assert worked() - began < SECONDS
    if file.refusal:
        assert answer.status_code in (413, 422)
        assert answer.status_code == 413 or "form-error" in answer.text or "alert" in answer.text
    else:
        assert answer.status_code in (303, 422)
