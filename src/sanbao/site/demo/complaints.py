"""A year of complaints: sixteen, in every state, told through operations, one after the other.

One is about two jobs that did not hold, one came from 12315 and one waits at the market regulator, three were made up for with money or goods.
Most clocks are kept; the delay of FS008 was verified too late, and one of yesterday has had no answer yet. What would happen after the day
it is told does not happen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from sanbao.accounts.models import Person
from sanbao.complaints import alarms, operations, reports
from sanbao.complaints.models import Case, Complaint
from sanbao.complaints.operations import Told
from sanbao.edge.kept import keeping
from sanbao.intake.models import Request
from sanbao.site.demo.founding import Stage
from sanbao.workorders.models import Order

DESK, OTHER_DESK, CALLER = "hongyan", "mating", "hejing"
SUPPORT, OTHER_SUPPORT, LEADER, HEAD, FINANCE = "zhengkai", "guyu", "zhaoqiang", "chenbo", "sunli"


@dataclass(frozen=True, slots=True)
class Step:
    """What happens next: so many working days after the step before, by whom."""

    what: str
    who: str = DESK
    days: int = 0
    given: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """A complaint: received so many hours before the demonstration's day, what it is about, and its steps."""

    hours: int
    told: dict[str, Any]
    steps: tuple[Step, ...] = ()
    outlet: str = ""
    jobs: tuple[str, ...] = ()  # outlet and engineer whose repairs it is about
    asked: str = ""  # born of the newest request of this class


def _step(what: str, who: str = DESK, days: int = 0, **given: Any) -> Step:
    return Step(what, who, days, tuple(given.items()))


def _taken(owner: str = SUPPORT, words: str = "已向用户致歉，说明由技术支持核实，三个工作日内答复。", **more: Any) -> tuple[Step, ...]:  # fmt: skip
    """Answered at once, and given to one person."""
    return (_step("call", words=words), _step("handing", owner=owner, **more))


def _proven(finding: str, cause: str, solution: str, *, who: str = SUPPORT, days: int = 1, promised: int = 4) -> tuple[Step, ...]:  # fmt: skip
    return (
        _step("justification", who, days, finding=finding, cause=cause, text=solution, promised=promised),
    )


def _finished(
    outcome: str, told: str, says: str, lesson: str, *, who: str = SUPPORT, how: str = "content"
) -> tuple[Step, ...]:
    """Done, told by the desk, called back, archived."""
    return (
        _step("completion", who, 1, text=outcome),
        _step("telling", text=told),
        _step("callback", CALLER, 2, callback=how, text=says),
        _step("archiving", lesson=lesson),
    )


def _given(kind: str, yuan: int, note: str, approver: str, receipt: str, *, who: str = SUPPORT) -> tuple[Step, ...]:  # fmt: skip
    """A compensation by three people."""
    return (
        _step("propose", who, kind=kind, fen=yuan * 100, note=note),
        _step("approval", approver),
        _step("payment", FINANCE, receipt=receipt),
    )


def _who(name: str, number: int) -> dict[str, str]:
    return {"contact": name, "phone": f"1380002{number:04}"}


DAY = 24
YEAR = (
    Course(
        330 * DAY,
        {"kind": "quality", "harm": "loss", "flags": ("safety",), "subject": "燃气灶玻璃面板爆裂", "description": "做饭时面板突然炸裂，锅掉到地上，人没有受伤。", "wish": "退款并说明原因", "model": "JZT-B5", **_who("曾女士", 101)},
        (
            *_taken(SUPPORT, "已请用户关阀停用，致歉，当天安排网点上门取样。", outlet="GZ007"),
            _step("report", "liangweixiong", words="已上门查看，面板中心起裂，无外力撞击痕迹，已取回碎片。"),
            *_proven("碎片检验：面板钢化不均，属来料问题，同批次共42片", "material", "更换整机，退还购机款差额，同批次面板停用"),
            *_given("refund", 368, "按用户要求退还差价", HEAD, "转账 HD-0118"),
            *_finished("新灶已安装并试火，旧件封存送检", "电话告知原因、换机和退款已到账", "处理得快，说得也清楚", "面板入库增加落球抽检，同批次召回检查"),
        ), "GZ007",
    ),
    Course(
        250 * DAY,
        {"kind": "delay", "harm": "trouble", "subject": "约好上午上门，等到晚上没有人来", "description": "请了一天假，没有一个电话。", "wish": "尽快上门", **_who("邓女士", 103)},
        (
            *_taken(SUPPORT, outlet="FS008"),
            *_proven("派工记录：当日两名师傅请假，网点没有改约", "late_visit", "次日上午第一单上门", days=7),
            *_finished("已按约上门修好", "电话致歉并告知网点已改排班", "修好了，下次别再等", "请假当天由总部代为改约"),
        ), "FS008",
    ),
    Course(
        205 * DAY,
        {"kind": "charge", "harm": "loss", "subject": "保修期内收了六十元上门费", "description": "有付款截图，没有票据。", "wish": "退钱", **_who("苏先生", 104)},
        (
            *_taken(SUPPORT, outlet="ZS010"),
            *_proven("购机不满一年，整机在保修期内，不应收上门费", "overcharging", "公司先行退还，再向网点追收"),
            *_given("refund", 60, "退还保修期内所收上门费", LEADER, "微信转账 W-0613"),
            *_finished("六十元已退到用户微信", "电话告知已退款", "收到了", "收费标准二维码贴到派工单上"),
        ), "ZS010",
    ),
    Course(
        160 * DAY,
        {"kind": "delivery", "harm": "slight", "subject": "送货比约定晚了两天", "description": "说好周六到，周一才到。", **_who("姜女士", 105)},
        (
            *_taken(OTHER_SUPPORT),
            _step("rejection", OTHER_SUPPORT, 1, finding="订单约定送达日为周一，周六为用户口头希望，物流已说明", cause="misinformed", text="电话说明约定日期，用户表示理解", routes=["negotiation", "hotline"]),
            *_finished("已说明并把约定日期短信发给用户", "电话说明核实结果", "知道了", "下单页写明送达日期", who=OTHER_SUPPORT, how="accepts"),
        ),
    ),
    Course(
        118 * DAY,
        {"channel": "authority", "kind": "quality", "harm": "loss", "subject": "热水器漏水泡坏地板，商家推诿", "description": "12315转来：用户称多次致电没有结果。", "wish": "赔偿地板损失", "model": "DSF60-A3", **_who("范先生", 106)},
        (
            *_taken(SUPPORT, "已联系用户，致歉，约定次日上门查看。", outlet="NJ005"),
            _step("case", LEADER, authority="12315", reference="1320100-2026-0731", lodged=-2, reply=6, words="要求七日内书面答复"),
            *_proven("上门查看：内胆焊缝渗漏，地板起翘约四平方米", "design", "免费换新机，赠清洗服务两年，地板另行协商", promised=12),
            _step("accepted", LEADER),
            *_given("goods", 1280, "更换新机一台", HEAD, "出库单 CK-2207"),
            _step("replied", LEADER, words="已书面答复"),
            _step("ended", LEADER, 3, words="双方达成和解，出具调解书"),
            *_finished("新机已装好，地板由用户自行更换，和解书已签", "电话告知并寄送和解书", "有人管就好", "同批内胆焊缝加做水压试验", how="accepts"),
        ), "NJ005",
    ),
    Course(
        76 * DAY,
        {"kind": "service", "harm": "trouble", "subject": "油烟机修了一次，止回阀又卡住", "description": "修完第三天又有油烟倒灌。", "wish": "换人来修", "model": "CXW-260-A8", "serial": "CXW260A8251100917", **_who("石女士", 107)},
        (
            *_taken(SUPPORT, outlet="SH003"),
            *_proven("叶片装反，照片可见", "repairing", "由另一名师傅免费重修"),
            _step("completion", SUPPORT, 1, text="已重修"),
            _step("telling", text="电话告知已重修"),
            _step("callback", CALLER, 1, callback="not_content", text="还是有一点倒灌"),
            _step("reopening", reason="回访仍倒灌"),
            _step("handing", owner=OTHER_SUPPORT),
            *_proven("烟道口未密封，并非止回阀", "installing", "补做密封", who=OTHER_SUPPORT),
            *_finished("烟道口已密封，发烟试验正常", "电话告知真正原因", "这回好了", "修倒灌先查烟道口密封", who=OTHER_SUPPORT),
        ), "SH003",
    ),
    Course(
        38 * DAY,
        {"kind": "service", "harm": "trouble", "subject": "同一台油烟机又有异响", "description": "两个月前投诉过一次。", "wish": "彻底修好", "model": "CXW-260-A8", "serial": "CXW260A8251100917", **_who("石女士", 107)},
        (
            *_taken(OTHER_SUPPORT),
            *_proven("风轮固定螺钉松动，上次拆装未打胶", "repairing", "更换风轮并打胶，延长保修半年", who=OTHER_SUPPORT),
            *_finished("已更换风轮，试机无异响", "电话告知并致歉", "希望别再坏了", "拆装风轮须打螺纹胶并拍照", who=OTHER_SUPPORT, how="accepts"),
        ), "SH003",
    ),
    Course(
        20 * DAY,
        {"kind": "attitude", "harm": "slight", "subject": "热线等了十分钟才有人接", **_who("白先生", 108)},
        (*_taken(OTHER_SUPPORT), _step("withdrawal", reason="用户来电：问题已解决，不再追究")),
    ),
    Course(
        10 * DAY,
        {"kind": "service", "harm": "trouble", "subject": "一个月修了两次，异响还在", "description": "两次都换了件，三天后又响。", "wish": "换一台新的", "channel": "phone"},
        (
            *_taken(SUPPORT, outlet="HZ001"),
            _step("report", "fangjianguo", words="两次均按方案换件，试机正常，怀疑烟管共振，建议总部派人同去。"),
            *_proven("两次所换部件均无故障，异响来自烟管共振", "repairing", "派技术支持同去，加装减振接头", promised=20),
            _step("hold", SUPPORT, waiting="part", words="减振接头已申请，预计一周内到货"),
        ), jobs=("HZ001", "hexiaofeng"),
    ),
    Course(
        12 * DAY,
        {"kind": "parts", "harm": "trouble", "subject": "油杯等了三周没有货", "wish": "免费补发", "channel": "email", "email": "customer9@example.com", **_who("汪女士", 109)},
        (
            *_taken(OTHER_SUPPORT),
            *_proven("配件仓漏发，系统显示已出库", "part_missing", "当日补发，免收费用", who=OTHER_SUPPORT),
            _step("propose", OTHER_SUPPORT, kind="goods", fen=4500, note="油杯一只，免费"),
            _step("approval", LEADER),
            _step("completion", OTHER_SUPPORT, 1, text="已补发，快递单号已告知"),
            _step("telling", text="邮件告知快递单号"),
            _step("callback", CALLER, 1, callback="content", text="收到了，谢谢"),
        ),
    ),
    Course(
        9 * DAY,
        {"kind": "charge", "harm": "trouble", "subject": "保修期内为什么收配件费", "description": "机器还没到一年。", "wish": "退还配件费"},
        (
            *_taken(OTHER_SUPPORT, outlet="SH003"),
            _step("rejection", OTHER_SUPPORT, 1, finding="维修记录和照片显示外壳受撞击变形，不属保修范围，收费按公司标准并有用户签字", cause="misuse", text="电话逐项说明收费依据，并发送报价单照片", routes=["negotiation", "association", "hotline", "court"]),
        ), jobs=("SH003", "duwei"),
    ),
    Course(
        5 * DAY,
        {"kind": "install", "harm": "slight", "subject": "安装后墙面留下两个多余的孔", "wish": "补好墙面", **_who("史先生", 110)},
        (
            *_taken(SUPPORT, outlet="NB002"),
            *_proven("首次打孔位置不对，另打一处", "installing", "网点免费修补墙面"),
            _step("completion", SUPPORT, 1, text="墙面已修补，用户已验收"),
            _step("telling", text="电话告知已验收，请用户配合回访"),
        ), "NB002",
    ),
    Course(
        DAY,
        {"kind": "service", "harm": "slight", "subject": "师傅没有按时来，也没有电话", "wish": "给个说法"},
        (
            *_taken(OTHER_SUPPORT, "已致歉，约定两日内答复。"),
            *_proven("改约短信发到了旧号码", "misinformed", "更正号码，网点致歉", who=OTHER_SUPPORT, days=0, promised=2),
            _step("completion", OTHER_SUPPORT, 0, text="号码已更正，网点已致歉"),
        ), asked="service",
    ),
    Course(
        2 * DAY,
        {"kind": "returning", "harm": "loss", "subject": "七天内要求退货被拒", "description": "用户已向市场监管局反映。", "wish": "退货退款", **_who("雷女士", 111)},
        (
            *_taken(SUPPORT, "已致电用户，请其提供购货凭证和拆封照片。"),
            _step("case", LEADER, authority="regulator", reference="江市监转〔2026〕第188号", lodged=-1, reply=8, words="请于规定日期前书面答复"),
            _step("note", SUPPORT, words="门店称已拆封使用，等用户照片后再判断。"),
        ),
    ),
    Course(
        30,
        {"kind": "delay", "harm": "trouble", "subject": "报修三天没有人联系", "description": "热水器不出热水，家里有老人。", "wish": "马上安排", **_who("尹先生", 112)},
    ),
    Course(
        2,
        {"kind": "quality", "harm": "danger", "flags": ("media",), "subject": "新装灶具点火时回火，差点烧到手", "description": "视频已发到网上，有人转发。", "wish": "立即上门检查", **_who("贺女士", 113)},
    ),
)  # fmt: skip


def tell(stage: Stage, now: datetime) -> None:
    """Tell them all, sound the alarms of today, and report the last month to the leaders."""
    book = Complaints(stage, now)
    with keeping():
        for number, course in enumerate(YEAR):
            book.tell(number, course)
        alarms.sound(now)
    month = (now.date().replace(day=1) - timedelta(days=1)).replace(day=1)
    reports.report(stage.company, month, now)


class Complaints:
    """Lets each course happen, step by step, up to now."""

    def __init__(self, stage: Stage, now: datetime) -> None:
        self.stage, self.now = stage, now
        self.persons = {
            person.username: person for person in Person.objects.filter(username__in=stage.people)
        }

    def tell(self, number: int, course: Course) -> None:
        """One complaint."""
        at = self.now - timedelta(hours=course.hours)
        if course.hours >= 48:
            at = at.replace(hour=9 + number % 4, minute=7 * number % 60)
        if course.steps:  # whoever complains on a weekday is answered on that day
            at -= timedelta(days={5: 1, 6: 2}.get(at.weekday(), 0))
        made = self._registered(course, at, OTHER_DESK if number % 3 == 2 else DESK)
        at = made.received_at
        for step in course.steps:
            at = _working(at + timedelta(minutes=35), step.days)
            if at > self.now:
                return
            made = self._happens(made, step, at)

    def _registered(self, course: Course, at: datetime, who: str) -> Complaint:
        given: dict[str, Any] = {"channel": "phone"} | course.told
        given["outlet"] = self.stage.outlets.get(course.outlet)
        if course.jobs:
            code, engineer = course.jobs
            rows = Order.objects.filter(
                outlet=self.stage.outlets[code], engineer=self.persons[engineer], kind="repair"
            )
            orders = list(rows.exclude(done_at=None).filter(done_at__lt=at).order_by("id")[:2])
            given |= {"orders": orders}
            for order in orders[:1]:
                given |= {"customer": order.customer, "contact": order.contact, "phone": order.phone, "address": order.address, "unit": order.unit}  # fmt: skip
        by = self.stage.people[who]
        rows = Request.objects.filter(
            company=self.stage.company, category__code=course.asked, received_at__lt=at
        )
        request = rows.order_by("-id").first() if course.asked else None
        if request is not None:
            given |= {"customer": request.customer, "contact": request.contact, "phone": request.phone, "unit": request.unit}  # fmt: skip
            return operations.from_request(request, Told(**given), by=by, at=at)
        return operations.register(Told(**{"phone": "13800020100"} | given), by=by, at=at)

    def _happens(self, made: Complaint, step: Step, at: datetime) -> Complaint:
        by, given = self.stage.people[step.who], dict(step.given)
        match step.what:
            case "call":
                operations.called(made, given["words"], reached=True, by=by, at=at)
            case "report":
                operations.report(made, given["words"], by=by, at=at)
            case "note":
                operations.note(made, given["words"], by=by, at=at)
            case "hold":
                return operations.hold(made, given["waiting"], given["words"], version=None, by=by, at=at)
            case "propose":
                operations.propose(made, given["kind"], given["fen"], given["note"], by=by, at=at)
            case "approval" | "payment":
                money = made.compensations.order_by("-id")[0]
                operations.move_money(money, step.what, version=None, by=by, at=at, **given)
            case "case" | "accepted" | "replied" | "ended":
                self._of_authority(made, step.what, given, at)
            case _:
                return operations.move(made, step.what, version=None, by=by, at=at, **self._told(given, at))
        return Complaint.objects.get(pk=made.pk)

    def _told(self, given: dict[str, Any], at: datetime) -> dict[str, Any]:
        """What a move is given: people and places instead of their names, a day instead of a number of days."""
        if "owner" in given:
            given["owner"] = self.persons[given["owner"]]
        if "outlet" in given:
            given["outlet"] = self.stage.outlets[given["outlet"]]
        if "promised" in given:
            given["promised_on"] = timezone.localdate(at) + timedelta(days=given.pop("promised"))
        return given

    def _of_authority(self, made: Complaint, what: str, given: dict[str, Any], at: datetime) -> None:
        case = Case.objects.filter(complaint=made).first()
        if what == "case":
            given["lodged_at"] = at + timedelta(days=given.pop("lodged"))
            given["reply_by"] = timezone.localdate(at) + timedelta(days=given.pop("reply"))
        else:
            given[f"{what}_at"] = at
        if what == "ended":
            given["outcome"] = Case.Outcome.AGREED
        operations.keep_case(made, case, given, by=self.stage.people[LEADER], at=at)


def _working(at: datetime, days: int) -> datetime:
    """So many days later, never at a weekend or in the evening: the next working morning."""
    at = timezone.localtime(at) + timedelta(days=days)
    if at.hour >= 17:
        at = (at + timedelta(days=1)).replace(hour=8, minute=40 + at.minute % 20)
    return at + timedelta(days={5: 2, 6: 1}.get(at.weekday(), 0))
