"""What the supervisor has brought by Excel: a building project's owners and their appliances, and a platform's list that still needs mending."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta

from sanbao.imports import operations
from sanbao.imports.kinds import KINDS
from sanbao.site.demo import goods
from sanbao.site.demo.founding import Stage
from sanbao.site.demo.sheets import GIVEN, SURNAMES

SUPERVISOR = "zhaoqiang"
OWNERS = 12


def bring(stage: Stage, now: datetime) -> None:
    """Two files taken over three weeks ago, one read this morning and refused."""
    at, by = now - timedelta(days=21), stage.people[SUPERVISOR]
    owners = [
        (
            SURNAMES[3 * n % len(SURNAMES)] + GIVEN[5 * n % len(GIVEN)],
            f"1330000{4100 + n}",
            f"滨江新城{n // 4 + 1}栋{n % 4 + 1}01室",
        )
        for n in range(OWNERS)
    ]
    customers = [("姓名", "手机号", "详细地址", "标签", "偏好", "已同意")]
    customers += [(*owner, "滨江新城", "微信", "调查" if n % 3 else "") for n, owner in enumerate(owners)]
    ware = goods.MODELS[0]
    units = [("机身编码", "型号", "客户电话", "购买日期", "安装日期", "渠道", "销售单位")]
    bought, installed = (at - timedelta(days=40)).date(), (at - timedelta(days=25)).date()
    shape = "".join(letter for letter in ware.code if letter.isalnum())
    units += [
        (f"{shape}26{7700 + n:06}", ware.code, phone, str(bought), str(installed), "工程", "滨江新城项目部")
        for n, (_name, phone, _address) in enumerate(owners)
    ]
    for kind, name, rows in (
        ("customers", "滨江新城业主.csv", customers),
        ("units", "滨江新城烟机清单.csv", units),
    ):
        work = operations.read_file(KINDS[kind], _table(rows), name, by=by, at=at)
        operations.begin(work, by=by, at=at)
    platform = [
        ("平台单号", "报修时间", "服务分类", "严重程度", "主题", "联系人", "联系电话", "地址"),
        ("P-20117", f"{now - timedelta(hours=20):%Y-%m-%d %H:%M}", "异响、振动", "", "烟机低速挡有嗡嗡声", owners[2][0], owners[2][1], owners[2][2]),
        ("P-20118", f"{now - timedelta(hours=19):%Y-%m-%d %H:%M}", "烟机声音大", "", "烟机声音比以前大", owners[5][0], owners[5][1], owners[5][2]),
        ("P-20119", f"{now - timedelta(hours=18):%Y-%m-%d %H:%M}", "异响、振动", "", "关机后还有转动声", owners[7][0], "1.33E+10", owners[7][2]),
    ]  # fmt: skip
    operations.read_file(
        KINDS["requests"], _table(platform), "电商平台报修.csv", by=by, at=now - timedelta(minutes=40)
    )


def _table(rows: Sequence[Sequence[str]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode("utf-8-sig")
