"""What waits for somebody on the home page: every card leads to a list with as many rows as the card says."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from sanbao.settlements import operations
from sanbao.settlements.queries import panels
from tests.cast import NOW, Cast
from tests.months import row, xlsx


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """Statements in every state, a question, and a file that waits."""
    for outlet, state in (("GZ001", "submitted"), ("NB011", "checked"), ("SZ021", "approved")):
        cast.sheet(outlet=outlet)
        cast.received(outlet=outlet)
        statement = cast.statement(outlet=outlet, upto=state)
        if outlet != "SZ021":
            owner = cast.access(f"owner-{outlet}")
            operations.answer(statement, "question", note="?", by=owner, at=NOW)
    march = statement.month.replace(month=3)
    operations.read_hand_in(
        cast.outlets["GZ001"], march, xlsx([row(单号="M1")]), "m.xlsx", by=cast.access("owner-GZ001"), at=NOW
    )
    return cast


@pytest.mark.parametrize("who", ["clerk", "supervisor", "head", "finance", "owner-GZ001", "owner-SZ021"])
def test_a_card_leads_to_what_it_counts(busy: Cast, sign_in: Callable[[str], Client], who: str) -> None:
    found = panels(busy.access(who))
    assert found
    for panel in found:
        page = sign_in(who).get(panel.url, headers={"Accept-Language": "en"})
        assert page.status_code == 200
        if "hand-in" in panel.url or not panel.count:
            continue
        body = page.content.decode().split("<tbody")[1].split("</tbody>")[0]
        assert len(re.findall(r"<tr[ >]", body)) == panel.count, panel
