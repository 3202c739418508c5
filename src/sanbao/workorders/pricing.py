"""What a plan costs and who pays: each line decided by the rulebooks, the whole kept as one decision (KA-4.3, KA-5.1, KA-6.2, ST-7)."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.decisions.operations import drafted
from sanbao.products.models import Part
from sanbao.regulations.queries import editions_in_force, rulebook
from sanbao.ui.formats import language
from sanbao.ui.refusal import Refusal
from sanbao.workorders import queries
from sanbao.workorders.models import Order, Plan, PlanLine, UsedPart
from sanbao.workorders.queries import category_of
from sanbao_rules import charges, quotation
from sanbao_rules.explain import explain_all

if TYPE_CHECKING:
    from sanbao.workorders.operations.planning import Line

BOOKS = ("workorder", "charges", "warranty")


def price(order: Order, plan: Plan, lines: "Sequence[Line]", *, by: Access, at: datetime) -> list[PlanLine]:
    """The lines with their prices, and on the plan the sums and the decision; the caller saves both. A refused line refuses the plan."""
    editions = editions_in_force(order.company_id, *BOOKS)
    books = {book: rulebook(edition) for book, edition in editions.items()}
    on = timezone.localdate(at)
    category = category_of(order)
    fitted = _fitted_before(order, books["charges"], on)
    asked = [_asked(number, line, order, plan, books, fitted, on) for number, line in enumerate(lines, 1)]
    case = _case(order, category)
    made = quotation.quote(asked, case, books, on)
    if made.answer["refused"]:
        raise _refused(made, lines, books)
    decision = drafted(
        made,
        facts=quotation.facts_of(asked, case, on),
        editions=editions,
        about=order,
        by=by,
        at=at,
        outlet_id=order.outlet_id,
    )
    decision.save(force_insert=True)
    plan.free_fen = made.answer["free"] + made.answer["goodwill"]
    plan.charged_fen, plan.decision = made.answer["charged"], decision
    return [
        _row(number, line, told.answer)
        for number, (line, told) in enumerate(zip(lines, made.parts, strict=True), 1)
    ]


def _case(order: Order, category: str) -> quotation.Case:
    unit = order.unit
    return quotation.Case(
        category=category,
        reported_on=timezone.localdate(order.reported_at),
        purchased_on=unit.purchased_on if unit else None,
        installed_on=unit.installed_on if unit else None,
        delivered_on=unit.delivered_on if unit else None,
        repeat_of=order.repeat_of.number if order.repeat_of else "",
    )


def _fitted_before(order: Order, words: Any, on: date) -> dict[str, date]:
    """When each component of the unit was last replaced by us: a part fitted lately is covered anew."""
    if order.unit_id is None:
        return {}
    with scope.as_owner("a part that another outlet has fitted is covered too"):
        rows = UsedPart.objects.filter(order__unit_id=order.unit_id, order__state="closed", withdrawn_at__isnull=True)  # fmt: skip
        told = list(rows.exclude(order=order).order_by("at").values_list("component", "at"))
    return {charges.component(component, words, on): timezone.localdate(at) for component, at in told if component}  # fmt: skip


def _asked(number: int, line: "Line", order: Order, plan: Plan, books: Any, fitted: dict[str, date], on: date) -> quotation.Line:  # fmt: skip
    part = line.part
    if line.kind == PlanLine.Kind.PART:
        _refuse_unless_ours(number, part, order)
    if line.quantity < 1 or line.quantity != int(line.quantity):
        raise _wrong(number, _("a quantity is a whole number from 1 on"), "quantity")
    component = charges.component(line.component or (part.component if part else ""), books["charges"], on)
    supply = Decimal(part.supply_price_fen) / 100 if part else None
    return quotation.Line(
        kind=line.kind,
        code=part.code if part else line.work or line.text,
        component=component,
        quantity=int(line.quantity),
        price=Decimal(line.price_fen) / 100 if line.price_fen is not None else None,
        supply_price=supply,
        excluded="misuse" if plan.misuse else "",
        replaced_on=fitted.get(component) if line.kind == PlanLine.Kind.PART else None,
        goodwill=f"{order.number}/{plan.number}" if line.goodwill else "",
        km=order.km if line.kind == PlanLine.Kind.TRAVEL else 0,
    )


def _refuse_unless_ours(number: int, part: Part | None, order: Order) -> None:
    if part is None or part.company_id != order.company_id:
        raise _wrong(number, _("choose the part from the catalogue: other makers' parts are not used (KA-6.1)"), "part")  # fmt: skip
    if not queries.fits(part, order):
        raise _wrong(number, _("%(part)s does not fit %(model)s") % {"part": part, "model": order.model or order.unit}, "fit")  # fmt: skip


def _wrong(number: int, why: str, code: str) -> Refusal:
    return Refusal(
        _("Line %(number)d: %(why)s.") % {"number": number, "why": why},
        field="lines",
        code=code,
        details={"line": number},
    )


def _refused(made: Any, lines: "Sequence[Line]", books: Any) -> Refusal:
    """The first line that can't stand, with why."""
    for number, (line, told) in enumerate(zip(lines, made.parts, strict=True), 1):
        if told.answer["outcome"] == "refused":
            sentences = [sentence.text for sentence in explain_all(told.reasons, books, language())]
            what = line.text or (str(line.part) if line.part else line.kind)
            return Refusal(
                _("Line %(number)d, %(what)s: %(why)s") % {"number": number, "what": what, "why": " ".join(sentences)},
                field="lines", code="line", details={"line": number},
            )  # fmt: skip
    return Refusal(_("This plan can't be priced."), field="lines", code="line")


def _row(number: int, line: "Line", told: Any) -> PlanLine:
    amount, count = told["amount"], max(int(line.quantity), 1)
    labels = dict(PlanLine.Kind.choices)
    return PlanLine(
        position=number, kind=line.kind, code="" if line.part else (line.work or line.text)[:20] if line.kind in (PlanLine.Kind.LABOUR, PlanLine.Kind.OTHER) else "", text=(line.text or (line.part.name if line.part else str(labels[line.kind])))[:120], part=line.part,
        component=(line.component or (line.part.component if line.part else ""))[:60], quantity=line.quantity, price_fen=amount // count,
        amount_fen=amount, free=told["outcome"] in ("free", "goodwill"), goodwill=told["outcome"] == "goodwill",
    )  # fmt: skip
