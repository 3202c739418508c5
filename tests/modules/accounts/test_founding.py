"""An empty installation gets its first company; and the nightly sweep."""

import io
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts import lockout
from sanbao.accounts.models import Company, Person, SignIn, Throttle
from sanbao.accounts.tasks import sweep
from sanbao.audit.models import Event

pytestmark = pytest.mark.django_db


def _found(*arguments: str, **options: str) -> str:
    told = io.StringIO()
    call_command("found", *arguments, stdout=told, **options)
    return told.getvalue()


def test_the_first_administrator_comes_in_by_the_printed_link_and_sets_up_a_second_factor(settings) -> None:
    """From an empty database to the page where a second factor is set up. ASVS 6.3.2: there is no default account."""
    settings.SECOND_FACTOR = "required"
    told = _found("hezao", "和灶厨卫电器有限公司", "zhouning", site="https://s.example.cn/")
    path = re.search(r"https://s\.example\.cn(/password/link/\S+)", told)
    assert path is not None
    browser, good = Client(), "horse battery staple!"
    browser.get(path[1])
    assert (
        browser.post(reverse("accounts:set-password"), {"password": good, "again": good}).status_code == 303
    )
    answer = browser.post(
        reverse("accounts:sign-in"), {"username": "zhouning", "password": good}, follow=True
    )
    assert answer.redirect_chain[-1][0] == reverse("accounts:security")
    assert Event.objects.filter(action="accounts:company:founded", by__username="zhouning").exists()


@pytest.mark.parametrize(
    ("code", "name", "username"),
    [("HEZAO", "x", "a"), ("a b", "x", "a"), ("x" * 21, "x", "a"), ("b", " ", "a"), ("b", "x", "a b"), ("b", "x" * 101, "a"), ("hezao", "x", "a"), ("b", "x", "zhou")],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_is_left(
    code: str, name: str, username: str
) -> None:
    _found("hezao", "和灶", "zhou")
    with pytest.raises(CommandError):
        _found(code, name, username)
    assert (Company.objects.count(), Person.objects.count()) == (1, 1)


def test_the_sweep_drops_what_no_longer_counts_and_nothing_else() -> None:
    now = timezone.now()
    for days in (0, 2):
        lockout.count(("name", f"n{days}"), at=now - timedelta(days=days))
    for days in (100, 201):
        SignIn.objects.create(at=now - timedelta(days=days), outcome="done", way="password")
    assert sweep(0) == {"lockouts": 1, "sign-ins": 1, "links": 0}
    assert (Throttle.objects.count(), SignIn.objects.count()) == (1, 1)
