"""A result is published to everybody in the company, with what is adjusted (GN-5, MO-3)."""

from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.decisions.operations import write_down
from sanbao.notices.telling import tell
from sanbao.outlets.queries import holders
from sanbao.surveys import queries
from sanbao.surveys.models import Campaign, Publication
from sanbao.surveys.operations.inviting import Basis
from sanbao.surveys.permissions import May
from sanbao.ui.refusal import Refusal
from sanbao_rules import surveys as rules


@transaction.atomic
def publish_result(
    title: str, *, campaign: Campaign | None = None, first_day: date, last_day: date, words: str = "", strategy: str = "", by: Access, at: datetime
) -> Publication:  # fmt: skip
    """Publish the result of a campaign, or of everything answered in a period. The figures are kept as they are now; small groups are left out."""
    by.require(May.PUBLISH)
    if not title.strip():
        raise Refusal(_("Give the result a title."), field="title", code="title")
    if last_day < first_day:
        raise Refusal(_("The last day lies before the first."), field="last_day", code="period")
    wanted = queries.Cut(first_day, last_day, campaign_id=campaign.pk if campaign else None)
    figures = queries.published_figures(by, wanted, timezone.localdate(at))
    basis = Basis.of(by.company_id)
    least = basis.book.value("least_answers", timezone.localdate(at)).value
    if sum(figures["scores"]) < least:
        raise Refusal(
            _("There are fewer than %(least)s answers: a result of so few would show who gave them.") % {"least": least}, code="few"
        )  # fmt: skip
    made = Publication(
        company_id=by.company_id, number=_number(by.company_id), title=title.strip()[:120], campaign=campaign, first_day=first_day,
        last_day=last_day, figures=figures, words=words.strip()[:2000], strategy=strategy.strip()[:2000], made_at=at, made_by_id=by.person_id,
    )  # fmt: skip
    made.save(force_insert=True)
    facts = {
        "population": figures["population"], "asked": figures["asked"], "scores": figures["scores"], "on": timezone.localdate(at)
    }  # fmt: skip
    decided = rules.result(
        facts["population"], facts["asked"], dict(enumerate(facts["scores"], 1)), facts["on"], basis.book
    )
    made.decision = write_down(decided, facts=facts, editions=basis.editions, about=made, by=by, at=at)
    made.save(update_fields=["decision"])
    audit.record("surveys:result:published", made, by=by, at=at, answers=sum(figures["scores"]))
    everybody = holders(by.company_id, May.READ, on=timezone.localdate(at), anywhere=True, but=by.person_id)
    tell(everybody, "surveys:published", about=made, by=by, at=at, title=made.title)
    return made


def _number(company_id: int | None) -> str:
    """The next number of the company: JG1, JG2, … (结果)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT edge_next_number('surveyresult', %s)", [company_id])
        return f"JG{cursor.fetchone()[0]}"
