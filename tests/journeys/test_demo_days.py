"""The demonstration can be told on any day of a month, young or old."""

import os

import pytest

from sanbao.ledger.queries import broken_invariants
from sanbao.settlements.queries import INVARIANTS
from sanbao.site.demo import loading, story
from tests.cast import moment


# The thirteenth, which differs from the first only by a fortnight's work, with SANBAO_FAULTS=1.
@pytest.mark.parametrize("day", [1, 13] if os.environ.get("SANBAO_FAULTS") == "1" else [1])
def test_early_in_a_month_the_story_ends_a_month_earlier(
    db: None, day: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a year's months the last five do here: the forged sheet lies four months back."""
    monkeypatch.setattr(story, "MONTHS", story.FORGED_MONTHS_AGO + 1)
    assert loading.load(now=moment(2026, 3, day, 8))
    assert broken_invariants(INVARIANTS) == {}
