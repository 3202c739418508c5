"""What the made-up maker makes, what it is made of, and how it breaks."""

from typing import NamedTuple


class Ware(NamedTuple):
    """A model. `serial` begins its serial numbers."""

    code: str
    name: str
    category: str
    serial: str


class Spare(NamedTuple):
    """A part: its number, name, name on record sheets, supply price in fen, and the models it fits."""

    code: str
    name: str
    component: str
    price_fen: int
    fits: tuple[str, ...]


class Trouble(NamedTuple):
    """What customers report and what is done about it: the part replaced ("" if none) and the kind of work."""

    category: str
    fault: str
    action: str
    component: str
    work: str


MODELS = (
    Ware("CXW-260-A8", "侧吸式吸油烟机", "吸油烟机", "CXW260A8"),
    Ware("CXW-238-T5", "顶吸式吸油烟机", "吸油烟机", "CXW238T5"),
    Ware("JZT-B52", "嵌入式燃气灶", "燃气灶", "JZTB52"),
    Ware("JZT-Q60", "台式燃气灶", "燃气灶", "JZTQ60"),
    Ware("JSQ25-13C", "强排式燃气热水器", "燃气热水器", "JSQ2513C"),
    Ware("DSF60-E2", "60升储水式电热水器", "电热水器", "DSF60E2"),
    Ware("DSF80-E3", "80升储水式电热水器", "电热水器", "DSF80E3"),
    Ware("ZTD100-K1", "嵌入式消毒柜", "消毒柜", "ZTD100K1"),
)

# Around 100 yuan the most a part may be sold for jumps (KA-6.2): 98, 100 and 105 yuan show it.
PARTS = (
    Spare("HZ-DJ-01", "吸油烟机电机", "电机", 16800, ("CXW-260-A8", "CXW-238-T5")),
    Spare("HZ-YL-02", "叶轮总成", "叶轮", 6200, ("CXW-260-A8", "CXW-238-T5")),
    Spare("HZ-DB-03", "触控电路板", "电路板", 9800, ("CXW-260-A8",)),
    Spare("HZ-MC-11", "脉冲点火器", "点火器", 3500, ("JZT-B52", "JZT-Q60")),
    Spare("HZ-FM-12", "燃气阀体总成", "阀体", 10000, ("JZT-B52", "JZT-Q60")),
    Spare("HZ-RD-13", "热电偶", "热电偶", 1800, ("JZT-B52", "JZT-Q60")),
    Spare("HZ-SL-21", "水量传感器", "传感器", 4600, ("JSQ25-13C",)),
    Spare("HZ-FJ-22", "直流风机", "风机", 10500, ("JSQ25-13C",)),
    Spare("HZ-ND-31", "搪瓷内胆", "内胆", 32000, ("DSF60-E2", "DSF80-E3")),
    Spare("HZ-JR-32", "加热管", "加热管", 5800, ("DSF60-E2", "DSF80-E3")),
    Spare("HZ-MB-33", "镁棒", "镁棒", 2600, ("DSF60-E2", "DSF80-E3")),
    Spare("HZ-ZW-41", "紫外线灯管", "灯管", 2200, ("ZTD100-K1",)),
    Spare("HZ-CY-42", "臭氧发生器", "臭氧发生器", 9900, ("ZTD100-K1",)),
)

TROUBLES = (
    Trouble("吸油烟机", "运转异响，吸力下降", "更换电机，试机正常", "电机", "replace"),
    Trouble("吸油烟机", "叶轮松动，机身振动", "更换叶轮并校平衡", "叶轮", "replace"),
    Trouble("吸油烟机", "触控按键无反应", "更换电路板", "电路板", "replace"),
    Trouble("吸油烟机", "滴油、漏烟", "清洗风道，调整止回阀", "", "adjust"),
    Trouble("燃气灶", "点不着火", "更换脉冲点火器", "点火器", "replace"),
    Trouble("燃气灶", "松手即熄火", "更换热电偶", "热电偶", "replace"),
    Trouble("燃气灶", "火力不均、黄焰", "清理火盖，调节风门", "", "adjust"),
    Trouble("燃气热水器", "水温忽冷忽热", "更换水量传感器", "传感器", "replace"),
    Trouble("燃气热水器", "风机不转，报故障码", "更换风机", "风机", "replace"),
    Trouble("燃气热水器", "出水量小", "清洗进水滤网，调节水阀", "", "adjust"),
    Trouble("电热水器", "内胆渗漏", "更换内胆", "内胆", "replace"),
    Trouble("电热水器", "不加热", "更换加热管", "加热管", "replace"),
    Trouble("电热水器", "水有异味", "检查镁棒，排污清洗", "", "adjust"),
    Trouble("消毒柜", "紫外线灯不亮", "更换灯管", "灯管", "replace"),
    Trouble("消毒柜", "柜门关不严", "调整铰链和门磁", "", "adjust"),
)

# Components whose cover is longer than the whole appliance's one year.
LONG_COVERS = {"电机": 3, "内胆": 5}
