"""Outlets, people and posts: who sees what, and what the forms refuse."""

import pytest
from django.test import Client
from django.urls import reverse

from sanbao.accounts.models import Person
from sanbao.audit.models import Event
from sanbao.outlets.models import Outlet, Posting

pytestmark = pytest.mark.django_db


def test_an_outlet_owner_finds_only_the_own_outlet(cast, sign_in):
    browser = sign_in("owner-GZ001")
    assert browser.get(reverse("outlets:outlet", args=[cast.outlets["GZ001"].pk])).status_code == 200
    assert browser.get(reverse("outlets:outlet", args=[cast.outlets["SZ021"].pk])).status_code == 404
    listed = browser.get(reverse("outlets:list")).content.decode()
    assert "GZ001" in listed
    assert "SZ021" not in listed


def test_only_the_administrator_adds_outlets(cast, sign_in):
    fields = {"region": cast.regions["华东"].pk, "code": "hz002", "name": "杭州服务网点"}
    assert sign_in("head").post(reverse("outlets:add"), fields).status_code == 403
    assert sign_in("admin").post(reverse("outlets:add"), fields).status_code == 303
    assert Outlet.objects.filter(code="HZ002").exists()


def test_a_taken_code_is_refused_beside_its_field(cast, sign_in):
    page = sign_in("admin").post(
        reverse("outlets:add"), {"region": cast.regions["华东"].pk, "code": "GZ001", "name": "another"}
    )
    assert page.status_code == 422
    assert page.context["form"].errors["code"]


def test_a_change_of_an_outlet_leaves_an_event_with_what_was_before(cast, sign_in):
    outlet = cast.outlets["GZ001"]
    fields = {
        "region": outlet.region_id,
        "name": "新名称",
        "contract_from": "2026-01-01",
        "contract_until": "2026-12-31",
    }
    assert sign_in("admin").post(reverse("outlets:edit", args=[outlet.pk]), fields).status_code == 303
    changes = Event.objects.get(action="outlets:outlet:changed").details["changes"]
    assert changes["name"] == ["GZ001服务网点", "新名称"]


def test_a_contract_that_ends_before_it_begins_is_refused(cast, sign_in):
    outlet = cast.outlets["GZ001"]
    fields = {
        "region": outlet.region_id,
        "name": "x",
        "contract_from": "2026-12-31",
        "contract_until": "2026-01-01",
    }
    page = sign_in("admin").post(reverse("outlets:edit", args=[outlet.pk]), fields)
    assert page.status_code == 422
    assert page.context["form"].errors["contract_until"]


def test_a_person_is_added_with_a_first_post_and_sets_a_password_by_the_link_shown(sign_in):
    fields = {"name": "新人", "username": "newcomer", "role": "outlet-clerk", "outlet": "gz001"}
    page = sign_in("admin").post(reverse("accounts:add-person"), fields)
    person = Person.objects.get(username="newcomer")
    assert not person.has_usable_password()
    assert person.postings.get().outlet.code == "GZ001"
    browser = Client()
    browser.get(page.context["address"])
    good = "horse battery staple!"
    browser.post(reverse("accounts:set-password"), {"password": good, "again": good})
    person.refresh_from_db()
    assert person.check_password(good)


def test_a_post_without_its_place_is_refused_and_nobody_is_added(sign_in):
    page = sign_in("admin").post(
        reverse("accounts:add-person"), {"name": "新人", "username": "newcomer", "role": "outlet-clerk"}
    )
    assert page.status_code == 422
    assert not Person.objects.filter(username="newcomer").exists()


def test_an_ended_post_ends_at_once(cast, sign_in):
    clerk = sign_in("clerk")
    assert clerk.get(reverse("outlets:list")).status_code == 200
    posting = Posting.objects.get(person=cast.people["clerk"])
    sign_in("admin").post(reverse("accounts:end-posting", args=[posting.pk]))
    assert (
        clerk.get(reverse("outlets:list")).status_code == 302
    )  # the last post is gone, and so is the session


def test_nobody_ends_their_own_post(cast, sign_in):
    posting = Posting.objects.get(person=cast.people["admin"])
    sign_in("admin").post(reverse("accounts:end-posting", args=[posting.pk]))
    posting.refresh_from_db()
    assert posting.ended_on is None


def test_the_posts_are_written_down_and_outlets_people_are_named_only_to_those_who_may_see_them(sign_in):
    """CO-1."""
    for_clerk = sign_in("clerk").get(reverse("accounts:posts")).content.decode()
    for_auditor = sign_in("auditor").get(reverse("accounts:posts")).content.decode()
    assert "结算员" in for_clerk
    assert "owner-GZ001" not in for_clerk
    assert "owner-GZ001" in for_auditor
    assert sign_in("clerk").get(reverse("accounts:people")).status_code == 403
