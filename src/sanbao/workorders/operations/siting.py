"""Whether an appliance may be installed where it is to stand: checked, declared, refused (KA-4.2, reading A-41)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.decisions.operations import write_down
from sanbao.regulations.queries import edition_in_force, rulebook
from sanbao.ui.formats import language
from sanbao.ui.refusal import Refusal
from sanbao.workorders import flow
from sanbao.workorders.models import CheckResult, Order
from sanbao.workorders.operations.ending import end_incomplete
from sanbao.workorders.operations.papers import sign
from sanbao.workorders.operations.reaching import grown, refuse_ended, taken_up
from sanbao.workorders.operations.stepping import mark, unmark
from sanbao.workorders.queries import category_of
from sanbao.workorders.states import Kind, State
from sanbao_rules import sites

STEP = "site_check"
# What is kept of a site beside the checks of the book, under codes that no check has.
OF_SITE = "site:"
GAS, DANGER, MEASURES, WORDS = "site:gas_found", "site:danger", "site:measures", "site:own_words"


@transaction.atomic
def check_site(
    order: Order,
    results: Mapping[str, str],
    *,
    gas: str = "",
    insists: bool = False,
    words: str = "",
    name: str = "",
    drawn: str = "",
    version: int | None = None,
    by: Access,
    at: datetime,
    device_at: datetime | None = None,
) -> Order:
    """Write down what was found, and decide. `gas` is the gas that is there: another than on the plate fails that check, whatever was ticked.

    `insists`: the customer wants it all the same, and says so with `words` and a signature. Where safety is at stake that changes
    nothing: the declaration is kept as evidence, and the order can only be refused.
    """
    found = taken_up(order, by, version=version)
    refuse_ended(found)
    if found.kind != Kind.INSTALLATION:
        raise Refusal(_("Only an installation has a site to check."), code="kind")
    if found.state != State.WORKING:
        raise Refusal(_("The site is checked on the spot: arrive first."), code="state")
    edition = edition_in_force(found.company_id, flow.BOOK)
    book, on, category = rulebook(edition), timezone.localdate(at), category_of(found)
    known = {check.code for check in sites.checks(category, book, on)}
    told = {code: result for code, result in results.items() if code in known and result in sites.RESULTS}
    if gas and found.unit is not None and found.unit.gas and "gas_type" in known:
        told["gas_type"] = "ok" if gas == found.unit.gas else "bad"
    made = sites.site(category, told, book, on, insists=insists)
    if drawn:
        sign(found, "declaration", name, drawn, by=by, at=at, device_at=device_at)
        found.refresh_from_db(fields=["version"])
    verdict = made.answer["verdict"]
    signed = found.signatures.filter(purpose="declaration", withdrawn_at__isnull=True).exists()
    if verdict == Order.Site.DECLARED and not signed:
        raise Refusal(
            _("The customer insists: have the declaration signed, or refuse the installation (KA-4.2)."),
            field="drawn", code="unsigned",
        )  # fmt: skip
    facts = {"category": category, "results": told, "on": on} | ({"insists": True} if insists else {})
    found.site_decision = write_down(
        made, facts=facts, editions={flow.BOOK: edition}, about=found, by=by, at=at, outlet_id=found.outlet_id,
        supersedes=found.site_decision,
    )  # fmt: skip
    found.site = verdict
    passed = verdict in (Order.Site.FIT, Order.Site.DECLARED)
    for code, result in told.items():
        _keep(found, OF_SITE + code, {"ok": True, "bad": False}.get(result), result, by, at)
    for code, value in ((GAS, gas), (WORDS, words)):
        if value.strip():
            _keep(found, code, None, value.strip()[:120], by, at)
    _keep(found, "site", passed, verdict, by, at)
    if passed:
        mark(found, STEP, by=by, at=at, words=words, device_at=device_at)
    else:
        unmark(found, STEP, at=at)
    grown(found)
    audit.record("workorders:order:site-checked", found, by=by, at=at, outlet_id=found.outlet_id, verdict=verdict, insists=insists)  # fmt: skip
    return found


def _keep(order: Order, code: str, passed: bool | None, value: str, by: Access, at: datetime) -> None:
    CheckResult.objects.update_or_create(
        order=order, check_line=None, code=code, defaults={"passed": passed, "value": value, "at": at, "by_id": by.person_id},
    )  # fmt: skip


@transaction.atomic
def refuse_site(order: Order, measures: str = "", *, danger: str = "", version: int | None = None, by: Access, at: datetime) -> Order:  # fmt: skip
    """Refuse to install there: the order ends, nothing follows it by itself, and the customer gets the refusal on paper (KA-4.2)."""
    found = taken_up(order, by, version=version)
    if found.site != Order.Site.REFUSED or found.site_decision is None:
        raise Refusal(_("Check the site first: an installation is refused for what was found."), code="site")
    if not danger.strip():
        raise Refusal(
            _("Write down what may happen if it is installed there all the same: the customer reads it on the refusal."), field="danger", code="danger"
        )  # fmt: skip
    if not measures.strip():
        raise Refusal(
            _("Write down what the customer has to do before it can be installed."), field="measures", code="measures"
        )  # fmt: skip
    _keep(found, DANGER, None, danger.strip()[:120], by, at)
    _keep(found, MEASURES, None, measures.strip()[:120], by, at)
    book = flow.book_of(found)
    answer = found.site_decision.answer
    failed = [book.word(code, language()) for code in (*answer["critical"], *answer["minor"])]
    mark_between = "、" if language() == "zh" else ", "
    reason = _("Site not suitable, installation refused: %(checks)s") % {"checks": mark_between.join(failed)}
    ended, _none = end_incomplete(found, reason[:200], again=False, by=by, at=at)
    audit.record("workorders:order:site-refused", ended, by=by, at=at, outlet_id=ended.outlet_id, hard_stop=answer["hard_stop"])  # fmt: skip
    return ended
