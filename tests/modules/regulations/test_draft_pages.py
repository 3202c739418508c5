"""Pages of drafts: a change from the form to the edition in force, what is refused, the year's notice, files, proposals."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sanbao.regulations import drafting
from sanbao.regulations.models import Change, Draft, Proposal
from sanbao.regulations.queries import edition_in_force, rulebook
from tests.cast import Cast
from tests.modules.regulations.make import JUNE, begun, keeper, late_rate, moved
from tests.rules.test_holiday_notice import Y2026

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast: Cast, sign_in):
    keeper(cast)
    return sign_in("keeper")


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def change_url(draft: Draft, parameter: str, more: str = "") -> str:
    return reverse("regulations:change", args=[draft.pk, parameter]) + more


def test_the_late_ladder_is_changed_reviewed_and_published_by_three_people(cast: Cast, desk, sign_in) -> None:
    """KA-11.1, SR-9, RG-5, CO-1: from the form to the edition that decides."""
    made = desk.post(
        reverse("regulations:begin"),
        {"book": "settlement", "title": "逾期比例", "why": "", "edition": "2026.2", "from_day": ""},
    )
    draft = Draft.objects.get()
    assert made.status_code == 303
    fields = {
        "what": "add",
        "since": "2026-06-01",
        "value": "80",
        "clause": "appliance KA-11.1",
        "reason": "促进按期",
    }
    assert desk.post(change_url(draft, "rate_late"), fields).status_code == 303
    page = words(desk.get(reverse("regulations:draft", args=[draft.pk])))
    assert "<del>90%</del>" in page
    assert "<ins>80%</ins>" in page
    assert "促进按期" in page

    for name, noun in (("keeper", "submission"), ("supervisor", "approval"), ("head", "publication")):
        draft.refresh_from_db()
        sent = sign_in(name).post(
            reverse("regulations:move", args=[draft.pk, noun]), {"version": draft.version}
        )
        assert sent.status_code == 303
    assert rulebook(edition_in_force(cast.company.pk, "settlement")).value(
        "rate_late", JUNE
    ).value == Decimal("0.8")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"value": "百分之八十"}, "value"),
        ({"value": "180"}, "value"),
        ({"since": ""}, "since"),
        ({"since": "2011-06-01"}, "since"),
        ({"since": "2012-01-01"}, "since"),
        ({"clause": "appliance KA-99"}, "clause"),
        ({"what": "remove:2012-01-01"}, "what"),
    ],
)
def test_what_cannot_be_is_told_beside_the_field_and_nothing_is_changed(
    cast: Cast, desk, fields, field
) -> None:
    """RG-5."""
    draft = begun(cast)
    sent = {
        "what": "add",
        "since": "2026-06-01",
        "value": "80",
        "clause": "appliance KA-11.1",
        "reason": "",
    } | fields
    page = desk.post(change_url(draft, "rate_late"), sent)
    assert page.status_code == 422
    assert page.context["form"].errors[field]
    assert not Change.objects.exists()


def test_every_kind_of_parameter_has_its_form_and_its_page(cast: Cast, desk) -> None:
    """GN-9: unit, history, clause, readings in plain words; both languages."""
    draft = begun(cast, "workorder", title="x")
    of_each_unit = {parameter.unit: name for name, parameter in rulebook(draft.base).parameters.items()}
    for number, name in enumerate(of_each_unit.values()):
        desk.cookies["language"] = ("zh-hans", "en")[number % 2]
        assert desk.get(change_url(draft, name)).status_code == 200
        assert desk.get(reverse("regulations:parameter", args=["workorder", name])).status_code == 200


def test_a_table_is_edited_cell_by_cell_without_a_script(cast: Cast, desk) -> None:
    """KA-4.3: one fee of the tariff from a day; the difference names the cell."""
    draft = begun(cast, "charges", title="x")
    grid = desk.get(change_url(draft, "labour")).context["form"].grid
    data = {cell.name: cell.text for first, cells in grid.lines for cell in [first, *cells]}
    data |= {"g0-0": "66", "what": "add", "since": "2026-06-01", "clause": "own tariff", "reason": ""}
    assert desk.post(change_url(draft, "labour"), data).status_code == 303
    page = words(desk.get(reverse("regulations:draft", args=[draft.pk])))
    assert "<del>60</del>" in page
    assert "<ins>66</ins>" in page
    assert draft.changes.get().kind == "table"


def test_another_reading_is_chosen_among_all_of_them_in_words(cast: Cast, desk) -> None:
    """A-63: the alternatives stand beside each other."""
    draft = begun(cast)
    page = words(desk.get(change_url(draft, "lateness")))
    assert "次月的日期" in page
    assert "逾期的天数" in page
    sent = {
        "what": "add",
        "since": "2026-06-01",
        "value": "days_late",
        "clause": "appliance KA-11.1",
        "reason": "",
    }
    assert desk.post(change_url(draft, "lateness"), sent).status_code == 303
    assert draft.changes.get().kind == "reading"


def test_examples_that_answer_otherwise_are_shown_old_and_new_as_if_the_draft_had_always_counted(
    cast: Cast, desk
) -> None:
    """Examples ask about days that are past; the change counts from a day to come."""
    draft = late_rate(cast, begun(cast), since=date(2099, 1, 1))
    page = desk.get(reverse("regulations:draft", args=[draft.pk]))
    assert page.context["changed_examples"]
    assert all(one.before != one.after for one in page.context["changed_examples"])


def test_an_example_of_one_s_own_is_made_from_a_shipped_one_and_asked_under_the_draft(
    cast: Cast, desk
) -> None:
    draft = begun(cast)
    url = f"{reverse('regulations:add-example', args=[draft.pk])}?example=0"
    form = desk.get(url).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    assert desk.post(url, data | {"name": "自己的例子"}).status_code == 303
    page = desk.get(reverse("regulations:draft", args=[draft.pk]))
    assert [one.fits for one in page.context["own_examples"]] == [True]


def test_an_example_is_made_from_a_stored_decision_of_the_reader_s_reach(cast: Cast, desk) -> None:
    cast.sheet()
    cast.received()
    decision = cast.statement().decision
    draft = begun(cast)
    url = f"{reverse('regulations:add-example', args=[draft.pk])}?decision={decision.pk}"
    form = desk.get(url).context["form"]
    assert form.facts["month"] == date(2026, 4, 1)
    data = {name: form[name].value() or "" for name in form.fields}
    assert desk.post(url, data | {"name": "四月"}).status_code == 303
    assert desk.get(f"{reverse('regulations:add-example', args=[draft.pk])}?decision=999999").context[
        "missing"
    ]


def test_the_year_s_notice_is_pasted_read_checked_and_saved_as_a_draft(cast: Cast, desk) -> None:
    """RG-1: the dates of 2027 are made up."""
    text = Y2026.replace("2026年部分", "2027年部分").replace("（", "(").replace("）", ")")
    text = (
        re.sub(r"\((?:农历[^、)]*、)?周.\)", "", text)
        .replace("1月4日上班。", "")
        .replace("2月14日、2月28日上班。", "2月13日、2月28日上班。")
    )
    text = text.replace("5月9日上班", "5月8日上班").replace("9月20日、10月10日上班", "9月19日、10月9日上班")
    text = text.replace("2月15日至23日放假调休,共9天", "2月15日至23日放假调休，共9天")
    url = reverse("regulations:enter-holidays")
    read = desk.post(url, {"do": "read", "text": text, "year": "2027", "number": "", "workdays": ""})
    form = read.context["form"]
    assert (form["name-0"].value(), form["first-0"].value(), form["last-0"].value()) == (
        "元旦",
        "2027-01-01",
        "2027-01-03",
    )
    assert len(read.context["grid"]) == 12
    data = {name: form[name].value() or "" for name in form.fields}
    assert desk.post(url, data | {"do": "save", "number": "国办发明电〔2026〕99号"}).status_code == 303

    draft = Draft.objects.get()
    book = drafting.book_of(draft)
    assert book.value("holidays", date(2027, 3, 1)).clause == "notice 2027"
    assert "〔2026〕99号" in book.clause_text("notice 2027")
    assert {change.kind for change in drafting.changes_of(draft)} == {"holidays"}
    assert desk.get(reverse("regulations:draft", args=[draft.pk])).status_code == 200


def test_a_notice_whose_count_is_wrong_is_not_saved(cast: Cast, desk) -> None:
    text = Y2026.replace("共3天。1月4日", "共4天。1月4日")
    url = reverse("regulations:enter-holidays") + "?year=2026"
    form = desk.post(url, {"do": "read", "text": text, "year": "2026"}).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    page = desk.post(url, data | {"do": "save"})
    assert page.status_code == 422
    assert not Draft.objects.exists()


def test_an_edition_goes_out_as_a_file_and_comes_back_as_changes(cast: Cast, desk) -> None:
    """GN-9: with the comments of the shipped file."""
    edition = edition_in_force(cast.company.pk, "settlement")
    text = desk.get(reverse("regulations:edition-toml", args=[edition.pk])).content.decode()
    assert text.startswith("# An outlet's month")
    changed = text.replace(
        'values = [{ from = 2012-01-01, value = 0.9, clause = "appliance KA-11.1" }]',
        'values = [{ from = 2012-01-01, value = 0.9, clause = "appliance KA-11.1" }, { from = 2026-06-01, value = 0.8, clause = "appliance KA-11.1" }]',
    )  # fmt: skip
    file = SimpleUploadedFile("settlement.toml", changed.encode())
    assert desk.post(reverse("regulations:bring"), {"file": file, "title": "从文件"}).status_code == 303
    draft = Draft.objects.get()
    assert [(change.parameter, change.kind) for change in drafting.changes_of(draft)] == [
        ("rate_late", "add")
    ]
    assert "2026-06-01" in desk.get(reverse("regulations:draft-toml", args=[draft.pk])).content.decode()

    for wrong in (
        text,
        changed.replace('0.8, clause = "appliance KA-11.1"', '0.8, clause = "appliance KA-77"'),
        changed.replace("次月报送截止日", "别的"),
        "nonsense =",
    ):
        sent = {"file": SimpleUploadedFile("x.toml", wrong.encode()), "title": "x"}
        assert desk.post(reverse("regulations:bring"), sent).status_code == 422
    assert Draft.objects.count() == 1


def test_two_drafts_at_once_are_merged_on_a_page(cast: Cast, desk) -> None:
    first, second = begun(cast, who="other"), begun(cast, edition="2026.10")
    late_rate(cast, first, who="other")
    late_rate(cast, second, "0.7")
    moved(cast, first, "submission", "approval", "publication", who="other")
    url = reverse("regulations:merge", args=[second.pk])
    assert [clash["parameter"] for clash in desk.get(url).context["clashes"]] == ["rate_late"]
    assert desk.post(url, {}).status_code == 422
    assert desk.post(url, {"choose-rate_late": "mine"}).status_code == 303


def test_anybody_proposes_a_keeper_decides_with_words_and_a_draft_is_made_from_it(
    cast: Cast, desk, sign_in
) -> None:
    """CO-8."""
    sent = {
        "title": "逾期放宽一天",
        "words": "快递常晚一天",
        "clause": "KA-11.1",
        "about": "settlement.due_day",
    }
    assert sign_in("outlet-clerk").post(reverse("regulations:propose"), sent).status_code == 303
    proposal = Proposal.objects.get()
    url = reverse("regulations:decide", args=[proposal.pk, "acceptance"])
    assert sign_in("clerk").post(url, {"version": 1, "reason": "好"}).status_code == 403
    assert desk.post(url, {"version": 1, "reason": ""}).status_code == 422
    assert desk.post(url, {"version": 1, "reason": "采纳，另拟草案"}).status_code == 303
    begin = f"{reverse('regulations:begin')}?proposal={proposal.pk}"
    sent = {"book": "settlement", "title": "逾期放宽一天", "why": "", "edition": "2026.7", "from_day": ""}
    assert desk.post(begin, sent).status_code == 303
    proposal.refresh_from_db()
    assert proposal.draft == Draft.objects.get()
    assert (
        desk.post(reverse("regulations:note-effect", args=[proposal.pk]), {"effect": "逾期减半"}).status_code
        == 303
    )
    assert "逾期减半" in words(
        sign_in("outlet-clerk").get(reverse("regulations:proposal", args=[proposal.pk]))
    )


def test_a_clause_s_page_says_where_it_acts_what_it_decided_and_what_is_proposed(cast: Cast, desk) -> None:
    """KA-11.1, CO-8: text, parameters, decisions of the last year with their money, tests, proposals."""
    cast.sheet()
    cast.received()
    cast.statement()
    desk.post(
        reverse("regulations:propose"), {"title": "放宽", "words": "y", "clause": "KA-11.1", "about": ""}
    )
    page = desk.get(reverse("clause", args=["KA-11.1"]))
    assert [(count, fen) for _question, count, fen in page.context["counted"]] == [(1, 8000)]
    said = words(page)
    assert reverse("regulations:parameter", args=["settlement", "rate_late"]) in said
    assert "tests/modules/regulations/test_draft_pages.py" in said
    assert "放宽" in said
    assert desk.get(reverse("clause", args=["KA-99"])).status_code == 404


def test_nobody_decides_on_a_proposal_of_one_s_own(cast: Cast, desk) -> None:
    sent = {"title": "x", "words": "y", "clause": "KA-11.1", "about": ""}
    desk.post(reverse("regulations:propose"), sent)
    url = reverse("regulations:decide", args=[Proposal.objects.get().pk, "acceptance"])
    assert desk.post(url, {"version": 1, "reason": "好"}).status_code == 422
