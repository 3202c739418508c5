"""A company's own words: edited with a preview, places checked, every version kept, the shipped ones never lost."""

from typing import Any

import pytest
from django.test import Client

from sanbao.accounts import scope
from sanbao.notices import reading, wording
from sanbao.notices.kinds import KINDS
from sanbao.notices.models import Notice, Wording
from sanbao.notices.telling import tell
from sanbao.settlements import tasks
from sanbao.ui.refusal import Refusal, Stale
from tests.cast import APRIL, NOW, Cast, assemble, moment

KIND = KINDS["accounts:password"]
URL = "/notices/texts/accounts:password/en/"


@pytest.fixture
def client(cast: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.people["admin"])
    return client


def keep(
    cast: Cast, text: str = "Dear {person}", seen: int = 0, subject: str = "Hello {person}"
) -> Wording | None:
    return wording.keep(KIND, "en", subject, text, seen=seen, by=cast.access("admin"), at=NOW)


def shown(cast: Cast, name: str, language: str = "en") -> str:
    from django.utils import translation

    person = cast.people[name]
    tell([person], KIND.code, about=person, by=cast.access(name), at=NOW, person="Wang", moment=NOW)
    rows = list(Notice.objects.filter(person=person, kind=KIND.code))
    with scope.opened(cast.access(name)), translation.override(language):
        return reading.shown(rows, cast.access(name))[0].subject


def test_own_words_count_for_the_company_and_language_they_were_written_for(cast: Cast) -> None:
    """ASVS 8.2.2."""
    other = assemble("other", "other-", "另一家")
    keep(cast)
    assert shown(cast, "clerk") == "Hello Wang"
    assert shown(cast, "clerk", "zh-hans") == "密码已更改"
    assert shown(other, "clerk") == "Your password was changed"


def test_each_version_is_kept_and_the_shipped_words_come_back(cast: Cast) -> None:
    keep(cast)
    keep(cast, "Again {person}", seen=1)
    keep(cast, "", seen=2, subject="")
    assert list(Wording.objects.values_list("number", "text")) == [
        (1, "Dear {person}"),
        (2, "Again {person}"),
        (3, ""),
    ]
    assert shown(cast, "clerk") == "Your password was changed"


@pytest.mark.parametrize("text", [
    "{nobody}", "{person.name}", "{person!r}", "{person:>99999999}", "{0}", "{}", "{person", "}", "{{person}}", "{__class__}",
    "{person[0]}", "{{% raw %}}",
])  # fmt: skip
def test_what_is_no_place_of_the_kind_is_refused(cast: Cast, text: str) -> None:
    """ASVS 1.3.2. No code, no attributes, no formats."""
    with pytest.raises(Refusal) as refused:
        keep(cast, text)
    assert refused.value.field == "text"
    assert not Wording.objects.exists()


def test_a_colleagues_change_is_not_overwritten(cast: Cast) -> None:
    keep(cast)
    with pytest.raises(Stale):
        keep(cast, "Other {person}", seen=0)


def test_the_page_previews_keeps_and_resets(cast: Cast, client: Client) -> None:
    typed = {"subject": "Hi {person}", "text": "It was <b>{moment}</b>", "seen": "0"}
    page = client.post(URL, typed | {"preview": "1"}).content.decode()
    assert (
        "Hi 陈伯" in page and "&lt;b&gt;2026-05-10 09:30&lt;/b&gt;" in page and not Wording.objects.exists()
    )
    assert client.post(URL, typed).status_code == 303
    assert "own words" in client.get("/notices/texts/").content.decode()
    assert client.post(URL, {"reset": "1", "seen": "1"}).status_code == 303
    assert "own words" not in client.get("/notices/texts/").content.decode()
    assert "the shipped words" in client.get(URL).content.decode()


@pytest.mark.parametrize(("changes", "field"), [
    ({"text": "{nobody}"}, "text"), ({"subject": ""}, "subject"), ({"text": " "}, "text"), ({"subject": "x" * 121}, "subject"),
])  # fmt: skip
def test_bad_words_are_refused_at_their_field(client: Client, changes: dict[str, str], field: str) -> None:
    answer = client.post(URL, {"subject": "S", "text": "T", "seen": "0"} | changes)
    assert answer.status_code == 422 and f'id="error_{field}"' in answer.content.decode()


@pytest.mark.parametrize("address", ["/notices/texts/no:kind/en/", "/notices/texts/accounts:password/fr/"])
def test_no_such_kind_or_language_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_only_administrators_write_texts(cast: Cast, sign_in: Any) -> None:
    assert sign_in("head").get("/notices/texts/").status_code == 403


# The month that is due


def test_outlets_whose_sheets_have_not_come_are_told_once_before_they_are_due(cast: Cast) -> None:
    cast.received("NB011")
    due = Notice.objects.filter(kind="settlements:month-due")
    tasks.tell_of_due_months(moment(2026, 5, 2, 8))
    assert not due.exists(), "too early"
    for day in (9, 10):
        tasks.tell_of_due_months(moment(2026, 5, day, 8))
    assert {notice.person.name for notice in due} == {"owner-GZ001", "owner-SZ021", "outlet-clerk"}
    assert {notice.values["month"] for notice in due} == {APRIL.isoformat()}
    assert due.count() == 3
    access = cast.access("owner-GZ001")
    assert reading.mine(access).filter(kind="settlements:month-due").exists()
    tasks.tell_of_due_months(moment(2026, 5, 20, 8))
    assert due.count() == 3
