"""A declared list over a real table: paged without gaps, sorted, counted, summed, exported, and never failing."""

import io
import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Case, F, IntegerField, Q, When
from django.http import QueryDict
from django.template import RequestContext, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from sanbao.ui import lists
from sanbao.ui.lists import (
    Bulk,
    Choice,
    Column,
    List,
    Reference,
    Search,
    Tab,
    capped_counts,
    chosen,
    said_count,
)

GROUPS = List(
    "groups",
    columns=(
        Column("number", "Number", value="pk", link=lambda row: f"/groups/{row.pk}/", sort="pk"),
        Column("name", "Name", sort="name"),
        Column("net", "Net", kind="amount", value=lambda row: row.rank, sort="rank", total="rank"),
        Column("hidden", "Hidden", value="name", shown=False),
    ),
    filters=(Search("q", "Search", ("name__icontains",)), Choice("name", "Name", [("g-001", "One")]), Reference("of", "Of", "pk")),
    tabs=(Tab("all", "All"), Tab("early", "Early", Q(name__lt="g-010")), Tab("none", "None", Q(pk__in=[]))),
    order="number",
    size=25,
)  # fmt: skip


@pytest.fixture
def groups(db):
    """Sixty rows in an order of names unlike that of ids; every third has nothing in `rank`, and ranks repeat."""
    Group.objects.bulk_create(Group(name=f"g-{(number * 7) % 60:03d}") for number in range(60))
    return Group.objects.annotate(
        third=F("id") % 3,
        rank=Case(When(third=0, then=None), default=F("id") / 5, output_field=IntegerField()),
    )


def listing(rows, address="", **more):
    return GROUPS.of(RequestFactory().get(f"/groups/?{address}"), rows, **more)


def drawn(one):
    return Template('{% cotton list :of="of" /%}').render(
        RequestContext(RequestFactory().get("/"), {"of": one})
    )


def walked(rows, address, follow):
    """The ids of every page from the first one on, following "next_url" or "previous_url"."""
    seen, pages = [], 0
    while True:
        one = listing(rows, address)
        seen.append([row.pk for row, _cells in one.rows])
        pages += 1
        assert pages < 10
        if not (url := getattr(one, follow)):
            return seen
        address = url.partition("?")[2]


@pytest.mark.parametrize("sort", ["", "number", "-number", "name", "-name", "net", "-net"])
def test_following_the_pages_shows_every_row_once_and_in_order(groups, sort):
    pages = walked(groups, f"sort={sort}", "next_url")
    shown = [pk for page in pages for pk in page]
    assert len(pages) == 3
    assert len(shown) == len(set(shown)) == 60
    if sort.endswith("name"):
        assert shown == list(groups.order_by(sort, sort.replace("name", "pk")).values_list("pk", flat=True))
    if sort.endswith("net"):
        ranks = dict(groups.values_list("pk", "rank"))
        known = [ranks[pk] for pk in shown if ranks[pk] is not None]
        assert known == sorted(known, reverse=sort.startswith("-"))
        assert [ranks[pk] for pk in shown[len(known) :]] == [None] * 20


@pytest.mark.parametrize("sort", ["number", "-name", "net", "-net"])
def test_going_back_shows_the_same_pages(groups, sort):
    forth = walked(groups, f"sort={sort}", "next_url")
    last = listing(groups, f"sort={sort}&after={forth[1][-1]}")
    back = walked(groups, last.previous_url.partition("?")[2], "previous_url")
    assert back[0] == forth[1]


def test_a_page_asks_the_database_at_most_four_times_however_many_rows_it_has(groups):
    def statements(address):
        with CaptureQueriesContext(connection) as asked:
            drawn(listing(groups, address))
        return len(asked)

    start = groups.order_by("pk").first().pk
    assert statements("") == 3  # counts of all tabs, rows, sums
    assert statements(f"after={start}") == 4
    assert statements("size=100") == statements("q=g-00") == 3


def test_the_next_page_is_sought_by_row_comparison_so_that_an_index_answers_it(groups):
    one = listing(groups, f"sort=name&after={groups.first().pk}")
    with CaptureQueriesContext(connection) as asked:
        assert one.rows
    sql = asked[-1]["sql"]
    assert re.search(r'WHERE \("auth_group"."name", "auth_group"."id"\) > \(', sql)
    assert "NULLS" not in sql


def test_counts_stop_at_a_thousand(groups):
    conditions = [Q(), Q(pk__in=[]), Q(name="g-001"), Q(permissions__name="none"), Q(third=0), ~Q(pk__in=[])]
    assert capped_counts(groups, conditions, cap=20) == [21, 0, 1, 0, 20, 21]
    assert capped_counts(groups.filter(name="g-001"), [Q(), Q(name="g-002")], cap=20) == [1, 0]
    assert capped_counts(groups.filter(~Q(pk__in=[])), [Q(name="g-002"), ~Q(pk__in=[])], cap=20) == [1, 21]
    assert capped_counts(groups.none(), [Q()]) == [0]
    assert said_count(1000) == "1000"
    assert said_count(1001) == "1\N{NARROW NO-BREAK SPACE}000+"


def test_tabs_count_under_the_same_filters(groups):
    tabs = listing(groups, "q=g-00").tabs
    assert [(tab["label"], tab["count"]) for tab in tabs] == [("All", "10"), ("Early", "10"), ("None", "0")]
    assert "q=g-00" in tabs[1]["url"]


def test_sums_cover_the_whole_cut_not_the_page(groups):
    one = listing(groups)
    expected = sum(rank or 0 for rank in groups.values_list("rank", flat=True))
    cells = {column.key: cell for column, cell in one.totals}
    assert f"{expected / 100:,.2f}" in cells["net"]


@pytest.mark.parametrize(
    "address",
    [
        "after=x", "after=-1", "after=99999999999999999999", "before=%00", "after=9223372036854775807", "sort=password", "sort=-",
        "size=1000000", "size=-1", "size=%00", "tab=nope", "columns=nope", "columns=%00", "q=%00", "q=" + "x" * 5000, "of=%FF",
        "of=9223372036854775807", "name=nope", "sum=nope", "export=nope", "after=1&before=2", "%00=1",
    ],
)  # fmt: skip
def test_no_address_makes_the_list_fail(groups, address):
    one = listing(groups, address)
    html = drawn(one)
    assert 'id="list"' in html
    assert "\0" not in html
    assert len(one.rows) <= 200


def test_a_place_that_is_gone_shows_the_list_from_its_start_and_says_so(groups):
    one = listing(groups, "after=9223372036854775807")
    assert len(one.rows) == 25
    assert one.trouble


def test_the_row_a_page_stands_beside_must_itself_be_visible(groups):
    hidden = groups.order_by("pk").last()
    one = listing(groups.exclude(pk=hidden.pk), f"after={hidden.pk}")
    assert one.trouble


def test_the_address_keeps_what_the_list_understands_and_nothing_else(groups):
    one = listing(groups, "q=g&size=50&after=3&evil=1&columns=name&columns=net")
    kept = QueryDict(one.address(sort="name").partition("?")[2])
    assert {key: kept.getlist(key) for key in kept} == {
        "q": ["g"],
        "size": ["50"],
        "columns": ["name", "net"],
        "sort": ["name"],
    }


def test_a_reader_chooses_the_columns_and_their_order(groups):
    assert [column.key for column in listing(groups).columns] == ["number", "name", "net"]
    assert [column.key for column in listing(groups, "columns=hidden&columns=name").columns] == [
        "hidden",
        "name",
    ]


def test_columns_stand_in_the_places_typed_beside_them():
    def ordered(*places):
        typed = "&".join(f"place-{key}={place}" for key, place in zip("abcd", places, strict=True))
        return "".join(lists.in_places(QueryDict(f"columns=a&columns=b&columns=c&columns=d&{typed}")))

    assert ordered(1, 2, 3, 4) == "abcd"
    assert ordered(1, 2, 3, 1) == "dabc"  # who moves up comes before who stood there
    assert ordered(3, 2, 3, 4) == "bcad"  # who moves down comes after
    assert ordered("x", "", "99999", 1) == "dabc"
    assert lists.in_places(QueryDict("columns=b&place-a=1&place-b=2")) == ["b"]


def test_places_in_the_address_lead_on_to_the_columns_in_order(groups):
    with pytest.raises(lists.Elsewhere) as led:
        listing(groups, "q=g&columns=number&columns=name&place-number=2&place-name=1")
    assert led.value.url == "/groups/?q=g&columns=name&columns=number"


def test_the_chosen_rows_are_exported_with_text_as_text(groups, monkeypatch):
    monkeypatch.setattr(lists, "WITNESSES", [lambda *told: None])
    Group.objects.filter(name="g-001").update(name="=1+1")
    content = listing(groups, "q==1").export("Groups").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0] == ["Number", "Name", "Net"]
    assert rows[1][1] == "=1+1"


def test_every_export_is_told_to_the_witness_before_the_file_is_made(groups, monkeypatch):
    told = []
    monkeypatch.setattr(lists, "WITNESSES", [lambda listing, *rest: told.append((listing.name, *rest))])
    listing(groups, "q==g&reason= audit  of 2026 ").export("Groups")
    assert told == [(told[0][0], groups.filter(name__contains="=g").count(), "audit of 2026", False)]


def test_without_a_witness_nothing_is_exported(groups, monkeypatch):
    """The control: an export nobody keeps a record of can't happen."""
    monkeypatch.setattr(lists, "WITNESSES", [])
    with pytest.raises(RuntimeError):
        listing(groups).export("Groups")


def test_ticked_rows_are_taken_out_of_what_is_visible(groups):
    mine = groups.filter(name__lt="g-010")
    other = groups.filter(name="g-030").get().pk
    ticked = [str(mine.first().pk), str(other), "x", "\0", "9" * 50]
    assert [row.pk for row in chosen(RequestFactory().post("/", {"row": ticked}), mine)] == [mine.first().pk]


def test_bulk_actions_are_offered_beside_the_rows(groups):
    html = drawn(listing(groups, bulk=[Bulk("Submit", "/submit/")]))
    assert 'formaction="/submit/"' in html
    assert html.count('name="row"') == 25


def test_an_empty_list_says_how_to_begin_and_a_filtered_one_how_to_go_on(groups):
    Group.objects.all().delete()
    assert listing(groups).is_bare
    assert not listing(groups, "q=x").is_bare
    assert not listing(groups, "tab=early").is_bare
