"""A year of callbacks: a sample of the sheets and every installation's paper is called on its day, right through the holidays.

The company calls one repair in eight (its own edition), every panel and every installation. What is due today is left for the visitor.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db.models import Q
from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.callbacks import operations, queries
from sanbao.callbacks.models import Callback
from sanbao.callbacks.operations import Errand, Paper
from sanbao.complaints import operations as complaints
from sanbao.complaints.operations import Told
from sanbao.complaints.states import Origin
from sanbao.intake.models import Category, Team
from sanbao.outlets.queries import access_of
from sanbao.regulations import operations as regulations
from sanbao.site.demo.founding import Stage
from sanbao.site.demo.people import OUTLETS

CALLER, LEADER = "hejing", "zhaoqiang"
SHARE = Decimal("0.125")
SHARED_OUT_DAYS = 10  # the newest mornings have their day's calls shared out
_SAID = (
    (5, "师傅很专业，干活利索", ""),
    (5, "很满意", ""),
    (4, "修好了，用着正常", "希望上门前先打电话"),
    (4, "还可以", ""),
    (3, "修是修好了，就是等得有点久", "配件能不能快一点"),
    (2, "说好上午来，下午才到", "要守时"),
)


class Callers:
    """Plans the callers' year onto the story's agenda."""

    def __init__(
        self,
        stage: Stage,
        now: datetime,
        first: date,
        put: Callable[[datetime, Callable[[datetime], None]], None],
    ) -> None:
        self.stage, self.now, self.first, self.put = stage, now, first, put

    def plan(self) -> None:
        """Scripts and the sample first; then installations' papers, and every working day its calls up to yesterday."""
        self.put(self._at(self.first, 8), self._set_up)
        day, last = self.first, timezone.localdate(self.now)
        while day < last:
            if day.day in (7, 28):
                self.put(self._at(day, 9), self._install)
            if (last - day).days <= SHARED_OUT_DAYS:
                self.put(self._at(day, 7), lambda at: operations.share_out(by=self._nobody(), at=at) and None)
            self.put(self._at(day, 10), self._call)
            day += timedelta(days=1)
        self.put(self._at(last, 7), lambda at: operations.share_out(by=self._nobody(), at=at) and None)
        self.put(self._at(last - timedelta(days=1), 15), self._stories)

    def _at(self, day: date, hour: int) -> datetime:
        return timezone.make_aware(datetime.combine(day, time(hour)))

    def _by(self, username: str) -> Any:
        return self.stage.people[username]

    def _nobody(self) -> Any:
        return Access(None, self.stage.company.pk, name="callbacks")

    def _set_up(self, at: datetime) -> None:
        operations.found_scripts(by=self._by(LEADER), at=at)
        since = date(2023, 1, 1)
        regulations.set_own_values(
            "callbacks", {"sample_others": [(since, SHARE, "appliance KA-9.1")]}, edition=f"2026.1+{self.stage.company.code}",
            by=self._by("zhouning"), at=at,
        )  # fmt: skip

    def _install(self, at: datetime) -> None:
        """An outlet sends in the paper of an installation."""
        random = Random(f"installation {at:%Y-%m-%d}")  # noqa: S311  (a story, not a secret)
        place = random.choice(OUTLETS)
        day = at.date()
        paper = Paper(
            number=f"AZ-{place.code}-{day:%y%m%d}", kind="installation", outlet=self.stage.outlets[place.code], completed_on=day,
            arrived_on=day, contact=random.choice("王李张刘陈") + "女士", phone=f"1380000{random.randint(0, 9999):04}",
            model="CXW-260-A8", serial="", action="新机安装调试，讲解使用",
        )  # fmt: skip
        operations.plan_by_hand(paper, due_on=day, reason="", by=self._by(CALLER), at=at)

    def _call(self, at: datetime) -> None:
        """What is due by tomorrow, or asked for today, is called; today's own calls are left for the visitor."""
        today = timezone.localdate(at)
        rows = Callback.objects.filter(company=self.stage.company, state="planned", from_on__lte=today)
        waiting = rows.filter(
            Q(next_at__isnull=True, due_on__lte=today + timedelta(days=1)) | Q(next_at__date__lte=today)
        )
        if not waiting.exists() or (at.weekday() >= 5 and not waiting.filter(due_on__lte=today).exists()):
            return
        for number, row in enumerate(waiting.order_by("due_on", "id")[:40]):
            self._one(row, at + timedelta(minutes=6 * number))

    def _one(self, row: Callback, at: datetime) -> None:
        by, random = self._by(CALLER), Random(f"call {row.number} {row.tries}")  # noqa: S311
        fate = random.random()
        if fate < 0.17:
            operations.try_(row, "no_answer", by=by, at=at)
        elif fate < 0.2:
            operations.try_(row, "refuses", note="不方便接听", by=by, at=at)
        elif fate < 0.23:
            operations.try_(row, "call_later", asked_for=at + timedelta(days=1, hours=2), by=by, at=at)
        else:
            satisfaction, words, wish = random.choice(_SAID)
            answers = {
                "came": True, "works": satisfaction > 2, "timely": satisfaction > 2, "charges_told": True, "attitude": max(3, satisfaction),
                "quality": satisfaction, "satisfaction": satisfaction, "words": words, "suggestions": wish,
            }  # fmt: skip
            operations.record(row, answers, by=by, at=at)

    def _stories(self, at: datetime) -> None:
        """Yesterday afternoon: an answer promised, a need passed on, contact on our own account."""
        by = self._by(CALLER)
        done = list(
            Callback.objects.filter(company=self.stage.company, state="done").order_by("-ended_at", "-id")[:3]
        )
        if len(done) < 3:
            return
        agent = Person.objects.get(username="hongyan")
        operations.promise_answer(
            done[0], "延保怎么购买，多少钱？", self.now + timedelta(hours=5), agent, by=by, at=at
        )
        kept = operations.promise_answer(
            done[1], "滤网多久换一次？", at + timedelta(hours=1), agent, by=by, at=at
        )
        operations.keep_answer(
            kept, "一般六个月，油烟重的三个月", by=access_of(agent, at.date()), at=at + timedelta(minutes=40)
        )
        parts = Category.objects.get(company=self.stage.company, code="advice-parts")
        hotline = Team.objects.get(company=self.stage.company, code="hotline")
        operations.note_need(
            done[2], "need", "想买一套原厂滤网", category=parts, told_to="洪燕", errand=Errand(hotline, agent, self.now + timedelta(hours=8)),
            by=by, at=at,
        )  # fmt: skip
        self._complain(done[1], access_of(agent, at.date()), at)
        told = Paper(
            number="", kind="proactive", outlet=None, completed_on=None, arrived_on=at.date(), contact="孙先生", phone="13800006600",
            model="JSQ25-13C",
        )  # fmt: skip
        operations.plan_by_hand(
            told, due_on=self.now.date(), reason="新品试用满一月，了解使用情况", by=by, at=at
        )

    def _complain(self, row: Callback, by: Any, at: datetime) -> None:
        """What a customer says on the telephone is a complaint; the desk registers it from the callback, which it leads back to."""
        source = queries.as_source(by, row.pk)
        assert source is not None
        complaints.register(
            Told(
                channel="phone", kind="attitude", harm="slight", subject="师傅进门没有穿鞋套", description="回访时说：修得还行，但进门不穿鞋套，地板踩脏了。",
                wish="希望网点道歉", contact=source.contact, phone=source.phone, address=source.address, model=row.plan.model, serial=row.plan.serial,
                outlet=row.plan.outlet, origin=Origin.CALLBACK, source=source, answered="已致歉，由售后部核实，三个工作日内答复。",
            ),
            by=by, at=at + timedelta(minutes=50),
        )  # fmt: skip
