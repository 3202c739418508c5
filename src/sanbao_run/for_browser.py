"""The browser of the tests: Debian's Chromium, driven by Playwright, which cannot download one of its own here.

Registered by for_pytest.py after Playwright's plugin, so that these fixtures win over Playwright's.
"""

import os
import shutil
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_BROWSER = (
    "no Chromium on this machine: `apt-get install chromium fonts-noto-cjk` (or name one in SANBAO_CHROMIUM) "
    "lets this test run"
)
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


def find_browser() -> str | None:
    """The path of a Chromium: `$SANBAO_CHROMIUM`, else what the machine has installed."""
    named = os.environ.get("SANBAO_CHROMIUM")
    return named or next((path for name in BROWSERS if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """How Playwright starts the browser."""
    return {**browser_type_launch_args, "executable_path": find_browser(), "args": FLAGS.split()}
