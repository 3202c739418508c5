"""A year of satisfaction surveys on paper, a published result, and two measures: one that helped, one begun again. Through operations."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sanbao.accounts.models import Person
from sanbao.improvements import operations as improvements
from sanbao.site.demo.founding import Stage
from sanbao.surveys import operations
from sanbao.surveys.models import Question, Version
from sanbao.surveys.operations import Told

HEAD = {
    "title_zh": "服务满意度调查", "title_en": "How was our service?",
    "intro_zh": "请花一分钟评价本次服务，您的意见用于改进服务。", "intro_en": "A minute of your time helps us to serve you better.",
}  # fmt: skip
YES_NO = [{"code": "yes", "zh": "正常", "en": "yes"}, {"code": "no", "zh": "不正常", "en": "no"}]
GOOD = [
    {"code": "attitude", "zh": "服务态度", "en": "manner"},
    {"code": "skill", "zh": "技术水平", "en": "skill"},
    {"code": "time", "zh": "准时", "en": "in time"},
    {"code": "price", "zh": "收费明白", "en": "clear price"},
]
OUTLETS = ("HZ001", "SH003", "GZ007", "FS008")
COMPLAINTS = ("上门晚了两个小时，没有提前说", "修了两次才好", "收费没有先讲清楚", "电话一直打不通")
MONTHS, A_MONTH = 12, 2


def found(maker: Stage, at: datetime) -> None:
    """Put the two questionnaires to use: after each service, and at intervals."""
    by = maker.people["zhaoqiang"]
    for name, purpose in (("服务后满意度调查", "service"), ("季度满意度调查", "campaign")):
        draft = operations.found_questionnaire(name, purpose, **HEAD, by=by, at=at)
        if purpose == "service":
            operations.keep_question(draft, None, code="works", kind=Question.Kind.CHOICE, text_zh="产品现在使用正常吗？", text_en="Does the product work now?", options=YES_NO, by=by, at=at)  # fmt: skip
        operations.keep_question(draft, None, code="timely", kind=Question.Kind.STARS, text_zh="上门是否及时？", text_en="Did we come in time?", required=False, by=by, at=at)  # fmt: skip
        operations.keep_question(draft, None, code="good", kind=Question.Kind.SEVERAL, text_zh="您满意的是哪些方面？", text_en="What was good?", options=GOOD, required=False, by=by, at=at)  # fmt: skip
        operations.publish_version(draft, by=by, at=at)


def tell(maker: Stage, begun: datetime, now: datetime) -> None:
    """Papers come in every month; the result of the year is published; two measures follow from it."""
    chance, clerk = Random(20260), maker.people["hejing"]  # noqa: S311 — a made-up year, the same every time
    version = Version.objects.filter(company=maker.company, questionnaire__purpose="campaign").get()
    for month in range(MONTHS):
        at = now - timedelta(days=30 * (MONTHS - month) - 12)
        if at <= begun + timedelta(days=3):
            continue
        for code in OUTLETS:
            for _n in range(A_MONTH):
                late = code == "FS008"
                stars = (
                    chance.choice((1, 2, 4, 3))
                    if late and chance.random() < 0.5
                    else chance.choice((5, 5, 4, 4, 5, 3))
                )
                told = {
                    "overall": str(stars),
                    "timely": str(max(1, stars - late)),
                    "good": [chance.choice(GOOD)["code"]],
                }
                words = chance.choice(COMPLAINTS) if stars < 3 else ""
                operations.enter(
                    version,
                    Told(told, words=words),
                    outlet=maker.outlets[code],
                    kind="repair",
                    by=clerk,
                    at=at,
                )
    _improve(maker, now)
    head = maker.people["chenbo"]
    operations.publish_result(
        "年度满意度结果", first_day=(now - timedelta(days=365)).date(), last_day=now.date(),
        words="总体满意率稳定，佛山网点的及时性明显低于其他网点。", strategy="佛山网点周末加派工程师；上门前一小时电话确认。", by=head, at=now,
    )  # fmt: skip


def _improve(maker: Stage, now: datetime) -> None:
    """One that helped, and one that did not and goes on."""
    lead, head = maker.people["zhaoqiang"], maker.people["chenbo"]
    owner = Person.objects.get(pk=maker.people["hejing"].person_id)
    by = maker.people["hejing"]
    told = {
        "source_kind": "survey",
        "source_label": "季度满意度调查",
        "source_path": "/surveys/",
        "owner": owner,
    }
    first = now - timedelta(days=120)
    called = improvements.open_measure(
        "上门前一小时电话确认", "多份答卷反映上门时间不准。", "派工后没有再次确认时间。", **told, remedy="工程师出发前一小时致电用户确认。",
        figure="上门准时率（%）", figure_before=Decimal("82.5"), figure_target=Decimal(95), due_on=(first + timedelta(days=30)).date(), by=lead, at=first,
    )  # fmt: skip
    called = improvements.finish(
        called, "已在全部网点执行，并写入服务话术。", by=by, at=first + timedelta(days=25)
    )
    improvements.review(
        called, "effective", figure="上门准时率（%）", before=Decimal("82.5"), after=Decimal("96.1"), words="三十日内准时率达标。", by=head,
        at=first + timedelta(days=56),
    )  # fmt: skip
    priced = improvements.open_measure(
        "佛山网点先报价后维修", "佛山网点答卷中多次提到收费没有先说清。", "新工程师不熟悉收费标准。", outlet=maker.outlets["FS008"], **told,
        remedy="收费标准上墙，维修前请用户在报价单上签字。", figure="收费类低分（份/月）", figure_before=Decimal(4), due_on=(first + timedelta(days=40)).date(),
        by=lead, at=first,
    )  # fmt: skip
    priced = improvements.finish(
        priced, "收费标准已上墙，组织了一次培训。", by=by, at=first + timedelta(days=35)
    )
    improvements.review(
        priced, "not", figure="收费类低分（份/月）", before=Decimal(4), after=Decimal(4), words="低分没有减少，培训后未检查执行。",
        again_by=(now + timedelta(days=20)).date(), by=head, at=first + timedelta(days=66),
    )  # fmt: skip
