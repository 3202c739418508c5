"""What engineers do in the demonstration's last weeks: repairs, installations, maintenance, a training; some wait, some are planned for today.

Through operations, in the order of time, as the outlets and their engineers would do it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any, NamedTuple

from django.utils import timezone
from PIL import Image, ImageDraw

from sanbao.intake import operations as intake
from sanbao.outlets import operations as outlets
from sanbao.portal.operations import door as the_door
from sanbao.products.models import Part
from sanbao.site.demo.desk import Desk, Household
from sanbao.site.demo.founding import Stage
from sanbao.surveys import operations as surveys
from sanbao.surveys.models import Invitation
from sanbao.workorders import appointments, operations, suggesting
from sanbao.workorders.models import Check, Engineer, Order
from sanbao.workorders.operations import Job, Line, outbox

SCRAWL = "M40,150 L60,90 L80,150 L100,80 L120,150 M150,90 L150,160 L190,160 L190,90 L150,90 M230,80 L300,80 M265,60 L265,170 M330,90 L400,150 M400,90 L330,150"
# (engineer, certificate, days since it was issued, days it is still valid)
CERTIFIED = (
    ("hexiaofeng", "gas", 500, 595),
    ("hexiaofeng", "height", 200, 895),
    ("jinlei", "electric", 700, 1490),
    ("jinlei", "gas", 1070, 24),
    ("duwei", "gas", 300, 795),
    ("duwei", "electric", 300, 1890),
    ("panxin", "gas", 400, 695),
    ("panxin", "electric", 400, 1790),
    ("shilei", "gas", 250, 845),
    ("shilei", "electric", 250, 1940),
    ("shilei", "maker", 90, 275),
)
ISSUERS = {
    "gas": "市燃气行业协会",
    "electric": "市应急管理局",
    "height": "市应急管理局",
    "maker": "和灶厨卫电器有限公司",
}
ENGINEERS = (
    ("hexiaofeng", "HZ001", ("吸油烟机", "燃气灶", "燃气热水器", "消毒柜"), ("杭州市",)),
    ("jinlei", "HZ001", ("电热水器", "消毒柜", "吸油烟机:4", "燃气灶:2"), ("杭州市",)),
    ("duwei", "SH003", ("吸油烟机", "燃气灶:4", "燃气热水器", "电热水器", "消毒柜"), ("上海市",)),
    ("panxin", "FS008", ("燃气热水器:5", "燃气灶", "吸油烟机", "电热水器", "消毒柜"), ("佛山市",)),
    ("shilei", "", ("吸油烟机", "燃气灶", "燃气热水器", "电热水器", "消毒柜"), ()),
)
SITE_CHECKS = ("gas_type", "location", "flue", "flueless", "ventilation", "hose", "valve", "leak", "co", "earth", "socket", "wall", "water", "space")  # fmt: skip


class Visit(NamedTuple):
    """A service so many days ago, and what its customer answers by the survey's link; no stars: nothing."""

    ago: int
    outlet: str
    who: str
    stars: int
    words: str = ""
    anonymous: bool = False


SURVEYED = (
    Visit(32, "HZ001", "hexiaofeng", 5, "上门准时，讲解细致"),
    Visit(30, "SH003", "duwei", 5),
    Visit(29, "HZ001", "jinlei", 4, "", True),
    Visit(27, "FS008", "panxin", 2, "约好的时间改了两次"),
    Visit(26, "HZ001", "hexiaofeng", 5),
    Visit(25, "SH003", "duwei", 4, "希望上门前先打电话"),
    Visit(24, "HZ001", "jinlei", 0),
    Visit(23, "FS008", "panxin", 4),
    Visit(20, "SH003", "duwei", 5, "清洗得很干净"),
    Visit(17, "HZ001", "hexiaofeng", 5),
    Visit(11, "HZ001", "jinlei", 3),
    Visit(7, "SH003", "duwei", 0),
    Visit(2, "HZ001", "jinlei", 0),
)


class Jobs:
    """Plans the engineers' weeks onto the story's agenda."""

    def __init__(self, stage: Stage, desk: Desk, now: datetime, put: Callable[[datetime, Callable[[datetime], None]], None]) -> None:  # fmt: skip
        self.stage, self.desk, self.now, self.put = stage, desk, now, put
        self.engineers: dict[str, Engineer] = {}

    def plan(self) -> None:
        """Set up, then let jobs come and go up to now."""
        self.put(self._day(34, 10), self._set_up)
        self.put(self._day(21, 9), lambda at: self._repair(at, "HZ001", "hexiaofeng", misuse=False))
        self.put(
            self._day(13, 9), lambda at: self._repair(at, "HZ001", "hexiaofeng", misuse=False)
        )  # the same again: a repeat
        self.put(self._day(4, 9), self._refuse_site)
        self.put(self._day(12, 9), lambda at: self._repair(at, "SH003", "duwei", misuse=True))
        for ago, code, who in ((18, "HZ001", "jinlei"), (15, "FS008", "panxin"), (6, "HZ001", "hexiaofeng")):
            self.put(self._day(ago, 13), self._maintaining(code, who))
        for number, visit in enumerate(SURVEYED):
            self.put(self._day(visit.ago, 14), lambda at, number=number: self._survey(number, at))
        self.put(self._day(1, 18), lambda at: surveys.expire(at) and None)
        self.put(self._day(9, 10), self._train)
        self.put(self._day(7, 10), self._brought_in)
        self.put(self._day(5, 9), self._incomplete)
        self.put(self._day(3, 10), self._held)
        self.put(self._day(1, 9), self._on_their_page)
        self.put(self._day(1, 15), self._today)

    def _day(self, ago: int, hour: int) -> datetime:
        return timezone.localtime(self.now - timedelta(days=ago)).replace(
            hour=hour, minute=0, second=0, microsecond=0
        )

    def _who(self, username: str) -> Any:
        return self.stage.people[username]

    def _set_up(self, at: datetime) -> None:
        operations.found_setup(by=self._who("zhouning"), at=at)
        for username, outlet, skills, areas in ENGINEERS:
            fields = {
                "person": self.desk._person(username), "outlet": self.stage.outlets[outlet] if outlet else None,
                "skills": list(skills), "areas": list(areas), "minutes": 480,
            }  # fmt: skip
            self.engineers[username] = operations.keep_engineer(None, fields, by=self._who("chenbo"), at=at)
        for number, (username, kind, since, left) in enumerate(CERTIFIED, 1):
            outlets.keep_certificate(
                self.desk._person(username), kind, f"{kind[:1].upper()}{52000 + number}", issuer=ISSUERS[kind],
                issued_on=at.date() - timedelta(days=since), valid_until=self.now.date() + timedelta(days=left), by=self._who("zhouning"), at=at,
            )  # fmt: skip

    def _skilled(self, who: str) -> tuple[str, ...]:
        """The products an engineer is sent to."""
        return tuple(suggesting.skills_of(self.engineers[who]))

    def _home(self, code: str, categories: tuple[str, ...] = (), covered: bool | None = None, at: datetime | None = None) -> Household:  # fmt: skip
        """A household of the outlet's town, with such a product, in warranty or not."""
        homes = [home for home in self.desk.households if home.place.code == code]
        fitting = [home for home in homes if not categories or home.unit.model.category in categories]
        if covered is not None and at is not None:
            young = at.date() - timedelta(days=330)
            fitting = [
                home
                for home in fitting
                if (home.unit.purchased_on is not None and home.unit.purchased_on >= young) == covered
            ] or fitting
        return (fitting or homes)[0]

    def _asked(self, home: Household, code: str, subject: str, severity: str, at: datetime) -> Any:
        ask = intake.Ask(
            channel="phone", category=self.desk.classes[code], severity=severity, subject=subject, customer=home.customer, phone=home.phone,
            address=home.address, unit=home.unit, outlet=self.stage.outlets[home.place.code],
        )  # fmt: skip
        return intake.register(ask, by=self._who("hongyan"), at=at)

    def _made(self, home: Household, kind: str, code: str, subject: str, severity: str, at: datetime, first: datetime) -> Order:  # fmt: skip
        asked = self._asked(home, code, subject, severity, at)
        job = Job(kind=kind, request=asked, wanted_from=first, wanted_until=first + timedelta(hours=2))
        return operations.make(job, by=self._who("hongyan"), at=at + timedelta(minutes=3))

    def _sent(self, order: Order, who: str, first: datetime, at: datetime) -> Order:
        return operations.dispatch(
            order,
            self.engineers[who],
            first,
            first + timedelta(hours=2),
            by=self._who("hongyan"),
            at=at + timedelta(minutes=10),
        )

    def _repair(self, at: datetime, code: str, who: str, *, misuse: bool) -> None:
        """A repair from call to signature: in warranty, or caused by force and charged."""
        home = self._home(code, self._skilled(who), covered=not misuse, at=at)
        first = at + timedelta(hours=4)
        order = self._sent(
            self._made(home, "repair", "repair-noise", "使用时有异响", "part", at, first), who, first, at
        )
        by = self._who(who)
        operations.accept(order, by=by, at=at + timedelta(minutes=20))
        here = first + timedelta(minutes=5)
        order = operations.arrive(order, by=by, at=here)
        for purpose, words in (("plate", home.unit.serial), ("fault", "故障部位")):
            operations.add_photo(order, _picture(words), f"{purpose}.jpg", purpose, by=by, at=here)
        part = Part.objects.filter(company=self.stage.company, fits=home.unit.model).order_by("id").first()
        lines = [
            Line("labour", work="replace", component=part.component),
            Line("part", part=part, price_fen=part.supply_price_fen * 13 // 10), Line("travel"),
        ]  # fmt: skip
        plan = operations.draft_plan(
            order, cause="部件磨损" if not misuse else "受外力撞击变形", content=f"更换{part.name}", method="断电后拆下旧件，装新件并调试", steps="断电、关阀；拆下旧件；装新件；试机",
            minutes=60, misuse=misuse, lines=lines, km=Decimal(12), by=by, at=here + timedelta(minutes=15),
        )  # fmt: skip
        at = here + timedelta(minutes=20)
        operations.offer_plan(plan, by=by, at=at)
        agreed = operations.sign(order, "agreement", home.customer.name, SCRAWL, by=by, at=at)
        operations.answer_plan(plan, True, how="glass", signature=agreed, by=by, at=at)
        at += timedelta(minutes=40)
        operations.account_for(
            order, part, "returned", new_code=f"N{order.pk:06}", old_code=f"O{order.pk:06}", by=by, at=at
        )
        operations.add_photo(order, _picture("完工"), "done.jpg", "after", by=by, at=at)
        self._checked(order, by, at)
        order = operations.complete(order, action=f"更换{part.name}，试机正常", work="replace", by=by, at=at)
        accepted = operations.sign(order, "acceptance", home.customer.name, SCRAWL, by=by, at=at)
        operations.accept_work(order, accepted, rating=5 if not misuse else 4, words="师傅很专业" if not misuse else "价格先说清楚了", by=by, at=at + timedelta(minutes=5))  # fmt: skip

    def _checked(self, order: Order, by: Any, at: datetime) -> None:
        category = order.unit.model.category if order.unit else ""
        lines = Check.objects.filter(company=self.stage.company, kind=order.kind, category__in=("", category))
        results: dict[str | int, tuple[bool | None, str]] = {
            line.pk: (True, "2.5" if line.answer == "number" else "") for line in lines
        }
        operations.write_checks(order, results, by=by, at=at)

    def _maintaining(self, code: str, who: str) -> Callable[[datetime], None]:
        return lambda at: self._maintain(at, code, who)

    def _maintain(self, at: datetime, code: str, who: str) -> None:
        order, at = self._serviced(self._home(code, self._skilled(who)), who, 5, at)
        if code == "HZ001":
            operations.care_after(order, "回访：使用正常，很满意", by=self._who("fangjianguo"), at=min(at + timedelta(days=2), self.now))  # fmt: skip

    def _survey(self, number: int, at: datetime) -> None:
        """A service that nobody has rated yet: the desk hands the survey's link over the next day, and most answer it (DP-6)."""
        visit = SURVEYED[number]
        homes = [home for home in self.desk.households if home.place.code == visit.outlet and home.unit.model.category in self._skilled(visit.who)]  # fmt: skip
        order, at = self._serviced(homes[number % len(homes)], visit.who, None, at)
        self.put(at + timedelta(hours=19), lambda at: self._ask(order, visit, at))

    def _ask(self, order: Order, visit: Visit, at: datetime) -> None:
        invitation = Invitation.objects.get(order=order, state=Invitation.State.PLANNED)
        surveys.hand_over(invitation, by=self._who("hongyan"), at=at)
        if visit.stars:
            self.put(at + timedelta(hours=6), lambda at: self._answer(invitation, visit, at))

    def _answer(self, invitation: Invitation, visit: Visit, at: datetime) -> None:
        """The customer answers by the link."""
        said = {
            "overall": str(visit.stars), "works": "yes" if visit.stars > 2 else "no", "timely": str(visit.stars),
            "good": ["attitude"] if visit.stars > 3 else [],
        }  # fmt: skip
        told = surveys.Told(said, words=visit.words, anonymous=visit.anonymous, call_back=visit.stars < 3)
        surveys.answer(invitation, told, by=surveys.door(self.stage.company), at=at)

    def _serviced(
        self, home: Household, who: str, rating: int | None, at: datetime
    ) -> tuple[Order, datetime]:
        """A maintenance from call to signature; with the order the moment it ended."""
        first = at + timedelta(hours=2)
        order = self._sent(
            self._made(home, "maintenance", "maintenance", "预约年度清洗保养", "slight", at, first),
            who,
            first,
            at,
        )
        by = self._who(who)
        order = operations.arrive(order, by=by, at=first)
        at = first + timedelta(minutes=70)
        operations.write_checks(order, {"items_done": (None, "风道、叶轮、油网清洗")}, by=by, at=at)
        self._checked(order, by, at)
        order = operations.complete(order, action="整机清洗保养，运行正常", work="adjust", by=by, at=at)
        accepted = operations.sign(order, "acceptance", home.customer.name, SCRAWL, by=by, at=at)
        return operations.accept_work(order, accepted, rating=rating, by=by, at=at), at

    def _train(self, at: datetime) -> None:
        """SC-3: a training, with its questions and answers."""
        home = self._home("HZ001")
        first = at + timedelta(days=1)
        job = Job(
            kind="training", fault="新装厨电使用与保养培训", customer=home.customer, phone=home.phone, address=home.address, unit=home.unit,
            wanted_from=first, wanted_until=first + timedelta(hours=2),
        )  # fmt: skip
        by = self._who("shilei")
        order = self._sent(operations.make(job, by=self._who("hongyan"), at=at), "shilei", first, at)
        order = operations.arrive(order, by=by, at=first)
        operations.write_checks(
            order,
            {"material_handed": (True, ""), "attendance": (None, "住户及家政人员共3人")},
            by=by,
            at=first,
        )
        at = first + timedelta(hours=1)
        order = operations.complete(order, action="讲解使用、清洗与应急处置，现场演示", by=by, at=at)
        operations.do_step(order, "asking", "自清洗多久用一次？燃气报警了怎么办？", by=by, at=at)
        operations.do_step(
            order, "answering", "每月一次；先关阀开窗，不动电器，到室外打电话报修。", by=by, at=at
        )
        signed = operations.sign(order, "training", home.customer.name, SCRAWL, by=by, at=at)
        operations.accept_work(order, signed, rating=5, words="讲得清楚", by=by, at=at)

    def _incomplete(self, at: datetime) -> None:
        """The part is not there: ended incomplete, and the follow-up waits to be dispatched."""
        home = self._home("SH003", self._skilled("duwei"))
        first = at + timedelta(hours=3)
        order = self._sent(
            self._made(home, "repair", "repair-other", "面板按键失灵", "part", at, first), "duwei", first, at
        )
        by = self._who("duwei")
        order = operations.arrive(order, by=by, at=first)
        operations.end_incomplete(order, "需更换电路板，车上无备件", by=by, at=first + timedelta(minutes=30))

    def _brought_in(self, at: datetime) -> None:
        """Brought to the workshop: its owner is called from there and agrees by telephone (SC-2)."""
        home = self._home("SH003", self._skilled("duwei"))
        asked = self._asked(home, "repair-noise", "送修：开机有异响", "slight", at)
        job = Job(kind="repair", mode="carry_in", request=asked)
        order = self._sent(
            operations.make(job, by=self._who("hongyan"), at=at), "duwei", at + timedelta(hours=1), at
        )
        by, at = self._who("duwei"), at + timedelta(hours=1)
        order = operations.arrive(order, by=by, at=at)
        for purpose, words in (("plate", home.unit.serial), ("fault", "故障部位")):
            operations.add_photo(order, _picture(words), f"{purpose}.jpg", purpose, by=by, at=at)
        part = Part.objects.filter(company=self.stage.company, fits=home.unit.model).order_by("id").first()
        lines = [Line("labour", work="replace", component=part.component), Line("part", part=part, price_fen=part.supply_price_fen * 13 // 10)]  # fmt: skip
        plan = operations.draft_plan(
            order, cause="部件磨损", content=f"更换{part.name}", method="断电后拆下旧件，装新件并调试", steps="断电；拆下旧件；装新件；试机", minutes=60,
            lines=lines, by=by, at=at + timedelta(minutes=30),
        )  # fmt: skip
        plan = operations.offer_plan(plan, by=by, at=at + timedelta(minutes=35))
        operations.answer_plan(
            plan, True, how="phone", name=home.customer.name, called=home.phone, note="已说明故障和费用，同意维修", by=by, at=at + timedelta(minutes=45),
        )  # fmt: skip

    def _refuse_site(self, at: datetime) -> None:
        """KA-4.2: a kitchen without a window, so the hob is not installed; the customer gets the refusal on paper."""
        home = self._home("FS008", ("燃气灶", "燃气热水器"))
        first = at + timedelta(hours=3)
        order = self._sent(
            self._made(home, "installation", "install-new", "新购燃气具安装", "slight", at, first),
            "panxin",
            first,
            at,
        )
        by = self._who("panxin")
        order = operations.arrive(order, by=by, at=first)
        for purpose, words in (("plate", home.unit.serial), ("site", "无窗厨房")):
            operations.add_photo(order, _picture(words), f"{purpose}.jpg", purpose, by=by, at=first)
        results = dict.fromkeys(SITE_CHECKS, "ok") | {"ventilation": "bad"}
        order = operations.check_site(order, results, by=by, at=first + timedelta(minutes=20))
        operations.refuse_site(
            order, "厨房加装外窗或排风机后再预约安装", danger="厨房无通风，烟气积聚可能造成一氧化碳中毒", by=by, at=first + timedelta(minutes=30)
        )  # fmt: skip

    def _held(self, at: datetime) -> None:
        home = self._home("FS008", self._skilled("panxin"))
        first = at + timedelta(hours=3)
        order = self._sent(
            self._made(home, "repair", "repair-heat", "热水忽冷忽热", "part", at, first), "panxin", first, at
        )
        by = self._who("panxin")
        # The cellar has no signal: the phone sends the arrival half an hour later, and it counts from when it was.
        back = first + timedelta(minutes=30)
        outbox.take_in(
            outbox.Entry("demo-arrival-1", order.pk, "arrive", {}, first),
            outbox.Sent("demo", back, back),
            by=by,
        )
        operations.hold(
            order, "part", "等待总部发传感器，预计后天到", by=by, at=first + timedelta(minutes=40)
        )

    def _on_their_page(self, at: datetime) -> None:
        """On their own pages: one customer has a plan to agree to, another has agreed by the link and signs when it is done."""
        door = the_door(self.stage.company)
        homes = [home for home in self.desk.households if home.place.code == "HZ001"]
        for number, who in ((3, "jinlei"), (4, "hexiaofeng")):
            able = [home for home in homes if home.unit.model.category in self._skilled(who)]
            home, by, first = able[number % len(able)], self._who(who), at + timedelta(hours=1)
            order = self._sent(
                self._made(home, "repair", "repair-other", "风机转速不稳", "part", at, first), who, first, at
            )
            order = operations.arrive(order, by=by, at=first)
            for purpose, words in (("plate", home.unit.serial), ("fault", "风机")):
                operations.add_photo(order, _picture(words), f"{purpose}.jpg", purpose, by=by, at=first)
            part = (
                Part.objects.filter(company=self.stage.company, fits=home.unit.model).order_by("id").first()
            )
            lines = [
                Line("labour", work="replace", component=part.component),
                Line("part", part=part, price_fen=part.supply_price_fen * 12 // 10),
                Line("travel"),
            ]
            plan = operations.draft_plan(
                order, cause="电机进水受潮", content=f"更换{part.name}", method="断电后拆换并试机", steps="断电；拆下旧件；装新件；试机", minutes=50, misuse=True, lines=lines,
                km=Decimal(8), by=by, at=first + timedelta(minutes=10),
            )  # fmt: skip
            operations.offer_plan(plan, by=by, at=first + timedelta(minutes=12))
            if number == 3:
                continue
            now = first + timedelta(minutes=30)
            operations.agree(plan, home.customer.name, SCRAWL, by=door, at=now)
            operations.account_for(
                order, part, "returned", new_code=f"N{order.pk:06}", old_code=f"O{order.pk:06}", by=by, at=now
            )
            operations.add_photo(order, _picture("完工"), "done.jpg", "after", by=by, at=now)
            self._checked(order, by, now)
            operations.complete(
                order,
                action=f"更换{part.name}，试机正常",
                work="replace",
                by=by,
                at=now + timedelta(minutes=40),
            )

    def _today(self, at: datetime) -> None:
        """What is planned for today, and what still waits for an engineer."""
        tomorrow = self._day(0, 9)
        homes = [home for home in self.desk.households if home.place.code == "HZ001"]
        planned = (("hexiaofeng", 0, "repair", "repair-start", "打不着火"), ("hexiaofeng", 3, "installation", "install-new", "新购烟机预约安装"), ("jinlei", 1, "repair", "repair-leak", "机身底部滴水"))  # fmt: skip
        for number, (who, hours, kind, code, subject) in enumerate(planned):
            first = tomorrow + timedelta(hours=hours)
            able = [home for home in homes if home.unit.model.category in self._skilled(who)]
            home = able[(number + 1) % len(able)]
            order = self._made(home, kind, code, subject, "part", at, first)
            if first + timedelta(hours=2) > at:
                self._sent(order, who, first, at)
        for number, subject in enumerate(("吸力变小，全是油烟", "显示屏不亮")):
            home = homes[(number + 2) % len(homes)]
            order = self._made(
                home,
                "repair",
                "repair-other",
                subject,
                "part",
                at,
                tomorrow + timedelta(days=1, hours=number),
            )
        begins = [begin for begin in appointments.windows(order, at) if begin > self.now + timedelta(days=1)]
        operations.wish(order, begins[:2], "上午要上班，最好改到这两个时间", by=the_door(self.stage.company), at=at + timedelta(hours=1))  # fmt: skip


def _picture(words: str) -> bytes:
    """A picture with some words on it, in place of a photograph."""
    image = Image.new("RGB", (640, 480), "#dfe3e8")
    pen = ImageDraw.Draw(image)
    pen.rectangle((40, 60, 600, 420), outline="#5b6b7c", width=6)
    pen.text((70, 90), words.encode("ascii", "replace").decode(), fill="#1f2933")
    out = BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
