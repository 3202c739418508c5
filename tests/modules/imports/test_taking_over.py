"""Whole or not at all: large files by the worker, stopping, two people at once, and what is no table."""

import io
import threading
import zipfile

import openpyxl
import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from sanbao.accounts import scope
from sanbao.customers.models import Customer
from sanbao.imports import operations, tasks
from sanbao.imports.kinds import KINDS
from sanbao.imports.models import Import, Progress
from sanbao.intake.models import Category, Request
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast
from tests.modules.imports.make import book, read, said

ROW = {"姓名": "张三", "手机号": "13800005678"}


def many(count: int) -> list[dict[str, str]]:
    return [{"姓名": f"客户{n}", "手机号": f"138{n:08}"} for n in range(count)]


def test_a_large_file_is_the_workers_and_comes_at_once_when_it_is_through(cast: Cast) -> None:
    """clause CO-3: the page does not wait, and shows how far it is."""
    by = cast.access("supervisor")
    work = operations.begin(read(cast, "customers", many(600)), by=by, at=NOW)
    assert (work.state, Customer.objects.count()) == (Import.State.WAITING, 0)
    job = ProcrastinateJob.objects.get(task_name="imports.take_over", args__import_id=work.pk)
    with pytest.raises(Refusal):  # nobody can begin it twice
        operations.begin(work, by=by, at=NOW)
    assert tasks.take_over(**job.args) == Import.State.TAKEN
    assert Customer.objects.count() == 600
    assert tasks.take_over(**job.args) == Import.State.TAKEN, "a job that runs again does nothing"
    assert Customer.objects.count() == 600


def test_stopped_before_the_worker_began_the_file_is_as_it_was(cast: Cast) -> None:
    by = cast.access("supervisor")
    work = operations.begin(read(cast, "customers", many(600)), by=by, at=NOW)
    operations.stop(work, by=by, at=NOW)
    work.refresh_from_db()
    assert work.state == Import.State.READ
    assert (
        tasks.take_over(
            **ProcrastinateJob.objects.get(task_name="imports.take_over", args__import_id=work.pk).args
        )
        == Import.State.READ
    )
    assert not Customer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_stopped_while_the_worker_is_at_it_nothing_is_taken_over(cast: Cast) -> None:
    by = cast.access("supervisor")
    work = operations.begin(read(cast, "customers", many(600)), by=by, at=NOW)
    Progress.objects.filter(work=work).update(stopped_at=NOW)
    done = operations.take_over(work, by=by, at=NOW)
    assert (done.state, Customer.objects.count()) == (Import.State.READ, 0)
    again = operations.begin(done, by=by, at=NOW)
    assert operations.take_over(again, by=by, at=NOW).state == Import.State.TAKEN
    assert Progress.objects.get(work=work).done == 600


def test_what_has_changed_since_it_was_read_is_found_when_it_is_taken_over(cast: Cast) -> None:
    by = cast.access("supervisor")
    first, second = read(cast, "customers", [ROW]), read(cast, "customers", [ROW])
    operations.begin(first, by=by, at=NOW)
    with pytest.raises(Refusal) as refused:
        operations.begin(second, by=by, at=NOW)
    assert refused.value.details["report"][0]["cell"] == "B2"
    assert Customer.objects.count() == 1


def _both_at_once(cast: Cast, kind: str, data: bytes) -> list[object]:
    """Two people take over the same file at the same moment."""
    works = [read(cast, kind, data, who=who) for who in ("supervisor", "head")]
    ready, results = threading.Barrier(2), list[object]()

    def bring(work: Import, who: str) -> None:
        try:
            with scope.everything("a test"):
                by = cast.access(who)
                ready.wait(10)
                results.append(operations.begin(work, by=by, at=NOW).counts["adds"])
        except Refusal as refusal:
            results.append(refusal.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=bring, args=pair) for pair in zip(works, ("supervisor", "head"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(results, key=str)


@pytest.mark.django_db(transaction=True)
def test_two_who_bring_the_same_customers_at_once_do_it_one_after_the_other(cast: Cast) -> None:
    assert _both_at_once(cast, "customers", book(many(20))) == [20, "rows"]
    assert Customer.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_the_customers_come_twice(cast: Cast, monkeypatch) -> None:
    """The race test above proves something: with its guard off it fails."""
    monkeypatch.setattr(operations, "_one_at_a_time", lambda *_: None)
    kind, slow = KINDS["customers"], threading.Barrier(2)
    examine = kind.examine

    def both_have_looked(rows, known, by, at, say):
        plan = examine(rows, known, by, at, say)
        if connection.in_atomic_block:
            slow.wait(10)
        return plan

    monkeypatch.setitem(kind.__dict__, "examine", both_have_looked)
    assert _both_at_once(cast, "customers", book(many(20))) == [20, 20]
    assert Customer.objects.count() == 40


@pytest.mark.django_db(transaction=True)
def test_two_who_bring_the_same_requests_at_once_bring_them_once(cast: Cast) -> None:
    category = Category.objects.filter(company=cast.company, code="repair-noise").get()
    rows = [
        {"外部单号": f"A-{n}", "服务分类": category.name, "主题": "异响", "联系电话": f"138{n:08}"}
        for n in range(20)
    ]
    assert sorted(_both_at_once(cast, "requests", book(rows)), key=str) == [0, 20]
    assert Request.objects.count() == 20


# Wrong input


def _workbook(change) -> bytes:
    made = openpyxl.Workbook()
    change(made.active)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (250 * 2**20))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("photo.xlsx", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "not_what_it_says"),
        ("empty.csv", b"", "empty"),
        ("words.csv", "没有列的文字\n第二行".encode(), "no_columns"),
        ("broken.csv", "姓名,电话\n张三,1\n".encode()[:-1] + b"\xff\xfe\x81", "encoding"),
        ("bomb.xlsx", _bomb(), "too_large_inside"),
        ("headings.csv", "甲,乙,丙\n1,2,3\n".encode(), "no_headings"),
        ("long.csv", "姓名,手机号\n".encode() + "张三,13800005678\n".encode() * 200_000, "too_long"),
        ("wide.csv", ("姓名,手机号," + ",".join(f"列{n}" for n in range(1000)) + "\n" + "张三," * 1002).encode(), "too_wide"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_table_of_ours_is_refused_with_a_sentence_and_not_kept(
    cast: Cast, name, data, code
) -> None:
    with pytest.raises(Refusal) as refused:
        read(cast, "customers", data, name=name)
    assert (refused.value.code, refused.value.field) == (code, "file")
    assert "{" not in str(refused.value) and not Import.objects.exists()


def test_csv_of_a_chinese_office_is_read_whatever_its_encoding(cast: Cast) -> None:
    text = "客户姓名,电话\n张三丰,13800005678\n"
    for encoding in ("gb18030", "utf-8-sig", "utf-16"):
        assert read(cast, "customers", text.encode(encoding), name="a.csv").counts["adds"] == 1, encoding


def test_merged_hidden_and_broken_cells_are_read_as_they_look_or_named(cast: Cast) -> None:
    def fill(sheet) -> None:
        for line in (["姓名", "手机号", "地址"], ["张三", "13800005678", "中山路1号"], ["李四", "13900001111", None], ["王五", "#N/A", "x"]):  # fmt: skip
            sheet.append(line)
        sheet["B4"].data_type = "e"
        sheet.merge_cells("C2:C3")
        sheet.row_dimensions[3].hidden = True

    work = read(cast, "customers", _workbook(fill))
    assert [cell for cell, _sentence in said(work)] == ["B4"]
    assert any("隐藏" in sentence for _cell, sentence in said(work, "note"))
    assert work.counts["rows"] == 3


def test_columns_may_stand_in_any_order_be_guessed_and_be_corrected(cast: Cast) -> None:
    data = book([{"地址": "中山路1号", "客户的姓名": "张三", "甲": "13800005678"}])
    work = read(cast, "customers", data)
    assert any("按“客户姓名”读取" in sentence for _cell, sentence in said(work, "warning"))
    again = read(cast, "customers", data, columns={"phones": 2})
    operations.begin(again, by=cast.access("supervisor"), at=NOW)
    assert Customer.objects.get().contacts.get().phone == "13800005678"


def test_the_templates_example_is_not_taken_for_a_customer(cast: Cast) -> None:
    from sanbao.imports.workbooks import template

    for code, kind in KINDS.items():
        work = read(cast, code, template(kind, cast.access("supervisor")))
        assert work.counts["rows"] == 0, code
        assert "示例" in "".join(sentence for _cell, sentence in said(work, "note")), code


def test_the_statements_of_a_preview_do_not_grow_with_its_rows(
    cast: Cast, django_assert_max_num_queries
) -> None:
    work = read(cast, "customers", many(400))
    with django_assert_max_num_queries(40):
        operations.begin(work, by=cast.access("supervisor"), at=NOW)
