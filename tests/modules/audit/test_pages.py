"""The event log."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from sanbao.audit.models import Event

pytestmark = pytest.mark.django_db


def test_the_log_tells_what_happened_in_words_and_amounts_in_yuan(cast, sign_in):
    cast.sheet()
    cast.received()
    cast.statement()
    page = sign_in("auditor").get(reverse("audit:events")).content.decode()
    assert "编制结算单" in page
    assert "应付 80.00" in page


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
