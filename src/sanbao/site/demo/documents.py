"""The companies' regulations, told through operations: nineteen shipped texts taken over by five of them, a new version, a repeal, campaigns."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.documents import operations
from sanbao.documents.models import Campaign, Document, Version
from sanbao.outlets.queries import access_of
from sanbao.site.demo.founding import Stage

MAKERS = ("appliance", "basic", "standard", "repair-template", "practice", "provisions", "policy")
INSTRUMENTS = ("rework", "department", "rules")
SMALL: Mapping[str, tuple[str, ...]] = {
    "chengbao": ("six-s", "old-parts", "customer-service"),
    "anju": ("fee-notice",),
    "jixiu": ("service-centre", "company", "office", "engineering"),
}
PILOT = "一、试点范围\n在部分街道的售后公房小区试行物业服务达标补贴。\n二、考核\n由街道联席会议按服务标准考核，达标的给予补贴。"


def tell(maker: Stage, instruments: Stage, small: Sequence[Stage], at: datetime, now: datetime) -> None:
    """Every company takes its texts over; the maker's story goes on to the day it is told."""
    for stage, names, trio in (
        (maker, MAKERS, ("luyan", "zhaoqiang", "chenbo")),
        (instruments, INSTRUMENTS, ("pangang", "luoping", "weiran")),
        *((stage, SMALL[stage.company.code], _trio(stage)) for stage in small),
    ):
        for number, name in enumerate(names):
            _take_over(stage, name, trio, at + timedelta(hours=number))
    _repeal(next(stage for stage in small if stage.company.code == "anju"), at + timedelta(days=1))
    _publish(maker, at + timedelta(days=1))
    _pledge(maker, at + timedelta(days=20))
    _renew(maker, now)


def _trio(stage: Stage) -> tuple[str, str, str]:
    """Who prepares, reviews and approves."""
    _administrator, keeper, supervisor, head = list(stage.people)
    return keeper, supervisor, head


def _take_over(stage: Stage, name: str, trio: tuple[str, str, str], at: datetime) -> Version:
    version = operations.adopt_shipped(name, by=stage.people[trio[0]], at=at)
    return _approve(stage, version, trio, at)


def _approve(stage: Stage, version: Version, trio: tuple[str, str, str], at: datetime) -> Version:
    version = operations.move(
        version, "review", version_seen=None, by=stage.people[trio[1]], at=at + timedelta(minutes=20)
    )
    return operations.move(
        version, "approval", version_seen=None, by=stage.people[trio[2]], at=at + timedelta(minutes=40)
    )


def _repeal(stage: Stage, at: datetime) -> None:
    """The notice of 2012 ends the pilot plan of the year before (HK-1)."""
    keeper, *_others = trio = _trio(stage)
    pilot = operations.draft(
        {
            "number": "试点-2011", "source": "", "label": "2011", "kind": "official", "title": "虹口区售后公房物业服务达标补贴扩大试点工作方案",
            "english": "Pilot plan for subsidies (Hongkou)", "department": "虹口区住房保障和房屋管理局", "changed_by": "发文机关",
            "interpreted_by": "发文机关", "issued_on": date(2011, 5, 1), "effective_on": date(2011, 5, 1), "review_on": None, "changes": "",
            "taken_over": True,
        },
        by=stage.people[keeper], at=at,
    )  # fmt: skip
    operations.take_text(pilot, PILOT, seen=None, by=stage.people[keeper], at=at)
    pilot = _approve(stage, Version.objects.get(pk=pilot.pk), trio, at)
    notice = operations.adopt_shipped("hongkou", by=stage.people[keeper], at=at + timedelta(hours=2))
    notice = operations.amend(
        notice,
        {},
        repeals=[pilot.document_id],
        seen=None,
        by=stage.people[keeper],
        at=at + timedelta(hours=2),
    )
    _approve(stage, notice, trio, at + timedelta(hours=2))


def _publish(maker: Stage, at: datetime) -> None:
    """Customers may read the warranty rules and the service policy (MO-1)."""
    for source in ("appliance", "policy"):
        document = Document.objects.get(company=maker.company, source=source)
        operations.publish(document, True, by=maker.people["chenbo"], at=at)


def _pledge(maker: Stage, at: datetime) -> None:
    """A pledge of confidentiality from everybody at headquarters, long closed; one has never confirmed it (BA-6)."""
    version = Version.objects.get(document__company=maker.company, document__source="basic", state="in_force")
    due = (at + timedelta(days=14)).date()
    made = _begun(
        maker, version, at, kind="pledge", title="保密承诺（客户信息与商业秘密）", message="请重读第五条“工作纪律”，并承诺遵守。",
        posts=["hotline-agent", "support-engineer", "settlement-clerk", "callback-clerk", "supervisor"], due_on=due,
    )  # fmt: skip
    _confirmed(maker, made, at + timedelta(days=2), but={"guyu"})
    operations.ask_and_remind(at + timedelta(days=16))
    operations.close_campaign(made, by=maker.people["luyan"], at=at + timedelta(days=30))


def _renew(maker: Stage, now: datetime) -> None:
    """The regulation for outlets has a new version since some days; who has read it is followed, with a question (BA-8)."""
    trio = ("luyan", "zhaoqiang", "chenbo")
    keeper, at = maker.people["luyan"], now - timedelta(days=12)
    document = Document.objects.get(company=maker.company, source="appliance")
    version = operations.revise(document, label="2026", by=keeper, at=at - timedelta(days=3))
    operations.amend(
        version,
        {
            "issued_on": at.date(), "effective_on": at.date(), "review_on": date(at.year + 1, at.month, min(at.day, 28)),
            "changes": "统一服务热线写入条款；回访时不得索要用户身份证号码。",
        },
        seen=None, by=keeper, at=at - timedelta(days=3),
    )  # fmt: skip
    for ref, text, english in (
        ("KA-5.2", f"全国统一服务热线{maker.company.hotline}，印在单据和客户页面上。", f"One nationwide hotline, {maker.company.hotline}, on forms and customers' pages."),
        ("KA-9.4", "解答以事实为准，不推诿；答不了的转相关人员；约定的答复按时做到；使用规范用语；回访时不得索要用户身份证号码。", "Staff answer on the facts; unanswered questions go to others; a promised answer is kept; standard phrases are used; no identity numbers are asked for."),
    ):  # fmt: skip
        clause = version.clauses.get(ref=ref)
        operations.keep_clause(
            version, {"text": text, "english": english}, clause=clause, by=keeper, at=at - timedelta(days=3)
        )
    version = _approve(maker, Version.objects.get(pk=version.pk), trio, at)
    campaign = _prepared(
        maker, version, at, kind="reading", title="《售后管理制度》2026版宣贯", message="新版改了两条，请各网点负责人、文员和工程师读完并答题。",
        posts=["outlet-owner", "outlet-clerk", "engineer"], due_on=(now + timedelta(days=4)).date(), stops=["settlements:sheet:hand-in"],
    )  # fmt: skip
    question = operations.add_question(
        campaign,
        "回访时可以向用户索要什么？",
        ["身份证号码", "对这次服务的评价", "银行卡号"],
        1,
        by=keeper,
        at=at,
    )
    campaign = operations.begin_campaign(campaign, by=keeper, at=at)
    _confirmed(
        maker, campaign, at + timedelta(days=1), {question.pk: 1}, {question.pk: 0},
        but={"liangweixiong", "huangbingkun", "panxin", "fuhaisheng", "guxiaoyan", "hexiaofeng", "chengli"}, twice={"zhenghaibo", "duwei"},
    )  # fmt: skip
    _wait(maker, now)


def _wait(maker: Stage, now: datetime) -> None:
    """One regulation waits to be approved, one is still a draft, and one to be looked over soon (ST-9)."""
    keeper, at = maker.people["luyan"], now - timedelta(days=2)
    practice = Document.objects.get(company=maker.company, source="practice")
    version = operations.revise(practice, label="1.1", by=keeper, at=at)
    operations.amend(
        version,
        {"effective_on": (now + timedelta(days=20)).date(), "changes": "每年评审一次"},
        seen=None,
        by=keeper,
        at=at,
    )
    clause = version.clauses.get(ref="ST-9")
    operations.keep_clause(
        version, {"text": "修订与更新：随市场和客户需求修订本制度，每年至少评审一次。", "english": "The standard is revised at intervals and reviewed every year."},
        clause=clause, by=keeper, at=at,
    )  # fmt: skip
    operations.move(
        version, "review", version_seen=None, by=maker.people["zhaoqiang"], at=at + timedelta(hours=2)
    )
    operations.revise(
        Document.objects.get(company=maker.company, source="provisions"),
        label="1.1",
        by=keeper,
        at=at + timedelta(hours=3),
    )


def _prepared(maker: Stage, version: Version, at: datetime, **fields: Any) -> Campaign:
    told = {"outlets": [], "remind_days": 3, "late_days": 7, "stops": []} | fields
    return operations.prepare_campaign(version, told, by=maker.people["luyan"], at=at)


def _begun(maker: Stage, version: Version, at: datetime, **fields: Any) -> Campaign:
    return operations.begin_campaign(
        _prepared(maker, version, at, **fields), by=maker.people["luyan"], at=at + timedelta(minutes=5)
    )


def _confirmed(
    maker: Stage, campaign: Campaign, at: datetime, right: Mapping[int, int] | None = None, wrong: Mapping[int, int] | None = None,
    *, but: set[str], twice: set[str] = frozenset(),  # type: ignore[assignment]
) -> None:  # fmt: skip
    """Everybody asked confirms, some after a wrong answer; `but` are those who have not."""
    asked = campaign.readings.select_related("person").order_by("pk")
    for number, reading in enumerate(asked):
        if reading.person.username in but:
            continue
        by, moment = _at_work(reading.person, campaign, at), at + timedelta(hours=number)
        if reading.person.username in twice:
            operations.confirm(campaign, wrong or {}, read=True, by=by, at=moment - timedelta(minutes=4))
        operations.confirm(campaign, right or {}, read=True, by=by, at=moment)


def _at_work(person: Person, campaign: Campaign, at: datetime) -> Access:
    return access_of(person, at.date(), company_id=campaign.company_id)
