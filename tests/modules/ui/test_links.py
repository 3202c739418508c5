"""A thing's page is linked for those who may open it only."""

import pytest
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts.access import NOBODY
from sanbao.audit.models import Event
from sanbao.ui.links import page_of
from tests.cast import Cast


@pytest.mark.parametrize(("who", "linked"), [("admin", True), ("clerk", True), ("owner-GZ001", True)])
def test_a_page_that_may_be_opened_is_linked(cast: Cast, who: str, linked: bool) -> None:
    assert page_of("outlets.outlet", 1, cast.access(who)) == reverse("outlets:outlet", args=[1])


def test_nobody_is_led_to_what_their_post_does_not_open(cast: Cast) -> None:
    """ASVS 8.2.1 is kept by the page; the link says so beforehand."""
    assert page_of("ledger.entry", 1, cast.access("finance"))
    assert page_of("ledger.entry", 1, cast.access("admin")) == ""  # reads the event log, opens no books
    for thing in ("outlets.outlet", "ledger.entry", "settlements.statement"):
        assert page_of(thing, 1, NOBODY) == "", thing
        assert page_of(thing, 1, None) == "", thing
    assert page_of("accounts.token", 1, cast.access("admin")) == "", "it has no page"


def test_the_event_log_links_by_the_readers_post(cast: Cast, sign_in, monkeypatch) -> None:
    """Both readers see the event; one of them may not open what it is about."""
    outlet = cast.outlets["GZ001"]
    Event.objects.create(
        company=cast.company, outlet_id=outlet.pk, at=timezone.now(),
        action="outlets:outlet:changed", thing="outlets.outlet", thing_id=outlet.pk, label="GZ001",
    )  # fmt: skip
    url = reverse("outlets:outlet", args=[outlet.pk])
    assert f'href="{url}"' in sign_in("admin").get(reverse("audit:events")).text

    from sanbao.accounts.access import Access

    may = Access.may
    monkeypatch.setattr(
        Access, "may", lambda access, what: what != "outlets:outlet:view" and may(access, what)
    )
    answer = sign_in("admin").get(reverse("audit:events"))
    assert answer.status_code == 200
    assert f'href="{url}"' not in answer.text and "GZ001" in answer.text
