"""Customers come by Excel: known ones are refused, left out or updated as chosen."""

import io

import openpyxl
import pytest
from django.test import Client

from sanbao.customers import operations as customers
from sanbao.customers.models import Consent, Contact, Customer
from sanbao.imports import operations
from sanbao.imports.models import Import
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast
from tests.modules.imports.make import read, said, taken

ROW = {"姓名": "张三丰", "手机号": "138 0000 5678", "邮箱": "Zhang@Example.com", "地址": "中山路1号", "重要客户": "是", "偏好": "微信", "已同意": "广告、照片", "标签": "老客户，团购", "服务方案": "每季度上门清洗"}  # fmt: skip


def test_a_customer_comes_with_contacts_address_preferences_consents_and_plan(cast: Cast) -> None:
    """clause DP-2, clause SR-5, CO-3."""
    work = taken(
        cast,
        "customers",
        [ROW | {"手机号": "13800005678/0760-22345678"}, {"姓名": "李四", "手机号": 13900001111}],
    )
    assert (work.state, work.counts["adds"]) == (Import.State.TAKEN, 2), work.report
    first, second = Customer.objects.order_by("id")
    assert (first.number[0], first.initials, first.vip, first.reach_by, first.tags) == ("K", "zsf", True, "wechat", ["老客户", "团购"])  # fmt: skip
    assert first.plan == "每季度上门清洗"
    assert list(first.contacts.order_by("id").values_list("phone", "email", "preferred")) == [
        ("13800005678", "zhang@example.com", True), ("0760-22345678", "", False),
    ]  # fmt: skip
    assert first.addresses.get().text == "中山路1号"
    assert set(first.consents.values_list("purpose", flat=True)) == {"marketing", "photos"}
    assert Consent.objects.first().how == "Excel 导入"
    assert second.contacts.get().phone == "13900001111"


def test_a_known_telephone_is_refused_left_out_or_updated_as_chosen(cast: Cast) -> None:
    known = customers.register("张三丰", phone="13800005678", by=cast.access("supervisor"), at=NOW)
    refused = read(cast, "customers", [ROW])
    ((cell, sentence),) = said(refused)
    assert cell == "B2" and known.number in sentence and "138****5678" in sentence
    left_out = taken(cast, "customers", [ROW], known="skip")
    assert (left_out.counts["adds"], left_out.counts["left_out"]) == (0, 1)
    updated = taken(cast, "customers", [ROW], known="update")
    assert (updated.state, updated.counts["updates"]) == (Import.State.TAKEN, 1)
    known.refresh_from_db()
    assert known.vip and known.plan and known.addresses.get().text == "中山路1号"
    assert Customer.objects.count() == 1 and set(Contact.objects.values_list("email", flat=True)) == {"", "zhang@example.com"}  # fmt: skip


def test_what_a_cell_leaves_empty_stays_as_it_is(cast: Cast) -> None:
    known = customers.register(
        "张三丰", phone="13800005678", vip=True, note="x", by=cast.access("supervisor"), at=NOW
    )
    taken(
        cast,
        "customers",
        [{"客户编号": known.number, "姓名": "张三丰", "重要客户": "", "备注": ""}],
        known="update",
    )
    known.refresh_from_db()
    assert (known.vip, known.note) == (True, "x")


def test_two_customers_with_one_telephone_are_not_guessed_between(cast: Cast) -> None:
    for name in ("张三丰", "张翠山"):
        customers.register(name, phone="13800005678", by=cast.access("supervisor"), at=NOW)
    ((cell, sentence),) = said(read(cast, "customers", [ROW], known="update"))
    assert cell == "B2" and "分不清是哪一位" in sentence


def test_one_telephone_twice_in_the_file_names_both_lines(cast: Cast) -> None:
    ((cell, sentence),) = said(read(cast, "customers", [ROW, ROW | {"姓名": "张翠山"}]))
    assert cell == "B3" and "第 2 行" in sentence


@pytest.mark.parametrize(
    ("wrong", "cell", "piece"),
    [
        ({"姓名": ""}, "A2", "缺少“客户姓名”"),
        ({"姓名": "张*"}, "A2", "打了码"),
        ({"手机号": "1.38E+10"}, "B2", "科学计数"),
        ({"手机号": "138****5678"}, "B2", "打了码"),
        ({"邮箱": "zhang"}, "C2", "不是邮箱"),
        ({"重要客户": "也许"}, "E2", "分不清是还是否"),
        ({"偏好": "飞鸽传书"}, "F2", "请写：电话、短信、邮件、微信"),
        ({"标签": "，".join(map(str, range(20)))}, "H2", "最多 10 个标签"),
        ({"客户编号": "K98765"}, "J2", "没有客户 K98765"),
    ],
)  # fmt: skip
def test_every_wrong_cell_has_a_sentence(cast: Cast, wrong, cell, piece) -> None:
    work = read(cast, "customers", [ROW | wrong])
    assert [(at, piece in sentence) for at, sentence in said(work)] == [(cell, True)], work.report
    with pytest.raises(Refusal):
        operations.begin(work, by=cast.access("supervisor"), at=NOW)
    assert not Customer.objects.exists()


def test_an_exported_list_comes_back_when_it_was_exported_in_full_and_is_refused_when_masked(
    cast: Cast, time_machine
) -> None:
    """What is masked can't silently be imported back: every masked cell is named."""
    time_machine.move_to(NOW, tick=False)
    by = cast.access("supervisor")
    known = customers.register("张三丰", phone="13800005678", vip=True, by=by, at=NOW)
    client = Client()
    client.force_login(cast.people["supervisor"])
    masked = client.get("/customers/?export=xlsx&reason=x").content
    ((cell, sentence),) = said(read(cast, "customers", masked))
    assert "打了码" in sentence and cell == "B2"
    full = client.get("/customers/?export=xlsx&reason=x&full=1").content
    assert openpyxl.load_workbook(io.BytesIO(full)).active["B2"].value == "张三丰"
    work = taken(cast, "customers", full, known="update")
    assert (work.state, work.counts["updates"], work.counts["errors"]) == (Import.State.TAKEN, 1, 0), (
        work.report
    )
    known.refresh_from_db()
    assert (known.name, known.vip, Customer.objects.count()) == ("张三丰", True, 1)
