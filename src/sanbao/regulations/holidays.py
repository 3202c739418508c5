"""The year's official holiday notice as changes of the calendar's draft (RG-1); and a year as months to look at."""

import calendar as months
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.regulations import drafting
from sanbao.regulations.models import Change, Draft
from sanbao.regulations.queries import latest_edition, rulebook
from sanbao.ui.refusal import Refusal
from sanbao_rules import holiday_notice
from sanbao_rules.amending import ADD, CORRECT
from sanbao_rules.holiday_notice import Doubt, Holiday, Notice
from sanbao_rules.rulebook import Rulebook

BOOK, SOURCE = "calendar", "notice"
# What does not agree with itself is mended before it is saved; the rest is only pointed out: the notice has the last word.
GRAVE = ("backwards", "overlap", "overlap_known", "worked_and_off", "other_year", "count", "weekday")


def weekday(number: int) -> str:
    """周一 to 周日, Monday to Sunday."""
    return (
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    )[number]


def sentence(doubt: Doubt) -> str:
    """What does not agree, in words."""
    words: dict[str, Any] = dict(doubt.words)
    for name in ("weekday", "stated"):
        if doubt.code in ("weekday", "worked_anyway") and name in words:
            words[name] = weekday(words[name])
    return {
        "backwards": _("%(name)s: the last day is before the first."),
        "count": _(
            "%(name)s: the notice says %(stated)s days, from its first to its last day there are %(days)s."
        ),
        "weekday": _("%(day)s is a %(weekday)s, the notice says %(stated)s."),
        "other_year": _("%(day)s does not belong to %(year)s."),
        "long": _("%(name)s: %(days)s days off are many; look at its days again."),
        "overlap": _("%(one)s and %(other)s overlap."),
        "overlap_known": _("%(name)s overlaps with a holiday of another year."),
        "worked_and_off": _("%(day)s is a make-up workday and a day off."),
        "worked_anyway": _("%(day)s is a %(weekday)s and worked anyway: no make-up workday."),
        "missing": _("Not in the notice: %(names)s."),
        "statutory_worked": _("%(day)s is a statutory holiday and lies in none of these."),
    }[doubt.code] % words


def calendar_of(company_id: int | None) -> Rulebook:
    """The calendar as it was last published."""
    return rulebook(latest_edition(company_id, BOOK))


def entered_years(book: Rulebook) -> list[tuple[int, str]]:
    """The years whose notice is in the book, with its clause."""
    return [(value.since.year, value.clause) for value in book.history("holidays")]


def notice_of(book: Rulebook, year: int) -> Notice:
    """What the book says of a year; nothing for one that is not published."""
    first = date(year, 1, 1)
    spans = next((value.value for value in book.history("holidays") if value.since == first), ())
    worked = next((value.value for value in book.history("make_up_workdays") if value.since == first), ())
    return Notice(
        year, tuple(Holiday(span["name"], span["first"], span["last"]) for span in spans), tuple(worked)
    )


def doubts(notice: Notice, book: Rulebook) -> list[Doubt]:
    """What does not agree, with the calendar's other years and its statutory days besides."""
    first = date(notice.year, 1, 1)
    known = [
        (span["first"], span["last"])
        for value in book.history("holidays")
        if value.since != first
        for span in value.value
    ]
    statutory = [day for value in book.history("statutory_days") for day in value.value] if "statutory_days" in book.parameters else []  # fmt: skip
    return holiday_notice.doubts(notice, statutory, known)


@transaction.atomic
def enter(notice: Notice, *, number: str, edition: str, by: Access, at: datetime) -> Draft:
    """A draft of the calendar with the year's notice: its clause, its holidays, its make-up workdays."""
    book = calendar_of(by.company_id)
    if not notice.holidays:
        raise Refusal(_("Enter at least one holiday."), field="text", code="empty")
    if grave := [doubt for doubt in doubts(notice, book) if doubt.code in GRAVE]:
        raise Refusal(sentence(grave[0]), code=grave[0].code)
    draft = drafting.begin(
        BOOK, title=_("Holidays of %(year)s") % {"year": notice.year}, edition=edition, by=by, at=at,
    )  # fmt: skip
    name = f"{SOURCE} {notice.year}"
    if name not in book.clauses:
        texts = {
            "zh": f"{number}：{notice.year}年放假和调休安排。" if number else f"{notice.year}年放假和调休安排。",
            "en": f"Notice {number}: holidays and make-up workdays of {notice.year}." if number else f"Holidays and make-up workdays of {notice.year}.",
        }  # fmt: skip
        drafting.add_clause(draft, str(notice.year), texts, source=SOURCE, by=by, at=at)
    first = date(notice.year, 1, 1)
    spans = [
        {"name": one.name, "first": one.first, "last": one.last}
        for one in sorted(notice.holidays, key=lambda one: one.first)
    ]
    for parameter, value in (("holidays", spans), ("make_up_workdays", list(notice.workdays))):
        there = any(dated.since == first for dated in book.history(parameter))
        drafting.change(
            draft,
            parameter,
            CORRECT if there else ADD,
            first,
            value,
            name,
            kind=Change.Kind.HOLIDAYS,
            by=by,
            at=at,
        )
    return Draft.objects.get(pk=draft.pk)


@dataclass(frozen=True, slots=True)
class Day:
    """A day in the grid: its number (0: another month's), how it is told, its looks."""

    number: int
    title: str = ""
    look: str = ""


def year_grid(notice: Notice, book: Rulebook) -> list[tuple[str, list[list[Day]]]]:
    """The year's twelve months as weeks from Monday on; days off, make-up workdays and weekends marked."""
    off = {
        one.first + timedelta(days=number): one.name
        for one in notice.holidays
        if one.first <= one.last and one.days < 60
        for number in range(one.days)
    }
    worked = set(notice.workdays)
    return [
        (f"{notice.year}-{month:02}", [[_day(notice.year, month, number, off, worked) for number in week] for week in months.monthcalendar(notice.year, month)])
        for month in range(1, 13)
    ]  # fmt: skip


def _day(year: int, month: int, number: int, off: dict[date, str], worked: set[date]) -> Day:
    if not number:
        return Day(0)
    day = date(year, month, number)
    if day in worked:
        return Day(number, _("make-up workday"), "worked")
    if day in off:
        return Day(number, off[day], "off")
    return Day(number, "", "rest" if day.weekday() >= 5 else "")
