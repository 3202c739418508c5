"""Words that stand in every tenth request are found by walking down from the newest: the same numbers as by the index (performance.md)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sanbao.accounts import finding, scope
from sanbao.edge import search
from sanbao.intake import queries
from tests.cast import Cast


@pytest.fixture
def common(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every pair counts as common, as after an ANALYZE of many such rows."""
    monkeypatch.setattr(search, "_shares", {})
    monkeypatch.setattr(search, "_read_shares", lambda index: dict.fromkeys(search.grams(ALL), 0.1))


ALL = "漏电跳闸Abc100%_x"


def _requests(cast: Cast) -> list[int]:
    texts = ("油烟机漏电", "漏电跳闸", "噪音大", "ABC 漏电", "100%_x", "100%yx")
    return [cast.request(subject=text, phone="13800005678").pk for text in texts]


def _found(cast: Cast, words: str, most: int = 1_000) -> list[int]:
    access = cast.access("agent")
    with scope.opened(access):
        return queries.found(access, words, most=most)


@pytest.mark.parametrize(
    ("words", "which"),
    [
        ("漏电", (0, 1, 3)),
        ("漏电跳", (1,)),
        ("abc", (3,)),
        ("%_", (4,)),
        ("电漏", ()),
        ("漏电 abc", (3,)),
        ("跳闸 漏电", (1,)),
        ("漏电 a", ()),
    ],
)
def test_common_words_find_the_same_as_the_index(
    cast: Cast, common: None, words: str, which: tuple[int, ...]
) -> None:
    made = _requests(cast)
    expected = sorted((made[number] for number in which), reverse=True)

    for most in (
        1_000,
        max(1, len(which)),
    ):  # the walk falls short and the index is asked, and the walk is enough
        assert _found(cast, words, most) == expected


@pytest.mark.parametrize("words", ["漏电", "abc 漏电"])
def test_the_walk_is_enough_where_it_finds_all_that_was_asked_for(
    cast: Cast, common: None, words: str
) -> None:
    _requests(cast)
    with CaptureQueriesContext(connection) as asked:
        _found(cast, words, 1)

    assert any("newest WHERE (strpos" in each["sql"] for each in asked)
    assert not any("sanbao_grams" in each["sql"] and "intake_request" in each["sql"] for each in asked)


def test_the_walk_finds_nothing_of_another_outlet(cast: Cast, common: None) -> None:
    _requests(cast)
    owner = cast.access("owner-GZ001")
    with scope.opened(owner):
        assert queries.found(owner, "漏电", most=2) == []


def test_how_common_words_are_is_read_from_what_the_database_has_counted(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a guess about the quicker way: without figures nothing is common."""
    monkeypatch.setattr(search, "_shares", {})
    _requests(cast)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE intake_request")
    assert search.is_common("intake_grams", "漏电")
    assert not search.is_common("intake_grams", "没有")
    assert not search.is_common("no_such_index", "漏电")


def test_the_owner_is_called_once_for_several_searches(cast: Cast) -> None:
    access = cast.access("agent")
    with scope.opened(access), CaptureQueriesContext(connection) as asked, finding.together():
        queries.found(access, "漏电")
        queries.found(access, "噪音")
    assert len([each for each in asked if "set_config" in each["sql"]]) == 2


def test_where_older_requests_may_match_too_the_reader_is_told(
    cast: Cast, sign_in, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what was found would look like all there is."""
    monkeypatch.setattr(finding, "MOST_FOUND", 2)
    made = _requests(cast)
    browser = sign_in("agent")

    many = browser.get("/intake/requests/?tab=all&q=漏电").text
    assert "只在最新的 2 条中查找" in many
    assert "2+" in many
    shown = [pk for pk in made if f'/intake/requests/{pk}/"' in many]
    assert shown == [made[1], made[3]]

    few = browser.get("/intake/requests/?tab=all&q=噪音").text
    assert "条中查找" not in few
    assert "1+" not in few
