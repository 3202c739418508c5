"""By which channels a company takes in requests, and where these then go: SANBAO_CHANNELS.

What comes by WeChat, WeChat customer service, WeCom, SMS or the hook for mails at a company that the setting does not name for it is kept and ignored: an
official account or a gateway belongs to one company, though its address could be called with another's code. Of WeChat customer
service one WeCom has several accounts: where two companies take in by it, each names its own.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, OuterRef, Subquery

from sanbao.accounts.models import Company
from sanbao.intake.models import Category
from sanbao.intake.states import Channel
from sanbao.notices import doors
from sanbao.notices.choosing import usable
from sanbao.notices.models import Incoming

TAKEN = (Channel.EMAIL, Channel.SMS, Channel.WECOM, Channel.WECHAT, Channel.WECOM_KF)
OTHER = "other"
DAYS = 7


class BadSetting(ValueError):
    """SANBAO_CHANNELS can't be read; the text says where and how to mend it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A channel by which a company takes in requests: the class of what comes, and for how many days after its solution a message
    still belongs to a request. `accounts`: of customer service; none named means all there are."""

    company: str
    channel: str
    category: str = OTHER
    days: int = DAYS
    accounts: tuple[str, ...] = ()

    def takes(self, account: str) -> bool:
        """Whether what is written to this account of customer service is for the company."""
        return not self.accounts or account in self.accounts


def read_settings(text: str) -> list[Setting]:
    """`hezao wechat class=repair-other days=7; hezao sms`, several apart by semicolons or lines."""
    found = [_read(line.split()) for line in re.split(r"[;\n]", text) if line.strip()]
    _refuse_shared(found)
    return found


def _refuse_shared(found: list[Setting]) -> None:
    """An account of customer service is one company's: else what a customer writes would be told to two."""
    rows = [each for each in found if each.channel == Channel.WECOM_KF]
    named = [account for each in rows for account in each.accounts]
    if len({each.company for each in rows}) > 1 and (
        len(named) != len(set(named)) or not all(each.accounts for each in rows)
    ):
        raise BadSetting(
            "SANBAO_CHANNELS: where several companies take in by wecom_kf, each names accounts of its own: “hezao wecom_kf accounts=wkAAA,wkBBB”"
        )


def _read(words: list[str]) -> Setting:
    company, channel, *more = [*words, ""]
    if channel not in TAKEN:
        raise BadSetting(
            f"SANBAO_CHANNELS: “{company}” needs a channel after it, one of {', '.join(TAKEN)}: “hezao wechat class=other days=7”"
        )
    told = dict(each.partition("=")[::2] for each in more if each)
    days = told.pop("days", str(DAYS))
    category = told.pop("class", OTHER)
    accounts = told.pop("accounts", "") if channel == Channel.WECOM_KF else ""
    if told or not (days.isascii() and days.isdigit() and int(days) <= 366):
        raise BadSetting(
            f"SANBAO_CHANNELS: “{company} {channel}” takes class=code of a class, and days=0 to 366"
            f"{', and accounts=wkAAA,wkBBB' if channel == Channel.WECOM_KF else ''}, nothing else"
        )
    return Setting(company, channel, category, int(days), tuple(filter(None, accounts.split(","))))


def setting_of(company: str, channel: str) -> Setting | None:
    """How the company takes in requests by the channel; None where it does not."""
    for each in read_settings(settings.CHANNELS):
        if (each.company, each.channel) == (company, channel):
            return each
    return None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a channel stands for a company: whether things can be handed in, become requests, and can be answered."""

    channel: str
    label: str
    is_open: bool
    setting: Setting | None
    category: Category | None
    sends: bool
    heard_at: datetime | None
    failed: int


def state_of(company_id: int | None) -> list[Standing]:
    """Every channel by which something can be handed in, in one order."""
    rows = Incoming.objects.filter(company=company_id)
    newest = {
        f"heard_by_{channel}": Subquery(
            Incoming.objects.filter(company=OuterRef("pk"), channel=channel)
            .order_by("-pk")
            .values("received_at")[:1]
        )
        for channel in TAKEN
    }
    company = Company.objects.annotate(**newest).get(pk=company_id)
    failed = dict(
        rows.filter(state=Incoming.State.FAILED).values_list("channel").annotate(Count("pk")).order_by()
    )
    found = []
    for channel in TAKEN:
        setting = setting_of(company.code, channel)
        found.append(
            Standing(
                channel, str(channel.label), doors.is_open(channel), setting,
                category_of(company.pk, setting.category) if setting else None, usable(channel), getattr(company, f"heard_by_{channel}"), failed.get(channel, 0),
            )
        )  # fmt: skip
    return found


def category_of(company_id: int, *codes: str) -> Category:
    """The first of these classes that is in use; else “something else”, else the last of the tree."""
    rows = Category.objects.filter(company_id=company_id, retired_at__isnull=True)
    for code in (*codes, OTHER):
        if (found := rows.filter(code=code).first()) is not None:
            return found
    return rows.order_by("-position", "-pk")[0]
