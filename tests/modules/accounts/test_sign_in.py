"""Signing in, the company, keys, and who may see the posts."""

import pytest
from django.test import Client
from django.urls import reverse

from sanbao.accounts.models import Token
from sanbao.accounts.permissions import WORDS
from sanbao.accounts.roles import all_permissions
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
