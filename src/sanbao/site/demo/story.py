"""A year of months, told through operations in the order of time.

The story's last settled month is the one before the day it is told, or the month before that early in a month. Its stars:
FS008 is always late (90 %, 70 %, 50 % in turn); NJ005 forges a sheet once, a callback hears of it, it appeals and loses, and the tenfold
fine is carried on as its debt; SH003 is fined for a sheet that a callback finds forged after its month was paid, appeals and wins: it comes back two months later;
HZ001 is always in time and confirms at once; ZS010's statement is reversed after payment and made anew. In the last month
every outlet stands somewhere else (LAST_MONTH). What would happen after the day it is told does not happen.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

from django.utils import timezone

from sanbao.callbacks import operations as callbacks
from sanbao.callbacks.models import Callback
from sanbao.callbacks.operations import Paper
from sanbao.edge.kept import keeping
from sanbao.files.operations import keep
from sanbao.settlements import operations
from sanbao.settlements.models import Answer, Finding, HandIn, Hint, Sheet, Statement
from sanbao.site.demo import people
from sanbao.site.demo.callbacks import Callers
from sanbao.site.demo.desk import Desk
from sanbao.site.demo.founding import Stage
from sanbao.site.demo.jobs import Jobs
from sanbao.site.demo.people import Place
from sanbao.site.demo.sheets import month_of_sheets
from sanbao.site.demo.workbook import as_workbook

MONTHS = 12
STEPS = ("submission", "check", "approval", "payment")
WHO = dict(zip(STEPS, ("linwen", "zhaoqiang", "chenbo", "sunli"), strict=True))
FORGED_MONTHS_AGO = 4
CORRECTED_MONTHS_AGO = 1


@dataclass(frozen=True, slots=True)
class Course:
    """How far an outlet's month goes: steps taken, and what is odd about it."""

    steps: int = len(STEPS)
    paper: bool = True
    electronic: bool = True
    by_file: bool = False
    taken: bool = True
    unknown_model: bool = False
    question: str = ""
    answered: str = ""


LAST_MONTH = {
    "HZ001": Course(by_file=True),
    "NB002": Course(steps=3),
    "SH003": Course(steps=1, question="第3张单单程是38公里，不是按上门路线最短算的，请核对里程费。"),
    "SZ004": Course(
        steps=2, question="有一张单被算作已过保修期，用户有发票，请复核。",
        answered="已调阅原单：按购买日期和报修日期，整机一年保修已过，更换的也不是另有保修期的部件，维持原结果。",
    ),
    "NJ005": Course(steps=3),
    "HF006": Course(steps=0, paper=False),
    "GZ007": Course(steps=1),
    "FS008": Course(steps=0),
    "DG009": Course(steps=0, unknown_model=True),
    "ZS010": Course(steps=2),
    "NN011": Course(steps=0, electronic=False),
    "HK012": Course(steps=0, by_file=True, taken=False),
}  # fmt: skip


@dataclass
class Month:
    """One outlet's month as it unfolds."""

    place: Place
    first: date
    course: Course
    arrived: date
    statement: Statement | None = None
    question: Answer | None = None
    sheets: list[Sheet] = field(default_factory=list)


class Story:
    """Collects what will happen, then lets it happen in order."""

    def __init__(self, stage: Stage, now: datetime) -> None:
        self.stage = stage
        self.now = now
        self.agenda: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self.order = count()

    def tell(self) -> None:
        """Tell everything up to now."""
        last = last_month(self.now)
        youngest = 0 if months_before(last, -1) == self.now.date().replace(day=1) else -1
        for ago in range(youngest, MONTHS):
            self._plan(months_before(last, ago), ago)
        self._plan_this_month()
        desk = Desk(self.stage, self.now, self.put)
        desk.plan()
        Jobs(self.stage, desk, self.now, self.put).plan()
        Callers(self.stage, self.now, months_before(last, MONTHS - 1), self.put).plan()
        while self.agenda and self.agenda[0][0] <= self.now:
            at, _order, happen = heapq.heappop(self.agenda)
            with keeping():
                happen(at)
        self._look_for_hints()

    def at(self, day: date, hour: int, minute: int, happen: Callable[[datetime], None]) -> None:
        """Put something on the agenda."""
        when = timezone.make_aware(datetime.combine(day, time(hour, minute)))
        heapq.heappush(self.agenda, (when, next(self.order), happen))

    def put(self, when: datetime, happen: Callable[[datetime], None]) -> None:
        """Put something on the agenda at a moment."""
        heapq.heappush(self.agenda, (when, next(self.order), happen))

    def who(self, username: str) -> Any:
        return self.stage.people[username]

    # Planning

    def _plan(self, first: date, ago: int) -> None:
        """One month: everybody hands in; headquarters makes the drafts of those who are in time in one go."""
        in_time = []
        drafts = _working(_after(first, 11))
        for index, place in enumerate(people.OUTLETS):
            course = LAST_MONTH[place.code] if ago == 0 else Course()
            month = Month(place, first, course, _arrival(place, first, ago))
            self._plan_hand_in(month, index, ago)
            if not course.taken:
                continue
            if place.character == "late":
                late = _working(month.arrived + timedelta(days=1))
                self.at(late, 9, 0, lambda at, month=month: self._make(month, at))
                self._plan_steps(month, index, late)
            else:
                in_time.append(month)
                self._plan_steps(month, index, drafts)
            self._plan_findings(month, ago)
            if place.character == "corrected" and ago == CORRECTED_MONTHS_AGO:
                self._plan_correction(month, index)
        self.at(drafts, 9, 0, lambda at: self._make_all(first, in_time, at))

    def _plan_hand_in(self, month: Month, index: int, ago: int) -> None:
        written = min(month.arrived, _after(month.first, 2))
        self.at(written, 10, index, lambda at: self._hand_in(month, ago, at))
        if month.course.taken:
            self.at(month.arrived, 15, index, lambda at: self._receive(month, at))
            self.at(month.arrived, 16, index, lambda at: self._call_back(month, ago, at))

    def _plan_steps(self, month: Month, index: int, day: date) -> None:
        working = day
        for hour, step in zip((11, 14, 10, 16), STEPS[: month.course.steps], strict=False):
            self.at(working, hour, index, lambda at, step=step: self._move(month, step, at))
            working = _working(working + timedelta(days=1))
        if month.course.steps:
            self.at(day, 13, index, lambda at: self._answer(month, at))
            self.at(_working(day + timedelta(days=1)), 9, index, lambda at: self._reply(month, at))

    def _plan_correction(self, month: Month, index: int) -> None:
        """A complaint comes after the payment: the statement is reversed, the finding registered, the month made anew."""
        day = _after(month.first, 21)
        self.at(
            day, 9, index, lambda at: self._reverse(month, "付款后接用户投诉并查实乱收费，冲销后重新结算", at)
        )
        self.at(day, 10, index, lambda at: self._overcharge(month, at))
        self.at(day, 11, index, lambda at: self._make(month, at))
        for wait, step in enumerate(STEPS, start=1):
            later = day + timedelta(days=wait)
            self.at(later, 10, index, lambda at, step=step: self._move(month, step, at))

    def _plan_findings(self, month: Month, ago: int) -> None:
        """What is found after a month was settled; orders to improve; a proposal nobody has confirmed yet."""
        match (month.place.code, ago):
            case ("SH003", 3):
                # Found after the month was paid: taken in the next one, given back in the one after when the appeal is granted.
                found, next_month = _after(month.first, 25), months_before(month.first, -1)
                self.at(found, 10, 0, lambda at: self._find_forged(month, at))
                self.at(
                    found + timedelta(days=5),
                    10,
                    0,
                    lambda at: self._appeal(
                        month, "用户当天不在家，是家人接待的，附家人签字和上门照片。", at
                    ),
                )
                self.at(
                    _after(next_month, 24),
                    10,
                    0,
                    lambda at: self._decide(
                        month, True, "回访用户家人，确认师傅上门换过配件，申诉成立。", at
                    ),
                )
            case ("NJ005", ago) if ago == FORGED_MONTHS_AGO:
                self.at(
                    month.arrived + timedelta(days=4),
                    10,
                    0,
                    lambda at: self._appeal(month, "维修人员说确实上过门，可能是用户忘了。", at),
                )
                self.at(
                    month.arrived + timedelta(days=6),
                    10,
                    0,
                    lambda at: self._decide(
                        month, False, "再次回访，用户及物业均称当天无人上门，签名经比对不符，维持原结果。", at
                    ),
                )
            case ("SZ004", 2):
                self.at(month.arrived, 17, 0, lambda at: self._order(month, True, at))
            case ("GZ007", 1):
                self.at(month.arrived, 17, 0, lambda at: self._order(month, False, at))
            case ("HF006", 0):
                self.at(self.now.date() - timedelta(days=1), 15, 0, lambda at: self._propose(month, at))

    def _plan_this_month(self) -> None:
        """The running month: two outlets type their sheets in as they go."""
        first, yesterday = self.now.date().replace(day=1), self.now.date() - timedelta(days=1)
        for place in people.OUTLETS:
            if place.code in ("HZ001", "SH003") and yesterday > first:
                month = Month(place, first, Course(), yesterday)
                rows = month_of_sheets(place, first, until=yesterday)
                self.at(yesterday, 17, 30, lambda at, month=month, rows=rows: self._write(month, rows, at))

    # Happening

    def _hand_in(self, month: Month, ago: int, at: datetime) -> None:
        rows = month_of_sheets(month.place, month.first)
        if month.place.character == "forger" and ago == FORGED_MONTHS_AGO:
            rows[0] |= _honest_looking(rows[0])
        if month.place.code == "GZ007" and ago == 0:
            # One number for many appliances: a hint for headquarters to look into, nothing more.
            for row in [row for row in rows if row["serial"] and row["phone"]][:6]:
                row["phone"] = "13800001234"
        if month.course.unknown_model:
            rows[1] |= {"model": "JZY-X9", "claimed_out": False}
        if month.course.by_file:
            self._hand_in_file(month, rows, at)
        else:
            self._write(month, rows, at)

    def _write(self, month: Month, rows: list[dict[str, Any]], at: datetime) -> None:
        if rows:
            outlet = self.stage.outlets[month.place.code]
            month.sheets = operations.write_sheets(
                outlet, month.first, rows, by=self.who(_writer(month.place)), at=at
            )

    def _hand_in_file(self, month: Month, rows: list[dict[str, Any]], at: datetime) -> None:
        outlet, by = self.stage.outlets[month.place.code], self.who(_writer(month.place))
        data = as_workbook(month.place, month.first, rows)
        name = f"records-{month.first:%Y-%m}-{outlet.code}.xlsx"
        hand_in: HandIn = operations.read_hand_in(outlet, month.first, data, name, by=by, at=at)
        if month.course.taken:
            hand_in = operations.take_over(hand_in, by=by, at=at)
            month.sheets = list(hand_in.sheets.order_by("line"))

    def _receive(self, month: Month, at: datetime) -> None:
        paper, electronic = month.course.paper, month.course.electronic
        operations.register_receipt(
            self.stage.outlets[month.place.code], month.first,
            paper_on=month.arrived if paper else None,
            electronic_on=month.arrived - timedelta(days=1) if electronic else None,
            by=self.who("linwen"), at=at,
        )  # fmt: skip

    def _call_back(self, month: Month, ago: int, at: datetime) -> None:
        """What the callbacks find: rarely something, never at the model outlet, the forgery at the forger."""
        if month.place.character == "forger" and ago == FORGED_MONTHS_AGO:
            self._hear(month.sheets[0], "用户称从未报修，也没有人上过门；单上签名不是本人。", at)
            return
        random = Random(f"callback {month.place.code} {month.first}")  # noqa: S311
        if month.place.character == "model" or random.random() > 0.4:
            return
        sheet = random.choice([sheet for sheet in month.sheets if not sheet.missing])
        kind, note, refund = random.choice(_FINDINGS)
        self._find(sheet, kind, note, refund, at)

    def _find_forged(self, month: Month, at: datetime) -> None:
        sheet = next(
            sheet for sheet in month.sheets if not sheet.missing and not sheet.claimed_out and sheet.phone
        )
        self._hear(sheet, "用户本人称当天没有人上门。", at)

    def _hear(self, sheet: Sheet, words: str, at: datetime) -> None:
        """A caller hears that nobody came: what is recorded becomes a finding, which a second person confirms (KA-9.2, KA-11.2)."""
        by = self.who("hejing")
        callback = Callback.objects.filter(plan__sheet=sheet.pk, state="planned").first()
        if callback is None:  # not in the sample, or called before: a second look
            paper = Paper(
                number=sheet.number, kind="proactive", outlet=sheet.outlet, completed_on=sheet.completed_on, arrived_on=timezone.localdate(at),
                contact=sheet.customer, phone=sheet.phone, address=sheet.address, model=sheet.model, serial=sheet.serial, fault=sheet.fault,
                action=sheet.action,
            )  # fmt: skip
            plan = callbacks.plan_by_hand(
                paper, due_on=timezone.localdate(at), reason="单程公里数偏高，核对是否上过门", by=by, at=at
            )
            callback = plan.callbacks.get()
        said = {"came": False, "works": None, "satisfaction": 1, "words": words}
        callbacks.record(callback, said, by=by, at=at + timedelta(minutes=6))
        kept = keep(words.encode(), "通话记录.txt", by=by, at=at)
        observed = callbacks.observe(callback, "forged", words, files=[kept], by=by, at=at + timedelta(minutes=9))  # fmt: skip
        observed.refresh_from_db()
        finding = Finding.objects.get(pk=observed.finding)
        operations.confirm_finding(
            finding, version=None, by=self.who("zhaoqiang"), at=at + timedelta(hours=1)
        )

    def _appeal(self, month: Month, reason: str, at: datetime) -> None:
        by = self.who(month.place.username)
        proof = keep(b"%PDF-1.4 demo", "用户签字.pdf", by=by, at=at)
        for finding in self._found(month, "forged"):
            operations.appeal_finding(finding, reason, [proof], version=None, by=by, at=at)

    def _decide(self, month: Month, granted: bool, reason: str, at: datetime) -> None:
        decide = operations.grant_appeal if granted else operations.uphold_finding
        for finding in self._found(month, "forged"):
            decide(finding, reason, version=None, by=self.who("chenbo"), at=at)

    def _order(self, month: Month, improved: bool, at: datetime) -> None:
        """Ordered to improve; after the time it is looked at again."""
        self._find(month.sheets[1], "ordered", "用户反映师傅态度生硬、进门不穿鞋套", 0, at)
        said = "回访三位用户，均满意。" if improved else "回访三位用户，两位仍反映不穿鞋套。"
        self.put(at + timedelta(days=10), lambda at: self._look_again(month, improved, said, at))

    def _look_again(self, month: Month, improved: bool, said: str, at: datetime) -> None:
        for finding in self._found(month, "ordered"):
            again = operations.recheck_finding(finding, improved, [said], by=self.who("hejing"), at=at)
            if not improved:
                operations.confirm_finding(again, version=None, by=self.who("zhaoqiang"), at=at)

    def _propose(self, month: Month, at: datetime) -> None:
        operations.register_finding(
            month.sheets[0], "late_service", note="用户投诉等了五天才上门", evidence=["电话录音：用户称约的是次日"],
            source="callback", by=self.who("hejing"), at=at,
        )  # fmt: skip

    def _found(self, month: Month, kind: str) -> list[Finding]:
        outlet = self.stage.outlets[month.place.code]
        return list(Finding.objects.standing().filter(outlet=outlet, sheet__month=month.first, kind=kind))

    def _pay_back(self, finding: Finding, at: datetime) -> None:
        """The outlet gives the customer the money back and shows it."""
        owner = next(place.username for place in people.OUTLETS if place.code == finding.outlet.code)
        by = self.who(owner)
        proof = keep(b"%PDF-1.4 demo", "退款转账回单.pdf", by=by, at=at)
        operations.show_refund(finding, timezone.localdate(at), ["已微信转账退还", proof], by=by, at=at)

    def _look_for_hints(self) -> None:
        """What smells about the last months' sheets; one hint has been looked into."""
        by = self.who("zhaoqiang")
        for ago in (1, 0):
            operations.look_for_hints(months_before(last_month(self.now), ago), by=by, at=self.now)
        for hint in Hint.objects.filter(company_id=by.company_id).order_by("-id")[1:2]:
            operations.check_hint(hint, "已电话核对，同一小区代报修，属实。", by=by, at=self.now)

    def _overcharge(self, month: Month, at: datetime) -> None:
        sheet = next(sheet for sheet in reversed(month.sheets) if not sheet.missing)
        self._find(sheet, "overcharge", "保修期内向用户收取“上门费”60元", 6000, at)

    def _find(self, sheet: Sheet, kind: str, note: str, refund: int, at: datetime) -> None:
        """The callback clerk registers it, the supervisor confirms it at once."""
        if not sheet.findings.live().filter(kind=kind).exists():
            finding = operations.register_finding(
                sheet, kind, note=note, refund_fen=refund, source="callback", by=self.who("hejing"), at=at
            )
            finding = operations.confirm_finding(finding, version=None, by=self.who("zhaoqiang"), at=at)
            if refund and Random(f"refund {sheet.number}").random() < 0.75:  # noqa: S311
                self.put(at + timedelta(days=4), lambda at: self._pay_back(finding, at))

    def _make(self, month: Month, at: datetime) -> None:
        outlet = self.stage.outlets[month.place.code]
        month.statement = operations.make_statement(outlet, month.first, by=self.who("linwen"), at=at)

    def _make_all(self, first: date, months: list[Month], at: datetime) -> None:
        by_outlet = {self.stage.outlets[month.place.code].pk: month for month in months}
        for _made in operations.make_statements(first, outlets=list(by_outlet), by=self.who("linwen"), at=at):
            pass
        for statement in Statement.objects.filter(outlet_id__in=by_outlet, month=first):
            by_outlet[statement.outlet_id].statement = statement

    def _move(self, month: Month, step: str, at: datetime) -> None:
        month.statement = operations.move(month.statement, step, version=None, by=self.who(WHO[step]), at=at)

    def _reverse(self, month: Month, reason: str, at: datetime) -> None:
        month.statement = operations.move(
            month.statement, "reversal", version=None, reason=reason, by=self.who("chenbo"), at=at
        )

    def _answer(self, month: Month, at: datetime) -> None:
        """The model outlet confirms at once, most others confirm, some questions are asked."""
        by = self.who(month.place.username)
        if month.course.question:
            sheet = month.sheets[2] if month.course.question.startswith("第3张") else None
            month.question = operations.answer(
                month.statement, "question", note=month.course.question, sheet=sheet, by=by, at=at
            )
        elif month.statement.forged:
            return  # who is fined for a forgery says nothing
        elif month.place.character == "model" or Random(f"{month.place.code} {month.first}").random() < 0.7:  # noqa: S311
            operations.answer(month.statement, "confirm", by=by, at=at)

    def _reply(self, month: Month, at: datetime) -> None:
        if month.question and month.course.answered:
            operations.reply(month.question, month.course.answered, by=self.who("zhaoqiang"), at=at)


_FINDINGS = (
    ("late_service", "用户投诉约好的日期未上门，查实", 0),
    ("late_unproven", "用户投诉上门慢，核对派工记录未查实", 0),
    ("improved", "用户反映态度生硬，责令改正后回访满意", 0),
    ("unimproved", "同一故障返修两次，责令改正后仍未修好", 0),
    ("overcharge", "保修期内收取配件费，责令退还", 3000),
)


def tell_instruments(stage: Stage, now: datetime) -> None:
    """The second company's one month: three sheets, one statement submitted."""
    month = last_month(now)
    place, at = people.INSTRUMENT_OUTLET, timezone.make_aware(datetime.combine(_after(month, 5), time(9)))
    outlet, owner, clerk = stage.outlets[place.code], stage.people[place.username], stage.people["qinyue"]
    rows = [
        row | {"model": "YB-150", "serial": f"YB150{row['line']:06}", "fault": "零点漂移", "action": "更换传感模块",
               "component": "传感模块", "work": "replace"}
        for row in month_of_sheets(place, month)[:3]
    ]  # fmt: skip
    operations.write_sheets(outlet, month, rows, by=owner, at=at)
    received = {"paper_on": at.date(), "electronic_on": at.date()}
    operations.register_receipt(outlet, month, **received, by=clerk, at=at)
    statement = operations.make_statement(outlet, month, by=clerk, at=at + timedelta(hours=1))
    operations.move(statement, "submission", version=None, by=clerk, at=at + timedelta(hours=2))


def _writer(place: Place) -> str:
    """Who writes the outlet's sheets: its clerk where it has one, else the owner."""
    return next(
        (clerk.username for clerk in people.OUTLET_CLERKS if clerk.outlet == place.code), place.username
    )


def _honest_looking(row: dict[str, Any]) -> dict[str, Any]:
    """The forged sheet: complete, in warranty, far away; its fee times ten is more than the month earns."""
    purchased = row["reported_on"] - timedelta(days=120)
    return {
        "purchased_on": purchased, "installed_on": purchased, "km": Decimal(68), "claimed_out": False, "charged_fen": 0,
        "work": "replace", "serial": row["serial"] or f"JZTB52{purchased:%y%m}00001", "address": row["address"] or "江宁区",
        "phone": row["phone"] or "13800000000", "fault": row["fault"] or "点不着火",
    }  # fmt: skip


# Days


def last_month(now: datetime) -> date:
    """The story's last settled month: the one before, or two before while this month is young."""
    return months_before(now.date().replace(day=1), 1 if now.day >= 20 else 2)


def months_before(first: date, ago: int) -> date:
    """The first day of the month so many months earlier."""
    whole = first.year * 12 + first.month - 1 - ago
    return date(whole // 12, whole % 12 + 1, 1)


def _after(first: date, day: int) -> date:
    """A day of the month after."""
    return months_before(first, -1).replace(day=day)


def _arrival(place: Place, first: date, ago: int) -> date:
    """When a month's paper arrives; the late outlet is late in three ways by turns."""
    if place.character == "model":
        return _after(first, 4)
    if place.character == "late":
        late = (_after(first, 14), _after(first, 20), _after(months_before(first, -1), 6))
        return late[ago % 3]
    return _after(first, Random(f"arrival {place.code} {first}").randint(5, 9))  # noqa: S311


def _working(day: date) -> date:
    """The day, or the Monday after a weekend."""
    return day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))
