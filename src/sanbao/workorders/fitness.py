"""Whether these people may be sent to this job: the hard rules, each said where it is broken (EN-5, PV-8, RP-6, KA-4.2).

The rulebook `workorder` decides, whatever way the dispatch comes: form, board, API, or by itself. Times that overlap the database refuses.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.ui.formats import language
from sanbao.ui.refusal import Refusal
from sanbao.workorders import flow, suggesting
from sanbao.workorders.models import Engineer, Order
from sanbao.workorders.permissions import May
from sanbao.workorders.queries import category_of
from sanbao_rules.decision import Decision
from sanbao_rules.dispatch import overridable
from sanbao_rules.explain import explain_all

CODES = {"absent": "away", "alone": "not_alone", "outlet": "elsewhere"}


def refuse_unless_fit(
    order: Order,
    party: Sequence[Engineer],
    first: datetime,
    last: datetime,
    *,
    by: Access,
    helps: bool = False,
    because: str = "",
) -> list[str]:
    """Refuse with the first rule that is broken. Whoever may not work alone yet may go with somebody who may.

    `because`: the reason for setting aside what the book lets be set aside; the rules set aside are returned.
    """
    for each in party:
        _refuse_unless_here(order, each)
    day = timezone.localdate(first)
    crew = suggesting.gather(order.company_id, party, day, timezone.localdate(last))
    together = [suggesting.code_of(each) for each in party if each.alone_from is None or each.alone_from <= day]  # fmt: skip
    made, _facts = suggesting.asked(
        order, crew, first, last, category_of(order), together=[*together, *(["somebody"] if helps else [])]
    )
    told = {part.answer["engineer"]: part for part in made.parts}
    aside: list[str] = []
    for each in party:
        part = told[suggesting.code_of(each)]
        broken = [rule for rule in part.answer["broken"] if rule != "overlap"]
        if not broken:
            continue
        if because.strip() and by.may(May.OVERRIDE) and set(broken) <= set(overridable(crew.book, day)):
            aside += [rule for rule in broken if rule not in aside]
            continue
        raise _refused(each, part, broken, crew, day, by)
    return aside


def _refuse_unless_here(order: Order, engineer: Engineer) -> None:
    name = engineer.person.name
    if engineer.retired_at is not None or not engineer.person.is_active:
        raise Refusal(
            _("%(who)s no longer works as an engineer.") % {"who": name}, field="engineer", code="retired"
        )
    if engineer.outlet_id != order.outlet_id:
        raise Refusal(
            _("%(who)s works for %(other)s. Give the order to that outlet first.") % {"who": name, "other": engineer.outlet or _("headquarters")},
            field="engineer", code="elsewhere",
        )  # fmt: skip


def _refused(engineer: Engineer, part: Decision, broken: list[str], crew: suggesting.Crew, day: object, by: Access) -> Refusal:  # fmt: skip
    """What stands in the way first, with its clause, and what to do about it."""
    name, rule = engineer.person.name, broken[0]
    details = {"rule": rule, "broken": broken}
    if rule == "absent":
        words = _("%(who)s is away on %(day)s. Choose another day or another engineer.") % {"who": name, "day": day}  # fmt: skip
    elif rule == "alone":
        words = _(
            "%(who)s works under guidance until %(day)s and is not sent alone (PV-8). Add an experienced colleague."
        ) % {"who": name, "day": engineer.alone_from.isoformat() if engineer.alone_from else ""}
    else:
        reason = next(each for each in part.reasons if each.code != "overlap")
        sentence = explain_all([reason], {suggesting.BOOK: crew.book}, language())[0]
        words = _("%(who)s can't be sent: %(why)s (%(clause)s).") % {"who": name, "why": sentence.text, "clause": flow.cited(sentence.clause)}  # fmt: skip
        aside = set(broken) <= set(overridable(crew.book, day)) and by.may(May.OVERRIDE)  # type: ignore[arg-type]
        words += " " + (
            _("Choose somebody else, or say why the rule is set aside this time.")
            if aside
            else _("Choose another engineer.")
        )
        details["overridable"] = aside
    return Refusal(words, field="engineer", code=CODES.get(rule, rule), details=details)
