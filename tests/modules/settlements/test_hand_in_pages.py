"""The hand-in pages: wrong files, wrong people, closed months, and two people with the same file."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sanbao.settlements.models import HandIn, Sheet
from tests import months
from tests.cast import NOW, Cast


@pytest.fixture(autouse=True)
def now(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


def upload(client: Client, cast: Cast, data: bytes, name: str = "month.xlsx", outlet: str = "GZ001"):
    """Send a month's file as the form does."""
    body = {"outlet": cast.outlets[outlet].pk, "month": "2026-04", "file": SimpleUploadedFile(name, data)}
    return client.post(reverse("settlements:hand-in"), body)


def of(name: str, hand_in: HandIn) -> str:
    return reverse(f"settlements:hand-in-{name}", args=[hand_in.pk])


WRONG = {
    "empty": b"",
    "password": months.encrypted(),
    "word": months.word(),
    "half": months.truncated(),
    "hidden": months.hidden_only(),
    "bomb": months.bomb(),
    "wide": months.wide(),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(cast: Cast, sign_in, name: str) -> None:
    answer = upload(sign_in("owner-GZ001"), cast, WRONG[name])

    assert answer.status_code == 422 and 'class="form-error"' in answer.text
    assert (HandIn.objects.count(), Sheet.objects.count()) == (0, 0)


@pytest.mark.parametrize("day", ["1900-01-05", "2100-04-08", 5])
def test_a_date_of_1900_or_2100_is_named_with_its_cell(cast: Cast, sign_in, day: object) -> None:
    owner = sign_in("owner-GZ001")
    report = upload(owner, cast, months.xlsx([months.row(报修日期=day)]))

    page = owner.get(report.headers["Location"]).text
    assert "I2" in page and HandIn.objects.get().counts["errors"]
    assert of("take-over", HandIn.objects.get()) not in page


def test_the_same_file_is_taken_over_once_by_two_people(cast: Cast, sign_in) -> None:
    owner, clerk = sign_in("owner-GZ001"), sign_in("clerk")
    upload(owner, cast, months.good(2))
    hand_in = HandIn.objects.get()
    assert owner.post(of("take-over", hand_in)).status_code == 303

    late = clerk.post(of("take-over", hand_in))

    assert late.status_code in (409, 422) and "已收单" in late.text
    assert Sheet.objects.count() == 2
    assert clerk.post(of("drop", hand_in)).status_code in (409, 422)


def test_a_second_copy_that_differs_is_refused_with_its_rows(cast: Cast, sign_in) -> None:
    """Both were read before either was taken over: what is shown must be what stands against it now."""
    owner = sign_in("owner-GZ001")
    upload(owner, cast, months.xlsx([months.row()]))
    upload(owner, cast, months.xlsx([months.row(单程公里=31)]))
    first, second = HandIn.objects.order_by("pk")
    owner.post(of("take-over", first))

    late = owner.post(of("take-over", second))

    assert late.status_code == 422 and Sheet.objects.count() == 1
    assert "内容不同" in late.text
    assert f'action="{of("take-over", second)}"' not in late.text


def test_a_closed_month_takes_no_more_sheets(cast: Cast, sign_in) -> None:
    cast.sheet()
    cast.received()
    cast.statement(upto="paid")
    owner = sign_in("owner-GZ001")
    answer = upload(owner, cast, months.good(1))
    if answer.status_code == 303:
        answer = owner.post(of("take-over", HandIn.objects.get()))

    assert answer.status_code in (409, 422) and Sheet.objects.count() == 1


@pytest.mark.parametrize("column", ["0", "150", "999", "-1"])
def test_any_choice_of_columns_is_answered(cast: Cast, sign_in, column: str) -> None:
    owner = sign_in("owner-GZ001")
    upload(owner, cast, months.good(1))
    first = HandIn.objects.get()

    answer = owner.post(of("report", first), {"number": column, "customer": column, "km": "x"})

    assert answer.status_code in (303, 422)
    assert owner.get(of("report", HandIn.objects.latest("pk"))).status_code == 200


def test_others_do_not_see_the_file(cast: Cast, sign_in) -> None:
    """BA-1: out of scope is not there, out of one's post is forbidden."""
    upload(sign_in("owner-GZ001"), cast, months.good(1))
    hand_in = HandIn.objects.get()

    for name, method in (("report", "get"), ("file", "post"), ("take-over", "post"), ("drop", "post")):
        assert getattr(sign_in("owner-NB011"), method)(of(name, hand_in)).status_code == 404
        assert getattr(sign_in("callbacks"), method)(of(name, hand_in)).status_code == 403
    elsewhere = upload(sign_in("owner-NB011"), cast, months.good(1))
    assert elsewhere.status_code == 422 and HandIn.objects.count() == 1


def test_the_file_comes_back_as_it_was(cast: Cast, sign_in) -> None:
    owner, data = sign_in("owner-GZ001"), months.good(1)
    upload(owner, cast, data)

    answer = owner.post(of("file", HandIn.objects.get()), {"reason": "ours is lost"})

    assert b"".join(answer.streaming_content) == data
    assert "attachment" in answer.headers["Content-Disposition"]


def test_a_file_put_aside_is_not_taken_over(cast: Cast, sign_in) -> None:
    owner = sign_in("owner-GZ001")
    upload(owner, cast, months.good(1))
    hand_in = HandIn.objects.get()
    assert owner.post(of("drop", hand_in)).status_code == 303

    assert owner.post(of("take-over", hand_in)).status_code in (409, 422)
    assert Sheet.objects.count() == 0
