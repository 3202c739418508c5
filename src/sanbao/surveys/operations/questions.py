"""Questionnaires: begun, written as drafts, published as versions that never change (DP-6, SR-7)."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.surveys.models import Question, Questionnaire, Version
from sanbao.surveys.permissions import May
from sanbao.ui.refusal import Refusal

OVERALL, WORKS = "overall", "works"
MOST_QUESTIONS, MOST_OPTIONS = 20, 12
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,19}")


@transaction.atomic
def found_questionnaire(
    name: str, purpose: str, *, title_zh: str, title_en: str, intro_zh: str = "", intro_en: str = "", by: Access, at: datetime
) -> Version:  # fmt: skip
    """Begin a questionnaire: its first version as a draft with the question every one of them has, how satisfied the customer is."""
    by.require(May.RUN)
    if not name.strip():
        raise Refusal(_("Give the questionnaire a name."), field="name", code="name")
    if purpose not in Questionnaire.Purpose.values:
        raise Refusal(_("Say when it is sent."), field="purpose", code="purpose")
    if purpose == Questionnaire.Purpose.SERVICE and Questionnaire.objects.filter(company_id=by.company_id, purpose=purpose).exists():  # fmt: skip
        raise Refusal(
            _("There is a questionnaire for after the service already; write its next version."), field="purpose", code="purpose"
        )  # fmt: skip
    try:
        with transaction.atomic():
            made = Questionnaire.objects.create(
                company_id=by.company_id,
                name=name.strip()[:80],
                purpose=purpose,
                made_at=at,
                made_by_id=by.person_id,
            )
    except IntegrityError:
        raise Refusal(_("There is a questionnaire of this name."), field="name", code="name") from None
    draft = _draft(made, 1, by, at)
    _head(draft, title_zh, title_en, intro_zh, intro_en)
    draft.save(force_insert=True)
    Question.objects.create(
        version=draft, position=1, code=OVERALL, kind=Question.Kind.STARS, text_zh="您对这次服务总体满意吗？",
        text_en="How satisfied are you with our service?",
    )  # fmt: skip
    audit.record("surveys:version:begun", draft, by=by, at=at)
    return draft


@transaction.atomic
def begin_version(questionnaire: Questionnaire, *, by: Access, at: datetime) -> Version:
    """Begin the next version with the questions of the latest; the one in use stays until the new one is published."""
    by.require(May.RUN)
    held = (
        Questionnaire.objects.visible_to(by, May.RUN).select_for_update(of=("self",)).get(pk=questionnaire.pk)
    )
    latest = held.versions.latest("no")
    if latest.state == Version.State.DRAFT:
        raise Refusal(_("Version %(no)s is being written already.") % {"no": latest.no}, code="draft")
    draft = _draft(held, latest.no + 1, by, at)
    _head(draft, latest.title_zh, latest.title_en, latest.intro_zh, latest.intro_en)
    draft.save(force_insert=True)
    Question.objects.bulk_create(
        Question(
            version=draft, position=one.position, code=one.code, kind=one.kind, text_zh=one.text_zh, text_en=one.text_en,
            options=one.options, required=one.required,
        )
        for one in latest.questions.all()
    )  # fmt: skip
    audit.record("surveys:version:begun", draft, by=by, at=at)
    return draft


def _draft(questionnaire: Questionnaire, no: int, by: Access, at: datetime) -> Version:
    return Version(
        company_id=by.company_id, questionnaire=questionnaire, no=no, made_at=at, made_by_id=by.person_id
    )


def _head(version: Version, title_zh: str, title_en: str, intro_zh: str, intro_en: str) -> None:
    for field, text in (("title_zh", title_zh), ("title_en", title_en)):
        if not text.strip():
            raise Refusal(_("Write the heading in both languages."), field=field, code="language")
    version.title_zh, version.title_en = title_zh.strip()[:120], title_en.strip()[:120]
    version.intro_zh, version.intro_en = intro_zh.strip()[:500], intro_en.strip()[:500]


@transaction.atomic
def keep_version(
    version: Version,
    *,
    title_zh: str,
    title_en: str,
    intro_zh: str = "",
    intro_en: str = "",
    by: Access,
    at: datetime,
) -> Version:
    """Change a draft's heading and opening words."""
    held = _held(version, by)
    _head(held, title_zh, title_en, intro_zh, intro_en)
    held.save()
    audit.record("surveys:version:changed", held, by=by, at=at)
    return held


@transaction.atomic
def keep_question(
    version: Version,
    question: Question | None,
    *,
    code: str,
    kind: str,
    text_zh: str,
    text_en: str,
    options: Sequence[dict[str, str]] = (),
    required: bool = True,
    position: int | None = None,
    by: Access,
    at: datetime,
) -> Question:
    """Add a question to a draft, or change one."""
    held = _held(version, by)
    code = code.strip().lower()
    if not _CODE.fullmatch(code):
        raise Refusal(
            _("A short name has small letters, digits and dashes, and begins with a letter."), field="code", code="code"
        )  # fmt: skip
    if kind not in Question.Kind.values:
        raise Refusal(_("Choose how it is answered."), field="kind", code="kind")
    for field, text in (("text_zh", text_zh), ("text_en", text_en)):
        if not text.strip():
            raise Refusal(_("Write the question in both languages."), field=field, code="language")
    kept = question or Question(version=held)
    if question is not None and question.code == OVERALL and code != OVERALL:
        raise Refusal(_("This question is the score; it keeps its short name."), field="code", code="overall")
    if code == OVERALL and (kind != Question.Kind.STARS or not required):
        raise Refusal(_("The score is given in stars and must be answered."), field="kind", code="overall")
    if question is None and held.questions.count() >= MOST_QUESTIONS:
        raise Refusal(
            _("A questionnaire has at most %(most)s questions: nobody answers more.") % {"most": MOST_QUESTIONS}, code="many"
        )  # fmt: skip
    kept.code, kept.kind, kept.required = code, kind, required
    kept.text_zh, kept.text_en = text_zh.strip()[:200], text_en.strip()[:200]
    kept.options = _options(kind, options)
    kept.position = position if position is not None else kept.position or held.questions.count() + 1
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:
        raise Refusal(_("Another question has this short name."), field="code", code="code") from None
    audit.record("surveys:version:changed", held, by=by, at=at, question=code)
    return kept


def _options(kind: str, options: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    if kind not in (Question.Kind.CHOICE, Question.Kind.SEVERAL):
        return []
    given = [
        {"code": one["code"].strip()[:20], "zh": one["zh"].strip()[:80], "en": one["en"].strip()[:80]} for one in options
    ]  # fmt: skip
    if not 2 <= len(given) <= MOST_OPTIONS:
        raise Refusal(
            _("Give two to %(most)s answers to choose from.") % {"most": MOST_OPTIONS}, field="options", code="options"
        )  # fmt: skip
    if any(not all(one.values()) for one in given) or len({one["code"] for one in given}) < len(given):
        raise Refusal(
            _("Every answer needs a short name of its own and its words in both languages."), field="options", code="options"
        )  # fmt: skip
    return given


@transaction.atomic
def drop_question(question: Question, *, by: Access, at: datetime) -> None:
    """Take a question out of a draft."""
    held = _held(question.version, by)
    if question.code == OVERALL:
        raise Refusal(_("Every questionnaire asks for the score."), code="overall")
    audit.record("surveys:version:changed", held, by=by, at=at, question=question.code, dropped=True)
    question.delete()


@transaction.atomic
def publish_version(version: Version, *, by: Access, at: datetime) -> Version:
    """Use a draft from now on. Links that are out keep the version they were sent with."""
    held = _held(version, by)
    works = held.questions.filter(code=WORKS).first()
    if works is not None and {one["code"] for one in works.options} < {"yes", "no"}:
        raise Refusal(
            _("The question “works” is answered with yes and no: it says whether the work is in order."), code="works"
        )  # fmt: skip
    held.questionnaire.versions.filter(state=Version.State.PUBLISHED).update(state=Version.State.REPLACED)
    held.state, held.published_at, held.published_by_id = Version.State.PUBLISHED, at, by.person_id
    held.save()
    audit.record("surveys:version:published", held, by=by, at=at)
    return held


def _held(version: Version, by: Access) -> Version:
    """The draft, locked."""
    by.require(May.RUN)
    rows: Any = Version.objects.visible_to(by, May.RUN).select_related("questionnaire")
    held: Version = rows.select_for_update(of=("self",)).get(pk=version.pk)
    if held.state != Version.State.DRAFT:
        raise Refusal(
            _("A questionnaire that was published is not changed any more; begin its next version."), code="published"
        )  # fmt: skip
    return held
