"""A line for each person concerned: told once, shown to them alone, and only as long as the thing is theirs to see."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from sanbao.accounts import scope
from sanbao.accounts.models import Person
from sanbao.notices import reading, wording
from sanbao.notices.kinds import KINDS, Kind
from sanbao.notices.models import Notice
from sanbao.notices.telling import tell
from sanbao.outlets import operations as outlets
from sanbao.outlets.models import Posting
from sanbao.settlements import operations as settlements
from tests.cast import NOW, Cast, assemble


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """Nobody has been told anything yet, not even of their posts."""
    Notice.objects.all().delete()
    return cast


def told(cast: Cast, *names: str, kind: str = "accounts:password", **more: Any) -> None:
    parameters = {"person": "王", "moment": NOW} if kind == "accounts:password" else {}
    tell(
        [cast.people[name] for name in names], kind, about=cast.company, by=cast.access("admin"), at=NOW,
        **parameters, **more,
    )  # fmt: skip


def kinds_of(cast: Cast, name: str) -> list[str]:
    return [notice.kind for notice in news().filter(pk__in=reading.mine(cast.access(name))).order_by("pk")]


def news() -> Any:
    """All lines but those of the posts that everybody of the cast was given."""
    return Notice.objects.exclude(kind="accounts:post-given")


# Kinds


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_kind_has_words_in_both_languages_and_each_place_is_declared(kind: Kind, language: str) -> None:
    words = wording.templates(kind, language, {})
    assert wording.check(kind, words.subject, words.text) == words
    filled = wording.in_language(kind, wording.plain(kind, wording.sample(kind)), language, {})
    assert "{" not in filled.subject + filled.text
    assert (any("一" <= sign <= "鿿" for sign in words.text)) == (language == "zh-hans")


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.parameters], ids=str)
def test_every_kind_refuses_a_missing_and_an_unknown_parameter(kind: Kind) -> None:
    full = wording.sample(kind)
    for wrong in (dict(list(full.items())[1:]), full | {"more": 1}):
        with pytest.raises(TypeError, match=kind.code):
            wording.plain(kind, wrong)


def test_values_are_put_in_once_and_nothing_is_evaluated() -> None:
    filled = wording.fill("{person} {post.__class__} {0} {person!r}", {"person": "{post}", "post": "x"})
    assert filled == "{post} {post.__class__} {0} {person!r}"


# Telling


def test_the_same_thing_is_told_once(cast: Cast) -> None:
    told(cast, "clerk", "head")
    told(cast, "clerk", "head", "finance")
    assert news().count() == 3


def test_a_line_is_undone_with_its_change(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        told(cast, "clerk")
        _ = 1 / 0
    assert not news().exists()


def test_who_was_deactivated_is_told_nothing(cast: Cast) -> None:
    Person.objects.filter(pk=cast.people["clerk"].pk).update(is_active=False)
    cast.people["clerk"].refresh_from_db()
    told(cast, "clerk")
    assert not news().exists()


def test_the_words_are_made_in_the_language_of_the_reader(cast: Cast) -> None:
    told(cast, "clerk")
    rows = list(news())
    with scope.opened(cast.access("clerk")), translation.override("en"):
        assert reading.shown(rows, cast.access("clerk"))[0].subject == "Your password was changed"
    with translation.override("zh-hans"):
        assert reading.shown(rows, cast.access("clerk"))[0].subject == "密码已更改"


# Who sees what


def test_nobody_sees_anothers_lines(cast: Cast) -> None:
    """ASVS 8.2.2."""
    told(cast, "clerk")
    assert kinds_of(cast, "clerk") == ["accounts:password"]
    assert kinds_of(cast, "admin") == kinds_of(cast, "head") == []


def test_another_company_sees_nothing_of_it(cast: Cast) -> None:
    other = assemble("other", "other-", "另一家")
    told(cast, "clerk")
    with scope.opened(other.access("clerk")):
        assert not news().exists()


def test_the_database_holds_an_outlet_to_its_own_lines(cast: Cast) -> None:
    """ASVS 8.2.2. The second line, with the managers out of the way."""
    cast.sheet()
    cast.received()
    cast.statement(upto="submitted")
    assert Notice.objects.filter(outlet_id=cast.outlets["GZ001"].pk).exists()
    with scope.opened(cast.access("owner-SZ021")), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM notices_notice WHERE outlet_id IS NOT NULL")
        assert cursor.fetchone() == (0,)


def test_with_the_post_its_lines_go_too(cast: Cast, sign_in: Any) -> None:
    cast.sheet()
    cast.received()
    cast.statement(upto="submitted")
    owner = cast.people["owner-GZ001"]
    notice = Notice.objects.get(person=owner, kind="settlements:issued")
    assert kinds_of(cast, "owner-GZ001") == ["settlements:issued"]

    outlets.appoint(owner, "outlet-owner", outlet=cast.outlets["SZ021"], by=cast.access("admin"), at=NOW)
    post = Posting.objects.get(person=owner, outlet=cast.outlets["GZ001"])
    outlets.dismiss(post, on=NOW.date(), by=cast.access("admin"), at=NOW)

    assert "settlements:issued" not in kinds_of(cast, "owner-GZ001")
    client = sign_in("owner-GZ001")
    assert client.post(f"/notices/{notice.pk}/opening/").status_code == 404
    assert notice.values["statement"] not in client.get("/notices/?show=all").content.decode()


def test_a_region_manager_sees_the_lines_of_the_regions_outlets_only(cast: Cast) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement(upto="draft")
    both = [cast.people["east"], cast.people["south"]]
    tell(
        both, "settlements:confirmed", about=statement, by=cast.access("clerk"), at=NOW,
        statement=statement.number, outlet="GZ001", month=statement.month,
    )  # fmt: skip
    assert kinds_of(cast, "east") == ["settlements:confirmed"]
    assert kinds_of(cast, "south") == []


# The page and the bell


def test_opening_a_line_marks_it_and_leads_to_the_thing(cast: Cast, sign_in: Any) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement(upto="submitted")
    client = sign_in("owner-GZ001")
    page = client.get("/notices/", headers={"accept-language": "en"}).content.decode()
    assert "80.00" in page and 'class="bell-count" aria-hidden="true">1<' in page
    notice = news().get(person=cast.people["owner-GZ001"])
    answer = client.post(f"/notices/{notice.pk}/opening/")
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/settlements/statements/{statement.pk}/",
    )
    page = client.get("/notices/").content.decode()
    assert "bell-count" not in page and "80.00" not in page
    assert "80.00" in client.get("/notices/?show=all").content.decode()


def test_marking_all_as_read_leaves_others_lines(cast: Cast, sign_in: Any) -> None:
    told(cast, "clerk", "head")
    assert sign_in("clerk").post("/notices/read/").status_code == 303
    assert news().filter(read_at=None).get().person == cast.people["head"]


def test_more_than_a_page_is_turned_and_the_bell_says_99_plus(cast: Cast, sign_in: Any) -> None:
    for number in range(120):
        told(cast, "clerk", key=str(number))
    client = sign_in("clerk")
    seen, address = 0, "/notices/"
    while address:
        page = client.get(address).content.decode()
        seen += page.count("told-line ") + page.count('"told-line"')
        assert ">99+<" in page
        found = page.partition('id="pager-next"')[2].partition('href="')[2].partition('"')[0]
        address = found.replace("&amp;", "&")
    assert seen == 120
    assert client.get("/notices/?before=abc&show=%00").status_code in (200, 400)


def test_the_bell_costs_one_query_however_many_lines_there_are(cast: Cast) -> None:
    access = cast.access("clerk")
    counts = []
    for number in (0, 150):
        for line in range(number):
            told(cast, "clerk", key=str(line))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            reading.bell(access)
        counts.append(len(asked))
    assert counts == [1, 1]


def test_the_page_costs_the_same_for_one_line_and_for_fifty(cast: Cast, sign_in: Any) -> None:
    client, counts = sign_in("clerk"), []
    for number in (1, 49):
        for line in range(number):
            told(cast, "clerk", key=f"{number}-{line}")
        client.get("/notices/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/notices/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_visitor_and_somebody_without_a_post_have_no_bell(cast: Cast) -> None:
    assert Client().get("/notices/").status_code == 302
    nobody = Client()
    nobody.force_login(Person.objects.create_person("nobody", "无岗"))
    assert "top-button bell" not in nobody.get("/notices/").content.decode()


# First uses: settlements


def test_each_step_of_a_month_tells_those_it_concerns(cast: Cast) -> None:
    cast.found(cast.sheet(), "late_service")
    cast.received()
    statement = cast.statement(upto="paid")
    question = settlements.answer(statement, "question", note="?", by=cast.access("owner-GZ001"), at=NOW)
    settlements.reply(question, "!", by=cast.access("clerk"), at=NOW)

    assert kinds_of(cast, "owner-GZ001") == [
        f"settlements:{word}" for word in ("finding", "issued", "approved", "paid", "replied")
    ]
    assert kinds_of(cast, "outlet-clerk") == ["settlements:finding"]
    assert kinds_of(cast, "supervisor") == [
        f"settlements:{word}" for word in ("finding-proposed", "to-check", "questioned")
    ]
    assert kinds_of(cast, "head") == ["settlements:finding-proposed", "settlements:to-approve"]
    assert kinds_of(cast, "finance") == ["settlements:to-pay"]
    assert kinds_of(cast, "clerk") == ["settlements:questioned"]
    assert kinds_of(cast, "owner-NB011") == kinds_of(cast, "owner-SZ021") == []


def test_a_statement_sent_back_and_submitted_again_is_told_again(cast: Cast) -> None:
    cast.sheet()
    cast.received()
    statement = cast.statement(upto="submitted")
    statement = settlements.move(
        statement, "return", version=None, reason="x", by=cast.access("supervisor"), at=NOW
    )
    assert kinds_of(cast, "clerk") == ["settlements:returned"]
    settlements.move(statement, "submission", version=None, by=cast.access("clerk"), at=NOW)
    assert kinds_of(cast, "owner-GZ001") == ["settlements:issued"] * 2


def test_a_sheet_that_headquarters_takes_back_is_told_to_the_outlet(cast: Cast) -> None:
    settlements.withdraw_sheet(cast.sheet(), by=cast.access("clerk"), at=NOW)
    assert kinds_of(cast, "owner-GZ001") == ["settlements:sheet-withdrawn"]
    settlements.withdraw_sheet(cast.sheet(), by=cast.access("owner-GZ001"), at=NOW)
    assert kinds_of(cast, "outlet-clerk") == ["settlements:sheet-withdrawn"]
