"""What the made-up maker knows: two dozen articles, standard phrases, and what readers say of them, told through operations."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sanbao.knowledge import operations
from sanbao.knowledge.models import Article, Revision
from sanbao.knowledge.queries import visitor
from sanbao.products.models import Model
from sanbao.site.demo.founding import Stage

AUTHOR, REVIEWER, PUBLISHER = "zhouning", "chenbo", "zhaoqiang"


class Lesson(NamedTuple):
    """An article. `english` is its last line, for colleagues who read no Chinese; `upto` how far it has come."""

    title: str
    question: str
    answer: str
    steps: tuple[str, ...]
    english: str
    codes: tuple[str, ...]
    categories: tuple[str, ...] = ()
    fits: tuple[str, ...] = ()
    kind: str = "solution"
    public: bool = True
    note: str = ""
    upto: str = "published"
    helped: int = 0  # how many readers of the public page it helped, at most four are told
    failed: int = 0


HOOD, HOB, GAS_HEATER, HEATER, CABINET = "吸油烟机", "燃气灶", "燃气热水器", "电热水器", "消毒柜"

LESSONS = (
    Lesson("燃气灶打不着火", "灶具点不着火，只有啪啪的打火声，没有火苗；或者完全没有打火声。", "多数情况是电池电量不足、燃气没有打开或点火针脏污，可先自行检查。",
           ("确认燃气总阀和灶前阀门已打开，其他燃气具能否正常使用", "更换1号电池，注意正负极", "取下火盖，用干布擦净点火针和感应针", "火盖擦干后放平，重新点火，按住旋钮3至5秒再松手", "仍不着火时关闭燃气阀门，联系我们派工"),
           "Hob does not light: check the gas valve, change the battery, clean the igniter.", ("repair-start",), (HOB,), helped=18, failed=2, note="有打火声无火：查电磁阀、热电偶；无打火声：查脉冲点火器。"),
    Lesson("燃气灶松手就熄火", "点着以后一松手火就灭，按住旋钮的时候有火。", "熄火保护装置没有感应到火焰。",
           ("点火后按住旋钮5秒再松手", "用干布擦净感应针，使针尖处在火焰中", "火盖放平，不得偏斜", "仍然熄火的，停止使用并报修"),
           "Flame goes out when the knob is released: clean the thermocouple, hold the knob for five seconds.", ("repair-start",), (HOB,), helped=9, failed=1, note="热电偶HZ-RD-13老化为常见原因。"),
    Lesson("燃气灶火焰发红、熏黑锅底", "火是红的黄的，锅底熏黑，有烟。", "燃气与空气混合不足。厨房要通风，火焰应为蓝色。",
           ("打开门窗通风", "清洁火盖上的火孔", "调节灶具底部风门，至火焰变蓝", "近期换过气源的，须由专业人员改换喷嘴，不可自行调节"),
           "Red flame: clean the burner and adjust the air shutter; a change of gas needs a technician.", ("repair-other", "maintenance"), (HOB,), helped=7),
    Lesson("闻到燃气异味怎么办", "家里有燃气味，怀疑漏气。", "这是紧急情况：先保证人身安全，再联系燃气公司和我们。",
           ("立即关闭燃气总阀", "打开门窗通风，不要开关任何电器，不要使用明火", "人员撤到室外，在室外拨打燃气公司抢修电话", "在室外拨打服务热线，我们按紧急请求处理", "未经检修不得再使用"),
           "Smell of gas: close the main valve, open the windows, touch no switch, go outside, call.", ("repair-gas",), (HOB, GAS_HEATER), kind="flow", helped=11, note="登记时务必勾选“燃气安全”，优先级为紧急，立即转值班主管。"),
    Lesson("气源与灶具不符的处理", "新买的灶具是天然气的，家里用液化气；搬家后气源变了。", "气源必须与铭牌一致。改气源须使用专用配件，由持证人员上门改装并检漏。",
           ("核对铭牌上的气种（12T天然气、20Y液化石油气）", "不一致的，停止使用", "登记“改气源”服务，告知配件和工时收费", "改装后检漏、试火，用户在单上签字"),
           "Gas type must match the label; conversion only by a certified technician.", ("install-gas",), (HOB, GAS_HEATER), kind="flow", public=False, helped=4, note="气源置换配件不得返厂。"),
    Lesson("吸油烟机吸力变小", "油烟吸不走，厨房烟大，风小。", "先查油网和止逆阀，再查排烟管。",
           ("取下油网、油杯清洗", "检查止逆阀能否打开，冬季可能被油粘住", "排烟管不应弯折超过两处，长度一般不超过3米", "关闭门窗过严时略开窗，补充进风", "以上正常而吸力仍小，报修检查叶轮和电机"),
           "Weak suction: clean the filter, check the flap valve and the duct.", ("repair-suction",), (HOOD,), helped=16, failed=3),
    Lesson("吸油烟机噪音大、有异响", "机器很吵，嗡嗡响，有摩擦声。", "运转时有轻微风声属正常；摩擦声、撞击声须停机。",
           ("检查机体和装饰罩螺丝是否松动", "检查油网是否装到位", "叶轮积油会失去平衡：须拆洗，请预约清洗服务", "有金属摩擦声的立即停用并报修"),
           "Noise: tighten screws, seat the filter, have the impeller cleaned.", ("repair-noise", "maintenance"), (HOOD,), helped=8, failed=2, note="电机轴承磨损在三年保修期内免费更换（KA-5.1）。"),
    Lesson("吸油烟机滴油", "机器往灶台上滴油。", "油杯满或集油槽密封条脱落。",
           ("倒净油杯，油量不要超过七分满", "检查油杯卡扣和密封条", "擦净集油槽", "机体水平度不够时由安装人员调整挂板"),
           "Dripping oil: empty the cup, check the seal and the levelling.", ("repair-other",), (HOOD,), helped=5),
    Lesson("触控按键失灵", "面板按了没反应，按键不灵。", "油污、水渍会使触控失灵；断电复位往往有效。",
           ("断电5分钟后重新上电", "用拧干的软布擦净面板，擦干", "手指保持干燥后再按", "仍无反应的报修，检查触控电路板"),
           "Touch keys dead: cut the power for five minutes, dry and clean the panel.", ("repair-display",), (HOOD, CABINET), fits=("CXW-260-A8", "ZTD100-K1"), helped=10, failed=4),
    Lesson("吸油烟机油网清洗方法", "油网怎么洗，多久洗一次。", "建议每月清洗一次油网，每周倒一次油杯。",
           ("断电，待机器冷却", "取下油网，用60℃左右温水加中性清洁剂浸泡20分钟", "用软刷刷净，冲洗，晾干后装回", "不要使用钢丝球、强碱和汽油"),
           "Cleaning the filter: once a month, warm water, neutral cleaner.", ("maintenance", "advice-use"), (HOOD,), kind="use", helped=14),
    Lesson("燃气热水器不点火", "打开热水没有反应，热水器不启动。", "先确认水、电、气三项。",
           ("确认电源插头插好、显示屏亮", "确认燃气阀门打开", "把水龙头开到最大，水压过低时不会启动", "清洗进水口滤网", "显示故障码的，记下代码报修"),
           "Gas water heater does not ignite: check power, gas, water pressure and the inlet filter.", ("repair-start",), (GAS_HEATER,), helped=12, failed=2),
    Lesson("燃气热水器显示E1", "屏幕显示E1，蜂鸣。", "E1表示点火失败或中途熄火。",
           ("关闭热水，等待10秒后再开", "确认燃气余额和阀门", "大风天气检查烟管口有无倒风", "连续三次出现E1，停用并报修"),
           "E1: ignition failure; check the gas supply and wind at the flue.", ("repair-display", "repair-start"), (GAS_HEATER,), fits=("JSQ25-13C",), helped=6, failed=1, note="检查点火针间隙3至5毫米、比例阀电流。"),
    Lesson("燃气热水器显示E2", "屏幕显示E2。", "E2表示水温过高保护。",
           ("关机冷却10分钟", "调低设定温度，开大水量", "清洗进水滤网", "反复出现的报修，检查水量传感器"),
           "E2: overheating; open the tap further, clean the filter.", ("repair-display", "repair-heat"), (GAS_HEATER,), fits=("JSQ25-13C",), helped=5, note="水量传感器HZ-SL-21。"),
    Lesson("水温忽冷忽热", "洗澡的时候水忽冷忽热。", "多与水压波动、混水阀和设定温度有关。",
           ("设定温度调到40至42℃，不要再掺大量冷水", "避免洗澡时多处同时用水", "清洗进水滤网和花洒", "水压低于0.02兆帕的，建议加装增压泵"),
           "Unsteady temperature: set 40–42 °C, avoid other taps, clean filter and shower head.", ("repair-heat", "advice-use"), (GAS_HEATER,), helped=13, failed=5),
    Lesson("燃气热水器冬季防冻", "冬天热水器会冻坏吗，怎么防冻。", "气温可能低于0℃时，须保持通电或放水。",
           ("保持电源接通，机内防冻自动工作", "长期不用时关闭进水阀，拧下放水阀放净存水", "放水后不要通电启动", "已结冰的不要启动，自然解冻后检查有无漏水"),
           "Frost protection: stay plugged in, or drain the water.", ("advice-use", "maintenance"), (GAS_HEATER,), kind="use", helped=9),
    Lesson("电热水器不加热", "通电了水一直是凉的，不热。", "先查电源和设定，再查加热管。",
           ("检查插座有无电、漏电保护插头是否复位", "设定温度调到60℃以上，等待40分钟以上", "指示灯显示保温而水凉的，断电报修", "未注满水不得通电"),
           "Electric heater does not heat: check socket, reset the plug, set 60 °C.", ("repair-heat",), (HEATER,), helped=10, failed=1, note="加热管HZ-JR-32；干烧损坏不属保修。"),
    Lesson("电热水器漏电保护跳闸", "一插电就跳闸，漏电保护插头跳了。", "涉及用电安全，跳闸后不得强行复位使用。",
           ("立即拔下插头，不要触摸出水和机体", "检查插座有无水渍", "按一次复位键仍跳闸的，停止使用", "报修时说明“跳闸”，按紧急请求上门"),
           "Trips the breaker: unplug, do not reset twice, report as urgent.", ("repair-electric",), (HEATER,), kind="flow", helped=7, note="登记时勾选“用电安全”。"),
    Lesson("电热水器漏水", "热水器下面滴水、漏水。", "泄压阀少量滴水属正常，机体漏水须停用。",
           ("加热时泄压阀滴水属正常，应接排水管", "检查进出水接头生料带", "机体底部漏水：断电、关进水阀，报修", "内胆自购买起五年免费更换"),
           "Leaking: drops at the relief valve are normal; otherwise switch off and report.", ("repair-leak",), (HEATER,), helped=11, failed=2),
    Lesson("镁棒更换周期与收费", "镁棒要不要换，多久换，多少钱。", "镁棒是消耗件，一般两年检查一次，水质较硬地区一年一次；保修期外按收费标准。",
           ("查购买日期与上次更换日期", "说明镁棒为消耗件", "按收费标准报价，用户同意后登记", "更换后冲洗内胆"),
           "Magnesium rod: check every two years; a consumable.", ("maintenance", "advice-parts"), (HEATER,), kind="use", helped=6, failed=1),
    Lesson("消毒柜臭氧味大", "消毒柜有味道，臭氧味很浓。", "工作中有轻微臭氧味属正常；门关不严时须停用。",
           ("消毒结束后20分钟再开门", "检查门封条有无破损、异物", "厨房通风", "门关不严仍能工作的，立即停用并报修"),
           "Ozone smell: wait twenty minutes, check the door seal.", ("repair-other", "advice-use"), (CABINET,), helped=4),
    Lesson("消毒柜紫外线灯不亮", "消毒的时候灯不亮。", "门未关严时灯不会亮，这是保护功能。",
           ("关严柜门再启动", "从观察窗看，不要直视灯管", "灯管寿命约1000小时，变黑即应更换", "更换须由维修人员进行"),
           "UV lamp off: close the door; lamps last about 1,000 hours.", ("repair-start",), (CABINET,), fits=("ZTD100-K1",), helped=3),
    Lesson("保修期与凭证", "保修多久，发票丢了怎么办。", "整机保修一年；吸油烟机电机三年；电热水器内胆五年；更换的配件三个月。2024年7月1日以后购买的，自交付或安装完成之日起算。",
           ("核对机身编码和购买日期", "有电子凭证、订单截图的可作凭证", "无凭证的按生产日期推算，并说明依据", "保修期外先报价，用户同意后维修"),
           "Warranty: one year, hood motor three, tank five, replaced parts three months.", ("advice-warranty",), kind="policy", helped=21, failed=1),
    Lesson("退换货办理流程", "想退货、换货，怎么办理。", "先由我们判断是否符合“三包”规定，再办理。",
           ("登记请求：产品、购买日期、故障现象、诉求", "安排人员上门鉴定", "符合条件的，填写退换货申请，经批准后办理", "约定取件时间，一般7天左右", "办结后回访"),
           "Return or exchange: registered, examined, approved, picked up.", ("exchange-return", "exchange-swap"), kind="flow", public=False, helped=5, note="未经批准不得先行收货（KA-8.3）。"),
    Lesson("安装前的准备", "买了新机器，安装前要准备什么。", "请先确认位置、插座和气源，可减少二次上门。",
           ("燃气具：确认气源与铭牌一致，灶前有阀门", "电热水器：独立16安插座，可靠接地，承重墙", "吸油烟机：预留排烟孔，距灶面65至75厘米（侧吸35至45厘米）", "安装当日请留人在家，验收后签字"),
           "Before installation: gas type, earthed socket, flue hole, somebody at home.", ("install-new",), kind="use", helped=15),
    Lesson("来电首次答复用语", "接到报修来电时怎么说。", "先致歉，再核实，最后给出时限。",
           ("您好，和灶客服，请问有什么可以帮您？", "很抱歉给您带来不便，我先登记一下：产品型号、机身编码、故障现象、地址电话", "我们会在24小时内与您联系，3个工作日内解决；涉及安全的立即处理", "请问还有其他需要吗？感谢您的来电"),
           "Call script: apologise, verify, promise a time.", ("service", "complaint"), kind="script", public=False, helped=8),
    Lesson("集中清洗活动说明", "", "夏季清洗活动的收费与预约办法（草稿，待补充价格）。", ("确认用户地址", "预约上门时间"), "Summer cleaning campaign.", ("maintenance",), kind="policy", upto="draft"),
    Lesson("新款触控灶的童锁", "童锁打不开，面板锁了。", "长按锁键3秒解锁。", ("长按锁键3秒", "仍锁定的断电1分钟"), "Child lock: hold the key for three seconds.", ("advice-use",), (HOB,), kind="use", upto="reviewed"),
    Lesson("老款油烟机灯泡更换", "灯不亮了。", "老款使用E14灯泡，已停止供应。", ("断电", "拧下灯罩更换"), "Old hood lamps.", ("advice-parts",), (HOOD,), upto="withdrawn"),
)  # fmt: skip

PHRASES = (
    ("dzz", "登记后告知时限", "{客户}您好，您反映的{产品}问题已登记，单号{单号}。我们将在{时限}前与您联系，请保持电话畅通。", ()),
    ("anq", "燃气安全提醒", "请先关闭燃气总阀、打开门窗，不要开关电器、不要使用明火，并到室外等候。我们按紧急情况处理。", ("repair-gas",)),
    ("yd", "用电安全提醒", "请先拔下插头或断开电源，不要触摸机体和出水，等待我们的人员上门。", ("repair-electric",)),
    ("dj", "等待配件", "{客户}您好，{产品}所需配件正在调运，到货后第一时间为您安排，给您带来不便非常抱歉。", ()),
    ("ts", "投诉致歉", "{客户}您好，非常抱歉给您带来不好的体验，您反映的情况我们已转主管核实，24小时内答复您。", ("complaint", "service")),
    ("bw", "保修期外报价", "您的{产品}已过保修期，维修按公司收费标准收费，先报价、经您同意后再维修。", ()),
    ("hf", "完工回访", "{客户}您好，我是{公司}客服{客服}，想了解{产品}维修后的使用情况，以及您对这次服务的评价。", ()),
    ("zz", "转发知识文章", "{客户}您好，关于您的问题可先参考：{知识}。如仍未解决，请拨打{热线}。", ()),
)  # fmt: skip


def tell(stage: Stage, at: datetime) -> None:
    """Write everything down, article by article, in the days after `at`."""
    models = {model.code: model.pk for model in Model.objects.filter(company=stage.company)}
    for number, lesson in enumerate(LESSONS):
        _write(stage, lesson, models, at + timedelta(days=number // 7, hours=number % 7))
    for code, title, text, codes in PHRASES:
        operations.keep_phrase(
            code, title, text, codes=codes, by=stage.people[AUTHOR], at=at + timedelta(days=2)
        )


def _write(stage: Stage, lesson: Lesson, models: dict[str, int], at: datetime) -> None:
    who = stage.people
    fields: dict[str, Any] = {
        "kind": lesson.kind, "title": lesson.title, "question": lesson.question, "answer": f"{lesson.answer}\n\n{lesson.english}",
        "steps": list(lesson.steps), "internal_note": lesson.note, "public": lesson.public, "codes": list(lesson.codes),
        "categories": list(lesson.categories), "fits": [models[code] for code in lesson.fits],
    }  # fmt: skip
    revision = operations.draft(fields, by=who[AUTHOR], at=at)
    for minutes, (noun, by, reason) in enumerate(_moves(lesson.upto), 1):
        revision = operations.move(
            revision, noun, version=None, by=who[by], at=at + timedelta(minutes=20 * minutes), reason=reason
        )
    if lesson.upto == "published":
        _say(stage, revision, lesson, at + timedelta(days=3))


def _moves(upto: str) -> Sequence[tuple[str, str, str]]:
    all_moves = (
        ("review", REVIEWER, ""),
        ("publication", PUBLISHER, ""),
        ("withdrawal", PUBLISHER, "该灯泡已停止供应，按整灯更换处理"),
    )
    return all_moves[: ("draft", "reviewed", "published", "withdrawn").index(upto)]


def _say(stage: Stage, revision: Revision, lesson: Lesson, at: datetime) -> None:
    """Readers say whether it helped: of a public article anyone, of the others a colleague."""
    article: Article = revision.article
    if not lesson.public:
        operations.give_feedback(article, True, comment="清楚", by=stage.people["hejing"], at=at)
        return
    reader = visitor(stage.company.pk)
    for _ in range(min(lesson.helped, 4)):
        operations.give_feedback(article, True, by=reader, at=at)
    for _ in range(min(lesson.failed, 2)):
        operations.give_feedback(article, False, comment="照着做了还是不行，最后报修了。", by=reader, at=at)
