"""The regulation's flow of each kind of work, read from the rulebook `workorder`: its steps, what to do in each, and what each needs (SC-2..4, CO-2).

Nothing here decides: what is there is gathered from the order, and `sanbao_rules.workorders` says what is missing, with its clause.
"""

from collections.abc import Collection
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.regulations.queries import book_in_force
from sanbao.ui.formats import language
from sanbao.ui.refusal import Refusal
from sanbao.workorders.models import Order
from sanbao.workorders.queries import checklist
from sanbao.workorders.states import Kind, Mode
from sanbao_rules import workorders
from sanbao_rules.explain import explain_all
from sanbao_rules.rulebook import Rulebook, shipped
from sanbao_rules.workorders import Step

BOOK = "workorder"
DISPATCH = {Kind.REPAIR: "registration"}  # every other kind: "arrangement"
WORK = {
    Kind.REPAIR: "repairing",
    Kind.INSTALLATION: "installing",
    Kind.REPLACEMENT: "replacing",
    Kind.MAINTENANCE: "maintaining",
    Kind.INSPECTION: "inspecting",
    Kind.TRAINING: "teaching",
}
ACCEPTANCE = {Kind.TRAINING: "summary"}  # every other kind: "acceptance"
AFTERCARE = "aftercare"
# Steps that are told in words, and have no deed of their own.
TOLD_IN_WORDS = ("asking", "answering")
# What an engineer confirms with a tick or a few words where the book asks for it.
TICKED = ("trial_run", "user_instructed", "material_handed", "prices_shown")
WRITTEN = ("attendance", "items_done", "readings", "result")


def dispatch_step(kind: str) -> str:
    return DISPATCH.get(kind, "arrangement")  # type: ignore[call-overload,no-any-return]


def work_step(kind: str) -> str:
    return WORK[Kind(kind)]


def acceptance_step(kind: str) -> str:
    return ACCEPTANCE.get(kind, "acceptance")  # type: ignore[call-overload,no-any-return]


def book_of(order: Order) -> Rulebook:
    """The rulebook the company goes by."""
    return book_in_force(order.company_id, BOOK)


def day_of(order: Order) -> date:
    """The day whose rules hold for the order: the day it was made."""
    return timezone.localdate(order.made_at)


def steps_of(order: Order) -> tuple[Step, ...]:
    """The order's steps, first to last."""
    return workorders.flow(order.kind, book_of(order), day_of(order))


def never_skipped(order: Order) -> tuple[str, ...]:
    """Without these there is no order."""
    return ("application", dispatch_step(order.kind))


def label(step: Step) -> str:
    return step.label[language()]


def clause(step: Step) -> str:
    """The clause's number alone, as people say it."""
    return cited(step.clause)


def cited(clause: str) -> str:
    """A clause as people say it: its number; a law by its title and article; of the company's own practice, that it is that."""
    source, _blank, number = clause.partition(" ")
    if source == "own":
        return _("the company's own practice")
    if told(clause) and not number.isdecimal():
        return number
    laws = shipped(BOOK).sources
    if source not in laws:
        return number
    title = laws[source].title[language()]
    return (
        _("%(law)s, article %(number)s") % {"law": title, "number": number} if number.isdecimal() else title
    )


def told(clause: str) -> str:
    """The number of a clause that has one; the company's own practice has a name only, which says nothing beside a sentence."""
    number = clause.rpartition(" ")[2]
    return number if any(letter.isdigit() for letter in number) else ""


def missing(order: Order, code: str, also: Collection[str] = ()) -> list[tuple[str, str]]:
    """What a step still needs: sentences with their clauses; none where it may be done."""
    return [(text, clause) for _gate, text, clause in needs(order, code, also)]


def needs(order: Order, code: str, also: Collection[str] = ()) -> list[tuple[str, str, str]]:
    """What a step still needs: the need's code, a sentence and its clause."""
    book = book_of(order)
    made = workorders.missing(order.kind, code, {*present(order), *also}, book, day_of(order))
    told = zip(made.answer["missing"], explain_all(made.reasons, {BOOK: book}, language()), strict=False)
    return [(gate, sentence.text, cited(sentence.clause)) for gate, sentence in told]


def refuse_while_missing(order: Order, code: str, also: Collection[str] = ()) -> None:
    """Refuse a step that lacks something, saying what, and by which clause."""
    if told := missing(order, code, also):
        sentences = "；" if language() == "zh" else "; "
        raise Refusal(
            sentences.join(f"{text}（{clause}）" for text, clause in told),
            code="missing", details={"step": code, "missing": [text for text, _clause in told]},
        )  # fmt: skip


def present(order: Order) -> set[str]:
    """The needs of the book that the order meets, by their codes. What does not apply counts as met."""
    there = {
        "contact": bool(order.phone),
        "content": bool(order.fault),
        "described": bool(order.fault),
        "unit": bool(order.serial or order.unit_id),
        "engineer": order.engineer_id is not None,
        "trainer": order.engineer_id is not None,
        "appointment": order.wanted_from is not None or order.engineer_id is not None,
        "arrived": order.arrived_at is not None or order.mode != Mode.ON_SITE,
        "measures": bool(order.action),
        "summed_up": bool(order.action),
        "cause": bool(order.cause),
        "restored": order.restored_at is not None,
        "runs": order.restored_at is not None,
        "feedback": bool(order.rating_words or order.rating),
        "survey": bool(order.rating or order.rating_words),
        "effect_confirmed": bool(order.rating or order.rating_words),
    }
    if order.pk:
        there |= _of_plan(order) | _of_papers(order) | _of_checks(order)
    return {code for code, is_there in there.items() if is_there}


def may_agree_by_telephone(order: Order) -> bool:
    """Who is not there can't sign: where the product was brought or sent in, a word by telephone with a note stands for the signature."""
    return bool(order.mode != Mode.ON_SITE)


def _of_plan(order: Order) -> dict[str, bool]:
    plan = order.plans.exclude(state="superseded").order_by("-number").first()
    if plan is None:
        free = (
            not order.charged_fen and not order.parts.filter(withdrawn_at__isnull=True, free=False).exists()
        )
        return {"bill": free}
    confirmed = plan.state == "confirmed"
    return {
        "diagnosed": bool(plan.cause),
        "plan_content": bool(plan.content),
        "plan_method": bool(plan.method),
        "plan_steps": bool(plan.steps),
        "plan_material": plan.lines.exists(),
        "plan_time": plan.minutes > 0,
        "prices_shown": plan.offered_at is not None,
        "plan_confirmed": confirmed,
        "agreement_signed": confirmed and (plan.signature_id is not None or (plan.answered_how == "phone" and may_agree_by_telephone(order))),
        "bill": plan.offered_at is not None,
        "cause": bool(order.cause or plan.cause),
    }  # fmt: skip


def _of_papers(order: Order) -> dict[str, bool]:
    shown = set(order.photos.values_list("purpose", flat=True))
    signed = set(order.signatures.filter(withdrawn_at__isnull=True).values_list("purpose", flat=True))
    used = order.parts.filter(withdrawn_at__isnull=True).exists()
    return {
        "photo_nameplate": "plate" in shown,
        "photo_fault": "fault" in shown,
        "photo_done": "after" in shown,
        "parts_listed": used or order.work != Order.Work.REPLACE,
        "old_parts": used or order.work != Order.Work.REPLACE,  # a part is written down together with what became of the old one
        "customer_signed": bool({"acceptance", "training"} & signed),
    }  # fmt: skip


def _of_checks(order: Order) -> dict[str, bool]:
    results = {(row.check_line_id, row.code): row for row in order.checks.all()}
    said = {code: row for (_line, code), row in results.items() if code}
    required = [line.pk for line in checklist(order) if line.required]
    through = all((row := results.get((pk, ""))) and (row.passed or row.value) for pk in required)
    told: dict[str, bool] = {code: bool(said[code].passed) for code in TICKED if code in said}
    told |= {code: bool(said[code].value) for code in WRITTEN if code in said}
    site = said.get("site")
    # On site the department is the engineer who goes through its check list; elsewhere somebody else looks it over (RP-4).
    checked = order.checked_at is not None or (order.mode == Mode.ON_SITE and bool(through))
    return told | {
        "checklist": bool(through),
        "internal_check": checked,
        "site_checked": bool(site and site.passed),
    }
