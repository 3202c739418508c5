"""Writing, reviewing and publishing articles; feedback; standard phrases."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import moves
from sanbao.audit import operations as audit
from sanbao.edge.search import grams
from sanbao.files import operations as files
from sanbao.knowledge.models import Article, Attachment, Feedback, Kind, Phrase, Revision
from sanbao.knowledge.permissions import May
from sanbao.knowledge.phrases import unknown_places
from sanbao.knowledge.states import MOVES, OPEN, State
from sanbao.products.models import Model
from sanbao.ui.refusal import Refusal, Stale

FIELDS = (
    "kind", "title", "question", "answer", "steps", "keywords", "internal_note", "public", "codes", "categories", "fits",
)  # fmt: skip
MOST_STEPS = 40
MOST_ATTACHMENTS = 20
_BRIEF = 300


@transaction.atomic
def draft(fields: Mapping[str, Any], *, by: Access, at: datetime) -> Revision:
    """Begin an article: its first revision as a draft. `fields` are of FIELDS."""
    by.require(May.WRITE)
    article = Article(company_id=by.company_id, number=_number(by.company_id), changed_at=at)
    revision = _revision(article, 1, by, at)
    _fill(revision, fields)
    _copy_heading(article, revision)
    article.save(force_insert=True)
    revision.article = article
    revision.save(force_insert=True)
    audit.record("knowledge:article:drafted", article, by=by, at=at, revision=1)
    return revision


@transaction.atomic
def amend(
    revision: Revision, fields: Mapping[str, Any], *, version: int | None, by: Access, at: datetime
) -> Revision:
    """Change a draft. It becomes the changer's: whoever changed it last can't review it."""
    by.require(May.WRITE)
    found = _held(revision, by, version)
    if found.state != State.DRAFT:
        raise Refusal(_("Only a draft can be changed; send it back to the author first."), code="not_a_draft")
    _fill(found, fields)
    found.draft_at, found.draft_by_id, found.version = at, by.person_id, found.version + 1
    found.save()
    if found.article.standing == Article.Standing.NEW:
        _copy_heading(found.article, found)
        found.article.changed_at = at
        found.article.save()
    audit.record("knowledge:article:amended", found.article, by=by, at=at, revision=found.no)
    return found


@transaction.atomic
def revise(article: Article, *, by: Access, at: datetime) -> Revision:
    """Begin the next revision as a draft with the text of the latest; what is published stays until the new one is."""
    by.require(May.WRITE)
    found = Article.objects.visible_to(by, May.WRITE).select_for_update(of=("self",)).get(pk=article.pk)
    latest = found.revisions.latest("no")
    if latest.state in OPEN:
        raise Stale(
            _("Revision %(no)s is being worked on already.") % {"no": latest.no},
            code="open",
            details={"revision": latest.pk},
        )
    made = _revision(found, latest.no + 1, by, at)
    _fill(made, {name: getattr(latest, name) for name in FIELDS})
    made.save(force_insert=True)
    Attachment.objects.bulk_create(
        Attachment(
            company_id=made.company_id,
            revision=made,
            file_id=kept.file_id,
            label=kept.label,
            added_at=kept.added_at,
            added_by_id=kept.added_by_id,
        )
        for kept in latest.attachments.all()
    )
    audit.record("knowledge:article:revised", found, by=by, at=at, revision=made.no)
    return made


def move(
    revision: Revision, noun: str, *, version: int | None, by: Access, at: datetime, reason: str = ""
) -> Revision:
    """Make one legal move: review, return, publication or withdrawal. Publishing replaces what was published before."""
    effects = {"publication": _publish, "withdrawal": _withdraw}
    moved: Revision = moves.make(
        MOVES[noun], revision, version=version, by=by, at=at, reason=reason,
        effects=lambda found: effects[noun](found, at) if noun in effects else None,
        details=lambda found: {"article": found.article.number},
    )  # fmt: skip
    return moved


def _publish(revision: Revision, at: datetime) -> None:
    # Revisions before their article, as whoever withdraws or gives feedback does: nobody waits in a circle.
    published = Revision.objects.filter(article_id=revision.article_id, state=State.PUBLISHED)
    published.update(state=State.REPLACED, version=F("version") + 1)
    article = Article.objects.select_for_update(of=("self",)).get(pk=revision.article_id)
    before = set(article.pairs) if article.standing == Article.Standing.PUBLISHED else None
    _copy_heading(article, revision)
    article.brief = "\n".join(
        part for part in (article.title, revision.keywords, revision.question[:_BRIEF]) if part
    )
    article.words = "\n".join(
        part for part in (article.brief, revision.answer, *revision.steps, revision.internal_note) if part
    )
    article.pairs = grams(article.brief)
    article.standing, article.changed_at = Article.Standing.PUBLISHED, at
    article.save()
    _count_pairs(article, before, set(article.pairs))


def _withdraw(revision: Revision, at: datetime) -> None:
    article = Article.objects.select_for_update(of=("self",)).get(pk=revision.article_id)
    _count_pairs(article, set(article.pairs), None)
    article.standing, article.changed_at = Article.Standing.WITHDRAWN, at
    article.save()


def _count_pairs(article: Article, before: set[str] | None, after: set[str] | None) -> None:
    """Keep the counts of pairs, in the order of pairs so that two publications never wait for each other in a circle."""
    change = dict.fromkeys((after or set()) - (before or set()), 1)
    change |= dict.fromkeys((before or set()) - (after or set()), -1)
    if (before is None) != (after is None):
        change[""] = 1 if before is None else -1
    if not change:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO knowledge_gram AS kept (company_id, gram, articles)"
            " SELECT %s, gram, change FROM unnest(%s::text[], %s::int[]) AS of(gram, change) ORDER BY gram"
            " ON CONFLICT (company_id, gram) DO UPDATE SET articles = greatest(kept.articles + excluded.articles, 0)",
            [article.company_id, sorted(change), [change[gram] for gram in sorted(change)]],
        )


def _copy_heading(article: Article, revision: Revision) -> None:
    for name in ("kind", "title", "public", "codes", "categories", "fits"):
        setattr(article, name, getattr(revision, name))


@transaction.atomic
def attach(
    revision: Revision, data: bytes, name: str, *, label: str = "", by: Access, at: datetime
) -> Attachment:
    """Put a file with a draft, as it came; pictures are kept like any other file and handed out as downloads."""
    by.require(May.WRITE)
    found = _draft(revision, by)
    if found.attachments.count() >= MOST_ATTACHMENTS:
        raise Refusal(
            _("An article has at most %(most)s attachments.") % {"most": MOST_ATTACHMENTS}, field="file", code="many"
        )  # fmt: skip
    made = Attachment.objects.create(
        company_id=found.company_id, revision=found, file=files.keep(data, name, by=by, at=at), label=label[:80],
        added_at=at, added_by_id=by.person_id,
    )  # fmt: skip
    audit.record(
        "knowledge:article:attached", found.article, by=by, at=at, revision=found.no, file=made.file.name
    )
    return made


@transaction.atomic
def detach(attachment: Attachment, *, by: Access, at: datetime) -> None:
    """Take a file from a draft. The file itself stays: earlier revisions may have it."""
    by.require(May.WRITE)
    found = _draft(attachment.revision, by)
    audit.record(
        "knowledge:article:detached",
        found.article,
        by=by,
        at=at,
        revision=found.no,
        file=attachment.file.name,
    )
    attachment.delete()


@transaction.atomic
def give_feedback(article: Article, helped: bool, *, comment: str = "", by: Access, at: datetime) -> Feedback:
    """Say whether the published article helped. A colleague says it once a revision and may change it; the public every time.

    `by` without a person is a reader of the public page.
    """
    published = Revision.objects.filter(
        article_id=article.pk, company_id=by.company_id, state=State.PUBLISHED
    )
    revision = published.select_for_update(of=("self",), no_key=True).first()
    found = Article.objects.select_for_update(of=("self",)).get(pk=article.pk, company_id=by.company_id)
    if revision is None or (by.person_id is None and not found.public):
        raise Refusal(_("This article is not published any more."), code="not_published")
    given = Feedback(company_id=found.company_id, article=found, revision=revision, by_id=by.person_id)
    if by.person_id is not None:
        by.require(May.SEE)
        if (earlier := Feedback.objects.filter(revision=revision, by_id=by.person_id).first()) is not None:
            given = earlier
            _tally(found, earlier.helped, -1)
    given.helped, given.comment, given.at = helped, comment.replace("\0", "").strip()[:500], at
    given.save()
    _tally(found, helped, 1)
    found.save(update_fields=["helped", "failed"])
    audit.record("knowledge:feedback:given", found, by=by, at=at, helped=helped)
    return given


def _tally(article: Article, helped: bool, by: int) -> None:
    name = "helped" if helped else "failed"
    setattr(article, name, getattr(article, name) + by)


@transaction.atomic
def keep_phrase(
    code: str,
    title: str,
    text: str,
    *,
    codes: Iterable[str] = (),
    phrase: Phrase | None = None,
    by: Access,
    at: datetime,
) -> Phrase:
    """Add a standard phrase, or change one. Places to be filled in that nobody knows how to fill are refused."""
    by.require(May.PHRASES)
    if unknown := unknown_places(text):
        raise Refusal(
            _("Nobody knows how to fill in %(places)s.") % {"places": ", ".join(f"{{{place}}}" for place in unknown)},
            field="text", code="places",
        )  # fmt: skip
    kept = phrase or Phrase(company_id=by.company_id)
    kept.code, kept.title, kept.text, kept.codes = code.strip(), title, text, list(dict.fromkeys(codes))
    kept.ended_at, kept.changed_at, kept.changed_by_id = None, at, by.person_id
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:
        raise Refusal(
            _("There is already a phrase with this short name."), field="code", code="code"
        ) from None
    audit.record("knowledge:phrase:changed" if phrase else "knowledge:phrase:added", kept, by=by, at=at)
    return kept


@transaction.atomic
def end_phrase(phrase: Phrase, *, by: Access, at: datetime) -> Phrase:
    """Offer a phrase no longer. Changing it again brings it back."""
    by.require(May.PHRASES)
    kept = Phrase.objects.visible_to(by, May.PHRASES).select_for_update(of=("self",)).get(pk=phrase.pk)
    kept.ended_at = kept.ended_at or at
    kept.save()
    audit.record("knowledge:phrase:ended", kept, by=by, at=at)
    return kept


def _held(revision: Revision, by: Access, version: int | None) -> Revision:
    """The revision, locked with its article, if nobody has changed it since it was seen."""
    found: Revision = (
        Revision.objects.visible_to(by, May.WRITE)
        .select_related("article")
        .select_for_update(of=("self",))
        .get(pk=revision.pk)
    )
    if version is not None and version != found.version:
        raise Stale(
            _("Somebody has changed this draft since you opened it. Look at it again before you go on."),
            code="stale",
            details={"version": found.version},
        )
    return found


def _draft(revision: Revision, by: Access) -> Revision:
    found = _held(revision, by, None)
    if found.state != State.DRAFT:
        raise Refusal(_("Only a draft can be changed; send it back to the author first."), code="not_a_draft")
    return found


def _revision(article: Article, no: int, by: Access, at: datetime) -> Revision:
    return Revision(company_id=by.company_id, article=article, no=no, draft_at=at, draft_by_id=by.person_id)


def _fill(revision: Revision, fields: Mapping[str, Any]) -> None:
    """Put the fields into a revision, cleaned; refuse what can't be an article."""
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"an article has no {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(revision, name, value)
    if revision.kind not in Kind.values:
        raise Refusal(_("Choose what kind of article this is."), field="kind", code="kind")
    if not revision.title.strip():
        raise Refusal(_("Give the article a title."), field="title", code="title")
    if not revision.answer.strip() and not revision.steps:
        raise Refusal(_("Write the answer, or the steps that lead to it."), field="answer", code="answer")
    revision.steps = [step.strip()[:500] for step in revision.steps if step.strip()]
    if len(revision.steps) > MOST_STEPS:
        raise Refusal(
            _("An article has at most %(most)s steps.") % {"most": MOST_STEPS}, field="steps", code="many"
        )
    for name in ("codes", "categories"):
        setattr(
            revision,
            name,
            list(dict.fromkeys(code.strip()[:40] for code in getattr(revision, name) if code.strip())),
        )
    revision.fits = sorted(set(revision.fits))
    known = Model.objects.filter(company_id=revision.company_id, pk__in=revision.fits).count()
    if known != len(revision.fits):
        raise Refusal(_("One of these models is not there."), field="fits", code="model")


def _number(company_id: int | None) -> str:
    """The next article number of the company: ZS1, ZS2, … (知识)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT edge_next_number('article', %s)", [company_id])
        return f"ZS{cursor.fetchone()[0]}"
