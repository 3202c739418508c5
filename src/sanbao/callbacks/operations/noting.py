"""What comes out of a talk: something wrong with the job, an answer promised, a need or an urgent event (KA-9.2 to KA-9.4, KA-11.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit import operations as audit
from sanbao.callbacks import books, events, telling
from sanbao.callbacks.models import Callback, Need, Observation, PromisedAnswer
from sanbao.callbacks.operations.reaching import taken_up
from sanbao.callbacks.permissions import May
from sanbao.files.models import StoredFile
from sanbao.intake import facts as desk
from sanbao.intake import operations as intake
from sanbao.intake.models import Category, Team
from sanbao.intake.states import Channel
from sanbao.ui.refusal import Refusal
from sanbao_rules import callbacks as rules

MOST_FILES = 10
# What raises the request of an urgent event, in the words of the service rulebook.
RAISED_BY = {"gas_leak": ["gas"], "fire": ["gas", "electricity"], "electric_shock": ["electricity"], "flood": ["water"], "conflict": ["media"]}  # fmt: skip


@transaction.atomic
def observe(
    callback: Callback,
    kind: str,
    words: str,
    *,
    refund_fen: int = 0,
    panel_fen: int = 0,
    files: Sequence[StoredFile] = (),
    by: Access,
    at: datetime,
) -> Observation:
    """Report what is wrong with the job, with evidence; the modules above hear of it in the same transaction and make a finding of it."""
    found = taken_up(callback, by)
    if kind not in Observation.Kind.values:
        raise Refusal(_("Say what is wrong."), field="kind", code="kind")
    if not words.strip():
        raise Refusal(
            _("Write down what the customer says: it is the evidence."), field="words", code="words"
        )
    if min(refund_fen, panel_fen) < 0:
        raise Refusal(_("An amount can't be negative."), field="refund", code="negative")
    if refund_fen and kind != Observation.Kind.OVERCHARGE:
        raise Refusal(_("A refund belongs to overcharging; choose that, or leave the refund empty."), field="refund", code="refund")  # fmt: skip
    if panel_fen and kind != Observation.Kind.FALSE_PANEL:
        raise Refusal(_("The panel's value belongs to a false panel claim."), field="panel", code="panel")
    if kind == Observation.Kind.FALSE_PANEL and not panel_fen:
        raise Refusal(
            _("Give the panel's value: the penalty is counted from it."), field="panel", code="panel"
        )
    if len(files) > MOST_FILES:
        raise Refusal(_("At most %(most)d files come with it.") % {"most": MOST_FILES}, field="files", code="files")  # fmt: skip
    try:
        with transaction.atomic():
            made = Observation.objects.create(
                callback=found, kind=kind, words=words.strip()[:500], refund_fen=refund_fen, panel_fen=panel_fen, made_at=at,
                made_by_id=by.person_id,
            )  # fmt: skip
    except IntegrityError:
        raise Refusal(_("This is reported for %(number)s already.") % {"number": found}, field="kind", code="twice") from None  # fmt: skip
    made.files.set(files)
    audit.record(
        "callbacks:observation:reported", found, by=by, at=at, outlet_id=found.outlet_id, kind=kind, refund_fen=refund_fen, files=len(files)
    )  # fmt: skip
    for listener in events.FOUND:
        listener(made, by=by, at=at)
    telling.observed(made, by=by, at=at)
    return made


def became_finding(observation: Observation, finding: int) -> None:
    """The module above has made a finding of it; its id is kept, for the way from one to the other."""
    Observation.objects.filter(pk=observation.pk).update(finding=finding)


@transaction.atomic
def promise_answer(
    callback: Callback, question: str, due_at: datetime, owner: Person, *, by: Access, at: datetime
) -> PromisedAnswer:
    """The customer is promised an answer by a time; whoever is to give it is told (KA-9.4)."""
    found = taken_up(callback, by)
    if not question.strip():
        raise Refusal(_("Write down what the customer asked."), field="question", code="question")
    if due_at <= at:
        raise Refusal(_("The time has passed already; choose a later one."), field="due_at", code="past")
    made = PromisedAnswer.objects.create(
        callback=found, question=question.strip()[:500], due_at=due_at, owner=owner, made_at=at, made_by_id=by.person_id
    )  # fmt: skip
    audit.record("callbacks:answer:promised", found, by=by, at=at, outlet_id=found.outlet_id, due_at=due_at.isoformat())  # fmt: skip
    telling.promised(made, by=by, at=at)
    return made


@transaction.atomic
def keep_answer(promised: PromisedAnswer, answer: str, *, by: Access, at: datetime) -> PromisedAnswer:
    """The customer has the answer; whether it came in time is decided and kept."""
    by.require(May.CALL)
    rows = PromisedAnswer.objects.visible_to(by, May.CALL).filter(pk=promised.pk)
    found: PromisedAnswer = PromisedAnswer.objects.filter(pk__in=rows.values("pk")).select_for_update(of=("self",)).select_related("callback__plan").get()  # fmt: skip
    if found.kept_at:
        raise Refusal(_("This was answered already."), code="twice")
    if not answer.strip():
        raise Refusal(_("Write down what the customer was told."), field="answer", code="empty")
    facts = {
        "promised_at": timezone.localtime(found.made_at), "due_at": timezone.localtime(found.due_at), "now": timezone.localtime(at),
        "kept_at": timezone.localtime(at),
    }  # fmt: skip
    made = rules.answer(facts["promised_at"], facts["due_at"], books.book(by.company_id), facts["now"], kept_at=facts["kept_at"])  # fmt: skip
    outlet_id = found.callback.outlet_id
    found.decision = books.written(made, facts, found, by=by, at=at, outlet_id=outlet_id)
    found.answer, found.kept_at, found.kept_by_id = answer.strip()[:500], at, by.person_id
    found.save()
    audit.record("callbacks:answer:kept", found.callback, by=by, at=at, outlet_id=outlet_id, state=made.answer["state"])  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Errand:
    """Somebody is asked to do something about a need, by a time."""

    team: Team
    owner: Person | None
    due_at: datetime


@transaction.atomic
def note_need(
    callback: Callback,
    kind: str,
    words: str,
    *,
    category: Category,
    told_to: str = "",
    errand: Errand | None = None,
    by: Access,
    at: datetime,
) -> Need:
    """A need becomes a request, and with an errand a task of it; whoever was told by telephone first is written down; what is urgent goes
    up at once (KA-9.3)."""
    found = taken_up(callback, by)
    if kind not in Need.Kind.values:
        raise Refusal(_("Say what it is."), field="kind", code="kind")
    if not words.strip():
        raise Refusal(_("Write down what the customer says."), field="words", code="words")
    asked_with = {"kind": kind, "on": timezone.localdate(at)}
    made = rules.urgent(kind, books.book(by.company_id), asked_with["on"])
    if not made.answer and not told_to.strip():
        raise Refusal(_("Tell the service staff by telephone first, and write down whom you told."), field="told_to", code="told")  # fmt: skip
    plan = found.plan
    severity, flags = _weight(kind, made.answer, by, at)
    with scope.as_owner("a need found in a callback is registered with the desk"):
        asked = intake.receive(
            intake.Ask(
                channel=Channel.PHONE, category=category, subject=words.strip().splitlines()[0][:120], severity=severity,
                description=_("From callback %(number)s: %(words)s") % {"number": found, "words": words.strip()}, customer=plan.customer,
                contact=plan.contact, phone=found.number_to_call, address=plan.address, unit=plan.unit, model=plan.model, serial=plan.serial,
                flags=flags,
            ),
            by=by, at=at,
        )  # fmt: skip
        task = intake.put_task(asked, words.strip(), team=errand.team, owner=errand.owner, due_at=errand.due_at, by=by, at=at) if errand else None  # fmt: skip
    need = Need(
        callback=found, kind=kind, words=words.strip()[:500], told_to=told_to.strip()[:60], urgent=made.answer, request=asked, task=task, made_at=at,
        made_by_id=by.person_id,
    )  # fmt: skip
    need.save()
    need.decision = books.written(made, asked_with, need, by=by, at=at, outlet_id=found.outlet_id)
    need.save(update_fields=["decision"])
    audit.record("callbacks:need:noted", found, by=by, at=at, outlet_id=found.outlet_id, kind=kind, urgent=made.answer, request=asked.number, task=task is not None)  # fmt: skip
    if need.urgent:
        telling.urgent(need, by=by, at=at)
    return need


def _weight(kind: str, urgent: bool, by: Access, at: datetime) -> tuple[str, list[str]]:
    """How bad it is, in the words the company's service rulebook has."""
    on = timezone.localdate(at)
    known = {code for code, _word in desk.flags(by, on)}
    gravest = next(iter(desk.severities(by, on)), ("", ""))[0]
    return (gravest if urgent else ""), [flag for flag in RAISED_BY.get(kind, ()) if flag in known]
