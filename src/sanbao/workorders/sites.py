"""What is looked at before an installation, and what the rulebook wants said besides the company's check list (KA-4.2, RP-5, A-41)."""

from django.utils import timezone

from sanbao.ui.formats import language
from sanbao.workorders import flow
from sanbao.workorders.models import Order
from sanbao.workorders.queries import category_of
from sanbao.workorders.states import Kind
from sanbao_rules import sites
from sanbao_rules.sites import Check


def checks(order: Order) -> tuple[Check, ...]:
    """The checks of an installation's site, as the product asks for them; none for other work."""
    if order.kind != Kind.INSTALLATION:
        return ()
    return sites.checks(category_of(order), flow.book_of(order), timezone.localdate())


def label(check: Check) -> str:
    """A check as people say it."""
    return check.label[language()]


def said_besides(order: Order) -> list[tuple[str, str, bool]]:
    """What the flow asks to be ticked or written that is on no check list: (code, label, whether it is a tick)."""
    book = flow.book_of(order)
    found = []
    for step in flow.steps_of(order):
        for code in step.gates:
            if code in flow.TICKED and code != "prices_shown":
                found.append((code, book.word(code, language()), True))
            elif code in flow.WRITTEN:
                found.append((code, book.word(code, language()), False))
    return found
