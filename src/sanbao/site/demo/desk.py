"""The service desk's last five weeks: calls and letters, handled by the hotline and technical support, some given to outlets.

Everything follows from a seed, through operations, in the order of time. What is not done by now is open on the desk: new, waiting, late.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from sanbao.customers import operations as customers
from sanbao.customers.models import Customer
from sanbao.intake import operations, working_times
from sanbao.intake.chat import door
from sanbao.intake.models import Category, Request, Team
from sanbao.outlets import operations as outlets
from sanbao.portal import operations as portal
from sanbao.products import operations as products
from sanbao.products import registering
from sanbao.products.models import Model, Unit
from sanbao.site.demo import people
from sanbao.site.demo.founding import Stage, near
from sanbao.site.demo.sheets import GIVEN, SURNAMES

DAYS = 35
HOUSEHOLDS = 60
STREETS = ("中山路", "人民路", "解放大道", "和平街", "滨江路", "学府路")

# (class, severity, subject, description, how it was solved, its share)
ASKED = (
    ("repair-noise", "part", "油烟机开机有异响", "高速挡时像有东西刮擦，低速挡没有。", "远程指导清理风轮油垢，异响消失。", 6),
    ("repair-start", "down", "燃气灶打不着火", "左灶打不着，右灶正常，已换过电池。", "指导擦净点火针，点火恢复正常。", 6),
    ("repair-heat", "down", "热水器不出热水", "显示E2，水压正常。", "上门更换水流传感器，出水温度正常。", 5),
    ("repair-suction", "part", "油烟机吸力变小", "用了三年，最近厨房全是烟。", "上门清洗并更换止回阀。", 4),
    ("repair-leak", "part", "热水器底部滴水", "一天大约半碗水。", "更换进水口密封圈，不再滴水。", 4),
    ("repair-gas", "danger", "厨房闻到燃气味", "已关阀开窗。", "上门检漏，更换灶具软管接头，复检合格。", 1),
    ("repair-electric", "danger", "热水器一插电就跳闸", "换插座也一样。", "上门更换加热管，绝缘检测合格。", 1),
    ("install-new", "slight", "新购烟灶预约安装", "开发商已留烟道，想约周末。", "已按约安装，检查合格。", 6),
    ("install-gas", "part", "天然气改造后灶具要换气源", "小区从液化气改成天然气。", "更换喷嘴并调试，火焰正常。", 2),
    ("advice-use", "slight", "自清洗功能怎么用", "说明书找不到了。", "电话讲解并发送电子说明书。", 5),
    ("advice-warranty", "slight", "电机坏了还在保修期吗", "2024年买的油烟机。", "按购买日期核对，电机仍在保修期内。", 4),
    ("advice-parts", "slight", "想买油烟机油杯", "油杯盖子丢了。", "告知配件价格与购买方式。", 3),
    ("delivery-damage", "part", "收货时面板有裂纹", "昨天送到，外箱完好。", "核实为运输损坏，安排换货。", 2),
    ("service", "slight", "师傅没有按时来", "约的上午，下午才到。", "致歉，已提醒网点并改进排班。", 2),
    ("maintenance", "slight", "预约深度清洗", "用了两年，想清洗一次。", "已上门清洗。", 3),
)  # fmt: skip

# (whose, kind, issued so many days before the desk is set up, good for so many days after it)
CERTIFIED = (
    ("fangjianguo", "gas", 400, 1060),
    ("fangjianguo", "height", 400, 690),
    ("zhenghaibo", "gas", 700, 58),
    ("shenguoping", "gas", 1090, 20),
    ("shenguoping", "electric", 600, 1500),
    ("luyongming", "gas", 300, 795),
    ("liangweixiong", "gas", 200, 895),
    ("huangbingkun", "electric", 900, 1290),
    ("guxiaoyan", "service", 200, 530),
    ("zhengkai", "gas", 500, 595),
    ("zhengkai", "maker", 120, 245),
    ("guyu", "electric", 350, 1840),
)
ISSUERS = {
    "gas": "市燃气行业协会",
    "height": "市应急管理局",
    "electric": "市应急管理局",
    "maker": "和灶厨卫电器有限公司",
    "service": "和灶厨卫电器有限公司",
}

# In WeChat: days ago, by which channel, who they are there, first words, what follows, whose account the agent finds it to be, how it was
# solved, the customer's last word.
CHATS = (
    (9, "wechat", "", "灶具打火后一松手就灭", "左边那个，电池刚换过", 12, "指导擦净热电偶探头，松手不再熄火。", "好的，谢谢师傅"),
    (4, "wechat", "", "热水器忽冷忽热，洗到一半变凉水", "在六楼，水压还可以", 25, "", ""),
    (1, "wechat", "", "想问一下油烟机清洗怎么收费", "", None, "", ""),
    (6, "wecom_kf", "小满", "油烟机按键没反应，灯也不亮", "插座有电，手机能充", 18, "指导断电五分钟后重新上电，按键恢复正常。", "可以了，谢谢"),
    (2, "wecom_kf", "阿禾", "集成灶关火后风机一直转，停不下来", "已经转了半个小时了", 33, "", ""),
)  # fmt: skip


# Whose days are on record, and who once forgot to say that they went.
AT_WORK = ("hongyan", "mating", "zhengkai", "guyu", "linwen", "hejing")
FORGOT, FORGOT_AGO = "mating", 9


@dataclass
class Household:
    """A customer with a unit."""

    customer: Customer
    unit: Unit
    phone: str
    address: str
    place: people.Place


class Desk:
    """Plans the desk's weeks onto the story's agenda."""

    def __init__(
        self, stage: Stage, now: datetime, put: Callable[[datetime, Callable[[datetime], None]], None]
    ) -> None:
        self.stage, self.now, self.put = stage, now, put
        self.random = Random("the desk")  # noqa: S311 — the same desk every time
        self.households: list[Household] = []

    def plan(self) -> None:
        """Set the desk up, register the households, and let calls come in on every day up to now."""
        begin = self.now - timedelta(days=DAYS + 5)
        self.put(begin, self._set_up)
        self.put(begin + timedelta(minutes=30), self._certify)
        self.put(begin + timedelta(hours=1), self._register_households)
        for moment in self._moments():
            self.put(moment, self._call)
        self.put(self.now - timedelta(days=12), self._found_force)
        for ago in range(DAYS, -1, -1):
            self._plan_day(self.now - timedelta(days=ago))
        self.put(self.now - timedelta(days=3), self._customers_register)
        for number, (ago, *_told) in enumerate(CHATS):
            at = (self.now - timedelta(days=ago)).replace(hour=10, minute=12 + number)
            self.put(at, lambda at, number=number: self._chat(number, at))

    def _chat(self, number: int, at: datetime) -> None:
        """What somebody writes in WeChat, and what comes of it."""
        _ago, _channel, _name, first, second, whose, solved, last = CHATS[number]
        made = self._write(number, 1, first, at)
        if second:
            self.put(at + timedelta(minutes=2), lambda at: self._write(number, 2, second, at))
        if whose is not None:
            customer = self.households[whose].customer
            self.put(at + timedelta(minutes=20), lambda at: self._choose(made, customer, at))
            self.put(at + timedelta(minutes=25), self._doing(made, "start", "mating"))
            self.put(at + timedelta(minutes=30), lambda at: self._call_back(made, at))
        if solved:
            self.put(at + timedelta(hours=2), self._doing(made, "solution", "mating", solved))
            self.put(at + timedelta(hours=3), lambda at: self._write(number, 3, last, at))

    def _write(self, number: int, line: int, words: str, at: datetime) -> Request:
        company = self.stage.company
        channel, name = CHATS[number][1:3]
        account = f"{'wm' if channel == 'wecom_kf' else 'o'}Demo_{number:03}_followerOfOurs"
        said = operations.Said(channel, account, f"demo-{number}-{line}", words, at, name=name)
        return operations.take_in_words(
            said, [], self.classes["repair-other"], days=7, by=door(company.pk), at=at
        )

    def _call_back(self, request: Request, at: datetime) -> None:
        found = Request.objects.get(pk=request.pk)
        words = "已核对姓名和产品，请客户按步骤检查，稍后再联系。"
        operations.say_called(found, words, reached=True, by=self._who("mating"), at=at)

    def _choose(self, request: Request, customer: Customer, at: datetime) -> None:
        """The agent has asked who writes, and chooses the customer: the account is theirs from now on."""
        found = Request.objects.get(pk=request.pk)
        operations.amend(
            found, {"customer": customer, "contact": customer.name[:60]}, by=self._who("mating"), at=at
        )

    def _moments(self) -> Iterator[datetime]:
        """When somebody asks: some four a day, fewer at weekends."""
        for ago in range(DAYS, -1, -1):
            day = (self.now - timedelta(days=ago)).replace(second=0, microsecond=0)
            for _call in range(2 if day.weekday() > 4 else 4):
                yield day.replace(hour=self.random.randint(8, 19), minute=self.random.randint(0, 59))

    def _who(self, username: str) -> Any:
        return self.stage.people[username]

    def _set_up(self, at: datetime) -> None:
        by = self._who("zhouning")
        operations.found_desk(by=by, at=at)
        self.teams = {team.code: team for team in Team.objects.filter(company=self.stage.company)}
        self.classes = {row.code: row for row in Category.objects.filter(company=self.stage.company)}
        self.models = list(Model.objects.filter(company=self.stage.company).order_by("id"))
        for username, team, lead, skills in (
            ("hongyan", "hotline", True, ()),
            ("mating", "hotline", False, ()),
            ("zhengkai", "support", True, ("烟机", "灶具")),
            ("guyu", "support", False, ("热水器",)),
        ):
            person = self._person(username)
            operations.keep_member(self.teams[team], person, lead=lead, skills=skills, by=by, at=at)
        rules: tuple[dict[str, Any], ...] = (
            {"name": "燃气、漏电由技术支持组长处理", "category": self.classes["repair-gas"], "team": self.teams["support"], "mode": "queue"},
            {"name": "热水器故障", "category": self.classes["repair-heat"], "team": self.teams["support"], "skill": "热水器", "mode": "least_loaded"},
            {"name": "其他报修", "category": self.classes["repair"], "team": self.teams["support"], "mode": "least_loaded"},
            {"name": "西湖区安装派网点", "category": self.classes["installation"], "area": "杭州市西湖区", "outlet": self.stage.outlets["HZ001"]},
        )  # fmt: skip
        for position, fields in enumerate(rules, start=1):
            operations.keep_rule(None, {"position": position, **fields}, by=by, at=at)
        operations.keep_duty(None, weekday="saturday", opens=time(9), closes=time(17), by=by, at=at)

    def _certify(self, at: datetime) -> None:
        """Who may work on gas, at heights, on electricity: most hold for years, one ends soon, one has run out (EN-1)."""
        by, today = self._who("zhouning"), at.date()
        for number, (username, kind, since, left) in enumerate(CERTIFIED, 1):
            outlets.keep_certificate(
                self._person(username), kind, f"{kind[:1].upper()}{31000 + number}", issuer=ISSUERS[kind],
                issued_on=today - timedelta(days=since), valid_until=today + timedelta(days=left), by=by, at=at,
            )  # fmt: skip

    def _plan_day(self, day: datetime) -> None:
        """Who comes and goes on a day; now and then somebody is late, and once somebody forgot to say that they went (BA-6)."""
        random = Random(f"at work {day:%Y-%m-%d}")  # noqa: S311 — the same days every time
        for number, username in enumerate(AT_WORK):
            came = day.replace(hour=8, minute=random.randint(15, 30), second=0, microsecond=0)
            came += timedelta(minutes=18) if random.random() < 0.06 else timedelta()
            went = day.replace(hour=17, minute=random.randint(30, 55), second=0, microsecond=0)
            forgot = username == FORGOT and day.date() == (self.now - timedelta(days=FORGOT_AGO)).date()
            self.put(came, lambda at, who=username: self._comes(who, at))
            if not forgot:
                self.put(went + timedelta(seconds=number), lambda at, who=username: self._goes(who, at))
            else:
                self.put(day.replace(hour=19, minute=0), operations.remind_of_going)
                self.put(day.replace(hour=10, minute=0) + timedelta(days=1), self._is_written_down)

    def _comes(self, username: str, at: datetime) -> None:
        by = self._who(username)
        if working_times.hours(by.company_id, None, at.date()):
            operations.come(by=by, at=at)

    def _goes(self, username: str, at: datetime) -> None:
        by = self._who(username)
        if working_times.hours(by.company_id, None, at.date()):
            operations.go(by=by, at=at)

    def _is_written_down(self, at: datetime) -> None:
        """The supervisor writes down when they went."""
        day = (at - timedelta(days=1)).date()
        if working_times.hours(self.stage.company.pk, None, day):
            operations.keep_time(
                self._person(FORGOT), day, time(8, 26), time(17, 40), "忘记登记下班，值班电话记录证明17:40离岗。", by=self._who("zhaoqiang"), at=at
            )  # fmt: skip

    def _found_force(self, at: datetime) -> None:
        """A few people look into the leaking heaters (EN-2)."""
        by = self._who("chenbo")
        force = operations.keep_force(
            None, name="热水器漏水专项组", goal="查清近期热水器底部漏水的原因，提出整改措施。", leader=self._person("zhengkai"),
            members=[self._person("guyu")], first_day=at.date(), last_day=(at + timedelta(days=30)).date(), by=by, at=at,
        )  # fmt: skip
        for request in Request.objects.filter(
            company=self.stage.company, category__code="repair-leak"
        ).order_by("-id")[:3]:
            operations.link(force, request, by=self._who("zhengkai"), at=at + timedelta(minutes=5))
        operations.report(
            force,
            "已拆检两台，均为进水口密封圈老化，正在核对批次。",
            by=self._who("guyu"),
            at=at + timedelta(hours=2),
        )

    def _customers_register(self, at: datetime) -> None:
        """By the code on the label: one is accepted, one refused; an unknown serial number and somebody else's appliance wait."""
        bought, by = (at - timedelta(days=9)).date(), self._who("mating")
        known, other = self.households[5], self.households[11]
        told = (
            registering.Told("CXW260A8261100801", bought, "store", "何秋实", "13900020001", confirmed=True, seller="杭州五星电器", address="杭州市西湖区文三路20号2幢301室", marketing=True),
            registering.Told("JSQ2513C261100417", bought, "online", "孟小满", "13900020002", seller="京东自营", address="宁波市海曙区中山西路8号"),
            registering.Told(known.unit.serial, bought, "dealer", "顾怀远", "13900020003", confirmed=True, address=known.address),
            registering.Told("JZTB52261100933", bought, "online", other.customer.name, other.phone, confirmed=True, address=other.address),
        )  # fmt: skip
        made = [
            portal.register(self.stage.company, each, at=at + timedelta(hours=n))
            for n, each in enumerate(told)
        ]
        registering.accept(made[0], by=by, at=at + timedelta(hours=5))
        registering.refuse(
            made[3], "订单截图上的型号与机身号码不符，请核对后重新登记。", by=by, at=at + timedelta(hours=6)
        )

    def _person(self, username: str) -> Any:
        from sanbao.accounts.models import Person

        return Person.objects.get(username=username)

    def _register_households(self, at: datetime) -> None:
        by = self._who("hongyan")
        for number in range(HOUSEHOLDS):
            place = people.OUTLETS[number % len(people.OUTLETS)]
            name = self.random.choice(SURNAMES) + self.random.choice(
                [each for each in GIVEN if each not in ("先生", "女士")]
            )
            phone = f"1380001{self.random.randint(0, 9999):04}"
            address = f"{place.town}{self.random.choice(STREETS)}{self.random.randint(1, 300)}号{self.random.randint(1, 20)}幢{self.random.randint(1, 12)}01室"
            customer = customers.register(
                name, phone=phone, address=address, vip=number % 20 == 7, by=by, at=at
            )
            if number % 3 == 0:
                customers.give_consent(customer, "survey", "登记时电话同意", by=by, at=at)
            if number % 5 != 3 and (lies_at := near(place.code, number + 1)):
                customers.locate_address(customer.addresses.get(), lies_at, by=by, at=at)
            model = self.random.choice(self.models)
            bought = (at - timedelta(days=self.random.randint(30, 1400))).date()
            unit = products.register_unit(
                f"{model.code.replace('-', '')}{bought:%y%m}{number:05}", model, customer=customer,
                address=customer.addresses.get(), produced_on=bought - timedelta(days=60), purchased_on=bought,
                installed_on=min(bought + timedelta(days=7), at.date()), source=self.random.choice(("store", "online", "dealer")), by=by, at=at,
            )  # fmt: skip
            self.households.append(Household(customer, unit, phone, address, place))
        twice = self.households[3]  # registered once more by somebody who did not look first
        customers.register(twice.customer.name, phone=twice.phone, by=self._who("mating"), at=at)
        plan = "每年四月上门清洗一次，费用按年度协议结算；来电先转郑凯。"
        customers.amend(self.households[7].customer, {"plan": plan}, by=by, at=at)
        operations.keep_pledge(
            {"source": "至尊客户服务协议", "promise": "response", "length": 4, "unit": "hours", "since": at.date(), "customer": self.households[7].customer},
            by=self._who("zhouning"), at=at,
        )  # fmt: skip

    def _call(self, at: datetime) -> None:
        """One request, and what follows from it."""
        random = self.random
        code, severity, subject, description, solved, _share = random.choices(
            ASKED, [each[-1] for each in ASKED]
        )[0]
        home = random.choice(self.households)
        letter = random.random() < 0.2
        ask = operations.Ask(
            channel="email" if letter else "phone", category=self.classes[code], severity=severity, subject=subject,
            description=description, customer=home.customer, phone=home.phone, address=home.address, unit=home.unit,
            email=f"customer{home.customer.pk}@example.com" if letter else "",
        )  # fmt: skip
        request = operations.register(ask, by=self._who(random.choice(("hongyan", "mating"))), at=at)
        self._follow(request, code, solved, home, at, letter)

    def _follow(
        self, request: Request, code: str, solved: str, home: Household, at: datetime, letter: bool
    ) -> None:
        """Its course: who takes it when, whether it waits, when it is solved."""
        random = self.random
        slow = random.random() < 0.12
        handler = random.choice(
            ("hongyan", "mating")
            if code.startswith(("advice", "service", "delivery"))
            else ("zhengkai", "guyu")
        )
        begun = at
        if code.startswith(("install", "maintenance")) or random.random() < 0.3:
            begun = _opened(at + timedelta(minutes=random.randint(5, 50)))
            self.put(begun, self._doing(request, "give", "hongyan", home))
            handler = home.place.username
        first = _opened(begun + timedelta(minutes=random.randint(3, 2000 if slow else 25)))
        self.put(first, self._doing(request, "start", handler))
        if letter:
            self.put(first + timedelta(minutes=4), self._doing(request, "reply", handler))
        ready = _opened(first + timedelta(hours=random.randint(60, 140) if slow else random.randint(1, 40)))
        if random.random() < 0.15:
            self.put(_opened(first + timedelta(hours=1)), self._doing(request, "wait", handler))
            ready = _opened(ready + timedelta(days=2))
            self.put(ready - timedelta(minutes=30), self._doing(request, "resumption", handler))
        self.put(ready, self._doing(request, "solution", handler, solved))
        if random.random() < 0.06:
            self.put(_opened(ready + timedelta(days=1)), self._doing(request, "reopening", handler))
            ready = _opened(ready + timedelta(days=2))
            self.put(ready, self._doing(request, "solution", handler, solved))
        self.put(_opened(ready + timedelta(days=2)), self._doing(request, "closure", handler))

    def _doing(
        self, request: Request, what: str, username: str, more: Any = None
    ) -> Callable[[datetime], None]:
        return lambda at: self._do(request, what, username, more, at)

    def _do(self, request: Request, what: str, username: str, more: Any, at: datetime) -> None:
        by = self._who(username)
        found = Request.objects.get(pk=request.pk)
        match what:
            case "give":
                operations.assign(
                    found, outlet=self.stage.outlets[more.place.code], version=None, by=by, at=at
                )
            case "reply":
                operations.reply(
                    found, "您好，已收到您的来信，工程师会尽快与您联系，请保持电话畅通。", by=by, at=at
                )
            case "wait":
                operations.move(
                    found, what, version=None, by=by, at=at, waiting_for="part", text="等待总部发配件"
                )
            case "solution":
                operations.move(
                    found,
                    what,
                    version=None,
                    by=by,
                    at=at,
                    text=more,
                    first_contact=found.reopened == 0 and "电话" in more,
                )
            case "closure":
                operations.move(found, what, version=None, by=by, at=at, text="客户确认已解决，表示满意。")
            case "reopening":
                operations.move(found, what, version=None, by=by, at=at, reason="客户来电：问题又出现")
            case _:
                operations.move(found, what, version=None, by=by, at=at)


def _opened(moment: datetime) -> datetime:
    """The moment, or the next morning if nobody is there any more."""
    if moment.hour >= 18:
        moment = (moment + timedelta(days=1)).replace(hour=8, minute=40 + moment.minute % 20)
    elif moment.hour < 8:
        moment = moment.replace(hour=8, minute=40 + moment.minute % 20)
    return moment
