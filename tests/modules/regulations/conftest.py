"""Drafts are published without a back-test here; tests/modules/backtests asks for one."""

import pytest


@pytest.fixture(autouse=True)
def _published_without_a_back_test(settings) -> None:
    settings.BACK_TEST_REQUIRED = False
