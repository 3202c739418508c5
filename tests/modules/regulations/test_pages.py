"""Rulebooks to read, and the company's own tariff."""

from datetime import date

import pytest
from django.urls import reverse

from sanbao.regulations.models import Adoption, Edition
from sanbao.regulations.queries import book_names, edition_in_force, rulebook
from sanbao.regulations.subjects import OTHER, by_subject

pytestmark = pytest.mark.django_db


def test_the_list_says_since_when_a_book_counts_and_who_changes_and_interprets_it(sign_in):
    """GN-9."""
    page = sign_in("clerk").get(reverse("regulations:books")).content.decode()
    assert "施行日期" in page
    assert "修改权" in page
    assert "解释权" in page


@pytest.mark.parametrize("name", ["calendar", "charges", "settlement", "warranty"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_book_can_be_read(sign_in, name, language):
    browser = sign_in("outlet-clerk")
    browser.cookies["language"] = language
    assert browser.get(reverse("regulations:book", args=[name])).status_code == 200


def test_there_is_no_such_book(sign_in):
    assert sign_in("clerk").get("/rules/nonsense/").status_code == 404


def _tariff(browser, **changes):
    form = browser.get(reverse("regulations:tariff")).context["form"]
    fields = {name: form[name].value() for name in form.fields}
    return browser.post(reverse("regulations:tariff"), fields | changes)


def test_the_company_s_own_tariff_becomes_an_edition_and_is_adopted(cast, sign_in):
    """SR-9, RG-5: a change takes effect when whoever may adopt it has adopted it."""
    assert _tariff(sign_in("admin"), **{"labour-0-replace": "66", "since": "2026-06-01"}).status_code == 303
    edition = edition_in_force(cast.company.pk, "charges")
    assert edition.company_id == cast.company.pk
    book = rulebook(edition)
    assert book.value("labour", date(2026, 6, 1)).value["吸油烟机"]["replace"] == 66
    assert book.value("labour", date(2026, 5, 31)).value["吸油烟机"]["replace"] == 60


def test_a_tariff_with_a_negative_fee_is_refused(sign_in):
    page = _tariff(sign_in("admin"), **{"labour-0-replace": "-1"})
    assert page.status_code == 422
    assert page.context["form"].errors["labour-0-replace"]
    assert not Adoption.objects.exists()


def test_only_the_administrator_adopts(sign_in):
    edition = Edition.objects.filter(book="charges").first()
    assert sign_in("head").post(reverse("regulations:adopt", args=[edition.pk])).status_code == 403
    assert sign_in("admin").post(reverse("regulations:adopt", args=[edition.pk])).status_code == 303
    assert Adoption.objects.get().edition == edition


def test_books_stand_under_their_subjects_and_none_is_left_over(sign_in):
    page = sign_in("clerk").get(reverse("regulations:books"))
    rows = page.context["rows"]
    assert {row["name"] for row in rows} == set(book_names())
    assert OTHER not in {row["subject"] for row in rows}
    text = page.content.decode()
    assert text.index("保修、配件与退换") < text.index("旧件与废旧物品") < text.index("收费与结算")
    assert by_subject(["charges", "weather"])[-1] == (OTHER, "weather")
