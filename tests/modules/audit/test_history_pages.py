"""The page of a row's history, and the event log's words."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone, translation

from sanbao.accounts.models import Token
from sanbao.audit import telling, things
from sanbao.audit.models import Change, Event
from sanbao.audit.words import WORDS
from sanbao.outlets.models import Outlet
from sanbao.settlements import operations as settlements
from sanbao.settlements.models import Sheet
from sanbao.ui.pages import walk
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def _page(client: Client, thing, table: str = "") -> str:
    answer = client.get(reverse("audit:history", args=[thing.pk, table or thing._meta.db_table]))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_history_says_who_changed_what_from_what_to_what(cast, sign_in):
    """ASVS 16.2.1: when, where, who and what of every change, in one request with its number and address."""
    outlet = cast.outlets["GZ001"]
    fields = {"region": outlet.region_id, "code": outlet.code, "name": "城东服务部"}
    answer = sign_in("admin").post(reverse("outlets:edit", args=[outlet.pk]), fields)
    assert answer.status_code == 303
    change = Change.objects.filter(table="outlets_outlet", row=str(outlet.pk)).latest("id")
    assert change.person_id == cast.people["admin"].pk
    assert change.company_id == cast.company.pk
    assert change.request == answer.headers["X-Request-Id"]
    assert change.address == "127.0.0.1" and change.login == ""
    page = _page(sign_in("auditor"), outlet)
    assert "admin" in page and "GZ001服务网点 → 城东服务部" in page and "网点信息变更" not in page.lower()
    assert change.request in page


def test_every_request_that_changes_a_row_is_named_in_its_history_through_the_api_too(cast):
    cast.sheet()
    _token, secret = Token.make(cast.people["clerk"], cast.company, "t", at=timezone.now(), expires_at=timezone.now().replace(year=2099))  # fmt: skip
    answer = Client().put(
        "/api/v1/settlements/receipts",
        {"outlet": "GZ001", "month": "2026-04", "paper_on": "2026-05-08"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "k-000000000001"},
    )
    assert answer.status_code == 200, answer.content
    change = Change.objects.filter(table="settlements_receipt").latest("id")
    assert change.person_id == cast.people["clerk"].pk


def test_after_a_request_the_next_change_has_not_the_person_of_the_last(cast, sign_in):
    """A pooled connection must not carry somebody on to the next work."""
    outlet = cast.outlets["GZ001"]
    sign_in("admin").post(reverse("outlets:edit", args=[outlet.pk]), {"region": outlet.region_id, "code": outlet.code, "name": "新"})  # fmt: skip
    Outlet.objects.filter(pk=outlet.pk).update(name="别的")
    assert Change.objects.filter(table="outlets_outlet").latest("id").person_id is None


def test_a_change_outside_any_request_is_named_by_the_event_of_its_transaction(cast):
    from sanbao.audit import queries

    sheet = cast.sheet()
    told = queries.changes_of("settlements_sheet", sheet.pk)
    assert told[0].event.action == "settlements:sheet:written" and told[0].who == "clerk"


def test_raw_sql_at_the_databases_own_door_is_named_by_its_login(cast, sign_in):
    outlet = cast.outlets["GZ001"]
    Event.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outlets_outlet SET name = 'by hand' WHERE id = %s", [outlet.pk])
        cursor.execute("SELECT session_user")
        (login,) = cursor.fetchone()
    assert login in _page(sign_in("auditor"), outlet)


def test_peoples_data_are_masked_in_the_history_too(cast, sign_in):
    """GN-8; ASVS 14.2.6."""
    sheet = cast.sheet(customer="欧阳震华")
    Sheet.objects.filter(pk=sheet.pk).update(phone="13988887777", address="上海市黄浦区人民大道200号")
    page = _page(sign_in("head"), sheet)
    assert "138****5678 → 139****7777" in page
    assert "13988887777" not in page and "200号" not in page


def test_the_history_of_a_deleted_row_stays(cast, sign_in):
    outlet = Outlet.objects.create(
        company=cast.company, region=cast.regions["华东"], code="XX9", name="错建的"
    )
    pk = outlet.pk
    outlet.delete()
    outlet.pk = pk
    page = _page(sign_in("auditor"), outlet)
    assert "错建的" in page and "已被删除" in page
    from tests.cast import assemble

    other = assemble("other", "other-", "另一家")
    client = Client()
    client.force_login(other.people["auditor"])
    assert client.get(reverse("audit:history", args=[pk, "outlets_outlet"])).status_code == 404


def test_a_table_nobody_registered_and_a_row_that_never_was_are_not_there(cast, sign_in):
    auditor = sign_in("auditor")
    for pk, table in ((1, "accounts_token"), (1, "pg_authid"), (999_999_999, "outlets_outlet")):
        assert auditor.get(reverse("audit:history", args=[pk, table])).status_code == 404
    outlet = cast.outlets["GZ001"]
    for below in ("x", "9" * 40, "-1", "²"):
        answer = auditor.get(reverse("audit:history", args=[outlet.pk, "outlets_outlet"]), {"before": below})
        assert answer.status_code == 200


def test_what_a_row_was_when_it_was_made_is_told_though_no_image_of_it_was_kept(cast, sign_in):
    outlet = Outlet.objects.create(
        company=cast.company, region=cast.regions["华东"], code="XX9", name="第一个名字"
    )
    for name in ("第二个名字", "第三个名字"):
        Outlet.objects.filter(pk=outlet.pk).update(name=name)
    page = _page(sign_in("auditor"), outlet)
    last = page[page.rindex("<tr>") :]  # the oldest
    assert "第一个名字" in last and "XX9" in last and "第三个名字" not in last
    person = _page(sign_in("auditor"), cast.people["clerk"])
    assert cast.people["clerk"].password not in person and "（不显示）" in person


def test_long_histories_are_paged(cast, sign_in):
    outlet = cast.outlets["GZ001"]
    for number in range(60):
        Outlet.objects.filter(pk=outlet.pk).update(name=f"name {number}")
    page = _page(sign_in("auditor"), outlet)
    assert "→ name 59" in page and "→ name 3<" not in page
    below = re.search(r'href="\?before=(\d+)"', page).group(1)
    older = sign_in("auditor").get(reverse("audit:history", args=[outlet.pk, "outlets_outlet"]), {"before": below}).content.decode()  # fmt: skip
    assert "name 3" in older and "→ name 59" not in older


def test_things_pages_lead_to_their_history_for_those_who_may_read_it(cast, sign_in):
    sheet = cast.sheet()
    cast.received()
    statement = cast.statement()
    for url, thing in (
        (reverse("outlets:outlet", args=[cast.outlets["GZ001"].pk]), cast.outlets["GZ001"]),
        (reverse("settlements:sheet", args=[sheet.pk]), sheet),
        (reverse("settlements:statement", args=[statement.pk]), statement),
        (reverse("accounts:person", args=[cast.people["clerk"].pk]), cast.people["clerk"]),
    ):
        link = reverse("audit:history", args=[thing.pk, thing._meta.db_table])
        assert link in sign_in("auditor").get(url).content.decode(), url
        if sign_in("clerk").get(url).status_code == 200:
            assert link not in sign_in("clerk").get(url).content.decode(), url


def test_every_column_of_a_thing_with_a_page_has_its_chinese():
    with translation.override("zh-hans"):
        plain = [
            (table, field.column)
            for table in things.registered()
            for field in things.model_of(table)._meta.concrete_fields
            if field.column != "id" and telling.label(things.model_of(table), field.column).isascii()
        ]
    assert plain == []


def test_every_event_a_page_may_leave_and_every_event_written_in_the_code_has_its_words():
    marked = set()
    for _path, _name, view in walk(get_resolver().url_patterns):
        for mark in view.mark if isinstance(view.mark, tuple) else (view.mark,):
            marked |= {event for event in mark.audit if event and "*" not in event}
    written = set()
    for source in (Path(__file__).parents[3] / "src" / "sanbao").rglob("*.py"):
        written |= set(re.findall(r'(?:record|record_all|handed_out|unmasked)\([^"]*?"([a-z]+:[a-z-]+:[a-z-]+)"', source.read_text("utf-8")))  # fmt: skip
    assert len(written) > 15
    assert sorted((marked | written) - set(WORDS)) == []


def test_details_are_told_in_words_in_both_languages_without_codes_of_ours(cast, sign_in):
    sheet = cast.sheet()
    settlements.register_finding(sheet, "late_service", by=cast.access("callbacks"), at=NOW)
    settlements.register_finding(sheet, "overcharge", refund_fen=1500, by=cast.access("callbacks"), at=NOW)
    auditor = sign_in("auditor")
    for language, words in (
        ("zh-hans", ("延误", "15.00")),
        ("en", ("late service, complaint proven", "15.00")),
    ):
        auditor.cookies["language"] = language
        page = auditor.get(reverse("audit:events")).content.decode()
        for code in ("late_service", "refund_fen", "settlements:finding"):
            assert code not in re.sub(r'(value|href)="[^"]*"', "", page), (language, code)
        if language == "en":
            assert all(word in page for word in words)


def test_the_log_is_filtered_by_kind_of_thing_action_person_and_day(cast, sign_in):
    cast.sheet()
    auditor = sign_in("auditor")
    url = reverse("audit:events")

    def rows(**asked):
        page = auditor.get(url, asked).content.decode()
        return page[page.index("<tbody") :] if "<tbody" in page else ""

    assert "GZ001-0001" in rows(thing="settlements.sheet")
    assert "GZ001-0001" not in rows(thing="outlets.outlet")
    assert "GZ001-0001" in rows(action="settlements:sheet:written", by=str(cast.people["clerk"].pk))
    assert "GZ001-0001" not in rows(by=str(cast.people["admin"].pk))
