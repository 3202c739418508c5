"""The pages of the knowledge base, for colleagues and for anyone, and its API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sanbao.knowledge import operations, queries
from sanbao.knowledge.models import Article, Feedback, Phrase
from sanbao.products.models import Model
from tests.cast import NOW, Cast, assemble
from tests.modules.knowledge.make import SPARK, article, draft, move

pytestmark = pytest.mark.django_db


def text(page) -> str:
    return page.content.decode()


def fields(**changes) -> dict:
    found = {name: value for name, value in SPARK.items() if name not in ("steps", "codes", "public")}
    return (
        found
        | {"steps": "1. 换电池\n2、开阀门", "codes": ["repair-start", "repair-gas"], "public": "on"}
        | changes
    )


def test_an_article_is_written_reviewed_and_published_on_its_pages(cast: Cast, sign_in) -> None:
    author, head = sign_in("supervisor"), sign_in("head")
    model = Model.objects.get(code="JZT-B52")
    made = author.post(reverse("knowledge:add"), fields(fits=[model.pk]))
    assert made.status_code == 303
    found = Article.objects.get()
    revision = found.revisions.get()
    assert (revision.steps, revision.codes, revision.fits) == (
        ["换电池", "开阀门"],
        ["repair-start", "repair-gas"],
        [model.pk],
    )
    page = text(author.get(made.url))
    assert reverse("knowledge:move", args=[revision.pk, "review"]) not in page
    assert reverse("knowledge:edit", args=[revision.pk]) in page
    for browser, noun in ((head, "review"), (author, "publication")):
        revision.refresh_from_db()
        url = reverse("knowledge:move", args=[revision.pk, noun])
        assert url in text(browser.get(made.url))
        assert browser.post(url, {"version": revision.version}).status_code == 303
    page = text(sign_in("outlet-clerk").get(made.url))
    assert "换电池" in page and "电磁阀" in page
    assert reverse("knowledge:revise", args=[found.pk]) not in page


def test_a_refused_move_is_shown_with_the_article_as_it_is(cast: Cast, sign_in) -> None:
    revision = draft(cast, by="supervisor")
    page = sign_in("supervisor").post(reverse("knowledge:move", args=[revision.pk, "review"]), {"version": 1})
    assert page.status_code == 422
    stale = sign_in("head").post(reverse("knowledge:move", args=[revision.pk, "review"]), {"version": "77"})
    assert stale.status_code == 409
    assert sign_in("head").post(reverse("knowledge:move", args=[revision.pk, "burning"])).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"), [({"title": ""}, "title"), ({"answer": "", "steps": ""}, "answer"), ({"kind": "x"}, "kind"),
                           ({"codes": "x" * 50}, "codes"), ({"fits": "zz"}, "fits"), ({"categories": "月亮"}, "categories"),
                           ({"steps": "\n".join(["步"] * 41)}, "steps")]
)  # fmt: skip
def test_bad_input_is_said_beside_its_field(sign_in, changes, field) -> None:
    page = sign_in("admin").post(reverse("knowledge:add"), fields(**changes))
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert not Article.objects.exists()


def test_a_draft_is_edited_and_what_is_not_a_draft_is_not(cast: Cast, sign_in) -> None:
    revision, browser = draft(cast), sign_in("admin")
    url = reverse("knowledge:edit", args=[revision.pk])
    assert "点不着火" in text(browser.get(url))
    assert browser.post(url, fields(title="改过")).status_code == 303
    revision.refresh_from_db()
    assert (revision.title, revision.version) == ("改过", 2)
    move(cast, revision, "review", by="supervisor")
    assert browser.post(url, fields()).status_code == 422


def test_a_draft_changed_by_another_meanwhile_comes_back_with_both_texts(cast: Cast, sign_in) -> None:
    revision, browser = draft(cast), sign_in("admin")
    url = reverse("knowledge:edit", args=[revision.pk])
    seen = browser.get(url).context["form"]["seen"].value()
    operations.amend(revision, {**SPARK, "title": "别人的标题"}, version=None, by=cast.access("head"), at=NOW)
    page = browser.post(url, fields(title="我的标题", seen=seen))
    assert page.status_code == 409
    assert "别人的标题" in text(page) and "我的标题" in text(page)


def test_the_next_revision_is_begun_once(cast: Cast, sign_in) -> None:
    found, browser = article(cast), sign_in("admin")
    first = browser.post(reverse("knowledge:revise", args=[found.pk]))
    assert first.url == reverse("knowledge:edit", args=[found.revisions.latest("no").pk])
    assert browser.post(reverse("knowledge:revise", args=[found.pk])).url == reverse(
        "knowledge:article", args=[found.pk]
    )
    assert found.revisions.count() == 2
    page = text(browser.get(reverse("knowledge:article", args=[found.pk]) + "?revision=1"))
    assert "?revision=2" in page
    assert browser.get(reverse("knowledge:article", args=[found.pk]) + "?revision=abc").status_code == 200


def test_readers_see_published_articles_only(cast: Cast, sign_in) -> None:
    open_draft = draft(cast, title="未发布的草稿").article
    article(cast)
    browser = sign_in("outlet-clerk")
    page = text(browser.get(reverse("knowledge:articles")))
    assert "燃气灶打不着火" in page and "未发布的草稿" not in page
    assert browser.get(reverse("knowledge:article", args=[open_draft.pk])).status_code == 404
    assert browser.get(reverse("knowledge:add")).status_code == 403
    assert "未发布的草稿" in text(sign_in("admin").get(reverse("knowledge:articles") + "?tab=open"))


def test_the_list_is_searched_filtered_and_exported(cast: Cast, sign_in) -> None:
    article(cast)
    article(
        cast,
        title="电热水器漏水",
        question="滴水",
        keywords="",
        steps=["关水"],
        internal_note="",
        categories=["电热水器"],
    )
    browser, url = sign_in("admin"), reverse("knowledge:articles")
    page = text(browser.get(url + "?q=电磁阀"))
    assert "燃气灶打不着火" in page and "电热水器漏水" not in page
    page = text(browser.get(url + "?category=电热水器"))
    assert "电热水器漏水" in page and "燃气灶打不着火" not in page
    assert browser.get(url + "?export=xlsx").status_code == 200


def test_suggestions_are_a_page_and_a_fragment(cast: Cast, sign_in) -> None:
    article(cast)
    browser, url = sign_in("outlet-clerk"), reverse("knowledge:suggestions")
    assert "燃气灶打不着火" in text(browser.get(url, {"words": "打不着火"}))
    part = browser.get(url, {"words": "打不着火"}, headers={"HX-Request": "true", "HX-Target": "suggested"})
    assert "<html" not in text(part) and "燃气灶打不着火" in text(part)
    assert browser.get(url, {"words": "冰箱", "model": "x", "code": "y"}).status_code == 200
    assert browser.get(url, {"words": "\0'\"<script>", "model": "9" * 30}).status_code in (200, 400)


def test_files_are_added_taken_and_handed_out(cast: Cast, sign_in) -> None:
    revision, browser = draft(cast), sign_in("admin")
    url = reverse("knowledge:attach", args=[revision.pk])
    assert browser.post(url, {"label": "x"}).status_code == 422
    file = SimpleUploadedFile("图.pdf", b"%PDF-1.4 x")
    assert browser.post(url, {"file": file, "label": "接线图"}).status_code == 303
    kept = revision.attachments.get()
    download = reverse("knowledge:attachment", args=[kept.pk])
    assert b"".join(browser.get(download).streaming_content).startswith(b"%PDF")
    assert sign_in("outlet-clerk").get(download).status_code == 404
    assert browser.post(reverse("knowledge:detach", args=[kept.pk])).status_code == 303
    assert not revision.attachments.exists()


def test_taking_a_file_from_what_is_published_is_refused(cast: Cast, sign_in) -> None:
    revision = draft(cast)
    kept = operations.attach(revision, b"x", "x.pdf", by=cast.access("admin"), at=NOW)
    move(cast, revision, "review")
    assert sign_in("admin").post(reverse("knowledge:detach", args=[kept.pk])).status_code == 422


def test_feedback_is_given_on_the_page(cast: Cast, sign_in) -> None:
    found, browser = article(cast), sign_in("outlet-clerk")
    url = reverse("knowledge:feedback", args=[found.pk])
    assert browser.post(url, {}).status_code == 422
    assert browser.post(url, {"helped": "0", "comment": "没写清楚"}).status_code == 303
    found.refresh_from_db()
    assert found.failed == 1
    assert "没写清楚" in text(sign_in("admin").get(reverse("knowledge:article", args=[found.pk])))


def test_phrases_are_listed_kept_and_ended(cast: Cast, sign_in) -> None:
    browser = sign_in("admin")
    add = reverse("knowledge:add-phrase")
    assert browser.post(add, {"code": "hx", "title": "回访", "text": "{月亮}"}).status_code == 422
    assert browser.post(add, {"code": "hx", "title": "回访", "text": "{客户}您好"}).status_code == 303
    assert browser.post(add, {"code": "hx", "title": "回访", "text": "{客户}您好"}).status_code == 422
    phrase = Phrase.objects.get()
    edit = reverse("knowledge:phrase", args=[phrase.pk])
    assert "{客户}" in text(browser.get(edit))
    assert browser.post(edit, {"code": "hx", "title": "回访二", "text": "您好"}).status_code == 303
    assert "回访二" in text(sign_in("outlet-clerk").get(reverse("knowledge:phrases")))
    assert browser.post(reverse("knowledge:end-phrase", args=[phrase.pk])).status_code == 303
    assert "回访二" not in text(browser.get(reverse("knowledge:phrases")))
    assert browser.get(reverse("knowledge:phrases") + "?export=xlsx").status_code == 200


# For anyone


def test_st_3_anyone_reads_public_articles_and_nothing_else(cast: Cast) -> None:
    shown = article(cast)
    hidden = article(cast, title="内部资料", public=False)
    waiting = draft(cast, title="草稿")
    visitor, code = Client(), cast.company.code
    page = text(visitor.get(reverse("help:articles", args=[code])))
    assert "燃气灶打不着火" in page and "内部资料" not in page and "草稿" not in page
    page = text(visitor.get(reverse("help:article", args=[code, shown.pk])))
    assert "更换电池" in page and "电磁阀" not in page, "what is only for colleagues stays with them"
    assert visitor.get(reverse("help:article", args=[code, hidden.pk])).status_code == 404
    assert visitor.get(reverse("help:article", args=[code, waiting.article_id])).status_code == 404
    assert "燃气灶打不着火" in text(visitor.get(reverse("help:articles", args=[code]), {"words": "点不着火"}))
    assert visitor.get(reverse("help:articles", args=[code]), {"words": "内部资料"}).context["found"] == []


def test_one_company_s_help_is_not_another_s(cast: Cast) -> None:
    other = assemble("other", "other-", "另一家")
    foreign = article(other, title="另一家的文章")
    visitor = Client()
    assert "另一家的文章" not in text(visitor.get(reverse("help:articles", args=[cast.company.code])))
    assert visitor.get(reverse("help:article", args=[cast.company.code, foreign.pk])).status_code == 404
    assert visitor.get(reverse("help:articles", args=["nowhere"])).status_code == 404


def test_public_pages_go_on_behind_thirty_articles(cast: Cast, monkeypatch) -> None:
    from sanbao.knowledge import public_views

    monkeypatch.setattr(public_views, "A_PAGE", 1)
    first = article(cast, title="第一篇")
    article(cast, title="第二篇")
    url = reverse("help:articles", args=[cast.company.code])
    page = Client().get(url)
    assert page.context["after"] and "第一篇" not in text(page)
    assert [one for one, _kind in Client().get(url, {"after": page.context["after"]}).context["found"]] == [
        first
    ]
    assert Client().get(url, {"after": "x" * 40}).status_code == 200


def test_a_reader_says_whether_it_helped(cast: Cast) -> None:
    found = article(cast)
    url = reverse("help:feedback", args=[cast.company.code, found.pk])
    assert Client().post(url, {}).status_code == 422
    answer = Client().post(url, {"helped": "1", "comment": "谢谢"})
    assert answer.status_code == 303
    assert Client().get(answer.url).status_code == 200
    found.refresh_from_db()
    assert (found.helped, Feedback.objects.get().by_id) == (1, None)
    assert (
        Client().post(reverse("help:feedback", args=[cast.company.code, 987654]), {"helped": "1"}).status_code
        == 404
    )


def test_files_of_public_articles_are_public_and_no_others(cast: Cast) -> None:
    visitor = Client()
    for public in (True, False):
        revision = draft(cast, public=public)
        kept = operations.attach(revision, b"x", "图.pdf", by=cast.access("admin"), at=NOW)
        url = reverse("help:attachment", args=[cast.company.code, kept.pk])
        assert visitor.get(url).status_code == 404, "not published yet"
        move(cast, revision, "review")
        move(cast, revision, "publication", by="supervisor")
        assert visitor.get(url).status_code == (200 if public else 404)


# The API


def test_the_api_lists_reads_suggests_and_takes_feedback(cast: Cast, sign_in) -> None:
    found, browser = article(cast), sign_in("outlet-clerk")
    operations.keep_phrase("hx", "回访", "{客户}您好", by=cast.access("admin"), at=NOW)
    listed = browser.get("/api/v1/knowledge/articles", {"words": "打不着火", "before": found.pk + 1}).json()[
        "articles"
    ]
    assert [one["number"] for one in listed] == [found.number]
    read = browser.get(f"/api/v1/knowledge/articles/{found.pk}").json()
    assert read["revision"]["steps"] == ["更换电池", "检查燃气阀门是否打开", "清洁点火针"]
    model = Model.objects.first()
    asked = {"words": "打不着火", "model": model.code, "codes": ["fault.ignition"]}
    (suggested,) = browser.get("/api/v1/knowledge/suggestions", asked).json()["suggestions"]
    assert (suggested["id"], suggested["fits_class"]) == (found.pk, True)
    said = browser.post(
        f"/api/v1/knowledge/articles/{found.pk}/feedback", {"helped": True}, content_type="application/json"
    )
    assert (said.status_code, said.json()["helped"]) == (200, 1)
    (phrase,) = browser.get("/api/v1/knowledge/phrases", {"code": "fault"}).json()["phrases"]
    assert phrase["places"] == ["customer"]
    assert browser.get("/api/v1/knowledge/articles/987654").status_code == 404


def test_a_draft_read_by_api_has_no_text_yet(cast: Cast, sign_in) -> None:
    waiting = draft(cast)
    assert sign_in("admin").get(f"/api/v1/knowledge/articles/{waiting.article_id}").json()["revision"] is None
    assert queries.shown(waiting.article) is None


# Classes of requests


def test_classes_are_chosen_and_shown_by_their_names_where_there_is_a_tree(cast: Cast, sign_in) -> None:
    """CS-2: the tree stands above; an article keeps codes, and those it kept stay to be chosen."""
    found, browser = article(cast, codes=["repair-leak", "old-code"]), sign_in("admin")
    page = text(browser.get(reverse("knowledge:article", args=[found.pk])))
    assert "漏水" in page and "old-code" in page and "repair-leak" not in page
    revision = operations.revise(found, by=cast.access("admin"), at=NOW)
    form = browser.get(reverse("knowledge:edit", args=[revision.pk])).context["form"]
    assert {"repair-leak", "old-code"} <= dict(form.fields["codes"].choices).keys()
    changed = fields(codes=["repair-gas"])
    assert browser.post(reverse("knowledge:edit", args=[revision.pk]), changed).status_code == 303
    revision.refresh_from_db()
    assert revision.codes == ["repair-gas"]
    assert (
        browser.post(reverse("knowledge:edit", args=[revision.pk]), fields(codes=["nowhere"])).status_code
        == 422
    )
    operations.keep_phrase("a", "x", "y", codes=["repair-gas"], by=cast.access("admin"), at=NOW)
    assert "燃气异味" in text(browser.get(reverse("knowledge:phrases")))


def test_codes_are_typed_where_nobody_has_a_tree(cast: Cast, sign_in, monkeypatch) -> None:
    monkeypatch.setattr("sanbao.knowledge.classes.NAMERS", [])
    browser = sign_in("admin")
    assert browser.post(reverse("knowledge:add"), fields(codes="故障.a，ｂ  c")).status_code == 303
    assert Article.objects.get().codes == ["故障.a", "b", "c"]
    assert browser.post(reverse("knowledge:add"), fields(codes="x" * 50)).status_code == 422
    assert "c" in text(
        browser.get(reverse("knowledge:edit", args=[Article.objects.get().revisions.get().pk]))
    )


def test_a_file_for_what_is_not_a_draft_or_too_large_is_refused_beside_its_field(
    cast: Cast, sign_in, monkeypatch
) -> None:
    revision, browser = draft(cast), sign_in("admin")
    url = reverse("knowledge:attach", args=[revision.pk])
    monkeypatch.setattr("sanbao.knowledge.forms.MOST_BYTES", 1)
    assert "file" in browser.post(url, {"file": SimpleUploadedFile("x.pdf", b"xx")}).context["form"].errors
    move(cast, revision, "review")
    assert browser.post(url, {"file": SimpleUploadedFile("x.pdf", b"x")}).status_code == 422


def test_a_bad_title_of_a_draft_is_said_and_nothing_is_lost(cast: Cast, sign_in) -> None:
    revision = draft(cast)
    page = sign_in("admin").post(reverse("knowledge:edit", args=[revision.pk]), fields(title=" "))
    assert (page.status_code, "换电池" in text(page)) == (422, True)


def test_a_withdrawn_article_says_so_and_is_read_by_writers_only(cast: Cast, sign_in) -> None:
    found = article(cast)
    move(cast, queries.shown(found), "withdrawal", reason="已过时")
    url = reverse("knowledge:article", args=[found.pk])
    assert "已过时" in text(sign_in("admin").get(url))
    assert sign_in("outlet-clerk").get(url).status_code == 404
    answer = sign_in("admin").post(reverse("knowledge:feedback", args=[found.pk]), {"helped": "1"})
    assert answer.status_code == 422


def test_the_api_without_words_lists_everything_and_suggests_nothing(cast: Cast, sign_in) -> None:
    article(cast)
    browser = sign_in("outlet-clerk")
    assert len(browser.get("/api/v1/knowledge/articles").json()["articles"]) == 1
    assert browser.get("/api/v1/knowledge/suggestions").json() == {"suggestions": []}


def test_st_3_a_request_s_page_and_the_telephone_form_ask_for_what_fits(cast: Cast, sign_in) -> None:
    found, browser = article(cast), sign_in("supervisor")
    page = text(browser.get(reverse("intake:call")))
    assert 'hx-include="#id_subject,#id_description,#id_model"' in page
    asked = {"subject": "燃气灶", "description": "打不着火", "model": "jzt-b52"}
    part = browser.get(
        reverse("knowledge:suggestions"), asked, headers={"HX-Request": "true", "HX-Target": "likely"}
    )
    assert reverse("knowledge:article", args=[found.pk]) in text(part) and "<html" not in text(part)
    nothing = browser.get(
        reverse("knowledge:suggestions"), headers={"HX-Request": "true", "HX-Target": "likely"}
    )
    assert "<li>" not in text(nothing)


def test_the_tag_shows_nothing_to_whoever_may_not_read(cast: Cast) -> None:
    from sanbao.knowledge.templatetags.knowledge import likely

    assert likely({"access": cast.access("finance")}, "x") == {"url": ""}
    assert likely({}, "x") == {"url": ""}
    assert likely({"access": cast.access("admin")}, "漏水", "A8", "c")["url"].endswith(
        "?words=%E6%BC%8F%E6%B0%B4&model=A8&code=c"
    )
