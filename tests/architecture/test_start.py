"""What the web loads before it answers: each library costs every start its time and every process its memory."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Loaded by whoever needs it, inside the function that does: few pages do, or only the worker.
BY_WHOEVER_NEEDS_IT = {
    "typst": "prints as PDF",
    "xlsxwriter": "workbooks out",
    "python_calamine": "workbooks in, which a child process reads",
    "PIL": "pictures, which a child process draws anew, and signatures on prints",
    "segno": "QR codes",
    "httpx": "calls to other machines, which the worker makes",
    "httpcore": "calls to other machines",
    "fido2": "passkeys",
    "cryptography": "sealed texts and second factors",
    "argon2": "passwords",
    "prometheus_client": "counts, where a token lets somebody read them",
    "multiprocessing": "back-tests, which the worker runs",
    "django.test": "tests",
    "django.contrib.admin": "nothing of ours",
    "sanbao.workorders.printing": "prints",
    "sanbao.settlements.printing": "prints",
}


@cache
def loaded() -> frozenset[str]:
    """The modules of a process that is ready to answer, as gunicorn loads it."""
    told = subprocess.run(
        [sys.executable, "-c", "import sys, sanbao.site.wsgi; print(*sys.modules)"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "SANBAO_WEB": "1"}, cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return frozenset(told.stdout.split())


@pytest.mark.parametrize("library", BY_WHOEVER_NEEDS_IT)
def test_the_web_starts_without(library: str) -> None:
    assert library not in loaded(), (
        f"{library} is for {BY_WHOEVER_NEEDS_IT[library]}: import it in the function that needs it"
    )


def test_every_view_is_loaded_before_the_workers_fork() -> None:
    """The other side: what pages do need is shared by the workers, and no first visitor waits for it."""
    views = {
        ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")
        for pattern in ("*/views.py", "*/views/**/*.py", "*/api.py")
        for path in (ROOT / "src" / "sanbao").glob(pattern)
        if "migrations" not in path.parts
    }
    assert "sanbao.site.api" in views
    assert views - loaded() == set()
