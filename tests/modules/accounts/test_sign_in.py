"""Signing in, the company, keys, and who may see the posts."""

import time

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts import lockout
from sanbao.accounts.models import Token
from sanbao.accounts.permissions import WORDS
from sanbao.accounts.roles import all_permissions
from sanbao.audit.models import Event
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


def test_a_wrong_name_and_a_wrong_password_are_refused_with_the_same_words(cast):
    cast.people["clerk"].set_password(PASSWORD)
    cast.people["clerk"].save()
    pages = [
        Client().post(reverse("accounts:sign-in"), {"username": name, "password": "wrong"})
        for name in ("clerk", "nobody")
    ]
    assert {page.status_code for page in pages} == {422}
    assert pages[0].context["form"].non_field_errors() == pages[1].context["form"].non_field_errors()


def test_signing_in_leads_to_the_page_asked_for_and_never_to_another_site(cast):
    cast.people["clerk"].set_password(PASSWORD)
    cast.people["clerk"].save()
    fields = {"username": "clerk", "password": PASSWORD}
    inside = Client().post(reverse("accounts:sign-in"), fields | {"next": "/outlets/"})
    outside = Client().post(reverse("accounts:sign-in"), fields | {"next": "https://example.org/"})
    assert (inside.status_code, inside.url) == (303, "/outlets/")
    assert outside.url == "/"


def test_a_bare_word_as_the_page_asked_for_leads_home(sign_in):
    answer = sign_in("clerk").get(reverse("accounts:sign-in"), {"next": "1"})
    assert (answer.status_code, answer.url) == (303, "/")


def test_signing_out_needs_a_post(sign_in):
    browser = sign_in("clerk")
    assert browser.get(reverse("accounts:sign-out")).status_code == 405
    browser.post(reverse("accounts:sign-out"))
    assert browser.get("/").status_code == 302


def test_a_company_where_one_holds_no_post_cannot_be_chosen(sign_in):
    assert sign_in("clerk").post(reverse("accounts:company"), {"company": "999999"}).status_code == 404


def test_a_key_is_shown_once_and_only_its_owner_can_revoke_it(sign_in):
    browser = sign_in("clerk")
    page = browser.post(
        reverse("accounts:tokens"), {"name": "book-keeping", "days": "30", "scopes": ["read"]}
    )
    secret = page.context["secret"]
    token = Token.objects.get()
    assert token.digest == Token.fingerprint(secret)
    assert secret not in browser.get(reverse("accounts:tokens")).content.decode()
    assert sign_in("head").post(reverse("accounts:revoke-token", args=[token.pk])).status_code == 404
    browser.post(reverse("accounts:revoke-token", args=[token.pk]))
    assert not Token.objects.exists()


def test_every_permission_has_words():
    """CO-1: what a post may do is written down for people."""
    assert all_permissions() <= set(WORDS)


@pytest.mark.parametrize("who", ["clerk", "unknown", "no password yet", "deactivated"])
def test_every_refusal_costs_one_hash_and_is_answered_no_sooner(cast, settings, monkeypatch, who):
    """ASVS 6.3.8: neither the words nor the time tell whether there is such a person."""
    settings.REFUSED_AFTER = 0.4
    person = cast.people["clerk"]
    person.set_password(None if who == "no password yet" else PASSWORD)
    person.is_active = who != "deactivated"
    person.save()
    hashed = []
    for name in ("encode", "verify"):
        honest = getattr(Argon2PasswordHasher, name)
        monkeypatch.setattr(
            Argon2PasswordHasher, name, lambda *a, _h=honest, **k: hashed.append(1) or _h(*a, **k)
        )
    begun = time.monotonic()
    fields = {
        "username": "nobody" if who == "unknown" else "clerk",
        "password": PASSWORD + "x" * (who == "clerk"),
    }
    page = Client().post(reverse("accounts:sign-in"), fields)
    assert page.status_code == 422
    assert page.context["form"].non_field_errors()
    assert len(hashed) == 1
    assert time.monotonic() - begun >= 0.4


def test_an_administrators_buttons_act_at_once(cast, sign_in):
    """ASVS 7.4.2, 7.4.5."""
    clerk, phone, admin = cast.people["clerk"], sign_in("clerk"), sign_in("admin")

    def press(name, **fields):
        return admin.post(reverse(f"accounts:{name}", args=[clerk.pk]), fields).status_code

    assert press("end-sessions") == 303
    assert phone.get("/").status_code == 302
    for _ in range(5):
        lockout.count(("name", "clerk"), at=timezone.now())
    assert "锁定至" in admin.get(reverse("accounts:person", args=[clerk.pk])).content.decode()
    assert press("unlock") == 303
    assert "锁定至" not in admin.get(reverse("accounts:person", args=[clerk.pk])).content.decode()
    assert press("deactivate", reason="") == 303
    clerk.refresh_from_db()
    assert clerk.is_active
    assert press("deactivate", reason="离职") == 303
    assert press("make-link") == 422
    assert press("reactivate") == 303
    assert press("make-link") == 200
    told = list(
        Event.objects.filter(by=cast.people["admin"], action__startswith="accounts:")
        .order_by("id")
        .values_list("action", flat=True)
    )
    assert told == [
        "accounts:session:ended", "accounts:person:unlocked", "accounts:person:deactivated",
        "accounts:person:reactivated", "accounts:link:made",
    ]  # fmt: skip


def test_while_the_demonstration_is_told_the_page_says_so_and_looks_again(db: None, settings) -> None:
    settings.DEMO = True
    answer = Client().get("/sign-in/")
    assert "演示数据正在生成" in answer.text
    assert "zhaoqiang" not in answer.text
    assert answer["Refresh"] == "5"


def test_once_it_is_told_its_people_stand_there(cast, settings) -> None:
    settings.DEMO = True
    answer = Client().get("/sign-in/")
    assert "演示数据正在生成" not in answer.text
    assert "zhaoqiang" in answer.text
    assert "Refresh" not in answer
