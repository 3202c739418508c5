"""The times a customer may wish for: in working hours of whoever does the work, far enough ahead, not too far, each of one length."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.intake.clocks import Basis, roster_of
from sanbao.ui.refusal import Refusal
from sanbao.workorders import flow
from sanbao.workorders.models import Order
from sanbao_rules.roster import on_duty
from sanbao_rules.worktime import YearNotPublished

MOST = 3  # beginnings in one wish


def minutes_of(order: Order, on: date) -> int:
    """How long an appointment is."""
    return int(flow.book_of(order).value("wish_minutes", on).value)


def windows(order: Order, now: datetime) -> list[datetime]:
    """The beginnings that may be wished for now, in order."""
    book, on = flow.book_of(order), timezone.localdate(now)
    soonest = now + timedelta(hours=int(book.value("wish_hours", on).value))
    length = timedelta(minutes=minutes_of(order, on))
    calendar = on_duty(Basis.of(order.company_id).calendar, roster_of(order))
    found: list[datetime] = []
    for ahead in range(int(book.value("wish_days", on).value) + 1):
        day = on + timedelta(days=ahead)
        try:
            hours = calendar.hours_of(day)
        except YearNotPublished:
            break
        if hours is None:
            continue
        begins, closes = (timezone.make_aware(datetime.combine(day, hour)) for hour in hours)
        while begins + length <= closes:
            if begins >= soonest:
                found.append(begins)
            begins += length
    return found


def refuse_unless_possible(order: Order, begins: list[datetime], now: datetime) -> None:
    """Refuse what may not be wished for, with what may."""
    if not 1 <= len(begins) <= MOST:
        raise Refusal(_("Choose one to %(most)d times.") % {"most": MOST}, field="first", code="times")
    if len(set(begins)) < len(begins):
        raise Refusal(_("You have chosen the same time twice."), field="second", code="twice")
    hours = flow.book_of(order).value("wish_hours", timezone.localdate(now))
    possible = set(windows(order, now))
    for begin in begins:
        if begin not in possible:
            raise Refusal(
                _("This time can't be had any more: a change needs %(hours)d hours, and lies in working hours. Choose another one, or call us.")
                % {"hours": int(hours.value)},
                field="first", code="time",
            )  # fmt: skip
