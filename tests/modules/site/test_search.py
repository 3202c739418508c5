"""Search from any page: what is found, by whom, and how it is shown."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sanbao.accounts import scope
from sanbao.customers import operations as customers
from sanbao.intake import queries
from sanbao.products import operations as products
from sanbao.products.models import Model
from sanbao.site.searching import search
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast):
    """A customer with a unit and a request."""
    agent = cast.access("agent")
    known = customers.register(
        "李建国", phone="13600001234", address="中山路2号", outlet=cast.outlets["GZ001"], by=agent, at=NOW
    )
    model = Model.objects.filter(company=cast.company).earliest("id")
    unit = products.register_unit("CXW260A8260009876", model, customer=known, by=agent, at=NOW)
    return cast.request(
        customer=known, unit=unit, contact="李建国", phone="13600001234", subject="油烟机抖动"
    )


def found(cast: Cast, words: str, who: str = "agent") -> dict[str, int]:
    access = cast.access(who)
    with scope.opened(access):
        return {str(group.title): len(group.hits) for group in search(access, words)}


@pytest.mark.parametrize(
    "words", ["1234", "9876", "李建国", "ljg", "油烟机抖动", "１２３４", "136-0000-1234"]
)
def test_number_tails_names_initials_and_words_find_the_request(cast: Cast, desk, words: str) -> None:
    assert 1 in found(cast, words).values(), words


@pytest.mark.parametrize("words", ["+86 136-0000-1234", "李 建国", "抖动 油烟机", "００００１２３４"])
def test_what_is_meant_is_found_however_it_is_typed(cast: Cast, desk, words: str) -> None:
    """A number with the country's prefix, a blank in a name, words in any order, an input method at full width."""
    assert desk.number in str(search(cast.access("agent"), words))
    assert desk.pk in queries.found(cast.access("agent"), words)


def test_words_that_do_not_all_stand_in_a_text_do_not_find_it(cast: Cast, desk) -> None:
    assert search(cast.access("agent"), "油烟机 漏水") == []
    assert queries.found(cast.access("agent"), "油烟机 漏水") == []


def test_the_request_s_own_number_finds_it_however_it_is_written(cast: Cast, desk) -> None:
    for words in (desk.number, desk.number.lower()):
        assert len([count for count in found(cast, words).values() if count]) >= 1, words


@pytest.mark.parametrize("words", ["", " ", "%", "\x07", "x" * 5000, "'; DROP TABLE", "12"])
def test_what_says_nothing_finds_nothing(cast: Cast, desk, words: str) -> None:
    assert found(cast, words) == {}


def test_each_finds_only_what_they_may_see(cast: Cast, desk) -> None:
    assert found(cast, "1234", "owner-SZ021") == {}
    assert "1234" and found(cast, "油烟机抖动", "owner-GZ001") == {}
    assert found(cast, "1234", "finance") == {}


def test_rows_are_masked_and_few_statements_answer(cast: Cast, desk, sign_in) -> None:
    browser = sign_in("agent")
    address = reverse("search")
    page = browser.get(address, {"q": "1234"}).content.decode()
    assert desk.number in page
    assert "13600001234" not in page
    assert "李建国" not in page
    access = cast.access("agent")
    with scope.opened(access), CaptureQueriesContext(connection) as asked:
        search(access, "1234")
    reading = [each for each in asked if "set_config" not in each["sql"]]
    assert len(reading) <= 4, [each["sql"][:90] for each in reading]


def test_the_palette_is_answered_in_json(cast: Cast, desk, sign_in) -> None:
    answer = sign_in("agent").get(reverse("search"), {"q": desk.number, "as": "json"}).json()
    assert answer["hits"][0]["href"] == reverse("intake:request", args=[desk.pk])


def test_somebody_without_permissions_has_an_empty_page(sign_in) -> None:
    assert sign_in("finance").get(reverse("search"), {"q": "1234"}).status_code == 200
