"""A customer's data in customers and requests: copied whole, erased whole (PIPL 45, 47)."""

from sanbao.audit import personal
from sanbao.audit.history import ERASED
from sanbao.audit.models import Change
from sanbao.audit.personal import Subject, erasing
from sanbao.customers import operations as customers
from sanbao.customers.models import Customer
from sanbao.customers.personal import Source as OfCustomers
from sanbao.intake import operations
from sanbao.intake.models import Entry, Request
from sanbao.intake.personal import Source as OfRequests
from tests.cast import NOW, Cast

SECRETS = ("张三丰", "13800005678", "中山路1号", "zhang@example.com")


def _made(cast: Cast) -> tuple[Customer, Request]:
    customer = customers.register(
        "张三丰",
        phone="13800005678",
        email="zhang@example.com",
        address="中山路1号",
        note="张三丰爱喝茶",
        by=cast.access("supervisor"),
        at=NOW,
    )
    request = cast.request(
        customer=customer,
        contact="张三丰",
        email="zhang@example.com",
        address="中山路1号",
        description="张三丰说异响，回电13800005678",
    )
    operations.note(request, "已致电13800005678", by=cast.access("agent"), at=NOW)
    customers.amend(customer, {"note": "张三丰常来"}, by=cast.access("supervisor"), at=NOW)
    return customer, request


def _subject(cast: Cast) -> Subject:
    return Subject(cast.company.pk, phone="13800005678")


def test_both_answer_when_privacy_asks() -> None:
    kinds = {type(source) for source in personal.SOURCES}
    assert {OfCustomers, OfRequests} <= kinds


def test_a_copy_holds_everything_kept_and_nothing_of_others(cast: Cast) -> None:
    _made(cast)
    cast.request(phone="13900001111", contact="李四", subject="别人的事")
    told = str(OfCustomers().copy(_subject(cast)) | OfRequests().copy(_subject(cast)))
    for secret in SECRETS:
        assert secret in told
    assert "别人的事" not in told
    assert "已致电" not in told, "internal notes are the company's"


def test_an_open_request_holds_an_erasure_up(cast: Cast) -> None:
    _customer, request = _made(cast)
    assert request.number in OfRequests().open_matters(_subject(cast))[0]


def test_after_an_erasure_no_table_of_ours_knows_the_person_but_the_request_and_its_clocks_stay(
    cast: Cast,
) -> None:
    customer, request = _made(cast)
    with erasing():
        done = OfRequests().erase(_subject(cast), by=cast.access("head"), at=NOW, reason="asked")
        done |= OfCustomers().erase(_subject(cast), by=cast.access("head"), at=NOW, reason="asked")
    assert done == {"requests": 1, "customers": 1}
    customer.refresh_from_db()
    request.refresh_from_db()
    kept = [
        customer.name, customer.note, *customer.contacts.values_list("phone", "email")[0], customer.addresses.get().text,
        request.contact, request.phone, request.email, request.address, request.description,
        *Entry.objects.filter(request=request).values_list("body", flat=True),
        *(str(change.before) + str(change.after) for change in Change.objects.filter(table__startswith="customers_")),
        *(str(change.before) + str(change.after) for change in Change.objects.filter(table="intake_request")),
    ]  # fmt: skip
    for secret in SECRETS:
        assert not [text for text in kept if secret in text], secret
    assert request.description == f"{ERASED}说异响，回电{ERASED}"
    assert request.promises.count() == 3
    assert OfCustomers().names(_subject(cast)) == OfRequests().names(_subject(cast)) == set()
