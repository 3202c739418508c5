"""Duplicates: found, merged with all that hangs on them, taken apart again, and what is refused."""

import threading
from contextlib import suppress
from contextvars import copy_context
from datetime import timedelta

import pytest
from django.db import connection

from sanbao.audit.models import Event
from sanbao.customers import merging, operations
from sanbao.customers.models import Consent, Contact, Customer, InPlaces, Merge
from sanbao.products import operations as products
from sanbao.products.models import Model
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast


@pytest.fixture
def pair(cast: Cast) -> tuple[Customer, Customer]:
    """张三丰 registered twice: (kept, gone). The duplicate has a unit, a request, a contact of its own and one they share."""
    by = cast.access("supervisor")
    kept = operations.register("张三丰", phone="13800005678", address="中山路1号", by=by, at=NOW)
    gone = operations.register("张三丰", phone="13800005678", address="人民路2号", vip=True, by=by, at=NOW)
    operations.add_contact(gone, phone="13900001111", by=by, at=NOW)
    operations.give_consent(kept, "survey", "电话", by=by, at=NOW)
    for purpose in ("survey", "photos"):
        operations.give_consent(gone, purpose, "电话", by=by, at=NOW)
    model = Model.objects.filter(company=cast.company).first()
    assert model is not None
    products.register_unit("A1234567", model, customer=gone, by=by, at=NOW)
    cast.request(customer=gone)
    operations.serve(gone, cast.outlets["GZ001"], by=by, at=NOW)
    for each in (kept, gone):
        each.refresh_from_db()
    return kept, gone


def _hanging(customer: Customer) -> dict[str, list[int]]:
    """The living numbers of every row that points at a customer, and what is ended or preferred."""
    told = {
        f"{model._meta.label}.{field.name}": sorted(
            model._default_manager.filter(**{field.name: customer}).values_list("pk", flat=True)
        )
        for model, field in merging.hanging()
    }
    told["living"] = sorted(customer.contacts.filter(ended_at__isnull=True).values_list("pk", flat=True))
    told["preferred"] = sorted(customer.contacts.filter(preferred=True).values_list("pk", flat=True))
    return {name: rows for name, rows in told.items() if rows}


def _merge(cast: Cast, pair: tuple[Customer, Customer]) -> Merge:
    kept, gone = pair
    return merging.merge(gone, kept, by=cast.access("supervisor"), at=NOW)


def test_everything_that_hangs_on_the_duplicate_moves_over(
    cast: Cast, pair: tuple[Customer, Customer]
) -> None:
    """DP-2: one archive for a customer's products and service."""
    kept, gone = pair
    _merge(cast, pair)
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert gone.merged_into == kept and kept.vip and cast.outlets["GZ001"].pk in kept.places
    assert kept.units.count() == 1 and Consent.objects.filter(customer=kept).count() == 2
    assert sorted(kept.contacts.filter(ended_at__isnull=True).values_list("phone", flat=True)) == ["13800005678", "13900001111"]  # fmt: skip
    left = _hanging(gone)
    assert set(left) == {"customers.Consent.customer"}, "only what both had agreed to stays"
    assert Event.objects.filter(action="customers:customer:merged").count() == 1


def test_every_table_that_points_at_a_customer_is_moved(cast: Cast) -> None:
    """A module that is added later is merged without asking: the tables come from the models."""
    names = {model._meta.label for model, _field in merging.hanging()}
    assert {
        "intake.Request",
        "intake.Pledge",
        "products.Unit",
        "customers.Contact",
        "customers.Address",
    } <= names
    assert "customers.Merge" not in names


def test_undoing_puts_every_row_back_where_it_was(cast: Cast, pair: tuple[Customer, Customer]) -> None:
    kept, gone = pair
    before = _hanging(kept), _hanging(gone), list(kept.places), list(gone.places), kept.vip
    merging.undo(_merge(cast, pair), by=cast.access("supervisor"), at=NOW)
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (_hanging(kept), _hanging(gone), kept.places, gone.places, kept.vip) == before
    assert gone.merged_into is None


def test_what_came_after_merging_stays_when_it_is_undone(cast: Cast, pair: tuple[Customer, Customer]) -> None:
    kept, gone = pair
    done = _merge(cast, pair)
    later = operations.add_contact(kept, phone="13700002222", by=cast.access("supervisor"), at=NOW)
    merging.undo(done, by=cast.access("supervisor"), at=NOW)
    assert Contact.objects.get(pk=later.pk).customer == kept
    assert gone.contacts.filter(phone="13900001111").exists()


def test_merging_is_undone_once_within_thirty_days_and_in_order(
    cast: Cast, pair: tuple[Customer, Customer]
) -> None:
    kept, _gone = pair
    by = cast.access("supervisor")
    done = _merge(cast, pair)
    with pytest.raises(Refusal) as late:
        merging.undo(done, by=by, at=NOW + timedelta(days=31))
    assert late.value.code == "late"
    third = operations.register("张三丰", phone="13800005678", by=by, at=NOW)
    merging.merge(kept, third, by=by, at=NOW)
    with pytest.raises(Refusal) as chained:
        merging.undo(done, by=by, at=NOW)
    assert chained.value.code == "merged"
    merging.undo(Merge.objects.get(gone=kept), by=by, at=NOW)
    merging.undo(done, by=by, at=NOW)
    with pytest.raises(Refusal) as twice:
        merging.undo(done, by=by, at=NOW)
    assert twice.value.code == "undone"


def test_neither_oneself_nor_a_merged_record_is_merged(cast: Cast, pair: tuple[Customer, Customer]) -> None:
    kept, gone = pair
    by = cast.access("supervisor")
    with pytest.raises(Refusal):
        merging.merge(kept, kept, by=by, at=NOW)
    _merge(cast, pair)
    with pytest.raises(Refusal):
        merging.merge(gone, kept, by=by, at=NOW)
    with pytest.raises(Refusal):
        operations.amend(gone, {"name": "李四"}, by=by, at=NOW)


def test_pairs_with_one_telephone_are_suggested_and_gone_once_merged(
    cast: Cast, pair: tuple[Customer, Customer]
) -> None:
    kept, gone = pair
    by = cast.access("supervisor")
    assert merging.pairs(by) == [(gone, kept)]
    assert merging.same_as(kept, by) == [gone]
    _merge(cast, pair)
    assert merging.pairs(by) == [] and merging.same_as(kept, by) == []


def _a_row_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], int]:
    """A is merged into B while B is merged into C, both having looked before either writes: what came of it, and what hangs on dead records."""
    by, said = cast.access("supervisor"), []
    first, second, third = (
        operations.register("张三丰", phone=f"1380000567{n}", by=by, at=NOW) for n in range(3)
    )
    gate, hanging = threading.Barrier(2), merging.hanging

    def together() -> object:
        with suppress(threading.BrokenBarrierError):
            gate.wait(timeout=1)
        return hanging()

    monkeypatch.setattr(merging, "hanging", together)

    def work(gone: Customer, kept: Customer) -> None:
        try:
            merging.merge(gone, kept, by=by, at=NOW)
            said.append("done")
        except Refusal as refusal:
            said.append(str(refusal.code))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=copy_context().run, args=(work, *pair))
        for pair in ((first, second), (second, third))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lost = Contact.objects.filter(customer__merged_into__isnull=False, ended_at__isnull=True).count()
    return sorted(said), lost


@pytest.mark.django_db(transaction=True)
def test_two_mergings_at_once_leave_nothing_on_a_dead_record(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second sees what the first has done: its rows move on, or it is refused."""
    said, lost = _a_row_at_once(cast, monkeypatch)
    assert said in (["done", "done"], ["done", "merged"])
    assert lost == 0


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_a_contact_is_lost_on_a_dead_record(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above."""
    monkeypatch.setattr(InPlaces, "select_for_update", lambda rows, **options: rows)
    said, lost = _a_row_at_once(cast, monkeypatch)
    assert said == ["done", "done"]
    assert lost == 1
