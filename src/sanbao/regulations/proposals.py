"""Proposals to change a rule: anybody at work makes one, a keeper or a head decides with words, what came of it is noted (CO-8)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import moves
from sanbao.audit import operations as audit
from sanbao.regulations import events
from sanbao.regulations.models import Proposal
from sanbao.regulations.permissions import May
from sanbao.regulations.queries import book_in_force, book_names
from sanbao.regulations.states import ANSWERS, Standing
from sanbao.ui.refusal import Refusal


@transaction.atomic
def propose(
    title: str, words: str, *, clause: str = "", book: str = "", parameter: str = "", by: Access, at: datetime
) -> Proposal:
    """Propose a change at a clause or at a parameter of a book."""
    by.require(May.PROPOSE)
    if book and book not in book_names():
        raise Refusal(_("There is no such rulebook."), field="book", code="book")
    if parameter and (not book or parameter not in book_in_force(by.company_id, book).parameters):
        raise Refusal(
            _("The rulebook has no such parameter: choose one of its parameters."),
            field="parameter",
            code="parameter",
        )
    if not clause and not parameter:
        raise Refusal(_("Say which clause or which parameter it is about."), field="clause", code="about")
    made = Proposal.objects.create(
        company_id=by.company_id, clause=clause, book=book, parameter=parameter, title=title, words=words,
        open_at=at, open_by_id=by.person_id,
    )  # fmt: skip
    audit.record("regulations:proposal:made", made, by=by, at=at, clause=clause, parameter=parameter)
    _tell("made", made, by, at)
    return made


def decide(
    proposal: Proposal, noun: str, *, version: int | None, reason: str, by: Access, at: datetime
) -> Proposal:
    """Accept or decline a proposal, with words; never one's own."""
    with transaction.atomic():
        moved: Proposal = moves.make(ANSWERS[noun], proposal, version=version, by=by, at=at, reason=reason)
        _tell(noun, moved, by, at)
    return moved


@transaction.atomic
def note_effect(proposal: Proposal, effect: str, *, by: Access, at: datetime) -> Proposal:
    """Note what came of an accepted proposal; noted again, it takes the earlier note's place."""
    by.require(May.DECIDE)
    found: Proposal = (
        Proposal.objects.visible_to(by, May.DECIDE).select_for_update(of=("self",)).get(pk=proposal.pk)
    )
    if found.state != Standing.ACCEPTED:
        raise Refusal(_("Only of a proposal that was taken up can be said what came of it."), code="state")
    found.effect, found.effect_at, found.effect_by_id = effect, at, by.person_id
    found.save()
    audit.record("regulations:proposal:effect", found, by=by, at=at)
    _tell("effect", found, by, at)
    return found


def _tell(what: str, proposal: Proposal, by: Access, at: datetime) -> None:
    for hear in events.PROPOSED:
        hear(what, proposal, by=by, at=at)
