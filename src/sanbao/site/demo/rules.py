"""Rules being changed in the demonstration: a draft in work, one in review, one published for a day to come; proposals."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from sanbao.accounts.access import Access
from sanbao.backtests import operations as backtests
from sanbao.backtests import running
from sanbao.backtests.models import BackTest
from sanbao.regulations import drafting, proposals, publication
from sanbao.regulations.models import Draft
from sanbao.regulations.queries import rulebook
from sanbao.site.demo.founding import Stage
from sanbao.site.demo.story import MONTHS, last_month, months_before

LADDER, SHEETS = "appliance KA-11.1", "appliance KA-11.2"


def keep(maker: Stage, now: datetime) -> None:
    """The late-submission ladder is being softened, void sheets are to cost more, customers get three days more from January on."""
    keeper, checker, head = (maker.people[name] for name in ("luyan", "zhaoqiang", "chenbo"))
    at = now - timedelta(days=6)
    asked = proposals.propose(
        "逾期比例分得细一些", "快递常常只晚一天，就按90%结算，网点意见很大。建议逾期三日内按95%。",
        clause="KA-11.1", book="settlement", parameter="rate_late", by=maker.people["shenguoping"], at=at,
    )  # fmt: skip
    asked = proposals.decide(
        asked,
        "acceptance",
        version=None,
        reason="有道理，另拟草案测算后再定。",
        by=keeper,
        at=at + timedelta(hours=5),
    )
    proposals.propose(
        "记录单照片清晰也算有效", "纸质单个别字迹不清、照片清楚的，建议不按无效单扣罚。",
        clause="KA-11.2", book="settlement", parameter="void_sheet", by=maker.people["fangjianguo"], at=now - timedelta(days=2),
    )  # fmt: skip

    ladder = drafting.begin(
        "settlement", title="报送逾期比例调整", edition=f"{now.year}.2",
        why="多数网点只是快递晚到几天。逾期95%、15日以后80%、跨月60%，测算全年影响后报批。", by=keeper, at=at + timedelta(days=1),
    )  # fmt: skip
    since = _next_month(now)
    for parameter, rate in (("rate_late", "0.95"), ("rate_late_15", "0.8"), ("rate_cross_month", "0.6")):
        drafting.change(
            ladder, parameter, "add", since, Decimal(rate), LADDER, reason="促进按期报送，减少争议", by=keeper, at=at + timedelta(days=1, hours=1)
        )  # fmt: skip
    asked.draft = ladder
    asked.save(update_fields=["draft"])
    _try(ladder, checker, at + timedelta(days=1, hours=2))

    void = drafting.begin(
        "settlement", title="无效单扣罚提高", edition=f"{now.year}.3", why="今年无效单比去年多，回访成本上升。", by=keeper, at=at + timedelta(days=2)
    )  # fmt: skip
    drafting.change(
        void,
        "void_sheet",
        "add",
        since,
        15,
        SHEETS,
        reason="回访成本上升",
        by=keeper,
        at=at + timedelta(days=2),
    )
    _move(void, "submission", keeper, now - timedelta(days=1))

    coming = drafting.begin(
        "workorder", title="客户要求重新处理的期限放宽", edition=f"{now.year}.2", why="明年起给用户多留三天。", from_day=date(now.year + 1, 1, 1), by=keeper, at=at
    )  # fmt: skip
    value = rulebook(coming.base).history("reopen_days")[-1]
    drafting.change(
        coming, "reopen_days", "add", date(now.year + 1, 1, 1), value.value + 3, value.clause,
        reason="给用户多留三天", by=keeper, at=at,
    )  # fmt: skip
    coming = _move(coming, "submission", keeper, at + timedelta(hours=1))
    coming = _move(coming, "approval", checker, at + timedelta(hours=2))
    _try(coming, checker, at + timedelta(hours=2))
    _move(coming, "publication", head, at + timedelta(hours=3))


def _try(draft: Draft, by: Access, at: datetime) -> BackTest:
    """What the draft would have made of the months that are over."""
    last = last_month(at)
    test = backtests.begin(
        backtests.Candidate.of_draft(draft), months_before(last, MONTHS - 1), max(last, at.date().replace(day=1)), by=by, at=at
    )  # fmt: skip
    return running.run(test, by=by, at=lambda: at + timedelta(minutes=1))


def _move(draft: Draft, noun: str, by: Access, at: datetime) -> Draft:
    return publication.move(draft, noun, version=None, by=by, at=at)


def _next_month(now: datetime) -> date:
    return date(now.year + now.month // 12, now.month % 12 + 1, 1)
