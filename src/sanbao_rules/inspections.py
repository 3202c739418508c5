"""6S audits and dress code: scores, findings with their last day, what is worn by season, sex and post (SX-1 to SX-4).

The criteria are the document's; the score tables were lost, so checklists, points and intervals are the company's own.
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.periods import add_months
from sanbao_rules.rulebook import Dated, Rulebook, because
from sanbao_rules.terms import state

SCORE = "inspections.score"
FINDING = "inspections.finding"
DRESS = "inspections.dress"
DUE = "inspections.due"
SEASONS = {"may_october": (5, 10), "april_september": (4, 9), "june_september": (6, 9)}


class UnknownItem(ValueError):
    """A department, an item, points or a person's post the book doesn't have. The message names those it knows."""


def checklist(department: str, book: Rulebook, on: date) -> Dated:
    """What is looked at in a department."""
    departments = book.value("departments", on).value
    if department not in departments:
        raise UnknownItem(f"no department is called {department!r}; known are {', '.join(departments)}")
    return book.value(f"{department}_checklist", on)


def score(
    department: str,
    points: Mapping[str, int | None],
    on: date,
    *,
    book: Rulebook,
    inspector: str = "",
    photos: Collection[str] = (),
) -> Decision:
    """{"score", "level", "findings", "lost", "photos_missing"}; None means an item does not apply.

    A safety item that isn't fully met needs a photo. Nobody audits their own department (CO-9).
    """
    listed, scale, independent = (
        checklist(department, book, on),
        book.value("points_met", on),
        book.value("independent", on),
    )
    items = {item["code"]: item for item in listed.value}
    _checked(points, items, scale.value)
    if inspector and inspector == department:
        answer: dict[str, Any] = {
            "score": None,
            "level": "",
            "findings": [],
            "lost": {},
            "photos_missing": [],
        }
        return Decision(SCORE, answer, (because(independent, "own_department"),), book.cited)
    given = {code: mark for code, mark in points.items() if mark is not None}
    total = Decimal(0)
    if given:
        total = (Decimal(100 * sum(given.values())) / (scale.value * len(given))).quantize(
            Decimal("0.01"), ROUND_HALF_UP
        )
    levels = book.value("levels", on)
    level = next(row["code"] for row in levels.value if total >= row["least"])
    findings = [code for code in items if code in given and given[code] < scale.value]
    missing = [code for code in findings if items[code]["photo"] and code not in photos]
    lost = _lost(findings, given, items, scale.value)
    reasons = [
        because(book.value("document", on), "by_document", number=book.value("document", on).value),
        because(listed, "audited", department=department, count=len(given), findings=len(findings)),
        because(levels, "scored", score=total, level=level),
        because(independent, "independent"),
    ]
    reasons += _told(lost, missing, book, on)
    answer = {"score": total, "level": level, "findings": findings, "lost": lost, "photos_missing": missing}
    return Decision(SCORE, answer, tuple(reasons), book.cited)


def _checked(points: Mapping[str, int | None], items: Mapping[str, Any], most: int) -> None:
    if set(points) != set(items):
        raise UnknownItem(f"every item gets points or none: {', '.join(items)}")
    if any(mark is not None and not 0 <= mark <= most for mark in points.values()):
        raise UnknownItem(f"an item gets 0 to {most} points, or none where it doesn't apply")


def _lost(
    findings: Collection[str], given: Mapping[str, int], items: Mapping[str, Any], most: int
) -> dict[str, int]:
    """Points lost by each S, in the order they were lost."""
    lost: dict[str, int] = {}
    for code in findings:
        lost[items[code]["s"]] = lost.get(items[code]["s"], 0) + most - given[code]
    return lost


def _told(lost: Mapping[str, int], missing: Collection[str], book: Rulebook, on: date) -> list[Reason]:
    kinds = book.value("six_s", on)
    told = [because(kinds, "lost", s=name, points=points) for name, points in lost.items()]
    if missing:
        told.append(because(book.value("photo_rule", on), "photos_missing", count=len(missing)))
    return told


def finding(
    department: str, code: str, found_on: date, on: date, *, book: Rulebook, rechecked_on: date | None = None
) -> Decision:
    """By when a finding is put right and checked again: safety the same day, others within days."""
    item = next((item for item in checklist(department, book, on).value if item["code"] == code), None)
    if item is None:
        raise UnknownItem(f"{department} has no item {code!r}")
    safety = item["s"] == "safety"
    days = book.value("safety_recheck_days" if safety else "recheck_days", found_on)
    due = found_on + timedelta(days=days.value)
    how, told = state(due, days, on, rechecked_on)
    code = "recheck_due" if days.value else "recheck_same_day"
    reasons = (because(days, code, s=item["s"], found=found_on, days=days.value, due=due), told)
    return Decision(FINDING, {"due": due, "state": how}, reasons, book.cited)


def season(on: date, book: Rulebook) -> tuple[str, Dated]:
    """Which dress counts on a day; the document names the seasons without dates (A-38)."""
    reading = book.value("seasons", on)
    first, last = SEASONS[reading.value]
    return ("summer_autumn" if first <= on.month <= last else "spring_winter"), reading


def dress(post: str, sex: str, on: date, *, book: Rulebook, worn: Collection[str] = ()) -> Decision:
    """{"season", "items", "missing"}: what somebody in this post wears on this day, and what of it is not worn."""
    table = book.value("dress_code", on)
    name, reading = season(on, book)
    row = next(
        (r for r in table.value if r["post"] == post and r["season"] == name and r["sex"] == sex), None
    )
    if row is None:
        raise UnknownItem(f"no dress is set for {post}, {sex}; posts and sexes are those of the dress code")
    office = book.value("office_summer", on)
    items = list(row["items"])
    reasons = [
        because(reading, "season", season=name),
        because(table, "dress", post=post, sex=sex, season=name, items=tuple(items)),
    ]
    accepted = set(worn)
    if post == "office" and sex == "woman" and name == "summer_autumn":
        reasons.append(because(office, "office_summer"))
        if office.value == "trousers":
            items = ["trousers" if item == "skirt" else item for item in items]
        elif office.value == "trousers_or_skirt" and "trousers" in accepted:
            accepted.add("skirt")
    missing = [item for item in items if item not in accepted]
    reasons.append(
        because(table, "dress_missing", items=tuple(missing)) if missing else because(table, "dressed")
    )
    answer = {"season": name, "items": items, "missing": missing}
    return Decision(DRESS, answer, tuple(reasons), book.cited)


def due(last_on: date, on: date, *, book: Rulebook) -> Decision:
    """By when a department is audited again (A-39)."""
    every = book.value("frequency", on)
    last = add_months(last_on, 1)
    if every.value != "monthly":
        last = last_on + timedelta(weeks=1 if every.value == "weekly" else 2)
    how, told = state(last, every, on)
    reasons = (because(every, "audit_due", last=last_on, every=every.value, due=last), told)
    return Decision(DUE, {"due": last, "state": how}, reasons, book.cited)
