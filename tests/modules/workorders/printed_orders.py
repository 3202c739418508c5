"""Made-up work orders of the sample outlet, as the database would hand them to the printer."""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw

from sanbao.ui.printing import Signature
from sanbao.workorders.prints.agreement import Agreement, Plan, Terms
from sanbao.workorders.prints.common import (
    Charge,
    Cover,
    Customer,
    Engineer,
    Frame,
    OldPart,
    Part,
    Signed,
    Unit,
)
from sanbao.workorders.prints.dispatch_order import DispatchOrder, Step
from sanbao.workorders.prints.quotation import Quotation
from sanbao.workorders.prints.receipt import Receipt
from sanbao.workorders.prints.record_sheet import Check, ServiceRecord, Site
from sanbao.workorders.prints.refusal import Finding, Refusal
from sanbao.workorders.prints.training_record import Attendee, Question, StepDone, Training

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=SHANGHAI)


def signature(width: int = 900, height: int = 300) -> bytes:
    """A signature as a phone's canvas gives it: black ink on nothing."""
    canvas = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    points = [
        (90, 200),
        (170, 60),
        (200, 240),
        (290, 90),
        (330, 210),
        (450, 150),
        (560, 70),
        (600, 230),
        (760, 120),
    ]
    pen = ImageDraw.Draw(canvas)
    pen.line(points, fill=(10, 10, 40, 255), width=9, joint="curve")
    out = BytesIO()
    canvas.save(out, "PNG")
    return out.getvalue()


FRAME = Frame(
    company="三宝厨卫电器股份有限公司",
    hotline="400-800-3000",
    printed_at=at(3, 8),
    printed_by="李娜 7f3a9c",
    prepared=Signature("李娜", date(2026, 12, 2)),
    reviewed=Signature("王强", date(2026, 12, 2)),
    link="https://service.example.cn/w/WX-2612-000017",
)
CUSTOMER = Customer("欧阳小明", "13800000001", "广东省广州市天河区体育西路191号中石化大厦B塔2605")
UNIT = Unit(
    category="燃气热水器",
    model="JSQ25-13A8",
    serial="A82604000001",
    gas="天然气 12T",
    made_on=date(2025, 1, 20),
    purchased_on=date(2025, 4, 3),
    installed_on=date(2025, 4, 6),
    proof="电子发票 25442000000012345678",
)
OUT = Cover(
    "out",
    date(2026, 4, 6),
    "整机保修一年，自安装之日2025-04-06起算，至2026-04-06；报修日2026-12-01已过保修期。",
)
ZHANG = Engineer(
    "张师傅", "GZ-031", "YR-4401-2024-00731", "燃气燃烧器具安装维修", date(2027, 8, 31), "13900000031"
)
CHEN = Engineer("陈师傅", "GZ-044", "DG-4401-2023-10442", "低压电工作业", date(2027, 2, 28), "13900000044")
SIGNED = Signed("欧阳小明", at(3, 10, 42), signature(), "在手机屏幕上签字")
ENGINEER_SIGNED = Signed("张师傅", at(3, 10, 43), signature())
TERMS = Terms(10000, Decimal("0.40"), Decimal("0.60"), 3)

REPAIR_STEPS = (
    Step("受理申请", "核对用户、产品、保修与地址。", True, at(1, 9, 12)),
    Step("登记派工", "写明故障描述，派有资格的工程师。", True, at(1, 9, 40)),
    Step("上门诊断，拟定方案", "先关气阀、断电；检测并写明内容、方法、步骤、材料、时间。"),
    Step("用户确认并签协议", "出示收费标准和报价单；未签字不施工。"),
    Step("维修", "只用本公司配件；涉及燃气的部位修后必须检漏。"),
    Step("用户验收签字", "当面试机，讲解使用，用户签字并评价。"),
    Step("回访与满意度调查", "完工后三日内回访。"),
)
MATERIALS = (
    Part("脉冲点火器", "MC-JSQ25-02", "DC 3V", Decimal(1), "只", "MC2611000231", "MC2501000007", "out"),
    Part("密封圈", "MF-18", "Φ18", Decimal(2), "只", cover="out", note="随件更换"),
)
CHARGES = (
    Charge("inspection", "上门检测", 3000, 3000, Decimal(1), "次", basis="收费标准 2026.1 第3项"),
    Charge("labour", "燃气热水器 换件维修", 7000, 7000, Decimal(1), "次", basis="KA-4.3"),
    Charge("part", "脉冲点火器", 8960, 8960, Decimal(1), "只", "MC-JSQ25-02", basis="KA-6.2", cap=8960),
    Charge("part", "密封圈", 240, 480, Decimal(2), "只", "MF-18", basis="KA-6.2", cap=240),
    Charge("travel", "远程费（单程48公里，超出28公里）", 200, 5600, Decimal(28), "公里", basis="KA-4.3"),
    Charge("part", "风压开关（召回更换）", 4500, 4500, Decimal(1), "只", "FY-07", "in", "KA-5.1"),
)
OLD_PARTS = (
    OldPart("脉冲点火器", "MC2501000007", Decimal(1), "customer"),
    OldPart("风压开关", "FY2501000112", Decimal(1), "keeper", "召回件，须返厂"),
)

ORDER = DispatchOrder(
    number="WX-2612-000017",
    request="FW-2612-000103",
    kind="维修",
    way="上门",
    priority="高",
    outlet="GZ001 广州天河服务网点",
    registered_at=at(1, 9, 12),
    dispatched_at=at(1, 9, 40),
    dispatcher="李娜",
    begins_at=at(3, 9),
    ends_at=at(3, 11),
    access="门禁按2605呼叫；地下车库限高2.1米；家中有老人，请提前半小时来电。",
    customer=CUSTOMER,
    unit=UNIT,
    cover=OUT,
    fault="打开热水后点火有哒哒声但打不着火，偶尔打着几分钟后自动熄火，显示屏报 E1。",
    caution="燃气产品：进门先闻气味、开窗、关阀；整机使用年限至2033-04-03。",
    engineers=(ZHANG, CHEN),
    steps=REPAIR_STEPS,
    parts=MATERIALS,
    old_parts=OLD_PARTS,
    old_parts_signed=SIGNED,
    engineer_signed=ENGINEER_SIGNED,
)
AGREEMENT = Agreement(
    TERMS,
    number="WX-2612-000017",
    version=2,
    outlet="GZ001 广州天河服务网点",
    customer=CUSTOMER,
    unit=UNIT,
    cover=OUT,
    fault=ORDER.fault,
    diagnosis="脉冲点火器放电弱，点火间隙正常；风压开关属召回批次。",
    plan=Plan(
        "更换脉冲点火器及密封圈，更换召回批次的风压开关。",
        "拆机换件，通气检漏，连续试机十分钟。",
        (
            "关闭气阀、电源，拆下面壳",
            "更换点火器、密封圈和风压开关",
            "通气检漏，复装面壳",
            "试机，测烟气一氧化碳",
        ),
        MATERIALS,
        Decimal("1.5"),
        at(3, 9, 30),
        at(3, 11),
    ),
    charges=CHARGES,
    own_terms=("乙方对本次更换的点火器另承诺保修一年。",),
    customer_signed=SIGNED,
    outlet_signed=Signed("GZ001 广州天河服务网点", at(3, 9, 25)),
    engineer_signed=ENGINEER_SIGNED,
)
RECORD = ServiceRecord(
    number="WX-2612-000017",
    service="上门维修",
    outlet="GZ001 广州天河服务网点",
    customer=CUSTOMER,
    unit=UNIT,
    cover=OUT,
    registered_at=at(1, 9, 12),
    begins_at=at(3, 9),
    ends_at=at(3, 11),
    arrived_at=at(3, 9, 4),
    finished_at=at(3, 10, 40),
    restored_at=at(3, 10, 40),
    km=Decimal("48.0"),
    fault=ORDER.fault,
    fault_code="E1",
    cause="脉冲点火器老化，放电弱。",
    action="更换脉冲点火器、密封圈和风压开关；检漏合格，试机十分钟正常。",
    customer_part="每年清洗一次进水滤网；使用时保持窗户通风。",
    engineers=(ZHANG,),
    checks=(
        Check("燃气气密性", "4.2 kPa 保压 1 分钟，无压降", "4.2 kPa", "pass"),
        Check("烟气一氧化碳", "不超过 0.06%", "0.012%", "pass"),
        Check("接地", "接地电阻不大于 4 Ω", "1.8 Ω", "pass"),
        Check("遥控器", "配对、按键正常", "", "na", "本机无遥控器"),
    ),
    overall="pass",
    parts=MATERIALS,
    old_parts=OLD_PARTS,
    charges=CHARGES,
    method="微信支付",
    inspected_by="黄工",
    inspected_at=at(3, 17, 5),
    photos=4,
    rating=5,
    opinion="师傅准时，讲解清楚。",
    customer_signed=SIGNED,
    engineer_signed=ENGINEER_SIGNED,
)
INSTALLATION = ServiceRecord(
    kind="installation",
    number="AZ-2612-000005",
    service="上门安装",
    outlet="GZ001 广州天河服务网点",
    customer=CUSTOMER,
    unit=UNIT,
    cover=Cover("in", date(2027, 12, 3)),
    begins_at=at(3, 14),
    ends_at=at(3, 16),
    arrived_at=at(3, 14, 2),
    finished_at=at(3, 15, 30),
    restored_at=at(3, 15, 30),
    site=Site(
        "天然气 12T",
        "厨房外墙",
        "有外窗，常开",
        "强排，Φ60 直通室外",
        "不锈钢波纹管 1.2 m",
        "灶前自闭阀，表后球阀",
        "接地 1.8 Ω，漏电 0.1 mA",
        "4.2 kPa 1 分钟无压降",
        "0.010%",
        "连续 10 分钟正常",
        "已讲解，已交说明书",
    ),
    engineers=(ZHANG,),
    checks=(
        Check("气种相符", "铭牌气种与现场一致", "12T", "pass"),
        Check("安装位置", "不得装在卧室、地下室、浴室内", "厨房", "pass"),
        Check("烟道", "通向室外，坡度向外", "", "pass"),
        Check("软管", "长度不超过 2 米，不穿墙，无三通", "1.2 m", "pass"),
        Check("检漏", "检漏液及检漏仪", "无泄漏", "pass"),
    ),
    overall="pass",
    photos=6,
    rating=4,
    customer_signed=SIGNED,
    engineer_signed=ENGINEER_SIGNED,
)
QUOTATION = Quotation(
    number="BJ-2612-000021",
    order="WX-2612-000017",
    version=2,
    outlet="GZ001 广州天河服务网点",
    made_at=at(3, 9, 20),
    valid_to=date(2026, 12, 10),
    customer=CUSTOMER,
    unit=UNIT,
    cover=OUT,
    fault=ORDER.fault,
    diagnosis=AGREEMENT.diagnosis,
    charges=CHARGES,
    answer="agreed",
    customer_signed=SIGNED,
    engineer_signed=ENGINEER_SIGNED,
)
RECEIPT = Receipt(
    number="SJ-2612-000009",
    order="WX-2612-000017",
    outlet="GZ001 广州天河服务网点",
    payer="欧阳小明",
    received_at=at(3, 10, 45),
    amount=25040,
    method="微信支付",
    reference="4200002612030000000000000001",
    purpose="燃气热水器 JSQ25-13A8 维修费",
    charges=CHARGES,
    receiver_signed=ENGINEER_SIGNED,
    customer_signed=SIGNED,
)
TRAINING = Training(
    number="PX-2612-000003",
    request="FW-2612-000088",
    applicant="欧阳小明",
    phone="13800000001",
    applied_at=at(1, 14),
    product="商用燃气灶 ZC-2000 系列",
    content="日常使用、点火顺序、清洁保养、漏气应急处置。",
    material="使用说明书 12 份、应急处置卡 12 张",
    planned_from=at(4, 14),
    planned_to=at(4, 16),
    held_from=at(4, 14, 5),
    held_to=at(4, 16, 10),
    place="天河区某单位食堂",
    trainer=ZHANG,
    steps=(
        StepDone(at(1, 14), "李娜"),
        StepDone(at(2, 10), "李娜"),
        StepDone(at(4, 16, 10), "张师傅"),
        StepDone(at(4, 16), "张师傅"),
        StepDone(at(4, 16, 10), "张师傅"),
    ),
    attendees=tuple(
        Attendee(f"学员{number}", "食堂", f"1370000{number:04d}", "合格", attended=True)
        for number in range(1, 7)
    ),
    questions=(
        Question(
            "点火后火焰发黄怎么办？", "学员1", "先清理火盖和引射管，再检查风门；仍发黄请报修。", "张师傅"
        ),
        Question(
            "闻到燃气味第一步做什么？", "学员2", "关总阀、开门窗、不动电器开关，到室外再打电话。", "张师傅"
        ),
    ),
    summary="全员掌握开关机顺序和应急处置，两人需补练清洁拆装。",
    feedback="内容实用，希望每半年复训一次。",
    rating=5,
    trainer_signed=ENGINEER_SIGNED,
    customer_signed=SIGNED,
)
REFUSAL = Refusal(
    number="JZ-2612-000002",
    order="AZ-2612-000006",
    outlet="GZ001 广州天河服务网点",
    refused_at=at(3, 14, 20),
    customer=CUSTOMER,
    unit=UNIT,
    hazard="hard_stop",
    engineers=(ZHANG,),
    findings=(
        Finding("安装位置", "拟装在无外窗的浴室内", "强排式热水器不得装在浴室内", "KA-4.2"),
        Finding("排烟", "排烟管接入公共排气道", "烟道应直通室外", "KA-4.2"),
    ),
    danger="燃烧烟气无法排出，可能造成一氧化碳中毒死亡。",
    measures="改装在有外窗的厨房外墙；排烟管改为直通室外，开孔 Φ65。",
    photos=3,
    again_from=at(8, 9),
    again_to=at(8, 11),
    own_words="我知道了，等物业同意开孔后再约。",
    customer_signed=SIGNED,
    engineer_signed=ENGINEER_SIGNED,
)
