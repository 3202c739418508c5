"""Signing out ends the session and has the browser forget the pages, but leaves other tabs' sign-in page alone."""

import re

from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD, Cast


def test_signing_out_clears_the_browsers_copies(cast: Cast, sign_in) -> None:
    """ASVS 14.3.1."""
    client = sign_in("clerk")
    answer = client.post(reverse("accounts:sign-out"))
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/").status_code == 302


def test_no_other_answer_clears_anything(cast: Cast, sign_in) -> None:
    client = sign_in("clerk")
    for url in ("/", reverse("accounts:sessions"), reverse("accounts:sign-in")):
        assert "Clear-Site-Data" not in client.get(url).headers


def test_a_sign_in_page_in_another_tab_still_works(cast: Cast) -> None:
    """Its form's token is in a cookie; "cookies" in the header would have taken it away."""
    person = cast.people["clerk"]
    person.set_password(PASSWORD)
    person.save()
    tabs = Client(enforce_csrf_checks=True)
    filled = {"username": person.username, "password": PASSWORD}

    def token(page: str) -> str:
        return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]

    first, waiting = (token(tabs.get(reverse("accounts:sign-in")).text) for _tab in "ab")
    assert tabs.post(reverse("accounts:sign-in"), filled | {"csrfmiddlewaretoken": first}).status_code == 303
    inside = token(tabs.get("/").text)
    out = tabs.post(reverse("accounts:sign-out"), {"csrfmiddlewaretoken": inside})
    assert out.status_code == 303 and "cookies" not in out.headers["Clear-Site-Data"]
    after = token(tabs.get(reverse("accounts:sign-in")).text)
    assert tabs.post(reverse("accounts:sign-in"), filled | {"csrfmiddlewaretoken": after}).status_code == 303
    assert waiting
