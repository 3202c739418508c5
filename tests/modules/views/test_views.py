"""Saved and shared views, the view a list opens with, own columns: kept for the person, never more than an address."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from sanbao.audit.models import Event
from sanbao.audit.personal import SOURCES, Subject, erasing
from sanbao.ui.refusal import Refusal
from sanbao.views import operations
from sanbao.views.models import EVERYBODY, Habit, View
from sanbao.views.personal import Source
from sanbao.views.queries import STAMPED
from tests.cast import NOW, Cast, assemble

pytestmark = pytest.mark.django_db

REQUESTS, LIST = "/intake/requests/", "intake:requests"
PRESSING = {
    "tab": ["unassigned"],
    "level": ["urgent", "high"],
    "columns": ["subject", "number"],
    "sort": ["due_at"],
}


@pytest.fixture
def seen(cast: Cast) -> Any:
    """`seen("agent")`: a browser of somebody who has signed in."""

    def client(who: str) -> Client:
        browser = Client(headers={"Accept-Language": "en"})
        browser.force_login(cast.people[who])
        return browser

    return client


def save(cast: Cast, who: str = "agent", name: str = "Mine", cut: Any = None, **more: Any) -> View:
    return operations.save(LIST, name, PRESSING if cut is None else cut, by=cast.access(who), at=NOW, **more)


def asked(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def heads(page: Any) -> list[str]:
    return re.findall(
        r"<th scope=\"col\"[^>]*>(?:<a id=\"list-head-[\w]+\"[^>]*>)?([^<]+?)\s*<", page.content.decode()
    )


# A view is an address


def test_a_view_leads_to_the_whole_address_and_shows_its_cut_in_its_order_of_columns(cast, seen):
    cast.request()
    view = save(cast)
    there = seen("agent").get(f"{REQUESTS}?view={view.pk}")
    assert there.status_code == 302
    assert asked(there.url) == PRESSING | {"in": [str(view.pk)]}
    page = seen("agent").get(there.url.replace("level=urgent&level=high", ""))
    assert heads(page)[:2] == ["Matter", "Request"]
    assert page.context["list"].view.pk == view.pk and page.context["list"].is_changed
    assert not seen("agent").get(there.url).context["list"].is_changed


def test_the_page_keeps_the_cut_it_shows_through_its_form(cast, seen):
    browser = seen("agent")
    page = browser.get(f"{REQUESTS}?tab=overdue&level=high&size=25&columns=number&columns=state&after=7")
    form = {"list": LIST, "path": REQUESTS, "cut": page.context["list"].cut_text, "name": " Late  and high "}
    there = browser.post("/views/", form)
    view = View.objects.get()
    assert there.url == f"{REQUESTS}?view={view.pk}"
    assert (view.name, view.person) == ("Late and high", cast.people["agent"])
    assert view.cut == {"tab": ["overdue"], "level": ["high"], "size": ["25"], "columns": ["number", "state"]}
    assert Event.objects.get(action="views:view:saved").thing_id == view.pk


def test_everything_taken_out_of_a_view_does_not_bring_it_back(cast, seen):
    view = save(cast, cut={"level": ["high"]})
    operations.open_with(LIST, view, by=cast.access("agent"), at=NOW)
    browser = seen("agent")
    page = browser.get(REQUESTS, follow=True)
    assert asked(page.redirect_chain[0][0]) == {"in": [str(view.pk)], "level": ["high"]}
    listing = page.context["list"]
    cleared = browser.get(listing.clear_url)
    assert cleared.status_code == 200 and cleared.context["list"].is_changed
    everything = browser.get(listing.all_url)
    assert everything.status_code == 200 and everything.context["list"].view is None
    assert all("in=all" in tab["url"] for tab in everything.context["list"].tabs)


def test_a_view_whose_column_filter_value_or_key_is_gone_says_so_and_shows_the_rest(cast, seen):
    cast.request()
    cut = {"tab": ["all"], "columns": ["number", "colour"], "level": ["gone"], "shape": ["round"]}
    view = save(cast, cut=cut)
    page = seen("agent").get(f"{REQUESTS}?view={view.pk}", follow=True)
    said = page.content.decode()
    assert page.status_code == 200
    assert "what the list no longer has: shape, colour" in said
    assert "not among the choices" in said
    assert heads(page) == ["Request"]


def test_a_view_that_is_gone_or_not_shared_says_so_and_shows_the_list(cast, seen):
    view = save(cast, "supervisor")
    for number in (view.pk, 987654321, "x"):
        page = seen("agent").get(REQUESTS, {"view": number})
        assert page.status_code == 200
        assert "gone, or is not shared with you" in page.content.decode()


def test_more_values_than_an_address_takes_are_refused_with_a_sentence_and_as_many_as_it_takes_are_kept(
    cast, seen
):
    """Nothing is kept that could not be opened: an address has at most 200 parts and 4 000 characters (edge.hygiene)."""
    fits = {"outlet": [str(number) for number in range(10_000, 10_000 + operations.MOST_VALUES)]}
    view = save(cast, cut=fits)
    page = seen("agent").get(f"{REQUESTS}?view={view.pk}", follow=True)
    assert page.status_code == 200 and asked(page.redirect_chain[0][0])["outlet"] == fits["outlet"]
    with pytest.raises(Refusal, match="too many values"):
        save(cast, name="300", cut={"outlet": [str(number) for number in range(300)]})
    with pytest.raises(Refusal, match="too many values"):
        save(cast, name="Long", cut={"q": ["大" * 100], "outlet": [f"{number:020}" for number in range(140)]})


def test_what_is_refused_is_said_on_the_list_with_the_same_cut(cast, seen):
    browser = seen("agent")
    there = browser.post("/views/", {"list": LIST, "path": REQUESTS, "name": " ", "cut": "tab=all"})
    assert there.url == f"{REQUESTS}?tab=all"
    assert "Give the view a name" in browser.get(there.url).content.decode()


@pytest.mark.parametrize("name", ["", " ", "x" * 31])
def test_a_view_needs_a_name_that_fits(cast, name):
    with pytest.raises(Refusal, match="at most 30"):
        save(cast, name=name)


def test_a_name_is_taken_once_by_a_person_in_a_list(cast):
    save(cast)
    save(cast, "supervisor")
    with pytest.raises(Refusal, match="already; take another name"):
        save(cast)


def test_nobody_keeps_views_without_end(cast, monkeypatch):
    monkeypatch.setattr(operations, "MOST_VIEWS", 1)
    save(cast)
    with translation.override("en"), pytest.raises(Refusal, match="delete one first"):
        save(cast, name="Another")


# Sharing


def test_a_shared_view_is_seen_by_whom_it_is_shared_with(cast, seen):
    everybody = save(cast, "supervisor", "All", shared_with=EVERYBODY)
    agents = save(cast, "supervisor", "Agents", shared_with="hotline-agent")
    save(cast, "supervisor", "Own")

    def names(who: str) -> list[str]:
        return [
            view.name for view, _url in seen(who).get(REQUESTS, {"tab": "all"}).context["list"].view_links
        ]

    assert names("supervisor") == ["All", "Agents", "Own"]
    assert names("agent") == ["All", "Agents"]
    assert names("owner-GZ001") == ["All"]
    page = seen("owner-GZ001").get(f"{REQUESTS}?view={everybody.pk}", follow=True)
    assert page.context["list"].view.pk == everybody.pk
    assert "not shared with you" in seen("owner-GZ001").get(f"{REQUESTS}?view={agents.pk}").content.decode()


def test_another_company_sees_nothing_of_it(cast):
    save(cast, "supervisor", shared_with=EVERYBODY)
    other = assemble("other", "other-", "衡准")
    assert View.objects.visible_to(cast.access("agent")).exists()
    assert not View.objects.visible_to(other.access("agent")).exists()


def test_a_shared_view_shows_each_reader_only_his_own_rows(cast, seen):
    cast.request(outlet=cast.outlets["SZ021"])
    view = save(cast, "supervisor", cut={"tab": ["all"]}, shared_with=EVERYBODY)
    shown = seen("owner-GZ001").get(f"{REQUESTS}?view={view.pk}", follow=True)
    assert shown.context["list"].rows == []


def test_sharing_takes_the_permission(cast):
    with pytest.raises(PermissionDenied):
        save(cast, shared_with=EVERYBODY)
    view = save(cast)
    with pytest.raises(PermissionDenied):
        operations.change(view, "Mine", shared_with="hotline-agent", by=cast.access("agent"), at=NOW)
    with pytest.raises(Refusal, match="with whom"):
        save(cast, "supervisor", shared_with="nobody-knows")


def test_words_searched_for_stay_with_whoever_typed_them(cast, seen):
    words = {"q": ["张三"], "tab": ["all"]}
    private = save(cast, "supervisor", "Private", words)
    assert asked(seen("supervisor").get(f"{REQUESTS}?view={private.pk}").url)["q"] == ["张三"]
    shared = operations.change(private, "Shared", shared_with=EVERYBODY, by=cast.access("supervisor"), at=NOW)
    assert shared.cut == {"tab": ["all"]}
    assert save(cast, "supervisor", "At once", words, shared_with=EVERYBODY).cut == {"tab": ["all"]}


def test_only_the_maker_changes_a_private_view_and_whoever_may_share_a_shared_one(cast, seen):
    private, shared = save(cast, "supervisor", "P"), save(cast, "supervisor", "S", shared_with=EVERYBODY)
    assert seen("head").post(f"/views/{private.pk}/deletion/", {"path": REQUESTS}).status_code == 404
    assert seen("agent").post(f"/views/{shared.pk}/deletion/", {"path": REQUESTS}).status_code == 404
    form = {"path": REQUESTS, "name": "Better", "shared_with": "hotline-agent"}
    assert seen("head").post(f"/views/{shared.pk}/change/", form).status_code == 303
    shared.refresh_from_db()
    assert (shared.name, shared.shared_with) == ("Better", "hotline-agent")


def test_a_view_is_renamed_replaced_and_deleted(cast, seen):
    view, browser = save(cast), seen("agent")
    browser.post(f"/views/{view.pk}/change/", {"path": REQUESTS, "name": "Renamed"})
    browser.post(f"/views/{view.pk}/replacement/", {"path": REQUESTS, "cut": f"in={view.pk}&tab=closed"})
    view.refresh_from_db()
    assert (view.name, view.cut) == ("Renamed", {"tab": ["closed"]})
    assert browser.post(f"/views/{view.pk}/deletion/", {"path": REQUESTS}).url == f"{REQUESTS}?in=all"
    assert not View.objects.exists()
    assert [event.action for event in Event.objects.filter(thing="views.view").order_by("id")] == [
        "views:view:saved", "views:view:changed", "views:view:replaced", "views:view:deleted",
    ]  # fmt: skip


# What a list opens with


def test_the_bare_address_opens_the_default_and_only_the_bare_one(cast, seen):
    view, browser = save(cast), seen("agent")
    browser.post(f"/views/{view.pk}/default/", {"path": REQUESTS})
    assert browser.get(REQUESTS).status_code == 302
    assert browser.get(REQUESTS, {"tab": "mine"}).status_code == 200
    assert seen("supervisor").get(REQUESTS).status_code == 200
    browser.post(f"/views/{view.pk}/default/end/", {"path": REQUESTS})
    assert browser.get(REQUESTS).status_code == 200


def test_a_default_that_is_deleted_or_no_longer_shared_gives_the_whole_list_back(cast, seen):
    shared = save(cast, "supervisor", shared_with=EVERYBODY)
    operations.open_with(LIST, shared, by=cast.access("agent"), at=NOW)
    operations.open_with(LIST, shared, by=cast.access("supervisor"), at=NOW)
    operations.change(shared, "Mine again", shared_with="", by=cast.access("supervisor"), at=NOW)
    assert Habit.objects.get(person=cast.people["agent"]).view is None
    assert Habit.objects.get(person=cast.people["supervisor"]).view == shared
    operations.delete(shared, by=cast.access("supervisor"), at=NOW)
    assert seen("supervisor").get(REQUESTS).status_code == 200


# Own columns


def test_columns_are_chosen_in_an_order_kept_for_the_person_and_reset(cast, seen):
    cast.request()
    browser = seen("agent")
    form = {
        "list": LIST, "path": REQUESTS, "cut": "tab=all", "columns": ["number", "subject", "state"],
        "place-number": "1", "place-subject": "2", "place-phone": "3", "place-state": "1",
    }  # fmt: skip
    assert browser.post("/views/columns/", form).url == f"{REQUESTS}?tab=all"
    assert heads(browser.get(REQUESTS)) == ["State", "Request", "Matter"]
    assert heads(browser.get(REQUESTS, {"columns": "phone"})) == ["Telephone"]
    assert len(heads(seen("supervisor").get(REQUESTS))) > 3
    browser.post("/views/columns/", form | {"reset": "1"})
    assert len(heads(browser.get(REQUESTS))) > 3


def test_within_a_view_columns_belong_to_the_view(cast, seen):
    view, browser = save(cast), seen("agent")
    form = {
        "list": LIST,
        "path": REQUESTS,
        "cut": f"in={view.pk}&tab=all",
        "columns": ["state"],
        "place-state": "1",
    }
    assert browser.post("/views/columns/", form).url == f"{REQUESTS}?in={view.pk}&tab=all&columns=state"
    assert not Habit.objects.exists()


def test_own_columns_go_into_a_view_that_is_kept(cast, seen):
    operations.keep_columns(LIST, ["state", "number"], by=cast.access("agent"), at=NOW)
    page = seen("agent").get(REQUESTS, {"tab": "all"})
    assert asked(f"?{page.context['list'].cut_text}") == {"tab": ["all"], "columns": ["state", "number"]}


# What must never happen


@pytest.mark.parametrize(
    "path", ["https://elsewhere.example/", "//elsewhere.example/", "/nowhere/", "", "javascript:x"]
)
def test_a_form_leads_back_to_our_own_pages_only(cast, seen, path):
    there = seen("agent").post("/views/", {"list": LIST, "path": path, "name": "n", "cut": "tab=all"})
    assert there.url.startswith("/?view=")


@pytest.mark.parametrize("name", ["", "x", "intake:requests; drop", "A:B", "intake:" + "x" * 99])
def test_a_list_that_cannot_be_is_refused(cast, name):
    with pytest.raises(Refusal):
        operations.save(name, "n", {}, by=cast.access("agent"), at=NOW)


def test_a_list_page_asks_the_database_no_more_often_for_having_views(cast, seen):
    """Views are kept in the process; they are asked for anew when one of them has changed."""
    browser = seen("agent")

    def asked_for() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            browser.get(REQUESTS, {"tab": "all"})
        return [
            each["sql"] for each in captured if any(f'FROM "{table}"' in each["sql"] for table in STAMPED)
        ]

    for number in range(5):
        save(cast, name=f"View {number}")
    assert len(asked_for()) == 2
    assert asked_for() == []
    save(cast, name="Another")
    assert len(asked_for()) == 2


def test_a_view_that_names_a_customer_is_copied_and_loses_the_name(cast):
    """PIPL 44–47: words searched for may name a person."""
    view = save(cast, name="13800005678 again", cut={"q": ["13800005678"], "tab": ["all"]})
    other = save(cast, name="Other", cut={"q": ["李四"]})
    assert any(isinstance(each, Source) for each in SOURCES)
    source, subject = Source(), Subject(cast.company.pk, phone="13800005678")
    assert [each["name"] for each in source.copy(subject)["views"]] == ["13800005678 again"]
    with erasing():
        assert source.erase(subject, by=cast.access("supervisor"), at=NOW, reason="asked") == {"views": 1}
    view.refresh_from_db()
    assert "13800005678" not in view.name and "13800005678" not in str(view.cut)
    other.refresh_from_db()
    assert other.cut == {"q": ["李四"]}
