"""A rule changes: tried on the past, approved, published, read by those it concerns; the next month goes by it, the last one does not (SR-9, BA-8, GN-9).

The late-submission ladder (KA-11.1) is softened: 95 % instead of 90. March is settled and paid when the keeper begins.
"""

from datetime import date

import pytest
from django.urls import reverse

from sanbao.backtests import running
from sanbao.backtests.models import BackTest
from sanbao.decisions.queries import replay, sentences_of
from sanbao.documents import operations as documents
from sanbao.notices.models import Notice
from sanbao.settlements.models import Statement
from sanbao.ui.refusal import Refusal
from tests.cast import APRIL, NOW, Cast
from tests.modules.backtests.tried import MARCH, march_of_three
from tests.modules.documents import make
from tests.modules.regulations.make import begun, late_rate, moved

pytestmark = pytest.mark.django_db


def said(statement: Statement) -> str:
    return " ".join(sentence.text for sentence in sentences_of(statement.decision, "zh"))


def test_the_ladder_is_changed_tried_approved_published_read_and_settles_the_next_month(
    cast: Cast, sign_in, settings
) -> None:
    settings.BACK_TEST_REQUIRED = True
    march_of_three(cast)
    march = cast.statement(outlet="NB011", month=MARCH, upto="paid")
    assert (march.net, march.state) == (144_00, "paid")

    # The keeper drafts it: from April on.
    draft = moved(cast, late_rate(cast, begun(cast), "0.95", since=APRIL), "submission", "approval")
    with pytest.raises(Refusal) as refused:
        moved(cast, draft, "publication")
    assert refused.value.code == "report"  # nobody has seen yet what it costs

    # The head sees what it would have cost, and whom.
    head = sign_in("head")
    asked = {
        "against": f"draft-{draft.pk}",
        "first_month": "2026-03",
        "last_month": "2026-03",
        "how": "as-if",
    }
    assert head.get(reverse("backtests:new"), asked).status_code == 200
    head.post(reverse("backtests:new"), asked)
    test = BackTest.objects.get()
    running.run(test, by=cast.access("head"), at=lambda: NOW)
    page = head.get(reverse("backtests:backtest", args=[test.pk])).content.decode()
    assert "NB011" in page
    assert "8.00" in page

    # Published with that report, and read by those it concerns.
    published = moved(cast, draft, "publication")
    assert published.report["url"] == reverse("backtests:backtest", args=[test.pk])
    campaign = make.campaign(cast, published.result, title="逾期比例调整")
    owner = cast.access("owner-NB011")
    assert Notice.objects.filter(person=cast.people["owner-NB011"], kind__startswith="documents:").exists()
    assert documents.confirm(campaign, {}, read=True, by=owner, at=NOW).confirmed

    # April goes by it; March still explains itself by the old one.
    for _ in range(2):
        cast.sheet(outlet="NB011")
    cast.received(outlet="NB011", on=date(2026, 5, 12))
    april = cast.statement(outlet="NB011")
    assert april.net == 152_00
    assert "按95%结算" in said(april)
    march.refresh_from_db()
    assert march.net == 144_00
    assert "按90%结算" in said(march)
    assert replay(march.decision).same
    assert replay(april.decision).same
