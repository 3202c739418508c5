"""The steps of the regulation's flow: each done in its turn, or skipped by somebody who may, with a reason (SC-2, CO-2)."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.ui.refusal import Refusal
from sanbao.workorders import flow
from sanbao.workorders.models import Order, StepDone
from sanbao.workorders.operations.reaching import grown, refuse_ended, taken_up
from sanbao.workorders.permissions import May


def mark(
    order: Order, code: str, *, by: Access, at: datetime, words: str = "", also: Collection[str] = (), device_at: datetime | None = None
) -> None:  # fmt: skip
    """Put a step behind the order, in the caller's transaction; the caller saves the order. A step the flow does not have is none.

    Refused while an earlier step is open, or while what the step asks for is missing; `also` are needs that are met by what is being done.
    """
    steps = flow.steps_of(order)
    done = (
        set(order.steps.filter(undone_at__isnull=True).values_list("code", flat=True)) if order.pk else set()
    )
    place = next((number for number, step in enumerate(steps) if step.code == code), None)
    if place is None or code in done:
        return
    for earlier in steps[:place]:
        if earlier.code not in done:
            raise Refusal(
                _("First comes “%(step)s” (%(clause)s). Do it, or have it skipped with a reason.")
                % {"step": flow.label(earlier), "clause": flow.clause(earlier)},
                code="step", details={"step": earlier.code},
            )  # fmt: skip
    flow.refuse_while_missing(order, code, also)
    StepDone.objects.create(order=order, code=code, at=at, by_id=by.person_id, words=words.strip()[:2000], device_at=device_at)  # fmt: skip
    _go_on(order, steps, done | {code})


def unmark(order: Order, *codes: str, at: datetime) -> None:
    """Take steps back, as a reopened order does; what was done stays on record. The caller saves the order."""
    order.steps.filter(code__in=codes, undone_at__isnull=True).update(undone_at=at)
    steps = flow.steps_of(order)
    _go_on(order, steps, set(order.steps.filter(undone_at__isnull=True).values_list("code", flat=True)))


def _go_on(order: Order, steps: tuple[flow.Step, ...], done: set[str]) -> None:
    order.step = next((step.code for step in steps if step.code not in done), "")


@transaction.atomic
def do_step(
    order: Order, code: str, words: str, *, version: int | None = None, by: Access, at: datetime, device_at: datetime | None = None
) -> Order:  # fmt: skip
    """A step that is told in words and nothing else: the questions of a training, and their answers (SC-3)."""
    found = taken_up(order, by, version=version)
    refuse_ended(found)
    if code not in flow.TOLD_IN_WORDS or code not in [step.code for step in flow.steps_of(found)]:
        raise Refusal(_("This step is done by what is done, not by words."), code="step")
    if not words.strip():
        raise Refusal(_("There is nothing written yet."), field="words", code="empty")
    also = {"asking": ("questions_noted",), "answering": ("answers_noted",)}[code]
    mark(found, code, by=by, at=at, words=words, also=also, device_at=device_at)
    grown(found)
    audit.record("workorders:order:stepped", found, by=by, at=at, outlet_id=found.outlet_id, step=code)
    return found


@transaction.atomic
def skip(
    order: Order, code: str, reason: str, *, version: int | None = None, by: Access, at: datetime
) -> Order:
    """Leave the step out that is next, with a reason that stays with it (SC-2)."""
    by.require(May.SKIP)
    found = taken_up(order, by, May.SKIP, version=version)
    refuse_ended(found)
    if code != found.step:
        raise Refusal(_("Only the step that is next can be skipped."), code="step")
    if code in flow.never_skipped(found):
        raise Refusal(_("This step can't be skipped: without it there is no order."), code="step")
    if found.site == Order.Site.REFUSED:
        raise Refusal(_("The site is not suitable: the installation is refused, and nothing is left out (KA-4.2)."), code="site")  # fmt: skip
    if not reason.strip():
        raise Refusal(_("Say why: the reason stays with it."), field="reason", code="reason")
    StepDone.objects.create(order=found, code=code, at=at, by_id=by.person_id, skipped=True, reason=reason.strip()[:200])  # fmt: skip
    done = set(found.steps.filter(undone_at__isnull=True).values_list("code", flat=True))
    _go_on(found, flow.steps_of(found), done)
    grown(found)
    audit.record("workorders:order:skipped", found, by=by, at=at, outlet_id=found.outlet_id, step=code, reason=reason.strip()[:200])  # fmt: skip
    return found
