"""The pages of people's requests and of retention."""

import io
import json

import openpyxl
import pytest
from django.db import Error, connection, transaction
from django.urls import reverse
from django.utils import translation

from sanbao.accounts import scope
from sanbao.audit.models import Change, Event
from sanbao.privacy.models import Request, Retention
from sanbao.settlements.models import Sheet
from tests.cast import moment
from tests.modules.privacy.test_requests import NAME, PHONE, _customers_month, _leave

pytestmark = pytest.mark.django_db


@pytest.fixture
def month(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return _customers_month(cast)


@pytest.fixture
def old(month, db):
    """The same month, so long ago that no law keeps its customers."""
    Sheet.objects.update(completed_on="2021-03-09", reported_on="2021-03-08")
    return month


def _ask(client, name="erase", **more):
    fields = {"phone": "137 1111-2222", "customer": "", "reason": "called on 19 May"} | more
    return client.post(reverse(f"privacy:{name}"), fields)


def test_a_customer_is_erased_from_the_request_to_the_second_persons_approval(cast, old, sign_in):
    """ASVS 14.2.7, 2.3.5."""
    asked = _ask(sign_in("admin"))
    assert asked.status_code == 303
    request = Request.objects.get()
    url = reverse("privacy:approve", args=[request.pk])
    own = sign_in("admin").get(reverse("privacy:request", args=[request.pk])).content.decode()
    assert url not in own and "须由另一人审批" in own and PHONE not in own
    assert sign_in("admin").post(url).status_code == 422
    page = sign_in("head").get(reverse("privacy:request", args=[request.pk])).content.decode()
    assert url in page and PHONE not in page and "137****2222" in page
    done = sign_in("head").post(url)
    assert done.status_code == 303
    assert not Sheet.objects.filter(customer=NAME).exists()
    with translation.override("zh-hans"):
        word = str(Request.State.DONE.label)
    assert word in sign_in("head").get(done.headers["Location"]).content.decode()
    assert sign_in("head").post(url).status_code == 409
    change = Change.objects.filter(table="settlements_sheet", op="U").latest("id")
    assert change.person_id == cast.people["head"].pk  # the owner's hand, but named


def test_a_copy_is_handed_out_as_excel_and_as_json_with_its_maker(cast, month, sign_in):
    answer = _ask(sign_in("admin"), "copy")
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [str(c) for page in book for line in page.iter_rows(values_only=True) for c in line if c]
    assert {NAME, PHONE} <= set(cells) and any("admin" in cell and "请求号" in cell for cell in cells)
    assert "维修记录单" in book.sheetnames
    again = json.loads(_ask(sign_in("admin"), "copy", format="json").content)
    assert again["sheets"][0]["customer"] == NAME
    assert Event.objects.filter(action="privacy:copy:given").count() == 2


@pytest.mark.parametrize("name", ["copy", "erase"])
@pytest.mark.parametrize(
    "fields",
    [{"phone": "", "customer": ""}, {"phone": "13700000000"}, {"reason": "  "}, {"phone": "x" * 41},
     {"customer": "x" * 61}, {"phone": "not a number", "customer": "𠮷田"}],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(cast, month, sign_in, name, fields):
    before = Event.objects.count()
    answer = _ask(sign_in("admin"), name, **fields)
    assert answer.status_code == 422 and "is-invalid" in answer.content.decode()
    assert Event.objects.count() == before and not Request.objects.exists()


def test_a_young_record_is_refused_with_the_law_on_the_page(cast, month, sign_in):
    answer = _ask(sign_in("admin"))
    assert answer.status_code == 422
    assert "2029" in answer.content.decode() and "civil-code 188" in answer.content.decode()


def test_declining_takes_a_reason_and_tells_it(cast, old, sign_in):
    _ask(sign_in("admin"))
    request = Request.objects.get()
    url = reverse("privacy:decline", args=[request.pk])
    assert sign_in("head").post(url, {"reason": ""}).status_code == 422
    assert sign_in("head").post(url, {"reason": "a claim is pending"}).status_code == 303
    page = sign_in("admin").get(reverse("privacy:request", args=[request.pk])).content.decode()
    assert "a claim is pending" in page
    assert Sheet.objects.filter(customer=NAME).exists()


def test_a_former_colleague_is_taken_out_by_the_pages(cast, month, sign_in):
    _leave(cast, "callbacks", moment(2021, 1, 1).date())
    person = cast.people["callbacks"]
    admin = sign_in("admin")
    url = reverse("privacy:erase-staff", args=[person.pk])
    assert url in admin.get(reverse("privacy:requests")).content.decode()
    assert admin.post(url, {"reason": ""}).status_code == 422
    assert admin.post(url, {"reason": "wrote"}).status_code == 303
    assert (
        sign_in("head").post(reverse("privacy:approve", args=[Request.objects.get().pk])).status_code == 303
    )
    person.refresh_from_db()
    assert person.name == f"Former staff {person.pk}"
    assert admin.post(reverse("privacy:erase-staff", args=[cast.people["clerk"].pk])).status_code == 404


def test_the_retention_page_shows_periods_clauses_and_what_is_due(cast, old, sign_in):
    page = sign_in("admin").get(reverse("privacy:retention")).content.decode()
    for words in ("civil-code 188", "accounting books", "投诉和维修记录"):
        assert words in page, words
    assert ">2<" in page.replace(" ", "")  # both sheets of the month are due
    assert sign_in("clerk").get(reverse("privacy:retention")).status_code == 403


def test_the_switch_is_an_event_and_pressing_it_twice_is_one(cast, sign_in):
    admin = sign_in("admin")
    for _ in range(2):
        assert admin.post(reverse("privacy:retention"), {"erases": "1"}).status_code == 303
    assert Retention.objects.get().erases
    assert Event.objects.filter(action="privacy:retention:switched").count() == 1


def test_the_webs_role_may_not_touch_history_nor_log(cast):
    """ASVS 16.4.2: whoever gets hold of the web's connection cannot rewrite what was logged."""
    if not scope.row_security():
        pytest.skip("this database has no role for the web")
    with scope.opened(cast.access("admin")):
        for statement in (
            "UPDATE audit_change SET login = 'x'",
            "DELETE FROM audit_change",
            "INSERT INTO audit_change (at, tx, \"table\", \"row\", op, login, request, address) VALUES (now(), 1, 'x', '1', 'I', '', '', '')",
            "UPDATE audit_event SET label = '[erased]'",
            "TRUNCATE audit_event",
        ):
            with (
                pytest.raises(Error, match="permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


def test_a_month_can_still_be_settled_after_an_erasure(cast, old, sign_in):
    """What is erased is not missed: the sheets go on deciding what they decided."""
    _ask(sign_in("admin"))
    sign_in("head").post(reverse("privacy:approve", args=[Request.objects.get().pk]))
    page = sign_in("clerk").get(reverse("settlements:statement", args=[old.pk]))
    assert page.status_code == 200
    sheet = Sheet.objects.get(number="Q1")
    shown = sign_in("clerk").get(reverse("settlements:sheet", args=[sheet.pk])).content.decode()
    assert "个人信息已于" in shown
