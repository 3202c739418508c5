"""Old parts and waste of a car workshop: what becomes of each, by when it moves, and what a sale needs (OP-1 to OP-12)."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sanbao_rules.decision import Decision
from sanbao_rules.money import yuan
from sanbao_rules.periods import Period, add_months, add_working_days, last_day_of
from sanbao_rules.rulebook import Rulebook, because
from sanbao_rules.terms import last_day, state
from sanbao_rules.worktime import Calendar, provisional

FATE = "custody.fate"
TRANSFER = "custody.transfer"
HAND_OVER = "custody.hand_over"
INSURANCE = "custody.insurance"
PENALTY = "custody.penalty"
CLEARING = "custody.clearing"
STORAGE = "custody.storage"
CYCLES = {"weekly": 7, "monthly": 1, "quarterly": 3}


class UnknownPart(ValueError):
    """A kind of part, a case or a thing to clear the book has no rule for. The message names those it knows."""


def fate(kind: str, on: date, *, book: Rulebook, cases: Collection[str] = ()) -> Decision:
    """What becomes of a part taken off a vehicle, where it goes, and whether it is cleaned first.

    `cases` are what is special about it: warranty, insurance (the insurer collects it), owner_wants. The first row that
    fits decides; parameters of the unit "fates" add up in the book's order.
    """
    kinds, exempt, cleaned = (book.value(name, on) for name in ("kinds", "exempt_kinds", "cleaned_kinds"))
    if kind not in kinds.value:
        raise UnknownPart(f"no kind of part is called {kind!r}; known are {', '.join(kinds.value)}")
    for parameter in book.parameters.values():
        if parameter.unit != "fates":
            continue
        listed = book.value(parameter.name, on)
        for row in listed.value:
            if row["case"] in ("", *cases) and (not row["kinds"] or kind in row["kinds"]):
                clean = kind in cleaned.value and kind not in exempt.value
                code = "clean_first" if clean else "no_cleaning"
                reasons = (
                    because(listed, "fate", kind=kind, fate=row["fate"], place=row["place"]),
                    because(exempt if kind in exempt.value else cleaned, code, kind=kind),
                )
                answer = {"fate": row["fate"], "place": row["place"], "clean": clean}
                return Decision(FATE, answer, reasons, book.cited)
    raise UnknownPart(f"{book.cited} says nothing of what becomes of {kind!r}; add it to its fates")


def transfer(
    completed_on: date, on: date, *, book: Rulebook, calendar: Calendar, moved_on: date | None = None
) -> Decision:
    """By when a sheet-metal part moves to the old-part room: three days from the vehicle's completion (OP-3, A-08)."""
    days, roll = book.value("sheet_metal_transfer_days", completed_on), book.value("roll", completed_on)
    due = last_day(days, completed_on, calendar, roll)
    reasons = [because(days, "transfer_due", completed=completed_on, days=days.value, due=due)]
    nominal = completed_on + timedelta(days=days.value)
    if due != nominal:
        reasons.append(because(roll, "due_rolled", nominal=nominal, due=due))
    how, told = state(due, days, on, moved_on)
    reasons += [told, *provisional(calendar, due)]
    return Decision(TRANSFER, {"due": due, "state": how}, tuple(reasons), book.cited)


def hand_over(
    removed_on: date, on: date, *, book: Rulebook, calendar: Calendar, received_on: date | None = None
) -> Decision:
    """By when a warranty part is with the keeper; as long as it isn't, the job can't be closed (OP-4, A-09)."""
    reading = book.value("warranty_hand_over", removed_on)
    due = removed_on if reading.value == "same_day" else add_working_days(removed_on, 1, calendar)
    how, told = state(due, reading, on, received_on)
    reasons = [because(reading, "hand_over_due", removed=removed_on, due=due), told]
    reasons += provisional(calendar, due)
    if received_on is None:
        reasons.append(because(reading, "blocks_closing"))
    answer = {"due": due, "state": how, "blocks_closing": received_on is None}
    return Decision(HAND_OVER, answer, tuple(reasons), book.cited)


def insurance(
    completed_on: date,
    on: date,
    *,
    book: Rulebook,
    calendar: Calendar,
    notices: Sequence[date] = (),
    collected_on: date | None = None,
) -> Decision:
    """How long a part is kept for the insurer: a month, then it is scrap if somebody was told of it (OP-9, A-07).

    `state` is collected, kept, notice_missing or scrap.
    """
    months, start = book.value("custody_months", completed_on), book.value("custody_start", completed_on)
    roll, notice = book.value("roll", completed_on), book.value("custody_notice", completed_on)
    since = completed_on
    if start.value == "first_notice":
        if not notices:
            reason = because(start, "custody_not_begun")
            return Decision(INSURANCE, {"until": None, "state": "notice_missing"}, (reason,), book.cited)
        since = min(notices)
    until = last_day_of(Period(months.value, "months"), since, calendar, roll=roll.value)
    reasons = [because(months, "custody_until", since=since, months=months.value, until=until)]
    reasons += provisional(calendar, until)
    if until != add_months(since, months.value):
        reasons.append(because(roll, "due_rolled", nominal=add_months(since, months.value), due=until))
    if collected_on is not None:
        how = "collected"
        reasons.append(because(months, "collected", at=collected_on))
    elif on <= until:
        how = "kept"
    elif not notices and notice.value == "required":
        how = "notice_missing"
        reasons.append(because(notice, "notice_missing", until=until))
    else:
        how = "scrap"
        reasons.append(because(months, "custody_over", until=until))
    return Decision(INSURANCE, {"until": until, "state": how}, tuple(reasons), book.cited)


def penalty(on: date, *, book: Rulebook, oily: bool, cleaned: bool) -> Decision:
    """What the workshop is charged for an oily part handed over uncleaned, in fen (OP-5).

    It is an entry in the responsible person's appraisal; wages are another matter (A-10).
    """
    fine = book.value("uncleaned_penalty", on)
    if not oily or cleaned:
        return Decision(PENALTY, 0, (because(fine, "handed_over_clean"),), book.cited)
    amount = yuan(fine.value)
    return Decision(PENALTY, amount, (because(fine, "uncleaned", amount=amount),), book.cited)


def clearing(what: str, last_on: date, on: date, *, book: Rulebook) -> Decision:
    """By when waste oil, or the old-part room, is cleared again (OP-6, OP-10)."""
    cycles = {"waste_oil": "waste_oil_cycle", "old_parts": "clear_out_cycle"}
    if what not in cycles:
        raise UnknownPart(f"{what!r} is not cleared at intervals; known are {', '.join(cycles)}")
    cycle = book.value(cycles[what], on)
    length = CYCLES[cycle.value]
    due = last_on + timedelta(days=length) if cycle.value == "weekly" else add_months(last_on, length)
    how, told = state(due, cycle, on)
    reasons = (because(cycle, "clearing_due", what=what, last=last_on, cycle=cycle.value, due=due), told)
    return Decision(CLEARING, {"due": due, "state": how}, reasons, book.cited)


def storage(stored_on: date, on: date, *, book: Rulebook) -> Decision:
    """Whether hazardous waste has stood too long: {"state": ok, warn or over}."""
    warn, most = book.value("storage_warning_days", on), book.value("storage_days", on)
    days = (on - stored_on).days
    if days > most.value:
        how, told = "over", because(most, "stored_over", stored=stored_on, days=days, most=most.value)
    elif days >= warn.value:
        how, told = "warn", because(warn, "stored_long", stored=stored_on, days=days, most=most.value)
    else:
        how, told = "ok", because(warn, "stored", stored=stored_on, days=days)
    return Decision(STORAGE, {"days": days, "state": how}, (told,), book.cited)
