"""Requests come by Excel: the same rules, the same row once, a sentence for every wrong cell."""

from datetime import timedelta

import pytest

from sanbao.audit.models import Event
from sanbao.customers import operations as customers
from sanbao.decisions.models import Decision
from sanbao.imports import operations, workbooks
from sanbao.imports.kinds import KINDS
from sanbao.imports.models import Brought, Import
from sanbao.intake import operations as desk
from sanbao.intake.models import Category, Request
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast
from tests.modules.imports.make import read, said, taken

ROW = {"外部单号": "A-1", "受理时间": "2026-05-19 10:30", "服务分类": "异响", "主题": "油烟机异响", "严重程度": "部分影响使用", "联系人": "张三丰", "联系电话": "13800005678", "地址": "中山路1号"}  # fmt: skip


@pytest.fixture
def row(cast: Cast) -> dict[str, str]:
    category = Category.objects.get(company=cast.company, code="repair-noise")
    return ROW | {"服务分类": category.name, "严重程度": ""}


def test_a_row_becomes_a_request_weighed_promised_and_put_where_it_belongs(cast: Cast, row) -> None:
    """clause DP-3, clause SR-2, clause BA-2."""
    work = taken(cast, "requests", [row, row | {"外部单号": "A-2", "联系电话": "139 0000 1111"}])
    assert (work.state, work.counts["adds"]) == (Import.State.TAKEN, 2), work.report
    first, second = Request.objects.order_by("id")
    assert (first.channel, first.phone, second.phone, first.contact) == (
        "import",
        "13800005678",
        "13900001111",
        "张三丰",
    )
    assert f"{first.received_at:%Y-%m-%d %H:%M%z}" == "2026-05-19 02:30+0000"
    assert first.promises.count() == 3 and first.priority_decision and first.team
    assert first.entries.earliest("id").external_id == "A-1"
    assert Decision.objects.filter(thing="intake.request", thing_id=first.pk).count() == 4
    assert Event.objects.filter(action="intake:request:registered").count() == 2
    assert Event.objects.get(action="imports:import:taken").details["adds"] == 2


def test_the_same_file_sent_twice_brings_nothing_twice(cast: Cast, row) -> None:
    """By the number it has outside; without one, by everything that stands in it."""
    rows = [row, row | {"外部单号": ""}]
    taken(cast, "requests", rows)
    again = taken(cast, "requests", rows)
    assert (again.counts["adds"], again.counts["left_out"]) == (0, 2)
    assert [cell for cell, _sentence in said(again, "warning")] == ["A2", "A3"]
    assert Request.objects.count() == 2 and Brought.objects.count() == 2


def test_the_same_row_twice_in_one_file_counts_once_but_another_under_its_number_is_refused(
    cast: Cast, row
) -> None:
    assert read(cast, "requests", [row, row]).counts["left_out"] == 1
    work = read(cast, "requests", [row, row | {"主题": "别的"}])
    assert said(work) == [("A3", "与第 2 行重复（A-1）。请删去其中一行。")]


@pytest.mark.parametrize(
    ("wrong", "cell", "piece"),
    [
        ({"受理时间": "2027-01-01 10:00"}, "B2", "将来"),
        ({"受理时间": "03/04/2026"}, "B2", "分不清年月日"),
        ({"受理时间": "上周"}, "B2", "不是日期"),
        ({"受理时间": "2026-05-19 25:00"}, "B2", "日期时间"),
        ({"服务分类": "火星探测"}, "C2", "也没有相近的。在用的有："),
        ({"主题": ""}, "D2", "缺少“主题”"),
        ({"严重程度": "一般般"}, "E2", "没有严重程度"),
        ({"联系电话": "1.38E+10"}, "G2", "科学计数"),
        ({"联系电话": "138****5678"}, "G2", "打了码"),
        ({"联系电话": "1380000567"}, "G2", "11 位"),
        ({"联系电话": ""}, "G2", "无法答复"),
        ({"联系人": "张*"}, "F2", "打了码"),
    ],
)  # fmt: skip
def test_every_wrong_cell_has_a_sentence_and_nothing_is_taken_over(
    cast: Cast, row, wrong, cell, piece
) -> None:
    work = read(cast, "requests", [row | wrong, row | {"外部单号": "A-2"}])
    assert [(at, piece in sentence) for at, sentence in said(work)] == [(cell, True)], work.report
    with pytest.raises(Refusal, match="没有导入任何内容"):
        operations.begin(work, by=cast.access("supervisor"), at=NOW)
    assert not Request.objects.exists()


def test_a_retired_class_is_refused_with_the_nearest_names(cast: Cast, row) -> None:
    category = Category.objects.get(company=cast.company, code="repair-noise")
    desk.retire_category(category, by=cast.access("supervisor"), at=NOW)
    ((cell, sentence),) = said(read(cast, "requests", [row]))
    assert cell == "C2" and "已停用" in sentence and "（repair-" in sentence
    assert "repair-noise）" not in sentence


def test_a_class_is_known_by_one_of_the_words_its_name_lists_and_that_is_said(cast: Cast, row) -> None:
    category = Category.objects.get(company=cast.company, code="repair-noise")
    Category.objects.filter(pk=category.pk).update(name="异响、振动")
    work = read(cast, "requests", [row | {"服务分类": "异响"}])
    assert work.counts["errors"] == 0 and (
        "C2",
        "“异响”按服务分类“异响、振动”读取。",
    ) in said(work, "note")


def test_only_classes_that_share_more_than_a_character_by_chance_are_called_near(cast: Cast, row) -> None:
    Category.objects.filter(company=cast.company, code="repair-noise").update(name="异响、振动")
    Category.objects.filter(company=cast.company, code="repair-gas").update(name="燃气异味")
    ((_cell, sentence),) = said(read(cast, "requests", [row | {"服务分类": "异响声"}]))
    assert "异响、振动（repair-noise）" in sentence and "异味" not in sentence


def test_the_template_shows_a_class_the_company_has_and_its_example_line_is_still_left_out(
    cast: Cast,
) -> None:
    by = cast.access("supervisor")
    kind = KINDS["requests"]
    shown = kind.example(kind.by_name["category"], by)
    assert Category.objects.filter(company=cast.company, name=shown, retired_at=None, children=None).exists()
    work = read(cast, "requests", workbooks.template(kind, by))
    assert work.counts["rows"] == 0 and any("示例" in sentence for _cell, sentence in said(work, "note"))


@pytest.mark.parametrize("heading", ["收到时间", "登记时间", "Received", "received at"])
def test_when_it_came_is_known_by_the_names_people_give_the_column(cast: Cast, row, heading) -> None:
    told = {heading: row["受理时间"]} | {name: value for name, value in row.items() if name != "受理时间"}
    taken(cast, "requests", [told])
    assert f"{Request.objects.get().received_at:%Y-%m-%d %H:%M%z}" == "2026-05-19 02:30+0000"


def test_a_class_is_known_by_code_by_english_and_by_its_whole_path(cast: Cast, row) -> None:
    category = Category.objects.select_related("parent").get(company=cast.company, code="repair-noise")
    for said_as in ("repair-noise", category.name_en, f"{category.parent.name} / {category.name}"):
        assert read(cast, "requests", [row | {"服务分类": said_as}]).counts["errors"] == 0, said_as


def test_customer_and_unit_are_found_by_telephone_and_serial(cast: Cast, row) -> None:
    by = cast.access("supervisor")
    known = customers.register("张三丰", phone="13800005678", by=by, at=NOW)
    work = taken(cast, "requests", [row | {"机身编码": "zz-99"}])
    request = Request.objects.get()
    assert (request.customer, request.unit, request.serial) == (known, None, "ZZ-99")
    assert any("没有登记过" in sentence for _cell, sentence in said(work, "note"))


def test_two_customers_with_one_telephone_are_told_and_neither_is_guessed(cast: Cast, row) -> None:
    by = cast.access("supervisor")
    for name in ("张三丰", "张翠山"):
        customers.register(name, phone="13800005678", by=by, at=NOW)
    work = taken(cast, "requests", [row])
    assert Request.objects.get().customer is None
    assert "138****5678" in said(work, "warning")[0][1]


def test_what_came_by_telephone_was_answered_in_the_call_not_at_the_import(cast: Cast, row) -> None:
    taken(cast, "requests", [row | {"渠道": "电话"}])
    answer = Request.objects.get().promises.get(kind="answer")
    assert answer.state == "met" and answer.met_at == NOW - timedelta(hours=22, minutes=30)


def test_only_who_may_import_and_register_does(cast: Cast, row) -> None:
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        read(cast, "requests", [row], who="agent")
