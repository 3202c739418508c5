"""Fetching what customers write by WeChat customer service (微信客服).

A notification only says that there is something; what it is we ask for, from where we stood. The messages become rows of the inbox
(notices.inbox) in one transaction with the place reached: killed at any moment, nothing is lost and nothing comes twice (WeCom's
number of a message is unique). Notifications come twice, late or never: so every account is asked every ten minutes, too.
"""

import contextlib
import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from procrastinate.exceptions import AlreadyEnqueued

from sanbao.accounts import scope
from sanbao.accounts.access import Access, Grant
from sanbao.accounts.models import Company
from sanbao.audit import operations as audit
from sanbao.intake import channels, serviced
from sanbao.intake.models import ServiceAccount
from sanbao.intake.permissions import May
from sanbao.intake.states import Channel
from sanbao.notices import failures, inbox
from sanbao.notices.doors import Came
from sanbao.notices.failures import Failed
from sanbao.notices.providers import customer_service as wecom
from sanbao.notices.tasks import hurry
from sanbao.ui.refusal import Refusal

logger = logging.getLogger(__name__)

EVERY = timedelta(minutes=10)
AFTER_FAILURE = timedelta(minutes=2)
CALLBACK_HOLDS = timedelta(minutes=10)
# Whoever connects an account does not want the last three days once more, but what has come while they were about it.
TAKEN_BACK = timedelta(hours=1)
MOST_PAGES = 20  # of an account at a time; then the others have their turn


def door(company_id: int) -> Access:
    """The company's own work for whoever writes: of every outlet, without a permission."""
    return Access(None, company_id, (Grant("door", None, None),), name="", request="customer service")


def is_set_up(company_id: int | None) -> bool:
    """Whether the company takes in by customer service, and the secret is there."""
    company = Company.objects.filter(pk=company_id).first() if wecom.is_set_up() else None
    return company is not None and channels.setting_of(company.code, Channel.WECOM_KF) is not None


# What is told


def keeper(company: Company, came: Came, at: datetime) -> Came | None:
    """A notification marks its account as due, and has it asked at once; it is no row of its own. One for an account that is not the
    company's stays, so that an administrator sees why nothing comes."""
    account = came.payload.get("OpenKfId")
    setting = channels.setting_of(company.code, Channel.WECOM_KF)
    if came.kind != serviced.NOTIFICATION or not isinstance(account, str) or setting is None:
        return came
    if not 0 < len(account) <= 64 or not setting.takes(account):
        return came
    callback = came.payload.get("Token")
    with scope.opened(door(company.pk)):
        row = _known(company, account, at)
        ServiceAccount.objects.filter(pk=row.pk).update(
            callback=callback[:300] if isinstance(callback, str) else "", called_at=at, due_at=at
        )
    _ask_now(at)
    return None


def _known(company: Company, account: str, at: datetime, name: str = "") -> ServiceAccount:
    row, _made = ServiceAccount.objects.get_or_create(
        company=company,
        account=account,
        defaults={"name": name[:60], "begins_at": at - TAKEN_BACK, "due_at": at},
    )
    return row


def _ask_now(at: datetime) -> None:
    from sanbao.intake.tasks import fetch_customer_service

    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        fetch_customer_service.configure(
            queueing_lock="intake.customer_service", lock="intake.customer_service"
        ).defer(timestamp=int(at.timestamp()))


def learn_all(at: datetime) -> int:
    """Know every account there is, also one of which no notification ever came; how many."""
    known = 0
    for company, setting in _companies():
        try:
            known += _learn(company, setting, at)
        except Failed as failure:
            logger.warning("customer service: accounts %s", failure)
    return known


def _companies() -> Iterator[tuple[Company, channels.Setting]]:
    if not wecom.is_set_up():
        return
    for setting in channels.read_settings(settings.CHANNELS):
        if setting.channel == Channel.WECOM_KF:
            with scope.everything("a channel's company"):
                company = Company.objects.filter(code=setting.company).first()
            if company is None:
                logger.error("customer service of an unknown company: %s", setting.company)
                continue
            yield company, setting


def _learn(company: Company, setting: channels.Setting, at: datetime) -> int:
    told = dict(wecom.accounts())
    mine = setting.accounts or tuple(told)
    with scope.opened(door(company.pk)):
        for account in mine:
            row = _known(company, account[:64], at, told.get(account, ""))
            if told.get(account) and row.name != told[account][:60]:
                ServiceAccount.objects.filter(pk=row.pk).update(name=told[account][:60])
    return len(mine)


# What is fetched


def fetch_due(at: datetime) -> int:
    """Fetch from every account whose time has come; how much was new. One that fails does not stop the others."""
    kept = 0
    for company, setting in _companies():
        with scope.opened(door(company.pk)):
            due = ServiceAccount.objects.filter(company=company, due_at__lte=at).order_by("due_at", "pk")
            for row in list(due):
                if setting.takes(row.account):
                    kept += _fetched(row, at)
    if kept:
        hurry()
    return kept


def _fetched(row: ServiceAccount, at: datetime) -> int:
    kept, failure, again = 0, "", EVERY
    try:
        kept, more = fetch(row, at)
        again = timedelta(0) if more else EVERY
    except Failed as why:
        failure, again = str(why)[:60], AFTER_FAILURE
        logger.warning("customer service: %s", failure)
    # Called for meanwhile: it stays due.
    still = Q(called_at__isnull=True) | Q(called_at__lte=at)
    mine = ServiceAccount.objects.filter(pk=row.pk)
    mine.filter(still).update(due_at=at + again)
    mine.update(checked_at=at, failure=failure)
    return kept


def fetch(row: ServiceAccount, at: datetime) -> tuple[int, bool]:
    """Keep what is new in one account; how much, and whether more waits there. Another worker who is further already goes on alone."""
    kept, cursor = 0, row.cursor
    callback = row.callback if row.called_at and at - row.called_at < CALLBACK_HOLDS else ""
    for _number in range(MOST_PAGES):
        page = wecom.sync(row.account, cursor=cursor, token=callback)
        new = _keep(row, cursor, page, at)
        if new is None:
            return kept, False
        kept, cursor = kept + new, page.cursor
        if not page.more:
            return kept, False
    return kept, True


def _keep(row: ServiceAccount, before: str, page: wecom.Page, at: datetime) -> int | None:
    """The inbox's rows and the place reached: all or nothing. None where somebody has moved the place since."""
    with transaction.atomic():
        here = ServiceAccount.objects.filter(pk=row.pk, cursor=before)
        if not here.update(cursor=page.cursor):
            return None
        things = [_came(each, row.account) for each in page.messages if not _is_old(each, row)]
        return inbox.receive(row.company, Channel.WECOM_KF, things, at=at)


def _is_old(told: dict[str, Any], row: ServiceAccount) -> bool:
    stamp = told.get("send_time")
    return isinstance(stamp, int) and stamp < row.begins_at.timestamp()


def _came(told: dict[str, Any], account: str) -> Came:
    """A message by WeCom's number; one without, which there should not be, by all it says."""
    event = told.get("event") if isinstance(told.get("event"), dict) else {}
    number = told.get("msgid")
    if not isinstance(number, str) or not 0 < len(number) <= 120:
        number = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    sender = told.get("external_userid") or event.get("external_userid") or ""
    kind = event.get("event_type") if told.get("msgtype") == "event" else told.get("msgtype")
    return Came(
        number,
        str(kind or "")[:60].removeprefix("@"),
        str(sender)[:254],
        told | {"open_kfid": told.get("open_kfid") or account},
    )


# The check on the desk's page


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found: how many accounts, and how much was fetched with it."""

    accounts: int
    kept: int


def check(*, by: Access, at: datetime) -> Checked:
    """Ask now, for whoever has just entered the settings. Refuses with what WeCom says is wrong."""
    by.require(May.MANAGE)
    company = Company.objects.get(pk=by.company_id)
    setting = channels.setting_of(company.code, Channel.WECOM_KF)
    if setting is None or not wecom.is_set_up():
        raise Refusal(
            _(
                "WeChat customer service is not set up: SANBAO_WECOM_KF_SECRET and “%(company)s wecom_kf” in SANBAO_CHANNELS are needed."
            )
            % {"company": company.code},
            code="closed",
        )
    try:
        accounts = _learn(company, setting, at)
    except Failed as failure:
        raise _refused(str(failure)) from None
    rows = [row for row in ServiceAccount.objects.filter(company=company) if setting.takes(row.account)]
    kept = sum(_fetched(row, at) for row in rows)
    failing = ServiceAccount.objects.filter(pk__in=[row.pk for row in rows]).exclude(failure="").first()
    if failing is not None:
        raise _refused(failing.failure)
    audit.record("intake:service:checked", company, by=by, at=at, accounts=accounts, kept=kept)
    if kept:
        hurry()
    return Checked(accounts, kept)


def _refused(failure: str) -> Refusal:
    return Refusal(
        _("WeCom does not answer as it should: %(why)s") % {"why": failures.sentence(failure)},
        code="provider",
    )
