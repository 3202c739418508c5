"""Record sheets of a made-up month. The same outlet and month give the same sheets."""

import calendar
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sanbao.site.demo.goods import LONG_COVERS, MODELS, TROUBLES
from sanbao.site.demo.people import Place

SURNAMES = "王李张刘陈杨黄吴周徐孙马朱胡郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋"
GIVEN = (
    "先生",
    "女士",
    "建华",
    "秀兰",
    "志明",
    "丽娟",
    "海燕",
    "国庆",
    "春梅",
    "晓峰",
    "玉珍",
    "文博",
    "思琪",
    "子涵",
)
ROADS = ("中山路", "人民路", "建设路", "和平路", "文化路", "新华路", "解放路", "学府路")
ENGINEERS = ("小何", "老周", "小马", "阿强", "小林")


def month_of_sheets(place: Place, month: date, *, until: date | None = None) -> list[dict[str, Any]]:
    """The month's sheets of an outlet as fields of Sheet; with `until`, only what was completed by that day."""
    random = Random(f"{place.code} {month}")  # noqa: S311  (a story, not a secret)
    careful = place.character == "model"
    rows = [_sheet(random, place, month, number, careful) for number in range(1, random.randint(11, 17))]
    return [row for row in rows if until is None or row["completed_on"] <= until]


def _sheet(random: Random, place: Place, month: date, number: int, careful: bool) -> dict[str, Any]:
    model = random.choice(MODELS)
    trouble = random.choice([trouble for trouble in TROUBLES if trouble.category == model.category])
    last = calendar.monthrange(month.year, month.month)[1]
    reported = month.replace(day=random.randint(1, last - 3))
    purchased = reported - timedelta(days=_age(random, trouble.component))
    row = {
        "number": f"{place.code}-{month:%y%m}-{number:03}",
        "line": number,
        "customer": random.choice(SURNAMES) + random.choice(GIVEN),
        "phone": f"1380000{random.randint(0, 9999):04}",
        "address": f"{place.town}{random.choice(ROADS)}{random.randint(1, 300)}号{random.randint(1, 18)}幢"
        f"{random.randint(101, 1804)}室",
        "model": model.code,
        "serial": f"{model.serial}{purchased:%y%m}{random.randint(1, 99999):05}",
        "purchased_on": purchased,
        "installed_on": min(purchased + timedelta(days=random.randint(1, 12)), reported),
        "reported_on": reported,
        "completed_on": reported + timedelta(days=random.choice((0, 1, 1, 2, 3))),
        "fault": trouble.fault,
        "action": trouble.action,
        "component": trouble.component,
        "work": trouble.work,
        "km": Decimal(random.choice((3, 5, 6, 8, 9, 12, 14, 15, 18, 22, 26, 31, 38, 45))),
        "engineer": random.choice(ENGINEERS),
    }
    fate = random.random()
    if fate < 0.03:
        row |= {"claimed_out": True, "charged_fen": random.choice((6000, 8000, 12000))}
    elif fate < 0.08 and not careful:
        row[random.choice(("serial", "address", "phone", "fault"))] = ""  # void, KA-11.2
    return row


def _age(random: Random, component: str) -> int:
    """Days since the purchase: most in the first year, some in a component's longer cover, a few beyond every cover."""
    fate = random.random()
    if component in LONG_COVERS and fate < 0.6:
        return random.randint(400, LONG_COVERS[component] * 365 - 30)
    if fate < 0.9:
        return random.randint(15, 350)
    return random.randint(390, 700)
