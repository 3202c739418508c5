"""Accounts and entries to read, and the check of the invariants."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from sanbao.ledger.models import Account, Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(cast):
    for outlet in ("GZ001", "NB011"):
        cast.sheet(outlet)
        cast.received(outlet)
        cast.statement(outlet, upto="approved")


def test_an_owner_sees_only_the_own_outlet_s_accounts(cast, sign_in, paid):
    browser = sign_in("owner-GZ001")
    listed = browser.get(reverse("ledger:accounts")).content.decode()
    assert "GZ001" in listed
    assert "NB011" not in listed
    other = Account.objects.get(code="outlet-payable", outlet_id=cast.outlets["NB011"].pk)
    assert browser.get(reverse("ledger:account", args=[other.pk])).status_code == 404


def test_an_entry_shows_both_sides_and_links_only_what_one_may_open(cast, sign_in, paid):
    entry = Entry.objects.filter(
        kind="settlement:accrued", postings__account__outlet_id=cast.outlets["GZ001"].pk
    ).first()
    cost = Account.objects.get(code="service-cost")
    page = sign_in("owner-GZ001").get(reverse("ledger:entry", args=[entry.pk])).content.decode()
    assert "80.00" in page
    assert reverse("ledger:account", args=[cost.pk]) not in page
    assert sign_in("owner-NB011").get(reverse("ledger:entry", args=[entry.pk])).status_code == 404


def test_a_clerk_who_keeps_no_accounts_may_not_open_the_ledger(sign_in):
    assert sign_in("clerk").get(reverse("ledger:accounts")).status_code == 403


def test_the_invariants_hold_after_settled_months(paid):
    out = StringIO()
    call_command("ledger", stdout=out)
    assert "BROKEN" not in out.getvalue()
    assert out.getvalue().count("holds") >= 6
