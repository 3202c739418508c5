"""ST-3: the articles that fit a customer's words, ranked by shared pairs of characters, product, class and readers' feedback."""

import pytest

from sanbao.accounts import scope
from sanbao.knowledge import operations, queries
from sanbao.products.models import Model
from tests.cast import NOW, Cast, assemble
from tests.modules.knowledge.make import article, draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(cast: Cast):
    """A handful of articles."""
    return {
        "spark": article(cast),
        "flame": article(cast, title="燃气灶火焰发红、冒黑烟", question="火是红的，锅底熏黑", keywords="", codes=[]),
        "noise": article(cast, title="吸油烟机噪音大", question="油烟机很吵，有异响", keywords="", codes=["fault.noise"], categories=["吸油烟机"]),
        "leak": article(cast, title="电热水器漏水", question="热水器下面滴水", keywords="", codes=["fault.leak"], categories=["电热水器"], public=False),
    }  # fmt: skip


def titles(cast: Cast, words: str, *arguments, **more) -> list[str]:
    return [
        one.article.title for one in queries.suggest(cast.access("outlet-clerk"), words, *arguments, **more)
    ]


def test_st_3_a_customer_s_words_find_what_fits_best_first(cast: Cast, shelf) -> None:
    assert titles(cast, "我家灶台打不着火了，怎么办")[0] == "燃气灶打不着火"
    assert titles(cast, "油烟机声音大有异响")[0] == "吸油烟机噪音大"
    assert titles(cast, "火焰发红")[0] == "燃气灶火焰发红、冒黑烟"


@pytest.mark.parametrize("words", ["", "冰箱不制冷", "x", "，。！", "a" * 5000, "%_\\'\"--", "𠮷𠮷"])
def test_words_that_nothing_fits_find_nothing_and_break_nothing(cast: Cast, shelf, words) -> None:
    assert titles(cast, words) == []


def test_the_product_asked_about_comes_first_and_another_one_s_last(cast: Cast, shelf) -> None:
    hood, hob = (Model.objects.get(code=code) for code in ("CXW-260-A8", "JZT-B52"))
    for name, model in (("甲", hood), ("乙", hob)):
        article(
            cast, title=f"开关失灵处理{name}", question="按了没反应", keywords="", fits=[model.pk], codes=[]
        )
    assert titles(cast, "开关失灵", hood)[0] == "开关失灵处理甲"
    assert titles(cast, "开关失灵", hob.pk)[0] == "开关失灵处理乙"
    assert titles(cast, "", hood) == ["开关失灵处理甲"]
    assert titles(cast, "冰箱不制冷", hood) == ["开关失灵处理甲"]


def test_a_class_alone_is_enough_and_raises_among_equals(cast: Cast, shelf) -> None:
    assert titles(cast, "", None, ["fault.leak"]) == ["电热水器漏水"]
    article(cast, title="异响之一", question="", keywords="", codes=[])
    article(cast, title="异响之二", question="", keywords="", codes=["fault.noise"])
    assert titles(cast, "异响之", codes=["fault.noise"])[0] == "异响之二"


def test_what_helped_others_comes_before_what_did_not(cast: Cast) -> None:
    first, second = (article(cast, title=f"漏气检查{name}", question="", keywords="") for name in "甲乙")
    for _ in range(3):
        operations.give_feedback(first, False, by=queries.visitor(cast.company.pk), at=NOW)
        operations.give_feedback(second, True, by=queries.visitor(cast.company.pk), at=NOW)
    assert titles(cast, "漏气检查")[:2] == ["漏气检查乙", "漏气检查甲"]


def test_only_what_is_published_is_suggested_and_to_the_public_only_what_is_public(cast: Cast, shelf) -> None:
    draft(cast, title="打不着火的草稿")
    assert "打不着火的草稿" not in titles(cast, "打不着火的草稿", most=20)
    assert [one.article.title for one in queries.suggest_public(cast.company.pk, "漏水")] == []
    assert [one.article.title for one in queries.suggest_public(cast.company.pk, "打不着火")] == [
        "燃气灶打不着火"
    ]


def test_another_company_s_articles_are_never_suggested(cast: Cast, shelf) -> None:
    other = assemble("other", "other-", "另一家")
    article(other, title="燃气灶打不着火（另一家）")
    assert titles(cast, "打不着火另一家", most=20) == ["燃气灶打不着火"]
    with scope.opened(cast.access("outlet-clerk")):
        assert titles(cast, "打不着火另一家", most=20) == ["燃气灶打不着火"]


def test_words_that_are_all_common_find_those_that_hold_most_of_them(cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr(queries, "LOOKED_AT", 3)
    for number in range(6):
        article(cast, title=f"热水器点火说明{number}", question="", keywords="")
    article(cast, title="热水器漏水", question="", keywords="", categories=[])
    assert titles(cast, "热水器点火")[0].startswith("热水器点火说明")
    assert titles(cast, "热水 点火")


def test_the_search_of_the_list_finds_words_anywhere_in_the_text(cast: Cast, shelf) -> None:
    admin = cast.access("admin")
    rows = queries.articles(admin)
    assert queries.found(rows, "电磁阀")
    assert queries.found(rows, shelf["leak"].number) == [shelf["leak"].pk]
    assert queries.found(rows, "漏") == [shelf["leak"].pk]
    assert queries.found(rows, " ") == []
    with scope.opened(admin):
        assert queries.found(queries.articles(admin), "黑烟") == [shelf["flame"].pk]
        for words in ("黑烟 火焰", "火焰 黑烟"):
            assert queries.found(queries.articles(admin), words) == [shelf["flame"].pk], "each word by itself"


def test_suggesting_takes_the_same_few_statements_however_many_there_are(
    cast: Cast, shelf, django_assert_num_queries
) -> None:
    access = cast.access("outlet-clerk")
    with django_assert_num_queries(4):
        queries.suggest(access, "打不着火")
    for number in range(5):
        article(cast, title=f"打不着火{number}")
    with django_assert_num_queries(4):
        queries.suggest(access, "打不着火")


def test_what_shares_only_a_common_word_is_left_out(cast: Cast, shelf) -> None:
    assert "燃气灶火焰发红、冒黑烟" not in titles(cast, "燃气灶点不着火，只有打火声，没有火苗")


def test_a_product_nothing_is_written_about_takes_nothing_away(cast: Cast) -> None:
    hood, hob = (Model.objects.get(code=code) for code in ("CXW-260-A8", "JZT-B52"))
    article(cast, title="开关", question="", keywords="", fits=[hood.pk], codes=[])
    assert titles(cast, "开关失灵没反应坏了不好用", hob) == ["开关"]
