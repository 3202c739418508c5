"""A closed order in warranty is a record sheet of its month, without Excel (KA-11.1)."""

from datetime import date
from decimal import Decimal

from sanbao.notices.models import Notice
from sanbao.settlements import operations as settlements
from sanbao.settlements.models import Receipt, Sheet
from sanbao.workorders import operations
from tests.cast import APRIL, Cast, moment
from tests.modules.workorders import crew

DONE = moment(2026, 4, 20, 15)
MAY = date(2026, 5, 1)


def test_closing_an_order_in_warranty_writes_the_sheet_of_the_month_in_which_the_work_was_done(
    cast: Cast,
) -> None:
    """KA-11.1: the month's electronic copy is there with it; nothing is typed."""
    made = crew.maintained(cast, DONE)
    sheet = Sheet.objects.get(order=made)
    assert (sheet.number, sheet.month, sheet.outlet, sheet.missing) == (
        made.number,
        APRIL,
        cast.outlets["GZ001"],
        [],
    )
    assert (sheet.customer, sheet.completed_on, sheet.work, sheet.km) == (
        "张三丰",
        DONE.date(),
        "adjust",
        Decimal(30),
    )
    assert Receipt.objects.get(outlet=sheet.outlet, month=APRIL).electronic_on == DONE.date()


def test_the_sheet_is_settled_like_any_other(cast: Cast) -> None:
    """KA-11.1: 30 yuan for checking a hood, 10 km over 20 at 2 yuan."""
    crew.maintained(cast, DONE)
    cast.received()
    statement = cast.statement()
    assert (statement.records, statement.labour, statement.travel) == (1, 3000, 2000)


def test_out_of_warranty_there_is_no_sheet(cast: Cast) -> None:
    made = crew.maintained(cast, DONE, unit=crew.unit(cast, "OLD-0001", purchased_on=date(2021, 1, 10)))
    assert made.cover == "out"
    assert not Sheet.objects.exists()


def test_work_done_in_a_month_that_is_settled_comes_into_the_next_open_one(cast: Cast) -> None:
    cast.sheet()
    cast.received()
    cast.statement(upto="submitted")
    made = crew.maintained(cast, DONE)
    assert Sheet.objects.get(order=made).month == MAY


def test_a_reopened_order_takes_its_sheet_back_and_its_second_closing_writes_another(cast: Cast) -> None:
    made = crew.maintained(cast, DONE)
    made = operations.reopen(made, "又响了", by=cast.access("supervisor"), at=DONE)
    assert Sheet.objects.get(order=made).withdrawn_at == DONE
    assert made.state == "waiting"


def test_of_a_settled_month_nothing_is_taken_back_but_whoever_settles_is_told(cast: Cast) -> None:
    made = crew.maintained(cast, DONE)
    cast.received()
    cast.statement(upto="submitted")
    operations.reopen(made, "又响了", by=cast.access("supervisor"), at=moment(2026, 5, 21))
    sheet = Sheet.objects.get(order=made)
    assert sheet.withdrawn_at is None
    assert Notice.objects.filter(person=cast.people["clerk"], kind="settlements:reopened").count() == 1


def test_the_month_can_still_be_handed_in_by_file_besides(cast: Cast) -> None:
    crew.maintained(cast, DONE)
    settlements.write_sheet(
        cast.outlets["GZ001"],
        APRIL,
        {"number": "GZ001-1", "customer": "李四"},
        by=cast.access("clerk"),
        at=DONE,
    )
    assert Sheet.objects.filter(month=APRIL).count() == 2
