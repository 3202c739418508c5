"""The event log."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from sanbao.accounts import scope
from sanbao.audit import telling
from sanbao.audit.models import Event
from sanbao.audit.views import _details
from sanbao.audit.words import _DETAILS, CODES, detail_word
from sanbao.edge.kept import keeping
from sanbao.intake.models import Category

pytestmark = pytest.mark.django_db


def test_the_log_tells_what_happened_in_words_and_amounts_in_yuan(cast, sign_in):
    cast.sheet()
    cast.received()
    cast.statement()
    page = sign_in("auditor").get(reverse("audit:events")).content.decode()
    assert "编制结算单" in page
    assert "应付 80.00" in page


def test_no_detail_of_the_log_is_a_word_of_the_program(cast):
    """A Chinese reader reads Chinese: every name of a detail has its word, and codes that no column keeps have theirs."""
    with translation.override("zh-hans"):
        english = {key for key in _DETAILS if str(detail_word(key)).isascii()}
        codes = {code for code in CODES if str(CODES[code]).isascii()}
        told = telling.detail("intake:promise:alarmed", "promise", "response")
    assert not english
    assert not codes
    assert told == "响应"


def test_a_missed_promise_says_whom_it_was_told_to(cast):
    event = Event(
        action="intake:promise:alarmed",
        details={"step": "response-due", "to": "team_lead", "people": [9, 11], "promise": "response"},
    )
    with translation.override("zh-hans"):
        assert _details(event) == "通知 班组长; 人员 2; 时限 响应"


def test_what_was_changed_is_told_by_the_columns_names(cast):
    event = Event(action="intake:request:amended", details={"fields": ["contact", "phone"]})
    doubted = Event(action="products:registration:made", details={"doubts": ["owner", "proof"]})
    with translation.override("zh-hans"):
        assert not re.search("[a-z]", _details(event))
        assert not re.search("[a-z]", _details(doubted))


TOLD = (
    ("intake:request:registered", {"category": "repair-noise"}, "分类 {noise}"),
    (
        "intake:request:taken",
        {"person": "{agent}", "before": "{head}"},
        "人员 {agent_name}; 之前 {head_name}",
    ),
    ("intake:request:followed", {"order": "held_part"}, "工单 等待配件"),
    ("workorders:order:part-used", {"fate": "returned"}, "旧件去向 带回返厂"),
    ("workorders:order:site-checked", {"verdict": "unfit_refuse"}, "效果 拒绝安装"),
    ("complaints:complaint:registered", {"kind": "quality"}, "投诉内容 产品质量"),
    ("imports:import:read", {"kind": "units"}, "导入内容 产品"),
    (
        "views:view:saved",
        {"list": "intake:requests", "shared_with": "head"},
        "列表 服务请求; 共享给 售后负责人",
    ),
    ("customers:contact:added", {"contact": 6}, ""),
)


@pytest.mark.parametrize(
    ("action", "details", "told"), TOLD, ids=[action for action, _details, _told in TOLD]
)
def test_codes_and_numbers_of_ours_are_told_in_words(cast, action, details, told):
    """Neither repair-noise nor the number of a row says anything to whoever reads the log."""
    known = {
        "noise": Category.objects.get(company=cast.company, code="repair-noise").name,
        "agent": cast.people["agent"].pk, "head": cast.people["head"].pk,
        "agent_name": cast.people["agent"].name, "head_name": cast.people["head"].name,
    }  # fmt: skip
    stored = {
        key: known[value[1:-1]] if str(value).startswith("{") else value for key, value in details.items()
    }
    with scope.opened(cast.access("auditor")), translation.override("zh-hans"):
        assert _details(Event(action=action, details=stored)) == told.format(**known)


def test_the_log_asks_for_a_name_once_however_often_it_stands_there(cast, sign_in, django_assert_num_queries):
    with scope.opened(cast.access("auditor")), keeping(), translation.override("zh-hans"):
        event = Event(action="intake:request:taken", details={"person": cast.people["agent"].pk})
        _details(event)
        with django_assert_num_queries(0):
            _details(event)


def test_those_without_the_post_may_not_read_it(sign_in):
    assert sign_in("clerk").get(reverse("audit:events")).status_code == 403


def test_an_export_is_itself_an_event(sign_in):
    """GN-8: exports are logged."""
    assert sign_in("auditor").get(reverse("audit:events") + "?export=xlsx").status_code == 200
    assert Event.objects.filter(action="audit:events:exported").exists()


def test_an_event_cannot_be_changed(cast):
    event = Event.objects.first()
    event.label = "another"
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        event.save()
