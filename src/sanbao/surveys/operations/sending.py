"""Sending what is due, reminding once, and closing what has run out; by SMS, WeChat or mail, or handed over by a colleague."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.audit import operations as audit
from sanbao.notices import operations as notices
from sanbao.surveys import links
from sanbao.surveys.models import Campaign, Invitation
from sanbao.surveys.operations.inviting import Basis, facts_of, skip
from sanbao.surveys.permissions import May
from sanbao.ui.refusal import Refusal
from sanbao.workorders.letters import way_to
from sanbao.workorders.states import State
from sanbao_rules import surveys as rules
from sanbao_rules.rulebook import Rulebook, shipped

BATCH = 500
BY_HAND = "hand"


def send_due(at: datetime, *, most: int = BATCH) -> int:
    """Send the invitations that are due; how many went out. The caller opens the scope."""
    due = Invitation.objects.filter(state=Invitation.State.PLANNED, send_on__lte=timezone.localdate(at))
    due = due.filter(company__in=_awake(due, at))
    return sum(
        _send(pk, at) for pk in list(due.order_by("send_on", "id").values_list("pk", flat=True)[:most])
    )


def _awake(due: QuerySet[Invitation], at: datetime) -> list[int]:
    """The companies whose rulebook lets messages go out at this time of the day; the job asks again within the half hour."""
    now = timezone.localtime(at)
    waiting = due.order_by().values_list("company", flat=True).distinct()
    return [one for one in waiting if rules.sending(now, _with_hours(Basis.of(one).book)).answer]


def _with_hours(book: Rulebook) -> Rulebook:
    """An edition derived before the hours stood in the book (2026.2) sends in the shipped ones: at night nobody is woken."""
    return book if "send_from" in book.parameters else shipped(rules.BOOK)


@transaction.atomic
def _send(pk: int, at: datetime) -> int:
    """One invitation: asked once more whether, for days have passed; then sent, or kept with the reason."""
    found = _locked(pk, Invitation.State.PLANNED)
    if found is None or not _still(found, at):
        return 0
    by = Access(None, found.company_id, request="surveys")
    channel, address = way_to(found.order)
    link = links.address(found.company, found)
    if not channel or not link:
        skip(found, Invitation.Why.NO_WAY)
        audit.record(
            "surveys:invitation:skipped", found, by=by, at=at, outlet_id=found.outlet_id, why=found.why
        )
        return 0
    found.state, found.sent_at, found.channel = Invitation.State.SENT, at, channel
    found.save(update_fields=["state", "sent_at", "channel"])
    _message(found, "invited", channel, address, link, by, at)
    audit.record("surveys:invitation:sent", found, by=by, at=at, outlet_id=found.outlet_id, channel=channel)
    return 1


def _locked(pk: int, state: str) -> Invitation | None:
    rows = Invitation.objects.select_for_update(of=("self",), skip_locked=True)
    found: Invitation | None = (
        rows.select_related("order__unit__model", "company", "version", "campaign")
        .filter(pk=pk, state=state)
        .first()
    )
    return found


def _still(invitation: Invitation, at: datetime) -> bool:
    """Whether the customer is still to be asked; else the row says why not."""
    order = invitation.order
    if order.erased_at is not None:
        skip(invitation, Invitation.Why.ERASED)
        return False
    if order.state != State.CLOSED:
        skip(invitation, Invitation.Why.REOPENED)
        return False
    facts = facts_of(order, campaign=invitation.campaign_id is not None)
    decided = rules.ask(rules.Asked(**facts), timezone.localdate(at), Basis.of(invitation.company_id).book)
    if not decided.answer["ask"]:
        skip(invitation, decided.answer["why"])
        return False
    return True


def _message(
    invitation: Invitation, what: str, channel: str, address: str, link: str, by: Access, at: datetime
) -> None:
    """The customer's language, not that of a colleague who happens to be signed in; the link is a key, so the text is kept sealed."""
    company = invitation.company
    with translation.override(settings.LANGUAGE_CODE):
        asks = _("how was our service? A minute of your time helps us: %(link)s") if what == "invited" else _("you have not yet told us how our service was; until %(last)s you can: %(link)s")  # fmt: skip
        words = asks % {"link": link, "last": invitation.last_day}
        said = _("%(company)s, work order %(number)s: %(words)s") % {
            "company": company.short_name, "number": invitation.order.number, "words": words
        }  # fmt: skip
        heading = _("How was it? %(number)s") % {"number": invitation.order.number}
    notices.send(
        address, heading, said, key=f"surveys:{what}:{invitation.pk}", about=invitation, by=by, at=at, channel=channel,
        kind=f"surveys:{what}", values={"number": invitation.order.number, "link": link}, secret=True,
    )  # fmt: skip


@transaction.atomic
def hand_over(invitation: Invitation, *, by: Access, at: datetime) -> str:
    """A colleague hands the link over, where no message can be sent or the customer asks for it: the link's path."""
    by.require(May.ENTER)
    rows = Invitation.objects.visible_to(by, May.ENTER).select_related("company", "order__unit__model")
    found: Invitation = rows.select_for_update(of=("self",)).get(pk=invitation.pk)
    if found.state == Invitation.State.SKIPPED and found.why == Invitation.Why.NO_WAY:
        found.state, found.why = Invitation.State.PLANNED, ""
    if found.state == Invitation.State.PLANNED:
        if not _still(found, at):
            raise Refusal(
                _("This customer is not asked: %(why)s.") % {"why": found.get_why_display()}, code="skipped"
            )  # fmt: skip
        found.state, found.sent_at, found.channel = Invitation.State.SENT, at, BY_HAND
        found.save(update_fields=["state", "why", "sent_at", "channel"])
    elif found.state != Invitation.State.SENT:
        raise Refusal(
            _("There is nothing to hand over: this invitation is “%(state)s”.") % {"state": found.get_state_display()}, code="state"
        )  # fmt: skip
    audit.record("surveys:invitation:sent", found, by=by, at=at, outlet_id=found.outlet_id, channel=BY_HAND)
    return links.path(found.company, found)


def remind(at: datetime, *, most: int = BATCH) -> int:
    """Remind, once, those who have not answered; how many. The caller opens the scope."""
    today = timezone.localdate(at)
    due = Invitation.objects.filter(
        state=Invitation.State.SENT, reminded_at__isnull=True, remind_on__lte=today, last_day__gte=today
    )
    due = due.filter(company__in=_awake(due, at))
    return sum(
        _remind(pk, at) for pk in list(due.order_by("remind_on", "id").values_list("pk", flat=True)[:most])
    )


@transaction.atomic
def _remind(pk: int, at: datetime) -> int:
    found = _locked(pk, Invitation.State.SENT)
    if found is None or found.reminded_at is not None:
        return 0
    by = Access(None, found.company_id, request="surveys")
    found.reminded_at = at  # whatever becomes of it: once
    found.save(update_fields=["reminded_at"])
    facts = facts_of(found.order, campaign=found.campaign_id is not None)
    channel, address = way_to(found.order)
    link = links.address(found.company, found)
    if facts["no_contact"] or facts["told"] or found.order.erased_at or not channel or not link:
        return 0
    _message(found, "reminded", channel, address, link, by, at)
    audit.record("surveys:invitation:reminded", found, by=by, at=at, outlet_id=found.outlet_id)
    return 1


def expire(at: datetime) -> int:
    """Close what can't be answered any more, and campaigns of which nothing is open; how many invitations. The caller opens the scope."""
    today = timezone.localdate(at)
    gone = Invitation.objects.filter(state=Invitation.State.SENT, last_day__lt=today).update(
        state=Invitation.State.EXPIRED
    )
    for company in Company.objects.order_by("pk"):
        over = Campaign.objects.filter(company=company, state=Campaign.State.RUNNING).exclude(
            invitations__state__in=[Invitation.State.PLANNED, Invitation.State.SENT]
        )
        for campaign in over:
            by = Access(None, company.pk, request="surveys")
            with transaction.atomic():
                campaign.state, campaign.ended_at = Campaign.State.ENDED, at
                campaign.save(update_fields=["state", "ended_at"])
                audit.record("surveys:campaign:ended", campaign, by=by, at=at)
    return gone
