"""Regulations and campaigns as people see them: pages, print, customers' page, API."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts.models import Token
from sanbao.documents import operations, printing
from sanbao.documents.models import Document, Reading
from tests.cast import NOW, Cast, moment
from tests.modules.documents.make import campaign, docx, moved, paragraph, regulation, table

DAY = timedelta(days=1)


def text_of(response) -> str:
    return response.content.decode()


def test_readers_see_what_is_in_force_and_no_drafts(cast: Cast, sign_in) -> None:
    """Control: whoever prepares sees both."""
    version = regulation(cast)
    draft = operations.revise(version.document, by=cast.access("admin"), at=NOW)
    new = regulation(cast, upto="draft", number="SB-02")
    reader, keeper = sign_in("outlet-clerk"), sign_in("admin")
    url = reverse("documents:document", args=[version.document_id])
    assert "记录单于次月10日前寄达" in text_of(reader.get(url))
    assert reader.get(reverse("documents:document", args=[new.document_id])).status_code == 404
    assert reader.get(reverse("documents:difference", args=[draft.pk])).status_code == 404
    assert reader.get(reverse("documents:print", args=[draft.pk])).status_code == 404
    assert keeper.get(reverse("documents:document", args=[new.document_id])).status_code == 200
    assert "A/1" in text_of(keeper.get(url)) and "A/1" not in text_of(reader.get(url))


def test_a_word_file_is_looked_at_mended_and_taken_over(cast: Cast, sign_in) -> None:
    """SX-1: nothing is taken over before it was looked at; with a wrong line nothing is."""
    version = regulation(cast, upto="draft")
    keeper = sign_in("admin")
    file = SimpleUploadedFile(
        "a.docx",
        docx(
            paragraph("总则", list_="1"),
            paragraph("范围", list_="1", level=1),
            table(("甲", "乙"), ("1", "2")),
        ),
    )
    page = keeper.post(reverse("documents:word", args=[version.pk]), {"file": file})
    assert page.status_code == 200
    assert "1 张表格" in text_of(page) and "第一条 总则" in text_of(page)
    assert version.clauses.count() == 5
    url = reverse("documents:text", args=[version.pk])
    version.refresh_from_db()
    bad = keeper.post(url, {"text": "第一条 甲\n第一条 乙", "take": "1", "version": version.version})
    assert (bad.status_code, version.clauses.count()) == (422, 5)
    assert "第2行" in text_of(bad) and "出现了两次" in text_of(bad)
    good = keeper.post(url, {"text": "第一条 甲\n第二条 乙", "take": "1", "version": version.version})
    assert (good.status_code, version.clauses.count()) == (303, 2)
    old = keeper.post(url, {"text": "第一条 丙", "take": "1", "version": version.version})
    assert old.status_code == 422
    assert version.clauses.count() == 2


def test_an_old_word_file_is_refused_beside_its_field(cast: Cast, sign_in) -> None:
    version = regulation(cast, upto="draft")
    file = SimpleUploadedFile("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    page = sign_in("admin").post(reverse("documents:word", args=[version.pk]), {"file": file})
    assert page.status_code == 422
    assert "另存为 .docx" in text_of(page)


def test_a_cited_clause_leads_to_its_text_and_to_what_rests_on_it(cast: Cast, sign_in) -> None:
    """GN-9: from the book to the regulation, and back; without a regulation the rulebook's own words stand there."""
    reader = sign_in("clerk")
    url = reverse("documents:clause", args=["appliance", "KA-11.1"])
    assert url in text_of(reader.get(reverse("regulations:book", args=["settlement"])))
    before = text_of(reader.get(url))
    assert "没有这一条" in before and reverse("regulations:book", args=["settlement"]) in before
    version = moved(cast, operations.adopt_shipped("appliance", by=cast.access("admin"), at=NOW), "in_force")
    after = text_of(reader.get(url))
    assert "售后管理制度" in after and reverse("documents:document", args=[version.document_id]) in after
    assert f"{reverse('regulations:book', args=['settlement'])}#due_day" in after
    assert reader.get(reverse("documents:clause", args=["appliance", "KA-99"])).status_code == 404


def test_the_print_says_who_signed_and_whether_it_is_under_control(cast: Cast, sign_in) -> None:
    """RW-8, SX-1: number, version, page x of y, prepared, reviewed, approved; a controlled copy leaves an event."""
    version = regulation(cast)
    by = cast.access("admin")

    def mark(of, *, controlled: bool = False) -> str:
        return printing.filled(of, "zh", controlled=controlled, at=NOW, by=by)["mark"]

    told = printing.filled(version, "zh", controlled=False, at=NOW, by=by)
    assert (told["form"]["number"], told["form"]["version"]) == ("SB-01", "A/0")
    assert [told["form"]["people"][role]["name"] for role in ("prepared", "reviewed", "approved")] == [
        "admin",
        "supervisor",
        "head",
    ]
    assert (mark(version), mark(version, controlled=True)) == ("打印件非受控", "受控")
    assert mark(operations.revise(version.document, by=by, at=NOW)) == "草稿"
    paper = sign_in("clerk").get(reverse("documents:print", args=[version.pk]))
    assert paper.content.startswith(b"%PDF") and "SB-01-A-0.pdf" in paper.headers["Content-Disposition"]
    copy = reverse("documents:copy", args=[version.pk])
    assert sign_in("clerk").post(copy).status_code == 403
    assert sign_in("admin").post(copy).content.startswith(b"%PDF")
    from sanbao.audit.models import Event

    assert Event.objects.filter(action="documents:version:copied").count() == 1


def test_customers_read_what_the_company_shows_with_version_and_date_and_nothing_else(cast: Cast) -> None:
    """MO-1."""
    shown, hidden = regulation(cast), regulation(cast, number="SB-02", title="内部规定")
    operations.publish(shown.document, True, by=cast.access("head"), at=NOW)
    anyone = Client()
    listed = text_of(anyone.get(reverse("published:documents", args=["maker"])))
    assert "售后管理制度" in listed and "内部规定" not in listed
    page = text_of(anyone.get(reverse("published:document", args=["maker", shown.document_id])))
    assert "记录单于次月10日前寄达" in page and "A/0" in page and str(NOW.date()) in page
    assert anyone.get(reverse("published:document", args=["maker", hidden.document_id])).status_code == 404
    assert "售后管理制度" in text_of(anyone.get(reverse("portal:policy", args=["maker"])))
    operations.move(shown, "repeal", version_seen=None, by=cast.access("head"), at=NOW, reason="x")
    assert anyone.get(reverse("published:document", args=["maker", shown.document_id])).status_code == 404


def test_a_reader_sees_what_is_new_answers_and_confirms(cast: Cast, sign_in) -> None:
    """BA-8, BA-6: wrong answers come back, the confirmation stands in the record."""
    first = regulation(cast)
    second = operations.revise(first.document, by=cast.access("admin"), at=NOW)
    operations.take_text(
        second, "一、总则\n1. 记录单于次月12日前寄达。", seen=None, by=cast.access("admin"), at=NOW
    )
    second = moved(cast, second, "in_force")
    today = timezone.localdate()
    made = campaign(cast, second, begun=False, due_on=today + 5 * DAY)
    question = operations.add_question(made, "几号前？", ["10日", "12日"], 1, by=cast.access("admin"), at=NOW)
    operations.begin_campaign(made, by=cast.access("admin"), at=NOW)
    reader = sign_in("outlet-clerk")
    assert "待读的制度" in text_of(reader.get(reverse("home")))
    url = reverse("documents:reading", args=[made.pk])
    assert url in text_of(reader.get(reverse("documents:mine")))
    page = text_of(reader.get(url))
    assert "<ins>" in page and "几号前" in page
    assert reader.post(url, {"read": "1", f"question-{question.pk}": "0"}).status_code == 422
    assert reader.post(url, {f"question-{question.pk}": "1"}).status_code == 422
    assert reader.post(url, {"read": "1", f"question-{question.pk}": "1"}).status_code == 303
    assert Reading.objects.get(campaign=made, person=cast.people["outlet-clerk"]).tries == 2
    record = text_of(sign_in("head").get(reverse("documents:record", args=[cast.people["outlet-clerk"].pk])))
    assert "新制度宣贯" in record
    assert sign_in("finance").get(url).status_code == 404


def test_whoever_owes_a_reading_is_led_from_handing_in_to_it(cast: Cast, sign_in) -> None:
    """BA-8: the refusal says what to read, with a link."""
    made = campaign(cast, regulation(cast), stops=["settlements:sheet:hand-in"])
    made.readings.update(due_on=timezone.localdate() - DAY)
    owner = sign_in("owner-GZ001")
    file = BytesIO(b"x")
    file.name = "x.xlsx"
    page = owner.post(
        reverse("settlements:hand-in"), {"outlet": cast.outlets["GZ001"].pk, "month": "2026-04", "file": file}
    )
    assert page.status_code == 422
    url = reverse("documents:reading", args=[made.pk])
    assert f'<a href="{url}">' in text_of(page)


def test_who_has_not_read_is_listed_and_can_be_exported(cast: Cast, sign_in) -> None:
    made = campaign(cast, regulation(cast))
    operations.confirm(made, {}, read=True, by=cast.access("owner-GZ001"), at=NOW)
    head = sign_in("head")
    url = reverse("documents:campaign", args=[made.pk])
    page = text_of(head.get(url))
    assert "outlet-clerk" in page and "GZ001" in page
    assert "owner-GZ001" not in text_of(head.get(url, {"tab": "waiting"}))
    assert sign_in("outlet-clerk").get(url).status_code == 403


def test_a_search_finds_the_clause_and_shows_the_words(cast: Cast, sign_in) -> None:
    version = regulation(cast)
    page = text_of(sign_in("outlet-clerk").get(reverse("documents:search"), {"words": "次月10日"}))
    assert "<mark>次月10日</mark>" in page
    assert (
        f"{reverse('documents:document', args=[version.document_id])}#c{version.clauses.get(number='2.').pk}"
        in page
    )


def test_what_is_refused_is_shown_with_the_regulation(cast: Cast, sign_in) -> None:
    version = regulation(cast, upto="draft")
    page = sign_in("admin").post(
        reverse("documents:move", args=[version.pk, "review"]), {"version": version.version}
    )
    assert page.status_code == 403
    stale = sign_in("supervisor").post(
        reverse("documents:move", args=[version.pk, "review"]), {"version": 99}
    )
    assert stale.status_code == 409
    assert (
        sign_in("supervisor").post(reverse("documents:move", args=[version.pk, "nonsense"])).status_code
        == 404
    )


@pytest.fixture
def program(cast: Cast) -> Client:
    _token, secret = Token.make(
        cast.people["outlet-clerk"],
        cast.company,
        "t",
        at=NOW,
        expires_at=moment(2099, 1, 1),
        scopes=["read", "write"],
    )
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_a_program_reads_what_bound_people_on_a_day_and_confirms_a_reading(
    cast: Cast, program: Client
) -> None:
    """SR-9: the text of the day; BA-8: what waits, and its confirmation."""
    version = regulation(cast)
    url = f"/api/v1/regulations/documents/{version.document_id}"
    assert [clause["number"] for clause in program.get(url).json()["text"]["clauses"]] == [
        "一、",
        "1.",
        "2.",
        "二、",
        "1.",
    ]
    assert program.get(url, {"on": "2026-05-19"}).json()["text"] is None
    assert program.get(url, {"on": "2026-05-20"}).json()["text"]["label"] == "A/0"
    [found] = program.get("/api/v1/regulations/clauses", {"words": "次月10日"}).json()["clauses"]
    assert found["document"] == version.document_id
    made = campaign(cast, version, due_on=timezone.localdate() + DAY)
    [waiting] = program.get("/api/v1/regulations/readings").json()["readings"]
    assert waiting["campaign"] == made.pk
    answer = program.post(
        f"/api/v1/regulations/readings/{made.pk}/confirmation",
        {"read": True},
        content_type="application/json",
    )
    assert answer.json() == {"confirmed": True, "wrong": []}
    assert program.get("/api/v1/regulations/readings").json()["readings"] == []
    assert Document.objects.get().standing == "in_force"
