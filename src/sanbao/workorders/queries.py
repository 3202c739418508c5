"""Reading orders: lists, searches, the steps with what they need, and who could go."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanbao.accounts import finding
from sanbao.accounts.access import Access
from sanbao.accounts.finding import MOST_FOUND, each_inside, numbers, together
from sanbao.audit.moves import Move
from sanbao.customers import queries as customers
from sanbao.customers.history import MOST, Item
from sanbao.customers.models import Customer
from sanbao.decisions.models import Decision
from sanbao.decisions.queries import books_of
from sanbao.edge.kept import kept
from sanbao.intake.models import Request
from sanbao.intake.states import OPEN as REQUEST_OPEN
from sanbao.intake.states import Level
from sanbao.outlets.models import Outlet
from sanbao.products import queries as products
from sanbao.products.models import Model, Part, Unit
from sanbao.regulations.queries import book_in_force
from sanbao.ui.formats import language, yuan
from sanbao.workorders.models import Assigning, Check, Engineer, Fault, Order, Plan, Visit
from sanbao.workorders.models.orders import TEXT
from sanbao.workorders.permissions import May
from sanbao.workorders.states import ENDED, MOVES, OPEN, TONES, State
from sanbao_rules import decision as kernel
from sanbao_rules import dispatch
from sanbao_rules.explain import explain_all
from sanbao_rules.rulebook import Rulebook


def orders(access: Access) -> QuerySet[Order]:
    """The orders a person may see, with what a list shows of each."""
    return Order.objects.visible_to(access, May.SEE).select_related("outlet", "engineer", "request")


def mine(access: Access) -> QuerySet[Order]:
    """The orders that were given to this person."""
    rows = Order.objects.visible_to(access, May.OWN).filter(engineer_id=access.person_id)
    return rows.select_related("outlet", "unit__model", "customer")


def found(access: Access, words: str, *, most: int = MOST_FOUND) -> list[int]:
    """The orders some words mean: number, telephone, serial number or their tails, the customer's name, a piece of the text."""
    with together():
        return _found(access, words.strip(), most)


def _found(access: Access, words: str, most: int) -> list[int]:
    rows = Order.objects.visible_to(access, May.SEE)
    plain = re.sub(r"[\s\-]", "", words)
    where = Q(number=words.upper()) | Q(request__number=words.upper())
    if plain.isdigit() and len(plain) >= 4:
        where |= Q(number__endswith=f"-{plain}") | Q(phone=plain)
    if plain.isascii() and len(plain) >= 4:
        where |= Q(unit__in=products.found_units(access, plain, most=100)) | Q(serial=plain.upper())
    if len(words) >= 2:
        where |= Q(customer__in=customers.found(access, words, most=100))
    hits = numbers(rows.filter(where), most=most)
    if len(words) >= 2 and not plain.isdigit():
        hits += numbers(rows.filter(each_inside(TEXT, words)), most=most)
    return sorted(set(hits), reverse=True)[:most]


def searched(access: Access, words: str) -> Q:
    """What the list's search means."""
    return finding.searched(found, access, words)


def legal_moves(order: Order, access: Access) -> list[Move]:
    """The moves this person could make now."""
    return [
        move for move in MOVES.values() if order.state in move.sources and may(order, access, move.permission)
    ]


def may(order: Order, access: Access, permission: str) -> bool:
    """Whether the person may do this to this order; an engineer's own permission is for one's own orders."""
    if permission == May.OWN and order.engineer_id == access.person_id and access.may(May.OWN):
        return True
    reach = access.reach(May.WORK if permission == May.OWN else permission)
    if not reach or order.company_id != reach.company_id:
        return False
    if reach.whole:
        return True
    return order.outlet is not None and (
        order.outlet_id in reach.outlets or order.outlet.region_id in reach.regions
    )


def category_of(order: Order) -> str:
    """The tariff's category of the order's product: the unit's, else that of the model that was written down; "" where neither is known."""
    if order.unit is not None:
        return str(order.unit.model.category)
    return (
        Model.objects.filter(company_id=order.company_id, code=order.model)
        .values_list("category", flat=True)
        .first()
        or ""
    )


def parts_for(order: Order) -> QuerySet[Part]:
    """The parts of the catalogue that fit the order's product: those said to fit its model, and those said to fit none in particular."""
    rows = Part.objects.filter(company_id=order.company_id).order_by("code")
    if order.unit is None and not order.model:
        return rows
    model = Q(fits=order.unit.model_id) if order.unit else Q(fits__code=order.model)
    return rows.filter(Q(fits__isnull=True) | model).distinct()


def fits(part: Part, order: Order) -> bool:
    """Whether a part may go into the order's product."""
    return parts_for(order).filter(pk=part.pk).exists()


def checklist(order: Order) -> list[Check]:
    """The company's check list for the order's work and product."""
    rows = kept(
        ("checks", order.company_id, order.kind),
        ("workorders_check",),
        lambda: list(Check.objects.filter(company_id=order.company_id, kind=order.kind, retired_at__isnull=True).order_by("position", "id")),
    )  # fmt: skip
    category = category_of(order) if any(row.category for row in rows) else ""
    return [row for row in rows if row.category in ("", category)]


def engineers(access: Access, permission: str = May.DISPATCH) -> QuerySet[Engineer]:
    """The engineers somebody may send."""
    rows = Engineer.objects.visible_to(access, permission).filter(retired_at__isnull=True)
    return rows.select_related("person", "outlet").order_by("outlet__code", "person__name")


def engineers_now(access: Access, most: int) -> list[Engineer]:
    """The same, as the board shows them: they hardly ever change."""
    return kept(
        ("engineers", access.company_id, access.reach(May.DISPATCH), most),
        ("workorders_engineer", "accounts_person", "outlets_outlet"),
        lambda: list(engineers(access)[:most]),
    )


def waiting(access: Access) -> QuerySet[Order]:
    """What waits to be dispatched: appointments first, the earliest of them first, then the most pressing; each with its model's category."""
    rows = Order.objects.visible_to(access, May.DISPATCH).filter(state=State.WAITING)
    pressing = Case(*(When(level=level, then=place) for place, level in enumerate(Level)), default=len(Level))
    named = Model.objects.filter(company_id=OuterRef("company_id"), code=OuterRef("model")).values("category")
    return (
        rows.select_related("outlet", "unit__model", "customer")
        .annotate(named_category=Subquery(named[:1]))
        .order_by(F("wanted_from").asc(nulls_last=True), pressing, "id")
    )


def assigns_itself(company_id: int | None, outlet_id: int | None) -> bool:
    """Whether new orders of a place go out by themselves: its own word, else the company's."""
    rows = Assigning.objects.filter(Q(outlet_id=outlet_id) | Q(outlet__isnull=True), company_id=company_id)
    said = dict(rows.values_list("outlet_id", "automatic"))
    return bool(said.get(outlet_id, said.get(None, False)))


def assigning_places(access: Access) -> list[tuple[int | None, Outlet | None]]:
    """The places whose automatic dispatch somebody may switch: outlets in reach, and (None) the company from headquarters."""
    outlets = kept(
        ("assigning places", access.company_id, access.reach(May.MANAGE)),
        ("outlets_outlet",),
        lambda: list(Outlet.objects.visible_to(access, May.MANAGE).order_by("code")[:300]),
    )
    places: list[tuple[int | None, Outlet | None]] = [(row.pk, row) for row in outlets]
    return places if access.outlets is not None else [(None, None), *places]


def assigning_of(access: Access) -> list[tuple[Outlet | None, bool]]:
    """Each of these places, with whether its orders go out by themselves."""
    return kept(
        ("assigning", access.company_id, access.outlets is None, access.reach(May.MANAGE)),
        ("workorders_assigning", "outlets_outlet", "outlets_region"),
        lambda: _assigning_of(access),
    )


def _assigning_of(access: Access) -> list[tuple[Outlet | None, bool]]:
    said = dict(Assigning.objects.filter(company_id=access.company_id).values_list("outlet_id", "automatic"))
    return [(outlet, said.get(pk, said.get(None, False))) for pk, outlet in assigning_places(access)]


def book(company_id: int | None) -> Rulebook:
    """The rulebook of orders that a company goes by."""
    return book_in_force(company_id, "workorder")


def book_word(by: Access, code: str) -> str:
    """A word of the book, in the reader's language; "" for a code it does not know any more."""
    try:
        return book(by.company_id).word(code, language())
    except KeyError:
        return ""


def engineers_for(order: Order) -> QuerySet[Engineer]:
    """Who works where the order lies."""
    rows = Engineer.objects.filter(
        company_id=order.company_id, outlet_id=order.outlet_id, retired_at__isnull=True
    )
    return rows.select_related("person").order_by("person__name")


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion by which an order was dispatched, or that found nobody: the decision, and who was meant in it."""

    decision: Decision
    engineer: Engineer | None
    score: int
    sentences: list[tuple[str, str]]


def suggested(order: Order) -> Suggested | None:
    """The latest stored suggestion for an order."""
    rows = Decision.objects.filter(
        thing=Order._meta.label_lower, thing_id=order.pk, question="workorder.dispatch"
    )
    from sanbao.workorders import flow

    decision = rows.order_by("-id").first()
    if decision is None:
        return None
    told = {row["engineer"]: row for row in decision.answer}
    sent = (
        order.engineer_id
        and Engineer.objects.filter(company_id=order.company_id, person_id=order.engineer_id)
        .select_related("person")
        .order_by("-id")
        .first()
    )
    code = f"E{sent.pk}" if sent else ""
    if code not in told or not told[code]["fit"]:
        return Suggested(decision, None, 0, [])
    # The weights behind the score are asked again from the stored facts: only the answer of each engineer is kept.
    again = dispatch.rank(
        *dispatch.from_facts(kernel.from_json(decision.facts)),
        _book(decision),
        kernel.from_json(decision.facts)["on"],
    )
    part = next(each for each in again.parts if each.answer["engineer"] == code)
    sentences = [
        (each.text, flow.cited(each.clause))
        for each in explain_all(part.reasons, {"workorder": _book(decision)}, language())
    ]
    return Suggested(decision, sent, told[code]["score"], sentences)


def _book(decision: Decision) -> Rulebook:
    return books_of(decision)["workorder"]


def faults(company_id: int | None) -> list[Fault]:
    """The tree of faults in use, in its order."""
    rows = list(Fault.objects.filter(company_id=company_id, retired_at__isnull=True))
    keys = {row.pk: (row.position, row.pk) for row in rows}

    def place(row: Fault) -> list[tuple[int, int]]:
        return [keys.get(int(number), (0, int(number))) for number in row.path.strip("/").split("/")]

    return sorted(rows, key=place)


FLAGS = [
    ("repeat", gettext_lazy("repeat repair")),
    ("exchange", gettext_lazy("exchange may be asked for")),
    ("age", gettext_lazy("too old to be repaired")),
    ("site", gettext_lazy("site refused")),
]


def flagged(wanted: list[str]) -> Q:
    """The orders with one of these flags."""
    where = {
        "repeat": Q(repeat_of__isnull=False),
        "exchange": ~Q(exchange_right=[]),
        "age": Q(age=Order.Age.NO_REPAIR),
        "site": Q(site=Order.Site.REFUSED),
    }
    found = Q(pk__in=[])
    for flag in wanted:
        found |= where[flag]
    return found


def flag_words(order: Order) -> str:
    """What to mind about an order, for a list."""
    there = {
        "repeat": order.repeat_of_id is not None,
        "exchange": bool(order.exchange_right),
        "age": order.age == Order.Age.NO_REPAIR,
        "site": order.site == Order.Site.REFUSED,
    }
    return " · ".join(str(words) for flag, words in FLAGS if there[flag])


def changes_between(before: Plan, after: Plan) -> list[str]:
    """What is other in a plan than in the one before it: the customer's yes to that one does not hold for this."""
    told = []
    for name in ("cause", "content", "method", "minutes"):
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            told.append(_("%(what)s: %(now)s (was: %(was)s)") % {"what": Plan._meta.get_field(name).verbose_name, "now": now or "–", "was": was or "–"})  # fmt: skip
    earlier, later = ({(line.kind, line.part_id, line.code, line.component): line for line in plan.lines.all()} for plan in (before, after))  # fmt: skip
    told += [_("added: %(what)s, %(amount)s yuan") % {"what": line.text, "amount": yuan(line.amount_fen)} for key, line in later.items() if key not in earlier]  # fmt: skip
    told += [_("left out: %(what)s") % {"what": line.text} for key, line in earlier.items() if key not in later]  # fmt: skip
    for key, line in later.items():
        was_line = earlier.get(key)
        if was_line and (was_line.amount_fen, was_line.free) != (line.amount_fen, line.free):
            told.append(_("%(what)s: %(now)s yuan (was: %(was)s)") % {"what": line.text, "now": yuan(line.amount_fen), "was": yuan(was_line.amount_fen)})  # fmt: skip
    if before.charged_fen != after.charged_fen:
        told.append(_("The customer pays %(now)s yuan (was: %(was)s).") % {"now": yuan(after.charged_fen), "was": yuan(before.charged_fen)})  # fmt: skip
    return told


def visits_between(access: Access, first: datetime, last: datetime) -> QuerySet[Visit]:
    """The visits of some time that somebody may see, in order."""
    rows = Visit.objects.visible_to(access, May.SEE).filter(during__overlap=(first, last))
    return (
        rows.exclude(state__in=("refused", "dropped")).select_related("order", "engineer").order_by("during")
    )


def of_request(request: Request, access: Access) -> list[Order]:
    """The orders of a request, newest first."""
    return list(orders(access).filter(request=request).order_by("-id")[:20])


def appointment_words(order: Order) -> str:
    """The time a customer was given, as people say it."""
    if order.wanted_from is None or order.wanted_until is None:
        return ""
    first, last = timezone.localtime(order.wanted_from), timezone.localtime(order.wanted_until)
    return f"{first:%m-%d %H:%M}–{last:%H:%M}"


def late_words(order: Order, now: datetime) -> tuple[str, str]:
    """Whether an appointment has passed without anybody there, in words and with a colour."""
    if order.state in ENDED or order.wanted_until is None or order.arrived_at is not None:
        return "", ""
    if order.wanted_until < now:
        return _("appointment passed"), "red"
    return (
        (_("today"), "orange")
        if timezone.localdate(order.wanted_from) == timezone.localdate(now)
        else ("", "")
    )


def steps(order: Order) -> list[dict[str, Any]]:
    """The bar of steps as the regulation counts them: seven of a repair are seven on the screen."""
    from sanbao.workorders import flow

    behind = {row.code: row for row in order.steps.filter(undone_at__isnull=True).select_related("by")}
    shown = []
    for step in flow.steps_of(order):
        row = behind.get(step.code)
        state = "done" if row else "now" if step.code == order.step and order.state not in ENDED else "todo"
        label = flow.label(step)
        if row and row.skipped:
            label = _("%(step)s (skipped)") % {"step": label}
        shown.append({"label": label, "state": state, "at": row.at if row else None, "who": row.by.name if row and row.by else ""})  # fmt: skip
    if order.state == State.CANCELLED:
        shown = [each for each in shown if each["state"] == "done"] + [
            {"label": State.CANCELLED.label, "state": "stopped"}
        ]
    return shown


def chapter(customer: Customer, access: Access) -> list[Item]:
    """A customer's orders, newest first, for the customer's page."""
    return _items(Order.objects.visible_to(access, May.SEE).filter(customer=customer))


def chapter_of_unit(unit: Unit, access: Access) -> list[Item]:
    """The orders about a unit, newest first, for the unit's page."""
    return _items(Order.objects.visible_to(access, May.SEE).filter(unit=unit))


def of_any_request() -> QuerySet[Order]:
    """The orders of the request at hand, to ask with it whether there are any (intake.history)."""
    return Order.objects.filter(request=OuterRef("pk"))


def chapter_of_request(request: Request, access: Access) -> list[Item]:
    """The orders of a request, newest first, for the request's page."""
    return (
        _items(Order.objects.visible_to(access, May.SEE).filter(request=request))
        if access.may(May.SEE)
        else []
    )


def begin_for_request(request: Request, access: Access) -> tuple[str, Any] | None:
    """Where an order is made of a request that is still open."""
    if request.state not in REQUEST_OPEN or not access.may(May.MAKE):
        return None
    return f"{reverse('workorders:order-new')}?request={request.pk}", _("Make a work order")


def _items(rows: QuerySet[Order]) -> list[Item]:
    return [
        Item(row.made_at, f"{row.number} {row.get_kind_display()} {row.fault}", reverse("workorders:order", args=[row.pk]), row.get_state_display(), TONES[State(row.state)])
        for row in rows.order_by("-id")[:MOST]
    ]  # fmt: skip


def open_on(access: Access, day: date) -> QuerySet[Order]:
    """What is open and promised for a day."""
    return orders(access).filter(state__in=OPEN, wanted_from__date=day)
