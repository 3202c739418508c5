"""Customers: who is found by what, who sees whom, and what is refused."""

from datetime import timedelta

import pytest

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.audit.models import Event
from sanbao.customers import operations, queries
from sanbao.customers.models import Contact, Customer
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast


def _zhang(cast: Cast, **more: object) -> Customer:
    given = {"phone": "13800005678", "address": "中山路1号"} | more
    return operations.register("张三丰", by=cast.access("supervisor"), at=NOW, **given)


def _found(cast: Cast, words: str, who: str = "supervisor") -> list[str]:
    access = cast.access(who)
    with scope.opened(access):
        return [hit.customer.name for hit in queries.find(access, words)]


@pytest.mark.parametrize("words", ["13800005678", "5678", "138 0000", "张三", "三丰", "zs", "ZSF"])
def test_a_customer_is_found_by_telephone_its_tail_a_piece_of_the_name_and_pinyin(
    cast: Cast, words: str
) -> None:
    _zhang(cast)
    operations.register("李四", phone="13900001234", by=cast.access("supervisor"), at=NOW)
    assert _found(cast, words) == ["张三丰"]


@pytest.mark.parametrize("words", ["", " ", "678", "王", "李三", "%", "zx"])
def test_what_means_nobody_finds_nobody(cast: Cast, words: str) -> None:
    _zhang(cast)
    assert _found(cast, words) == []


def test_numbers_run_on_within_a_company(cast: Cast) -> None:
    first = int(_zhang(cast).number[1:])
    assert _zhang(cast).number == f"K{first + 1}"


def test_two_customers_may_have_one_telephone_and_both_are_found(cast: Cast) -> None:
    _zhang(cast)
    operations.register("张母", phone="13800005678", by=cast.access("supervisor"), at=NOW)
    assert _found(cast, "5678") == ["张母", "张三丰"]


def test_an_outlet_sees_the_customers_it_serves_and_no_others(cast: Cast) -> None:
    """GN-8, ASVS 8.2.2."""
    _zhang(cast)
    assert _found(cast, "5678", "owner-GZ001") == []
    own = operations.register("赵六", phone="13700005678", by=cast.access("owner-GZ001"), at=NOW)
    assert _found(cast, "5678", "owner-GZ001") == ["赵六"]
    assert _found(cast, "5678", "owner-NB011") == []
    operations.serve(own, cast.outlets["NB011"], by=cast.access("supervisor"), at=NOW)
    assert _found(cast, "5678", "owner-NB011") == ["赵六"]


def test_the_database_itself_hides_customers_of_other_outlets(cast: Cast) -> None:
    """The second line: a query that forgot to ask `visible_to`."""
    _zhang(cast)
    operations.register("赵六", phone="13700005678", by=cast.access("owner-GZ001"), at=NOW)
    with scope.opened(cast.access("owner-GZ001")):
        assert [each.name for each in Customer.objects.all()] == ["赵六"]
        assert [each.phone for each in Contact.objects.all()] == ["13700005678"]
    assert Customer.objects.count() == 2, "control: everything is there for the system"


def test_serving_twice_is_told_once(cast: Cast) -> None:
    customer = _zhang(cast)
    for _time in range(2):
        operations.serve(customer, cast.outlets["GZ001"], by=cast.access("supervisor"), at=NOW)
    customer.refresh_from_db()
    assert customer.places == [cast.outlets["GZ001"].pk]
    assert Event.objects.filter(action="customers:customer:served").count() == 1


def test_a_customer_without_a_name_is_refused(cast: Cast) -> None:
    with pytest.raises(Refusal) as refused:
        operations.register("  ", by=cast.access("supervisor"), at=NOW)
    assert refused.value.field == "name"


def test_the_same_number_twice_for_one_customer_is_refused(cast: Cast) -> None:
    with pytest.raises(Refusal) as refused:
        operations.add_contact(_zhang(cast), phone="13800005678", by=cast.access("supervisor"), at=NOW)
    assert refused.value.code == "known"


def test_a_new_first_contact_takes_the_place_of_the_old_one(cast: Cast) -> None:
    customer = _zhang(cast)
    new = operations.add_contact(
        customer, phone="13600001111", preferred=True, by=cast.access("supervisor"), at=NOW
    )
    assert list(customer.contacts.filter(preferred=True)) == [new]


def test_a_number_that_is_ended_no_longer_finds_its_customer(cast: Cast) -> None:
    customer = _zhang(cast)
    operations.end_contact(customer.contacts.get(), by=cast.access("supervisor"), at=NOW)
    assert _found(cast, "5678") == []
    assert customer.contacts.count() == 1, "it stays on record"


def test_a_consent_is_given_once_and_may_be_given_again_after_it_was_withdrawn(cast: Cast) -> None:
    """PIPL 13 and 15."""
    customer, by = _zhang(cast), cast.access("supervisor")
    consent = operations.give_consent(customer, "marketing", "电话同意", by=by, at=NOW)
    with pytest.raises(Refusal):
        operations.give_consent(customer, "marketing", "电话同意", by=by, at=NOW)
    operations.withdraw_consent(consent, by=by, at=NOW + timedelta(days=1))
    operations.give_consent(customer, "marketing", "书面同意", by=by, at=NOW + timedelta(days=2))
    assert customer.consents.count() == 2


def test_a_channel_finds_its_customer_by_mail_whatever_the_letters_case(cast: Cast) -> None:
    customer = operations.admit("陈七", email="Chen@Example.com", by=Access(None, cast.company.pk), at=NOW)
    assert queries.by_contact(cast.company.pk, email="chen@example.COM") == [customer]
    assert queries.by_contact(cast.company.pk) == []
