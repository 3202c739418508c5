"""Decisions to read and to replay."""

from datetime import time
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from sanbao.decisions.facts import told
from sanbao.decisions.models import Decision
from sanbao.intake.models import Category
from sanbao_rules.decision import to_json

pytestmark = pytest.mark.django_db


@pytest.fixture
def decision(cast):
    cast.sheet()
    cast.received()
    return cast.statement().decision


def test_a_decision_shows_its_answer_its_clauses_and_its_editions(sign_in, decision):
    page = sign_in("auditor").get(reverse("decisions:decision", args=[decision.pk])).content.decode()
    assert "80.00" in page
    assert "KA-11.1" in page
    assert reverse("regulations:edition", args=[decision.editions["settlement"]]) in page


def test_codes_of_a_decision_are_told_in_the_words_of_its_rulebook(cast, sign_in):
    asked = cast.request()
    page = (
        sign_in("auditor")
        .get(reverse("decisions:decision", args=[asked.priority_decision_id]))
        .content.decode()
    )
    assert "部分功能受影响" in page
    assert ">part<" not in page
    assert ">normal<" not in page and "普通" in page  # an answer that is one code, too


def test_a_class_in_the_facts_is_told_by_its_name(cast):
    """A fault is one of the company's classes: repair-noise says nothing to whoever asks why."""
    name = Category.objects.get(company=cast.company, code="repair-noise").name
    facts = to_json({"orders": [{"fault": "repair-noise", "cause": "own"}], "events": [("reported", "")]})
    with translation.override("zh-hans"):
        values = dict(told(facts, company_id=cast.company.pk))
    assert f"故障: {name}" in values["工单"] and "自身原因" in values["工单"]
    assert "报修" in str(values) and "reported" not in str(values)


def test_hours_of_a_roster_are_told_by_the_minute_and_in_words():
    roster = {"weekly": [("saturday", time(9), time(17, 0, 3, 475148))], "on_holidays": False}
    with translation.override("zh-hans"):
        ((name, value),) = told(to_json({"roster": roster}))
    assert (name, value) == ("值班表", "每周: 周六, 09:00, 17:00; 节假日也值班: 否")


def test_a_decision_of_another_outlet_is_not_there(sign_in, decision):
    assert sign_in("owner-GZ001").get(reverse("decisions:decision", args=[decision.pk])).status_code == 200
    assert sign_in("owner-NB011").get(reverse("decisions:decision", args=[decision.pk])).status_code == 404


def test_replaying_on_the_page_says_that_nothing_differs(sign_in, decision):
    page = sign_in("auditor").post(reverse("decisions:replay", args=[decision.pk]))
    assert page.context["replayed"].same
    assert sign_in("owner-GZ001").post(reverse("decisions:replay", args=[decision.pk])).status_code == 403


def test_replaying_everything_finds_no_difference(decision):
    out = StringIO()
    call_command("replay", "--all", stdout=out)
    assert f"{Decision.objects.count()} decisions replayed, 0 differ" in out.getvalue()


def test_a_replay_that_differs_prints_both_answers_and_fails(decision):
    changed = {**decision.answer, "net": 1}
    forged = Decision.objects.create(
        **{
            f.attname: getattr(decision, f.attname)
            for f in Decision._meta.concrete_fields
            if f.name not in ("id", "answer")
        },
        answer=changed,
    )
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("replay", str(forged.pk), stdout=out)
    assert "answer stored" in out.getvalue()
    assert "answer now" in out.getvalue()
