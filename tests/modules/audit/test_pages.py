"""The event log."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from sanbao.audit import telling
from sanbao.audit.models import Event
from sanbao.audit.views import _details
from sanbao.audit.words import _DETAILS, CODES, detail_word

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
