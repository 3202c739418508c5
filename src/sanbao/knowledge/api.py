"""The knowledge base by API: articles, suggestions for a customer's words, feedback, standard phrases."""

from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from sanbao.accounts.access import Access
from sanbao.knowledge import operations, queries
from sanbao.knowledge.models import Article
from sanbao.knowledge.permissions import May
from sanbao.knowledge.phrases import places
from sanbao.products.models import Model
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.readers import types

router = Router(tags=["knowledge"])

Code = Annotated[str, types.code(40)]
Words = Annotated[str, types.text(600)]
Id = Annotated[int, Field(ge=1, le=2**62)]


def _by(request: HttpRequest) -> Access:
    access: Access = request.access  # type: ignore[attr-defined]
    return access


def _heading(article: Article) -> dict[str, Any]:
    return {
        "id": article.pk, "number": article.number, "title": article.title, "kind": article.kind, "state": article.standing,
        "public": article.public, "codes": article.codes, "categories": article.categories, "helped": article.helped,
        "failed": article.failed,
    }  # fmt: skip


@router.get("/articles", summary="Articles, newest first")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def list_articles(
    request: HttpRequest,
    words: Words | None = None,
    before: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id. `words` are looked for in the whole text."""
    rows = queries.articles(_by(request))
    if words:
        rows = Article.objects.filter(pk__in=queries.found(rows, words))
    if before:
        rows = rows.filter(pk__lt=before)
    return {
        "articles": [_heading(one) for one in rows.order_by("-id").defer("pairs", "words", "brief")[:limit]]
    }


@router.get("/articles/{pk}", summary="One article with its text")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def read_article(request: HttpRequest, pk: Id) -> dict[str, Any]:
    """As it is published; `revision` is empty for one that never was."""
    article = get_object_or_404(queries.articles(_by(request)), pk=pk)
    revision = queries.shown(article)
    text = revision and {
        "id": revision.pk, "no": revision.no, "question": revision.question, "answer": revision.answer, "steps": revision.steps,
        "internal_note": revision.internal_note,
        "models": [model.code for model in queries.models_of(revision)], "published_at": revision.published_at,
    }  # fmt: skip
    return {**_heading(article), "revision": text}


@router.get("/suggestions", summary="Articles that fit a customer's words")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def suggest(
    request: HttpRequest,
    words: Words = "",
    model: Code | None = None,
    codes: Annotated[list[Code], Query(max_length=10)] = [],  # noqa: B006 - a default of the schema, never changed
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> dict[str, Any]:
    """Best first; `score` orders them and means nothing else."""
    product = None
    if model:
        product = Model.objects.visible_to(_by(request), May.SEE).filter(code=model.upper()).first()
    found = queries.suggest(_by(request), words, product, codes, most=limit)
    return {
        "suggestions": [
            {
                **_heading(one.article),
                "score": round(one.score, 4),
                "fits_model": one.fits,
                "fits_class": one.classed,
            }
            for one in found
        ]
    }


class Said(Schema):
    """Whether an article helped."""

    helped: bool
    comment: Annotated[str, types.text(500)] = ""


@router.post("/articles/{pk}/feedback", summary="Say whether an article helped")
@endpoint(May.SEE, scope=Scope.COMPANY, audit="knowledge:feedback:given")
def give_feedback(request: HttpRequest, pk: Id, said: Said) -> dict[str, Any]:
    """Once a revision and person; said again, it takes the place of what was said before."""
    article = get_object_or_404(queries.articles(_by(request)), pk=pk)
    operations.give_feedback(article, said.helped, comment=said.comment, by=_by(request), at=timezone.now())
    article.refresh_from_db()
    return _heading(article)


@router.get("/phrases", summary="Standard phrases in use")
@endpoint(May.SEE, scope=Scope.COMPANY, audit=None)
def list_phrases(request: HttpRequest, code: Code | None = None) -> dict[str, Any]:
    """Those of a class first, if one is named; `places` are to be filled in."""
    rows = queries.phrases(_by(request), [code] if code else [])
    return {
        "phrases": [
            {"id": row.pk, "code": row.code, "title": row.title, "text": row.text, "places": places(row.text)}
            for row in rows
        ]
    }
