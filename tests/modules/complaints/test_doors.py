"""The doors of complaints: the customers' pages, the API, an erasure, and what the database itself keeps from an outlet (PV-1, RG-2, GN-8)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from sanbao.accounts import scope
from sanbao.accounts.models import Token
from sanbao.accounts.tokens import Scope
from sanbao.audit.models import Change
from sanbao.audit.personal import Subject, erasing
from sanbao.complaints import links, operations
from sanbao.complaints.models import Complaint
from sanbao.complaints.personal import Source
from sanbao.intake.models import Category
from tests.cast import NOW, Cast, assemble
from tests.modules.complaints import file
from tests.modules.complaints.test_flow import DAY

pytestmark = pytest.mark.usefixtures("frozen")
SECRETS = ("张三丰", "13800005678", "中山路1号")


@pytest.fixture
def frozen(time_machine) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def call(cast: Cast):
    """`call("agent", "get", "/1")`: a request with that person's token; answers (status, JSON)."""
    secrets: dict[str, str] = {}

    def request(who: str, method: str, path: str = "", body: object = None) -> tuple[int, Any]:
        if who not in secrets:
            _token, secrets[who] = Token.make(
                cast.people[who], cast.company, "test", at=NOW, expires_at=NOW + 30 * DAY, scopes=list(Scope)
            )
        client = Client(headers={"Authorization": f"Bearer {secrets[who]}"})
        answer = getattr(client, method)(
            "/api/v1/complaints" + path, data=body, content_type="application/json"
        )
        return answer.status_code, answer.json()

    return request


def test_a_complaint_on_the_customers_pages_is_one_at_once_with_its_clocks(cast: Cast) -> None:
    """clauses PV-1, PV-5, RG-2: one link for the request and its complaint."""
    typed = {
        "category": Category.objects.get(company=cast.company, code="complaint").pk, "subject": "师傅态度很差", "description": "进门就吼",
        "contact": "张三丰", "phone": "138 0000 5678", "agree": "on",
    }  # fmt: skip
    answer = Client().post(reverse("portal:ask", args=[cast.company.code]), typed)
    made = Complaint.objects.get()
    assert (answer.status_code, made.origin, made.phone, made.registered_by) == (303, "portal", "13800005678", None)  # fmt: skip
    assert file.clock(made, "answer").due_at == NOW + timedelta(hours=24)
    page = Client().get(answer.url).content.decode()
    assert made.number in page or made.request.number in page
    assert "2026-05-21 09:00" in page


@pytest.mark.parametrize(("about", "kind"), [("attitude", "attitude"), ("", "other")])
def test_the_customer_says_in_plain_words_what_a_complaint_is_about(
    cast: Cast, about: str, kind: str
) -> None:
    """PV-1: the right department has it at once; who says nothing is asked by the desk."""
    page = reverse("portal:ask", args=[cast.company.code])
    assert "How our people behaved" in Client().get(page, headers={"Accept-Language": "en"}).content.decode()
    typed = {
        "category": Category.objects.get(company=cast.company, code="complaint").pk, "subject": "师傅态度很差", "contact": "张三丰",
        "phone": "13800005678", "agree": "on", "about": about,
    }  # fmt: skip
    assert Client().post(page, typed | {"about": "nothing"}).status_code == 422
    assert Client().post(page, typed).status_code == 303
    assert Complaint.objects.get().kind == kind


def test_the_customer_follows_it_by_the_link_and_reads_neither_notes_nor_names(cast: Cast) -> None:
    """clause PV-3."""
    made = file.handed(cast)
    operations.note(made, "用户去年也投诉过", by=cast.access("support"), at=NOW)
    path = links.path(cast.company, made)
    page = Client().get(path).content.decode()
    assert made.number in page
    for secret in ("用户去年也投诉过", ">support<", "13800005678"):
        assert secret not in page
    assert Client().get(path.replace("~", "~x")).status_code == 404


def test_what_the_customer_writes_ends_the_waiting_for_it(cast: Cast) -> None:
    """clause PV-2."""
    made = operations.hold(file.handed(cast), "customer", "请发发票照片", version=None, by=cast.access("support"), at=NOW + DAY / 8)  # fmt: skip
    url = links.path(cast.company, made) + "message/"
    assert Client().post(url, {"body": ""}).status_code == 422
    assert Client().post(url, {"body": "发票是2026年1月的"}).status_code == 303
    made.refresh_from_db()
    assert (made.waiting_for, file.clock(made, "verification").state) == ("", "running")
    assert made.entries.get(kind="message_in").audience == "customer"


def test_it_is_registered_by_api_once_read_masked_and_moved_by_version(cast: Cast, call) -> None:
    """clause PV-1, GN-8: the same refusals as on the pages."""
    told = {"kind": "quality", "harm": "danger", "subject": "面板炸裂", "contact": "张三丰", "phone": "13800005678", "external_id": "crm-1"}  # fmt: skip
    status, made = call("agent", "post", "", told)
    assert (status, made["severity"], made["department"], made["phone"]) == (200, "critical", "quality_control", "138****5678")  # fmt: skip
    assert call("agent", "post", "", told)[1]["id"] == made["id"]
    assert Complaint.objects.count() == 1
    one = f"/{made['id']}"
    assert call("agent", "post", f"{one}/story", {"kind": "called", "text": "已联系"})[0] == 200
    handing = {"version": made["version"], "owner": "support"}
    assert call("agent", "post", f"{one}/moves/handing", handing)[1]["owner"] == "support"
    assert call("agent", "post", f"{one}/moves/handing", handing)[0] == 409
    read = call("support", "get", one)[1]
    assert {clock["kind"] for clock in read["clocks"]} == {"answer", "verification", "solution", "result", "callback"}  # fmt: skip
    assert any(line["clause"] == "provisions PV-5" for clock in read["clocks"] for line in clock["why"])
    lacking = {"version": read["version"], "finding": "x", "cause": "design", "text": "x"}
    status, refusal = call("support", "post", f"{one}/moves/justification", lacking)
    assert (status, refusal["error"]["code"] if "error" in refusal else refusal["code"]) == (422, "timetable")
    assert call("owner-GZ001", "get", one)[0] == 404
    assert call("owner-GZ001", "post", "", told)[0] == 403


def test_erased_the_person_is_gone_and_the_complaint_counts_on(cast: Cast) -> None:
    """PIPL 47: contacts and what texts say of them, also in the history; clocks, matter and grade stay."""
    made = file.archived(cast, description="张三丰在中山路1号说还漏，回电13800005678")
    path, subject = links.path(cast.company, made), Subject(cast.company.pk, phone="13800005678")
    assert "张三丰在" in str(Source().copy(subject))
    with erasing():
        assert Source().erase(subject, by=cast.access("head"), at=NOW, reason="x") == {"complaints": 1}
    made.refresh_from_db()
    told = [
        made.contact, made.phone, made.address, made.description, *made.entries.values_list("body", flat=True),
        *(str(change.before) + str(change.after) for change in Change.objects.filter(table="complaints_complaint")),
    ]  # fmt: skip
    for secret in SECRETS:
        assert not [text for text in told if secret in text], secret
    assert (made.clocks.count(), made.kind, made.severity, made.verdict) == (
        5,
        "service",
        "ordinary",
        "justified",
    )
    assert Client().get(path).status_code == 404
    assert Source().names(subject) == set()


def test_an_open_complaint_holds_an_erasure_up(cast: Cast) -> None:
    made = file.handed(cast)
    assert made.number in Source().open_matters(Subject(cast.company.pk, phone="13800005678"))[0]


def _seen(cast: Cast, who: str) -> tuple[set[int], set[str]]:
    """Complaints and audiences of entries that bare SQL answers somebody."""
    with scope.opened(cast.access(who)), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM complaints_complaint")
        complaints = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT DISTINCT audience FROM complaints_entry")
        return complaints, {row[0] for row in cursor.fetchall()}


def test_bare_sql_shows_an_outlet_what_is_handed_to_it_without_headquarters_notes(cast: Cast) -> None:
    """clause ST-8: row-level security, below every query of ours."""
    other = assemble("other", "other-", "另一家")
    file.registered(other)
    mine = file.handed(cast, outlet="GZ001")
    file.handed(cast, outlet="SZ021", phone="13900000001", serial="")
    file.registered(cast, outlet=cast.outlets["GZ001"], phone="13900000002", serial="")
    operations.note(mine, "内部", by=cast.access("support"), at=NOW)

    complaints, audiences = _seen(cast, "owner-GZ001")
    assert complaints == {mine.pk}
    assert "headquarters" not in audiences
    everything, whole = _seen(cast, "head")
    assert len(everything) == 3, "and nothing of the other company"
    assert "headquarters" in whole


def test_control_without_the_policies_bare_sql_shows_everything(cast: Cast) -> None:
    """The guard off: the test above can fail."""
    made = file.registered(cast)
    operations.note(made, "内部", by=cast.access("agent"), at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("complaints_complaint", "complaints_entry"):
            cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    complaints, audiences = _seen(cast, "owner-GZ001")
    assert complaints == {made.pk}
    assert "headquarters" in audiences
