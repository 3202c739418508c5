"""Complaints for the stories of this module: registered by the desk, handled by technical support, told and called back by the desk."""

from datetime import date, datetime, timedelta

from sanbao.complaints import operations
from sanbao.complaints.models import Complaint
from sanbao.complaints.operations import Told
from tests.cast import NOW, Cast


def told(**more: object) -> Told:
    """A repair that did not hold."""
    given: dict[str, object] = {
        "channel": "phone", "kind": "service", "harm": "trouble", "subject": "修了两次还是漏水", "description": "上周修过，今天又漏。", "wish": "尽快修好并道歉",
        "contact": "张三丰", "phone": "13800005678", "address": "中山路1号", "model": "CXW-260-A8", "serial": "CXW260A8260000001",
    }  # fmt: skip
    return Told(**given | more)


def registered(cast: Cast, who: str = "agent", at: datetime = NOW, **more: object) -> Complaint:
    return operations.register(told(**more), by=cast.access(who), at=at)


def move(cast: Cast, complaint: Complaint, noun: str, who: str, at: datetime, **more: object) -> Complaint:
    return operations.move(complaint, noun, version=None, by=cast.access(who), at=at, **more)


def handed(cast: Cast, at: datetime = NOW, outlet: str | None = None, **more: object) -> Complaint:
    """Answered by the desk and given to technical support."""
    made = registered(cast, at=at, **more)
    operations.called(
        made,
        "已告知由技术支持核实，三个工作日内答复。",
        reached=True,
        by=cast.access("agent"),
        at=at + timedelta(minutes=30),
    )
    where = {"outlet": cast.outlets[outlet]} if outlet else {}
    return move(
        cast, made, "handing", "agent", at + timedelta(hours=1), owner=cast.people["support"], **where
    )


def justified(cast: Cast, at: datetime = NOW, days: int = 5, **more: object) -> Complaint:
    made = handed(cast, at, **more)
    later = at + timedelta(days=1)
    return move(
        cast, made, "justification", "support", later, finding="密封圈装反", cause="repairing", text="今日上门重修，免费", promised_on=(at + timedelta(days=days)).date()
    )  # fmt: skip


def rejected(cast: Cast, at: datetime = NOW, **more: object) -> Complaint:
    made = handed(cast, at, **more)
    return move(
        cast, made, "rejection", "support", at + timedelta(days=1), finding="记录与照片显示已修好，漏水来自水管", cause="misuse", text="已电话说明，用户自行联系物业",
        routes=["association", "hotline", "court"],
    )  # fmt: skip


def archived(cast: Cast, at: datetime = NOW, **more: object) -> Complaint:
    """All the way."""
    made = justified(cast, at, **more)
    made = move(cast, made, "completion", "support", at + timedelta(days=2), text="已重修并试水，不再漏")
    made = move(cast, made, "telling", "agent", at + timedelta(days=2, hours=1), text="电话告知已修好")
    made = move(
        cast, made, "callback", "callbacks", at + timedelta(days=5), callback="content", text="满意，谢谢"
    )
    return move(
        cast, made, "archiving", "agent", at + timedelta(days=5, hours=1), lesson="密封圈方向写进作业指导"
    )


def clock(complaint: Complaint, kind: str) -> object:
    return complaint.clocks.get(kind=kind, case__isnull=True)


TODAY: date = NOW.date()
