"""Who is who in the demonstration. All names are made up."""

from dataclasses import dataclass
from typing import Any

from sanbao.accounts.roles import ROLES

PASSWORD = "sanbao-demo-2026"  # noqa: S105  (of made-up people; the sign-in page shows it)


@dataclass(frozen=True, slots=True)
class Firm:
    """A company of the demonstration."""

    code: str
    name: str
    short_name: str
    hotline: str
    address: str


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person with one post. `region` or `outlet` says where it is held; neither: headquarters."""

    username: str
    name: str
    role: str
    region: str = ""
    outlet: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """An outlet; `character` picks its part in the story (see story.py)."""

    code: str
    name: str
    region: str
    town: str
    owner: str
    username: str
    character: str = "ordinary"


MAKER = Firm("hezao", "和灶厨卫电器有限公司", "和灶", "400-000-1234", "江岸市工业园区一路1号")
INSTRUMENTS = Firm("hengzhun", "衡准仪器仪表有限公司", "衡准", "400-000-5678", "江岸市科技园三号楼")

HEADQUARTERS = (
    Somebody("linwen", "林雯", "settlement-clerk"),
    Somebody("hejing", "何静", "callback-clerk"),
    Somebody("zhaoqiang", "赵强", "supervisor"),
    Somebody("chenbo", "陈博", "head"),
    Somebody("sunli", "孙丽", "finance"),
    Somebody("wumin", "吴敏", "auditor"),
    Somebody("luyan", "陆岩", "regulation-keeper"),
    Somebody("zhouning", "周宁", "administrator"),
    Somebody("hongyan", "洪燕", "hotline-agent"),
    Somebody("mating", "马婷", "hotline-agent"),
    Somebody("zhengkai", "郑凯", "support-engineer"),
    Somebody("guyu", "顾宇", "support-engineer"),
)
MANAGERS = (
    Somebody("xuhui", "徐慧", "region-manager", region="华东"),
    Somebody("tangjun", "唐军", "region-manager", region="华南"),
)
REGIONS = ("华东", "华南")

OUTLETS = (
    Place("HZ001", "杭州西湖服务网点", "华东", "杭州市西湖区", "方建国", "fangjianguo", "model"),
    Place("NB002", "宁波鄞州服务网点", "华东", "宁波市鄞州区", "郑海波", "zhenghaibo"),
    Place("SH003", "上海嘉定服务网点", "华东", "上海市嘉定区", "沈国平", "shenguoping"),
    Place("SZ004", "苏州吴中服务网点", "华东", "苏州市吴中区", "陆永明", "luyongming"),
    Place("NJ005", "南京江宁服务网点", "华东", "南京市江宁区", "韩志强", "hanzhiqiang", "forger"),
    Place("HF006", "合肥蜀山服务网点", "华东", "合肥市蜀山区", "程立", "chengli"),
    Place("GZ007", "广州番禺服务网点", "华南", "广州市番禺区", "梁伟雄", "liangweixiong"),
    Place("FS008", "佛山顺德服务网点", "华南", "佛山市顺德区", "黄炳坤", "huangbingkun", "late"),
    Place("DG009", "东莞长安服务网点", "华南", "东莞市长安镇", "叶永康", "yeyongkang"),
    Place("ZS010", "中山小榄服务网点", "华南", "中山市小榄镇", "冯志明", "fengzhiming", "corrected"),
    Place("NN011", "南宁青秀服务网点", "华南", "南宁市青秀区", "韦桂林", "weiguilin"),
    Place("HK012", "海口龙华服务网点", "华南", "海口市龙华区", "符海生", "fuhaisheng"),
)
# Where some of them lie, as latitude and longitude; of the others nobody has written it down, and distances there are not known.
LIES_AT = {
    "HZ001": (30.259, 120.130), "NB002": (29.831, 121.536), "SH003": (31.383, 121.250), "SZ004": (31.270, 120.630),
    "NJ005": (31.953, 118.840), "GZ007": (22.937, 113.384), "FS008": (22.838, 113.282), "DG009": (22.816, 113.813),
}  # fmt: skip
OUTLET_CLERKS = (Somebody("guxiaoyan", "顾小燕", "outlet-clerk", outlet="SH003"),)
ENGINEERS = (
    Somebody("hexiaofeng", "何晓峰", "engineer", outlet="HZ001"),
    Somebody("jinlei", "金磊", "engineer", outlet="HZ001"),
    Somebody("duwei", "杜伟", "engineer", outlet="SH003"),
    Somebody("panxin", "潘鑫", "engineer", outlet="FS008"),
    Somebody("shilei", "石磊", "field-engineer"),
)
OWNERS = tuple(Somebody(place.username, place.owner, "outlet-owner", outlet=place.code) for place in OUTLETS)

# The second company: small, and out of sight of the first.
INSTRUMENT_PEOPLE = (
    Somebody("pangang", "潘刚", "administrator"),
    Somebody("qinyue", "秦月", "settlement-clerk"),
    Somebody("luoping", "罗平", "supervisor"),
    Somebody("weiran", "魏然", "head"),
)
INSTRUMENT_OUTLET = Place("WH001", "武汉江汉服务网点", "华中", "武汉市江汉区", "涂斌", "tubin")
INSTRUMENT_OWNER = Somebody("tubin", "涂斌", "outlet-owner", outlet="WH001")


@dataclass(frozen=True, slots=True)
class Small:
    """A small company of another trade: whoever keeps, reviews and approves its regulations, and no more."""

    firm: Firm
    people: tuple[Somebody, ...]


def _few(*several: tuple[str, str]) -> tuple[Somebody, ...]:
    """Administrator, keeper of the regulations, supervisor and head, in this order."""
    posts = ("administrator", "regulation-keeper", "supervisor", "head")
    return tuple(
        Somebody(username, name, role) for (username, name), role in zip(several, posts, strict=True)
    )


DEALER = Small(
    Firm("chengbao", "诚保汽车销售服务有限公司", "诚保", "400-000-2468", "江岸市汽车城八号"),
    _few(("dingyi", "丁怡"), ("caomeng", "曹萌"), ("xiongtao", "熊涛"), ("gaoyuan", "高远")),
)
ESTATES = Small(
    Firm("anju", "安居物业服务有限公司", "安居", "400-000-1357", "江岸市民生路二十号"),
    _few(("fanli", "范莉"), ("zoujia", "邹佳"), ("xiehua", "谢华"), ("daihong", "戴红")),
)
CENTRE = Small(
    Firm("jixiu", "集修家电售后服务中心", "集修", "400-000-9753", "江岸市长风路六号"),
    _few(("jiangnan", "江楠"), ("baixue", "白雪"), ("shenyi", "沈毅"), ("yuanfang", "袁方")),
)
SMALL = (DEALER, ESTATES, CENTRE)
FIRMS = (MAKER, INSTRUMENTS, *(small.firm for small in SMALL))

_SHOWN = (
    *(somebody for somebody in HEADQUARTERS if somebody.username not in ("mating", "guyu")),
    *MANAGERS,
    *(owner for owner in OWNERS if owner.outlet in ("HZ001", "SH003", "NJ005", "FS008")),
    *OUTLET_CLERKS,
    ENGINEERS[0],
)
_NAMES = {place.code: place.name for place in (*OUTLETS, INSTRUMENT_OUTLET)}


def _row(person: Somebody, firm: Firm) -> tuple[str, str, Any, str]:
    place = f"{person.outlet} {_NAMES[person.outlet]}" if person.outlet else person.region or "总部"
    return person.username, person.name, ROLES[person.role].title, f"{firm.short_name} · {place}"


# For the sign-in page: (username, name, title of the post, place).
DEMO_PEOPLE: list[tuple[str, str, Any, str]] = [
    *(_row(person, MAKER) for person in _SHOWN),
    _row(INSTRUMENT_PEOPLE[1], INSTRUMENTS),
    *(_row(small.people[1], small.firm) for small in SMALL),
]
