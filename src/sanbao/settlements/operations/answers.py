"""The outlet's answer to its statement, and the reply."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.settlements import telling
from sanbao.settlements.models import Answer, Sheet, Statement
from sanbao.settlements.permissions import May
from sanbao.settlements.queries import confirmation
from sanbao.settlements.states import State
from sanbao.ui.refusal import Refusal


@transaction.atomic
def answer(
    statement: Statement, kind: str, *, note: str = "", sheet: Sheet | None = None, by: Access, at: datetime
) -> Answer:
    """The outlet confirms the statement, or questions it or one of its sheets with a note."""
    by.require(May.ANSWER)
    statement = (
        Statement.objects.visible_to(by, May.ANSWER).select_for_update(of=("self",)).get(pk=statement.pk)
    )
    if statement.state in (State.DRAFT, State.REVERSED):
        raise Refusal(
            _("%(number)s can be answered once it has been submitted.") % {"number": statement.number},
            code="not_yet",
        )
    note = note.strip()[:500]
    if kind == Answer.Kind.QUESTION and not note:
        raise Refusal(_("Write what you question and what would be right."), field="note", code="note")
    if kind == Answer.Kind.CONFIRM and confirmation(statement):
        raise Refusal(_("This statement is confirmed already."), code="confirmed")
    if sheet is not None and not statement.lines.filter(sheet=sheet).exists():
        raise Refusal(
            _("Sheet %(number)s is not in this statement.") % {"number": sheet.number}, field="sheet"
        )
    given = Answer.objects.create(
        company_id=statement.company_id,
        outlet_id=statement.outlet_id,
        statement=statement,
        sheet=sheet,
        kind=kind,
        note=note,
        version=statement.version,
        made_at=at,
        made_by_id=by.person_id,
    )
    audit.record(
        f"settlements:answer:{kind}", statement, by=by, at=at, outlet_id=statement.outlet_id,
        sheet=sheet.number if sheet else "", note=note,
    )  # fmt: skip
    telling.answered(given, by=by, at=at)
    return given


@transaction.atomic
def reply(question: Answer, text: str, *, by: Access, at: datetime) -> Answer:
    """Headquarters answers a question, once; what was answered stays."""
    by.require(May.REPLY)
    question = Answer.objects.visible_to(by, May.REPLY).select_for_update(of=("self",)).get(pk=question.pk)
    if question.replied_at:
        raise Refusal(_("This question has been answered already."), code="answered")
    if not text.strip():
        raise Refusal(_("Write the reply."), field="reply", code="reply")
    question.reply, question.replied_at, question.replied_by_id = text.strip()[:500], at, by.person_id
    question.save(update_fields=["reply", "replied_at", "replied_by"])
    audit.record(
        "settlements:answer:replied",
        question.statement,
        by=by,
        at=at,
        outlet_id=question.outlet_id,
        reply=question.reply,
    )
    telling.replied(question, by=by, at=at)
    return question
