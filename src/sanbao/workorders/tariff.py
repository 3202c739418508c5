"""What things cost, as the customer is shown it before anything is done: labour, travel, parts; each with its clause (KA-4.3, KA-6.2)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from sanbao.regulations.queries import book_in_force
from sanbao.ui.formats import language, percent
from sanbao.workorders import flow
from sanbao.workorders.models import Order
from sanbao.workorders.queries import category_of
from sanbao_rules import charges
from sanbao_rules.explain import explain_all
from sanbao_rules.rulebook import Rulebook

BOOK = "charges"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing with its price in fen (None where it depends), and why."""

    label: str
    fen: int | None
    why: str
    clause: str


def shown(order: Order, on: date) -> list[Row]:
    """The tariff for the order's product on a day; empty where its kind of product has none."""
    book = book_in_force(order.company_id, BOOK)
    category = category_of(order)
    labels = {"replace": _("Labour: a part is replaced"), "adjust": _("Labour: adjusted or checked")}
    rows = [row for work, label in labels.items() if (row := _labour(category, work, label, book, on))]
    if not rows:
        return []
    km = order.km or Decimal(0)
    trip = charges.travel(km, book, on)
    rows.append(_row(_("Travel, %(km)s km") % {"km": f"{km:f}"}, int(trip.answer), trip, book))
    below, above = book.value("markup_below", on), book.value("markup_from_threshold", on)
    rows.append(
        Row(
            _("Parts"), None,
            _("At most the supply price and %(below)s of it, from %(threshold)s yuan on %(above)s.")
            % {"below": percent(below.value), "above": percent(above.value), "threshold": book.value("threshold", on).value},
            flow.told(below.clause),
        )
    )  # fmt: skip
    return rows


def _labour(category: str, work: str, label: str, book: Rulebook, on: date) -> Row | None:
    try:
        made = charges.customer_labour(category, work, book, on)
    except charges.NoFee:
        return None
    return _row(label, int(made.answer), made, book)


def _row(label: str, fen: int, made: charges.Decision, book: Rulebook) -> Row:
    sentences = explain_all(made.reasons, {BOOK: book}, language())
    return Row(label, fen, " ".join(each.text for each in sentences), flow.told(sentences[-1].clause))
