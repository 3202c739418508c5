"""Messages of the last days: most have gone, one waits, one nobody takes, one was discarded; and what came in about them."""

from datetime import datetime, timedelta

from sanbao.notices import inbox, operations
from sanbao.notices.doors import Came
from sanbao.notices.failures import Permanent, Temporary
from sanbao.notices.models import Message
from sanbao.notices.providers import Receipt
from sanbao.settlements.models import Statement
from sanbao.site.demo.founding import Stage

# (channel, address, heading, text, what the provider does)
_TOLD = (
    ("sms", "13805710001", "结算款已支付", "贵网点上月结算款已支付，请查收。", "sent"),
    (
        "email",
        "hz001@example.com",
        "结算单待确认",
        "上月结算单已提交，请在三个工作日内确认或提出疑问。",
        "sent",
    ),
    ("wecom", "chenbo", "有结算单待审批", "有一张结算单已复核，等待您审批。", "sent"),
    ("sms", "13805710002", "结算单待确认", "上月结算单已提交，请登录系统确认。", "sent"),
    ("email", "sz004@example.com", "疑问已答复", "您对结算单的疑问已经答复，请查看。", "sent"),
    ("sms", "13805710003", "结算单待确认", "上月结算单已提交，请登录系统确认。", "refused"),
    ("email", "old-address@example.com", "报送提醒", "本月电子档请于10日前报送。", "refused"),
    ("wecom", "zhaoqiang", "有结算单待复核", "有一张结算单已提交，等待您复核。", "busy"),
)


class _Told:
    """A provider that does what the demonstration says."""

    def send(self, message: Message) -> Receipt:
        """Accept, refuse, or be busy."""
        what = message.values.get("told")
        if what == "refused":
            raise Permanent("recipient", "isv.MOBILE_NUMBER_ILLEGAL" if message.channel == "sms" else 550)
        if what == "busy":
            raise Temporary("busy", 45009)
        return Receipt(message.key)


def tell(stage: Stage, now: datetime) -> None:
    """Write them, let them be sent, and let the reports come in."""
    statement = Statement.objects.filter(company=stage.company).order_by("-id").first()
    if statement is None:
        return
    clerk, admin = stage.people["linwen"], stage.founder
    at = now - timedelta(hours=5)
    written = [
        operations.send(
            address, subject, body, key=f"demo:{number}", about=statement, by=clerk, at=at, channel=channel,
            kind="demonstration", values={"told": told},
        )
        for number, (channel, address, subject, body, told) in enumerate(_TOLD)
    ]  # fmt: skip
    provider = _Told()
    operations.drain(now=lambda: at + timedelta(minutes=1), provider=lambda _channel: provider)
    Message.objects.filter(state=Message.State.WAITING, company=stage.company).update(
        due_at=now + timedelta(days=1)
    )
    refused = written[5]
    refused.refresh_from_db()
    operations.move(
        refused, "discard", version=refused.version, by=admin, at=now - timedelta(hours=3), reason="号码已停用，已电话通知",
    )  # fmt: skip
    came = [
        Came("demo-r1", "delivery", "", {"id": "demo-r1", "message": "demo:0", "delivered": True, "code": "DELIVERED"}),
        Came("demo-r2", "delivery", "", {"id": "demo-r2", "message": "demo:3", "delivered": False, "code": "MK:0001"}),
        Came("demo-r3", "reply", "13805710002", {"id": "demo-r3", "text": "收到"}),
    ]  # fmt: skip
    inbox.receive(stage.company, Message.Channel.SMS, came, at=now - timedelta(hours=4))
    inbox.drain(now=lambda: now - timedelta(hours=4))
