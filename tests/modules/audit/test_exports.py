"""What leaves leaves a trace: every export, print, download and unmasking, with its reason (GN-8)."""

import io
import os

import openpyxl
import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from sanbao.audit.models import Event
from sanbao.settlements import operations as settlements
from sanbao.settlements.models import Sheet
from sanbao.ui import lists
from sanbao.ui.pages import walk
from tests.cast import APRIL, NOW
from tests.months import row, xlsx

pytestmark = pytest.mark.django_db

NAME, PHONE, PLACE = "钱多多", "13711112222", "中山市解放路88号3单元502室"
OUTLET = {"contact": "欧阳锋", "phone": "13922223333", "address": "中山市人民路9号2楼201室"}
SHOWN = (NAME, PHONE, PLACE, *OUTLET.values())
FULL = os.environ.get("SANBAO_FAULTS") == "1"
FIVE = ("admin", "clerk", "agent", "east", "owner-GZ001")


@pytest.fixture
def month(cast, settings, tmp_path):
    """A customer's sheet from a file, an outlet with a contact, a statement."""
    settings.MEDIA_ROOT = tmp_path
    outlet = cast.outlets["GZ001"]
    for name, value in OUTLET.items():
        setattr(outlet, name, value)
    outlet.save()
    owner = cast.access("owner-GZ001")
    data = xlsx([row(单号="Q1", 用户姓名=NAME, 联系电话=PHONE, 地址=PLACE)])
    read = settlements.read_hand_in(outlet, APRIL, data, "april.xlsx", by=owner, at=NOW)
    settlements.take_over(read, by=owner, at=NOW)
    cast.received()
    return cast.statement(upto="approved"), read


def _cells(content: bytes) -> list[str]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [str(cell) for page in book for line in page.iter_rows(values_only=True) for cell in line if cell]


def _lists(cast) -> list[tuple[str, str]]:
    """Every page of a list: (URL name, who may open it)."""
    found = []
    for path, name, view in walk(get_resolver().url_patterns):
        if (
            isinstance(view.mark, tuple)
            or view.mark.audience != "permitted"
            or "<" in path
            or "GET" not in view.mark.methods
        ):
            continue
        who = next((who for who in cast.people if cast.access(who).may(view.mark.permission)), None)
        if who:
            found.append((name, who))
    return found


def test_every_list_that_can_be_exported_leaves_an_event_with_rows_and_reason(cast, month):
    """ASVS 16.3.3. Over all pages there are: whatever answers with a workbook has left its event; no list can forget."""
    exported = []
    for name, who in _lists(cast):
        client = Client()
        client.force_login(cast.people[who])
        before = Event.objects.count()
        answer = client.get(reverse(name), {"export": "xlsx", "reason": "the yearly audit"})
        if answer.headers.get("Content-Type") != lists.XLSX:
            continue
        exported.append(name)
        assert Event.objects.count() == before + 1, name
        event = Event.objects.latest("id")
        assert event.action.endswith(":exported") and event.details["reason"] == "the yearly audit", name
        assert event.by == cast.people[who] and "rows" in event.details
        cells = _cells(answer.content)
        assert any(event.request in cell and who in cell for cell in cells), (name, "no watermark")
        assert not set(SHOWN) & set(cells), name
    assert len(exported) >= 8


def test_an_export_of_peoples_data_without_a_reason_is_refused_with_a_sentence(cast, month, sign_in):
    for name in ("settlements:sheets", "outlets:list"):
        before = Event.objects.count()
        answer = sign_in("clerk").get(reverse(name), {"export": "xlsx", "reason": " "})
        assert answer.status_code == 422 and "用途" in answer.content.decode()
        assert Event.objects.count() == before


def test_in_full_it_takes_the_permission_too_and_the_event_says_so(cast, month, sign_in):
    asked = {"export": "xlsx", "reason": "recall", "full": "1", "columns": ["customer", "phone", "address"]}
    assert sign_in("finance").get(reverse("settlements:sheets"), asked).status_code == 403
    answer = sign_in("clerk").get(reverse("settlements:sheets"), asked)
    assert {NAME, PHONE, PLACE} <= set(_cells(answer.content))
    assert Event.objects.latest("id").details == {"rows": 1, "reason": "recall", "full": True}


def test_in_full_only_so_many_rows_leave_and_the_cap_is_told(cast, month, sign_in, monkeypatch):
    cast.sheet(month=APRIL.replace(month=3))
    monkeypatch.setattr(lists, "MOST_UNMASKED", 1)
    before = Event.objects.count()
    asked = {"export": "xlsx", "reason": "recall", "full": "1"}
    answer = sign_in("clerk").get(reverse("settlements:sheets"), asked)
    assert answer.status_code == 422 and "最多导出 1 行" in answer.content.decode()
    assert Event.objects.count() == before
    assert sign_in("clerk").get(reverse("settlements:sheets"), asked | {"full": ""}).status_code == 200


def test_beyond_the_cap_nothing_is_exported_and_the_reader_is_told(cast, month, sign_in, monkeypatch):
    monkeypatch.setattr(lists, "MOST_EXPORTED", 0)
    answer = sign_in("clerk").get(reverse("settlements:sheets"), {"export": "xlsx", "reason": "all of it"})
    assert answer.status_code == 422


def test_no_page_shows_a_person_in_full_to_anybody_who_gave_no_reason(cast, month):
    """GN-8; ASVS 14.2.6, 14.1.2: every page, everybody (five posts unless in full size), GET; also the API and the prints' texts."""
    statement, read = month
    sheet = Sheet.objects.get(number="Q1")
    arguments = {
        "settlements:sheet": [sheet.pk],
        "settlements:statement": [statement.pk],
        "settlements:statement-xlsx": [statement.pk],
        "settlements:statement-why": [statement.pk],
        "settlements:statement-line-why": [statement.pk, sheet.pk],
        "settlements:hand-in-report": [read.pk],
        "outlets:outlet": [cast.outlets["GZ001"].pk],
        "outlets:edit": [cast.outlets["GZ001"].pk],
        "decisions:decision": [statement.decision_id],
        "api:read_statement": [statement.pk],
        "api:read_lines": [statement.pk],
    }
    shown, opened = [], 0
    for who in cast.people if FULL else FIVE:
        client = Client()
        client.force_login(cast.people[who])
        for path, name, view in walk(get_resolver().url_patterns):
            marks = view.mark if isinstance(view.mark, tuple) else (view.mark,)
            if not any("GET" in mark.methods for mark in marks) or ("<" in path and name not in arguments):
                continue
            answer = client.get(reverse(name, args=arguments.get(name, [])))
            if answer.status_code != 200 or answer.streaming:
                continue
            opened += 1
            text = answer.content.decode("utf-8", "ignore")
            if answer.headers["Content-Type"] == lists.XLSX:
                text = " ".join(_cells(answer.content))
            shown += [(who, name, word) for word in SHOWN if word in text]
    assert shown == []
    assert opened > 100


def test_the_search_for_a_telephone_finds_it_and_still_shows_it_masked(cast, month, sign_in):
    page = sign_in("clerk").get(reverse("settlements:sheets"), {"q": PHONE[-4:]}).content.decode()
    assert "137****2222" in page and PHONE not in page


def test_a_report_about_an_odd_telephone_does_not_quote_it_in_full(cast, settings, tmp_path):
    """The report is stored and shown: it names the cell, and only a hint of what stands in it."""
    settings.MEDIA_ROOT = tmp_path
    data = xlsx([row(单号="Q9", 联系电话="1371111222233")])
    read = settlements.read_hand_in(cast.outlets["GZ001"], APRIL, data, "a.xlsx", by=cast.access("owner-GZ001"), at=NOW)  # fmt: skip
    told = [line for line in read.report if line["cell"].startswith("C")]
    assert told and "137********33" in told[0]["zh"]
    assert "1371111222233" not in str(read.report)


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("settlements:sheet-unmask", "settlements:customer:unmasked"),
        ("outlets:unmask", "outlets:contact:unmasked"),
    ],
)
def test_unmasking_takes_a_permission_and_a_reason_and_leaves_an_event(cast, month, sign_in, name, event):
    """ASVS 14.2.6, 16.3.3."""
    thing = Sheet.objects.get(number="Q1") if "sheet" in name else cast.outlets["GZ001"]
    words = (NAME, PHONE, PLACE) if "sheet" in name else OUTLET.values()
    url = reverse(name, args=[thing.pk])
    assert sign_in("finance").post(url, {"reason": "curious"}).status_code == 403
    clerk = sign_in("clerk")
    refused = clerk.post(url, {"reason": " \t "})
    assert refused.status_code == 422 and not any(word in refused.content.decode() for word in words)
    assert not Event.objects.filter(action=event).exists()
    answer = clerk.post(url, {"reason": "calls back"})
    assert all(word in answer.content.decode() for word in words)
    assert Event.objects.get(action=event).details == {"reason": "calls back"}


def test_taking_the_file_as_it_came_takes_a_reason_and_leaves_an_event(cast, month, sign_in):
    _statement, read = month
    url = reverse("settlements:hand-in-file", args=[read.pk])
    assert sign_in("clerk").get(url).status_code == 405
    refused = sign_in("clerk").post(url, {"reason": ""})
    assert refused.status_code == 422 and not refused.streaming
    answer = sign_in("clerk").post(url, {"reason": "a cell is in doubt"})
    assert answer.streaming
    event = Event.objects.get(action="settlements:hand-in:downloaded")
    assert event.details == {"reason": "a cell is in doubt", "file": "april.xlsx"}


def test_a_print_leaves_an_event(cast, month, sign_in):
    sheet = Sheet.objects.get(number="Q1")
    assert sign_in("clerk").get(reverse("settlements:sheet-pdf", args=[sheet.pk])).status_code == 200
    assert Event.objects.get(action="settlements:sheet:printed").thing_id == sheet.pk


def test_an_outlet_edited_with_its_masks_left_alone_keeps_its_contact(cast, month, sign_in):
    outlet = cast.outlets["GZ001"]
    admin = sign_in("admin")
    page = admin.get(reverse("outlets:edit", args=[outlet.pk])).content.decode()
    assert "139****3333" in page and OUTLET["phone"] not in page
    fields = {"region": outlet.region_id, "code": outlet.code, "name": "新名字", "contact": "欧阳*",
              "phone": "139****3333", "address": "中山市人民路****"}  # fmt: skip
    assert admin.post(reverse("outlets:edit", args=[outlet.pk]), fields).status_code == 303
    outlet.refresh_from_db()
    assert (outlet.name, outlet.phone, outlet.contact, outlet.address) == ("新名字", *[OUTLET[k] for k in ("phone", "contact", "address")])  # fmt: skip
    assert (
        admin.post(reverse("outlets:edit", args=[outlet.pk]), fields | {"phone": "13600000000"}).status_code
        == 303
    )
    outlet.refresh_from_db()
    assert outlet.phone == "13600000000"
