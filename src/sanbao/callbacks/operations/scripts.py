"""Keeping scripts: a change is the next version (KA-9.4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.callbacks.first_scripts import CLOSING, QUESTIONS, SCRIPTS
from sanbao.callbacks.models import Script
from sanbao.callbacks.permissions import May
from sanbao.callbacks.states import Kind
from sanbao.knowledge.phrases import unknown_places
from sanbao.ui.refusal import Refusal, Stale

MOST_OWN = 8


@transaction.atomic
def found_scripts(*, by: Access, at: datetime) -> int:
    """The company's first scripts; how many were written. What it has is left alone."""
    by.require(May.SCRIPTS)
    known = set(Script.objects.filter(company_id=by.company_id).values_list("kind", flat=True))
    fresh = [kind for kind in SCRIPTS if kind not in known]
    for kind in fresh:
        opening, codes = SCRIPTS[kind]
        questions = [{"code": code, "text": QUESTIONS[code]} for code in codes]
        keep_script(kind, opening, questions, CLOSING, by=by, at=at)
    return len(fresh)


@transaction.atomic
def keep_script(
    kind: str, opening: str, questions: Sequence[dict[str, Any]], closing: str, *, number: int | None = None, by: Access, at: datetime
) -> Script:  # fmt: skip
    """Write the next version; what was recorded by an earlier one still knows it. `number` is the version the writer saw."""
    by.require(May.SCRIPTS)
    if kind not in Kind.values:
        raise Refusal(_("Say for which callbacks it is."), field="kind", code="kind")
    if not opening.strip() or not closing.strip():
        raise Refusal(_("A script has an opening and a closing."), field="opening", code="empty")
    if not questions:
        raise Refusal(_("A script asks at least one question."), field="opening", code="questions")
    for text in (opening, closing, *(str(question["text"]) for question in questions)):
        if bad := unknown_places(text):
            raise Refusal(_("There is no place called {%(place)s}.") % {"place": bad[0]}, field="opening", code="place")  # fmt: skip
    newest = Script.objects.filter(company_id=by.company_id, kind=kind).aggregate(newest=Max("number"))["newest"] or 0  # fmt: skip
    if number is not None and number != newest:
        raise Stale(_("Somebody has changed this script meanwhile. Look at it again."), code="stale")
    try:
        with transaction.atomic():
            made = Script.objects.create(
                company_id=by.company_id, kind=kind, number=newest + 1, opening=opening.strip(), questions=list(questions),
                closing=closing.strip(), made_at=at, made_by_id=by.person_id,
            )  # fmt: skip
    except IntegrityError:
        raise Stale(
            _("Somebody has changed this script meanwhile. Look at it again."), code="stale"
        ) from None
    audit.record("callbacks:script:written", made, by=by, at=at, kind=kind, version=made.number)
    return made
