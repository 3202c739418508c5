"""What the made-up people have read of their notices, and the maker's own words for one of them."""

from datetime import datetime, timedelta

from django.db.models import F

from sanbao.notices import wording
from sanbao.notices.kinds import KINDS
from sanbao.notices.models import Notice
from sanbao.site.demo.founding import Stage

READ_WITHIN = timedelta(days=12)
ISSUED = ("{month}结算单请确认：{net} 元", "{outlet}，您好！{month}结算单 {statement} 已出，合计 {net} 元。请于 5 个工作日内核对并确认，如有疑问请直接在结算单上提出。")  # fmt: skip


def settle(stage: Stage, now: datetime) -> None:
    """Everybody has read what is older than some days; the rest waits at the bell."""
    Notice.objects.filter(made_at__lt=now - READ_WITHIN).update(read_at=F("made_at") + timedelta(hours=3))
    kind = KINDS["settlements:issued"]
    wording.keep(kind, "zh-hans", *ISSUED, seen=0, by=stage.people["zhouning"], at=now - timedelta(days=30))
