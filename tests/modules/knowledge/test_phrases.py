"""KA-9.4: standard phrases with places that are filled in."""

import pytest

from sanbao.knowledge import operations, queries
from sanbao.knowledge.phrases import fill, places, unknown_places
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast


def test_places_are_filled_in_whichever_word_they_are_written_with():
    text = "{客户}您好，您的{product}已安排，单号{ 单号 }。"
    assert places(text) == ["customer", "product", "request"]
    told, missing = fill(text, {"customer": "吴女士", "product": "燃气灶"})
    assert told == "吴女士您好，您的燃气灶已安排，单号{ 单号 }。"
    assert missing == ["request"]


def test_what_is_filled_in_is_not_read_again():
    assert fill("{客户}", {"customer": "{product}", "product": "x"}) == ("{product}", [])
    assert unknown_places("{客户} {月亮} {}") == ["月亮", ""]


@pytest.mark.django_db
def test_a_phrase_is_kept_changed_and_ended(cast: Cast) -> None:
    admin = cast.access("admin")
    kept = operations.keep_phrase("hx", "回访", "{客户}您好", codes=["fault"], by=admin, at=NOW)
    operations.keep_phrase("hx", "回访用语", "{客户}您好！", phrase=kept, by=admin, at=NOW)
    other = operations.keep_phrase("ks", "客套", "请稍候", by=admin, at=NOW)
    clerk = cast.access("outlet-clerk")
    assert [row.title for row in queries.phrases(clerk)] == ["回访用语", "客套"]
    operations.end_phrase(other, by=admin, at=NOW)
    assert other not in queries.phrases(clerk)
    operations.keep_phrase("ks", "客套", "请稍候", phrase=other, by=admin, at=NOW)
    assert other in queries.phrases(clerk)


@pytest.mark.django_db
def test_a_phrase_for_other_classes_is_not_offered(cast: Cast) -> None:
    admin = cast.access("admin")
    operations.keep_phrase("a", "故障", "请稍候", codes=["fault"], by=admin, at=NOW)
    operations.keep_phrase("b", "投诉", "非常抱歉", codes=["complaint"], by=admin, at=NOW)
    operations.keep_phrase("c", "通用", "谢谢", by=admin, at=NOW)
    assert [row.title for row in queries.phrases(admin, ["complaint"])] == ["投诉", "通用"]
    assert len(queries.phrases(admin)) == 3


@pytest.mark.django_db
def test_a_place_nobody_can_fill_and_a_short_name_used_twice_are_refused(cast: Cast) -> None:
    admin = cast.access("admin")
    with pytest.raises(Refusal) as refused:
        operations.keep_phrase("a", "x", "{月亮}", by=admin, at=NOW)
    assert refused.value.field == "text"
    operations.keep_phrase("a", "x", "{客户}", by=admin, at=NOW)
    with pytest.raises(Refusal) as refused:
        operations.keep_phrase("a", "y", "z", by=admin, at=NOW)
    assert refused.value.field == "code"
