"""Who has a request: given, taken, handed on, sent up to headquarters or down to an outlet."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit import operations as audit
from sanbao.audit.moves import refuse_stale
from sanbao.customers import operations as customers
from sanbao.edge.storing import fresh, store
from sanbao.intake import clocks, routing
from sanbao.intake.facts import both
from sanbao.intake.models import Entry, Reader, Request, Team
from sanbao.intake.operations.marking import tell_followers
from sanbao.intake.permissions import May
from sanbao.intake.states import OPEN, State
from sanbao.notices.telling import tell
from sanbao.outlets.models import Outlet, Posting
from sanbao.outlets.queries import valid_certificates
from sanbao.ui.refusal import Refusal


@transaction.atomic
def assign(
    request: Request,
    *,
    outlet: Outlet | None = None,
    team: Team | None = None,
    person: Person | None = None,
    note: str = "",
    version: int | None,
    by: Access,
    at: datetime,
) -> Request:
    """Give a request to an outlet, a team, a person, or any of them together; what is not named is emptied.

    Whoever is away is stood in for by the substitute, and the timeline says so. Refused: a person who could not see it, or who may
    not yet work alone (PV-8).
    """
    by.require(May.ASSIGN)
    request = _locked(request, version, by, May.ASSIGN)
    if outlet is None and team is None and person is None:
        raise Refusal(_("Choose an outlet, a team or a person."), field="person", code="nobody")
    if outlet is None and by.outlets is not None:
        raise Refusal(
            _("Choose the outlet; to give it back to headquarters, hand it up."),
            field="outlet",
            code="outlet",
        )
    why = note.strip()
    if person is not None:
        _refuse_unless_fit(person, team, outlet, by, at)
        _refuse_without_certificate(request, person, by, at)
        standing_in = routing.stand_in(person.pk, timezone.localdate(at), company_id=by.company_id)
        if standing_in != person.pk:
            away, person = person, Person.objects.get(pk=standing_in)
            why = " ".join(filter(None, (why, _("%(who)s is away; %(stand_in)s stands in.") % {"who": away.name, "stand_in": person.name})))  # fmt: skip
    return _give(request, outlet, team, person, why, by, at, "assigned")


@transaction.atomic
def take(request: Request, *, version: int | None, by: Access, at: datetime) -> Request:
    """Whoever works takes a request that nobody has, or a colleague's, for themselves."""
    by.require(May.WORK)
    request = _locked(request, version, by, May.WORK)
    if request.assignee_id == by.person_id:
        return request
    person = Person.objects.get(pk=by.person_id)
    _refuse_without_certificate(request, person, by, at)
    return _give(request, request.outlet, request.team, person, "", by, at, "taken")


@transaction.atomic
def hand_up(request: Request, *, reason: str, version: int | None, by: Access, at: datetime) -> Request:
    """An outlet hands a request up to headquarters, and from then on reads it: its state and story, without headquarters' notes.

    An outlet may not refuse service wherever the product was bought (KA-4.1): so it says why, and headquarters decides.
    """
    by.require(May.WORK)
    request = _locked(request, version, by, May.WORK)
    if request.outlet_id is None:
        raise Refusal(_("Headquarters has it already."), code="at_headquarters")
    if not reason.strip():
        raise Refusal(_("Say why: the reason stays with it."), field="reason", code="reason")
    outlet = request.outlet
    with scope.as_owner("the request leaves the outlet's rows, which the outlet itself may not do otherwise"):
        Reader.objects.get_or_create(
            company_id=by.company_id, request=request, outlet=outlet, person=None, defaults={"since": at}
        )
        return _give(
            request, None, routing.team_of(request.category), None, reason.strip(), by, at, "handed_up"
        )


def _locked(request: Request, version: int | None, by: Access, permission: str) -> Request:
    found = (
        Request.objects.visible_to(by, permission)
        .select_for_update(of=("self",))
        .select_related("category", "outlet", "team", "customer")
        .get(pk=request.pk)
    )
    refuse_stale(found, version)
    if found.state not in OPEN:
        raise Refusal(
            _("%(request)s is “%(state)s”; reopen it first.") % {"request": found, "state": found.get_state_display()},
            code="not_open",
        )  # fmt: skip
    return found


def _refuse_unless_fit(
    person: Person, team: Team | None, outlet: Outlet | None, by: Access, at: datetime
) -> None:
    today = timezone.localdate(at)
    posts = [p for p in Posting.objects.filter(company_id=by.company_id, person=person) if p.ended_on is None or p.ended_on > today]  # fmt: skip
    reaches = any(
        (p.outlet_id is None and p.region_id is None)
        or (outlet is not None and (p.outlet_id == outlet.pk or p.region_id == outlet.region_id))
        for p in posts
    )
    if not person.is_active or not reaches:
        raise Refusal(
            _("%(who)s could not see this request: choose somebody of the outlet, or give it to headquarters.") % {"who": person.name},
            field="person", code="out_of_reach",
        )  # fmt: skip
    if team is not None:
        member = next((m for m in routing.members(team.pk, today) if m.person_id == person.pk), None)
        if member is None:
            raise Refusal(
                _("%(who)s is not in that team.") % {"who": person.name}, field="person", code="not_member"
            )
        if member.alone_from and member.alone_from > today:
            raise Refusal(
                _("%(who)s works under guidance until %(day)s and is not given requests alone (PV-8).")
                % {"who": person.name, "day": member.alone_from.isoformat()},
                field="person", code="not_alone",
            )  # fmt: skip


def _refuse_without_certificate(request: Request, person: Person, by: Access, at: datetime) -> None:
    """The rule that leads the request may ask for a certificate that is valid on the day (EN-1, KA-4.2)."""
    today = timezone.localdate(at)
    rule = routing.fitting(request, request.category, today)
    if rule is None or not rule.certificate:
        return
    if rule.certificate not in valid_certificates(by.company_id, today).get(person.pk, frozenset()):
        raise Refusal(
            _("%(who)s holds no valid certificate “%(certificate)s”, which the rule “%(rule)s” asks for: choose somebody who does.")
            % {"who": person.name, "certificate": rule.get_certificate_display(), "rule": rule.name},
            field="person", code="certificate",
        )  # fmt: skip


def _give(
    request: Request,
    outlet: Outlet | None,
    team: Team | None,
    person: Person | None,
    why: str,
    by: Access,
    at: datetime,
    verb: str,
) -> Request:
    before = request.assignee_id
    request.outlet, request.team, request.assignee = outlet, team, person
    if person is None and request.state == State.ASSIGNED:
        request.state = State.NEW
    elif person is not None and request.state == State.NEW:
        request.state = State.ASSIGNED
    request.version += 1
    entry = fresh(
        Entry, request_id=request.pk, at=at, kind=Entry.Kind.ASSIGNED, clock="assigned", by_id=by.person_id,
        handler_id=person.pk if person else None, body=" · ".join(str(each) for each in (outlet, team, why) if each)[:8000],
        state=request.state,
    )  # fmt: skip
    store([*clocks.recounted(request, entry, by=by, at=at), request])
    if outlet is not None and verb == "assigned":
        Reader.objects.filter(request=request, outlet=outlet).delete()  # it has the request again
    if outlet is not None and request.customer is not None:
        customers.serve(request.customer, outlet, by=by, at=at)
    if person is not None and person.pk != by.person_id:
        tell(
            [person], "intake:given", about=request, by=by, at=at, key=f"{request.pk}:{request.version}",
            request=request.number, who=by.name,
        )  # fmt: skip
    tell_followers(
        request,
        both(_lazy("given to %(who)s"), who=person.name) if person else both(_lazy("put into the queue")),
        request.version, by=by, at=at,
    )  # fmt: skip
    audit.record(
        f"intake:request:{verb}", request, by=by, at=at, outlet_id=request.outlet_id,
        person=person.pk if person else None, before=before, team=team.code if team else "", reason=why[:200],
    )  # fmt: skip
    return request
