"""The pages of an import: choose, see, correct, take over, take the rows back."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sanbao.audit.models import Event
from sanbao.audit.personal import Subject, erasing
from sanbao.customers.models import Customer
from sanbao.imports import operations
from sanbao.imports.models import Import
from sanbao.imports.personal import Source
from tests.cast import NOW, Cast
from tests.modules.imports.make import book, read

ROW = {"姓名": "张三丰", "手机号": "13800005678"}


@pytest.fixture
def client(cast: Cast, time_machine) -> Client:
    time_machine.move_to(NOW, tick=False)
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.force_login(cast.people["supervisor"])
    return client


def _sent(client: Client, data: bytes, kind: str = "customers", known: str = "refuse"):
    return client.post(
        f"/imports/{kind}/", {"file": SimpleUploadedFile("客户.xlsx", data), "known": known}, follow=True
    )


def test_a_file_is_chosen_seen_and_taken_over(cast: Cast, client: Client) -> None:
    """clause CO-3, clause DP-2."""
    assert "客户" in client.get("/imports/").content.decode()
    page = _sent(client, book([ROW])).content.decode()
    assert "导入 1 行" in page and "张*" in page and "张三丰" not in page and "13800005678" not in page
    work = Import.objects.get()
    page = client.post(f"/imports/files/{work.pk}/taking/", follow=True).content.decode()
    assert "新增 1 行" in page
    assert Customer.objects.get().name == "张三丰"


@pytest.mark.parametrize(("wrong", "shown"), [("138000056789", "138****6789"), ("1380000", "****00")])
def test_who_sent_the_file_sees_the_wrong_telephone_and_nobody_else_does(
    cast: Cast, client: Client, wrong, shown
) -> None:
    """clause GN-8: what is kept of the file, and what a colleague sees of it, stays masked."""
    page = _sent(client, book([ROW | {"手机号": wrong}])).content.decode()
    work = Import.objects.get()
    assert f"“{wrong}”" in page and work.report[0]["zh"].count(f"“{shown}”") == 1
    client.force_login(cast.people["head"])
    others = client.get(f"/imports/files/{work.pk}/").content.decode()
    assert f"“{shown}”" in others and wrong not in others


def test_who_sent_the_file_sees_whose_telephone_is_not_known(cast: Cast, client: Client) -> None:
    """A telephone that can be read but belongs to nobody is named in full, too."""
    page = _sent(
        client,
        book([{"机身编码": "CXW260A8260000001", "型号": "CXW-260-A8", "客户电话": "13900001111"}]),
        "units",
    )
    assert "“13900001111”" in page.content.decode() and "13900001111" not in str(Import.objects.get().report)


def test_a_wrong_cell_is_named_on_the_page_and_in_the_workbook_to_take_back(
    cast: Cast, client: Client
) -> None:
    page = _sent(client, book([ROW, ROW | {"手机号": "1380000"}])).content.decode()
    assert "<code>B3</code>" in page and "导入 2 行" not in page
    work = Import.objects.get()
    assert client.post(f"/imports/files/{work.pk}/taking/").status_code == 422
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"/imports/files/{work.pk}/rows/").content)).active
    rows = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert rows[0][:4] == ["怎么改", "行", "姓名", "手机号"]
    assert rows[1][1:4] == ["2", "张三丰", "13800005678"] and not rows[1][0]
    assert "11 位" in rows[2][0]
    assert Event.objects.filter(action="imports:import:downloaded").count() == 1
    client.force_login(
        cast.people["head"]
    )  # the rows hold people's data in full: only who brought them gets them back
    assert client.get(f"/imports/files/{work.pk}/").status_code == 200
    assert client.get(f"/imports/files/{work.pk}/rows/").status_code == 404


def test_columns_and_the_choice_for_known_rows_are_corrected_on_the_page(cast: Cast, client: Client) -> None:
    _sent(client, book([{"姓名": "张三丰", "甲": "13800005678"}]))
    work = Import.objects.get()
    client.post(f"/imports/files/{work.pk}/", {"column-name": "0", "column-phones": "1", "known": "update"})
    again = Import.objects.latest("id")
    assert (again.columns["phones"], again.known) == (1, "update")
    work.refresh_from_db()
    assert work.state == Import.State.DROPPED


def test_the_page_shows_how_far_the_worker_is_and_reloads_when_it_is_through(
    cast: Cast, client: Client
) -> None:
    rows = [{"姓名": f"客户{n}", "手机号": f"138{n:08}"} for n in range(600)]
    work = operations.begin(read(cast, "customers", rows), by=cast.access("supervisor"), at=NOW)
    asked = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "progress"}
    part = client.get(f"/imports/files/{work.pk}/", **asked).content.decode()
    assert "0 / 600" in part and "<html" not in part
    page = client.post(f"/imports/files/{work.pk}/stop/", follow=True).content.decode()
    assert "没有导入任何内容" in page
    assert client.get(f"/imports/files/{work.pk}/", **asked).headers["HX-Refresh"] == "true"


def test_a_file_that_cannot_be_read_is_refused_beside_the_field(cast: Cast, client: Client) -> None:
    answer = _sent(client, b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    assert answer.status_code == 422 and "内容却是 PNG" in answer.content.decode()


def test_every_kind_has_a_template_and_an_unknown_one_is_not_there(cast: Cast, client: Client) -> None:
    for kind in ("customers", "units", "requests"):
        assert client.get(f"/imports/{kind}/template/").content[:2] == b"PK"
        assert client.get(f"/imports/{kind}/").status_code == 200
    assert client.get("/imports/spaceships/").status_code == 404


def test_an_erasure_reaches_the_files_that_hold_the_person(cast: Cast, client: Client) -> None:
    """PIPL 47."""
    work = read(cast, "customers", [ROW])
    other = read(cast, "customers", [{"姓名": "李四", "手机号": "13900001111"}])
    subject = Subject(cast.company.pk, phone="13800005678")
    assert [each["name"] for each in Source().copy(subject)["imported"]] == ["f.xlsx"]
    with erasing():
        assert Source().erase(subject, by=cast.access("head"), at=NOW, reason="x") == {"imported": 1}
    work.refresh_from_db()
    assert (work.state, work.report, work.people) == (Import.State.DROPPED, [], [])
    other.refresh_from_db()
    assert other.state == Import.State.READ
