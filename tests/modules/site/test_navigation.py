"""The side bar is made once for all who may do the same; what is taken away is gone from it at once (CO-1)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts.access import Access, Grant
from sanbao.accounts.roles import ROLES, all_permissions
from sanbao.outlets import operations as outlets
from tests.cast import NOW, Cast


def _side(client: Client) -> str:
    page = client.get(reverse("home"), headers={"accept-language": "en"}).content.decode()
    return page.partition('id="menu"')[2].partition("</aside>")[0]


def test_a_right_that_is_taken_away_is_gone_from_the_menu_at_the_next_page(cast: Cast, sign_in) -> None:
    """RG-3: the menu that was made while the right was held is not shown any more."""
    person, by = cast.people["outlet-clerk"], cast.access("admin")
    one = sign_in("outlet-clerk")
    address = f'href="{reverse("intake:overview")}"'
    assert address not in _side(one)

    supervisor = outlets.appoint(person, "supervisor", by=by, at=NOW)
    assert address in _side(one)
    outlets.dismiss(supervisor, on=timezone.localdate() - timedelta(days=1), by=by, at=NOW)
    assert address not in _side(one)


def test_a_permission_taken_from_a_post_is_gone_from_the_menu(
    cast: Cast, sign_in, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The menu is kept by the permissions themselves, not by the post's name."""
    client, address = sign_in("agent"), f'href="{reverse("intake:requests")}"'
    assert address in _side(client)
    agent = ROLES["hotline-agent"]
    monkeypatch.setitem(
        ROLES, "hotline-agent", replace(agent, permissions=agent.permissions - {"intake:request:view"})
    )
    assert address not in _side(client)


def test_the_menu_is_said_in_the_readers_language_and_marks_where_one_is(cast: Cast, sign_in) -> None:
    client = sign_in("agent")
    chinese = client.get(reverse("intake:requests"), headers={"accept-language": "zh-hans"}).content.decode()
    english = client.get(reverse("intake:requests"), headers={"accept-language": "en"}).content.decode()
    assert 'data-go="Requests" aria-current="page"' in english
    assert 'data-go="Requests"' not in chinese
    assert f'href="{reverse("intake:requests")}" data-go="服务请求" aria-current="page"' in chinese


@pytest.mark.parametrize("role", ["hotline-agent", "outlet-clerk", "administrator"])
def test_permissions_are_what_may_says_yes_to(role: str) -> None:
    access = Access(1, 1, (Grant(role, outlet_id=1 if role == "outlet-clerk" else None),))
    assert access.permissions == {each for each in all_permissions() if access.may(each)}
    assert not Access(None, None, access.grants).permissions
