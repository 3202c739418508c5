"""Where a request goes: the first rule that fits, the right people in the team, and whoever stands in for those who are away (CS-2, SR-3)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.edge.kept import kept
from sanbao.intake.models import Absence, Category, Member, Pledge, Request, Rule, Team
from sanbao.intake.states import OPEN
from sanbao.outlets.models import Outlet, Posting
from sanbao.outlets.queries import valid_certificates
from sanbao_rules.worktime import CHINA

# Whoever has so many has more than enough: counting on would only make placing a request the slower the more lie open.
MOST_COUNTED = 200
_COUNT = """
SELECT person, (SELECT count(*) FROM (SELECT FROM intake_request WHERE company_id = %s AND assignee_id = person AND state = ANY(%s) LIMIT %s) counted)
FROM unnest(%s::bigint[]) person
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Outlet, team and person a request goes to (each None where nobody is meant yet), and why."""

    outlet: Outlet | None = None
    team_id: int | None = None
    assignee: Person | None = None
    why: str = ""


class Loads(dict[int, int]):
    """How many open requests each person has, while many requests are placed one after the other and none is stored yet.

    `of_class`: where a class leads that no rule names.
    """

    def __init__(self) -> None:
        self.of_class: dict[int, Place] = {}


def place(
    request: Request, category: Category, *, by: Access, at: datetime, loads: Loads | None = None
) -> Place:
    """Where a new request goes. An outlet given by whoever registers it stands; else the rules, else the team of its class."""
    if request.outlet_id:
        return Place(outlet=request.outlet, why=_("chosen while registering"))
    today = at.astimezone(CHINA).date()
    rule = fitting(request, category, today)
    if rule is None:
        known = {} if loads is None else loads.of_class
        if category.pk not in known:
            team = team_of(category)
            known[category.pk] = Place(team_id=team.pk, why=_("the team of the class")) if team else Place()
        return known[category.pk]
    assignee, why = None, rule.name
    if rule.team_id and rule.mode == Rule.Mode.LEAST_LOADED:
        assignee = least_loaded(
            rule.team_id,
            rule.skill,
            today,
            company_id=by.company_id,
            certificate=rule.certificate,
            loads=loads,
            turn=request.pk,
        )
        if assignee is None:
            why = _("%(rule)s; nobody suitable is here today") % {"rule": rule.name}
    return Place(rule.outlet, rule.team_id, assignee, why)


def fitting(request: Request, category: Category, on: date) -> Rule | None:
    """The first rule in order whose conditions all hold. One that asks for a certificate fits only where somebody there has it that day."""
    company = request.company_id
    rules = kept(
        ("rules", company), ("intake_rule", "intake_category", "outlets_outlet"), lambda: _rules(company)
    )
    product = request.unit.model.category if request.unit else ""
    for path, rule in rules:
        if (
            category.path.startswith(path)
            and (not rule.product or rule.product == product)
            and (not rule.area or request.address.startswith(rule.area))
            and (not rule.channel or rule.channel == request.channel)
            and (not rule.vip or "vip" in request.flags)
            and (not rule.contract or has_contract(request, on))
            and (not rule.certificate or certified(rule, on))
        ):
            return rule
    return None


def has_contract(request: Request, on: date) -> bool:
    """Whether the customer has a contract that holds on the day: a promise on top made to this customer alone."""
    if request.customer_id is None:
        return False
    rows = kept(
        ("contracts", request.company_id),
        ("intake_pledge",),
        lambda: list(Pledge.objects.filter(company_id=request.company_id, customer__isnull=False)),
    )
    return any(
        row.customer_id == request.customer_id and row.since <= on and (row.until is None or row.until >= on)
        for row in rows
    )


def certified(rule: Rule, on: date) -> set[int]:
    """Who has the certificate the rule asks for, in its team or, without a team, at its outlet."""
    holders = {
        person
        for person, kinds in valid_certificates(rule.company_id, on).items()
        if rule.certificate in kinds
    }
    if rule.team_id:
        return holders & {member.person_id for member in members(rule.team_id, on)}
    return holders & kept(
        ("posted", rule.company_id, rule.outlet_id, on),
        ("outlets_posting",),
        lambda: _posted(rule.outlet_id, on),
    )


def _posted(outlet_id: int | None, on: date) -> set[int]:
    posts = Posting.objects.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on), outlet_id=outlet_id)
    return set(posts.values_list("person_id", flat=True))


def _rules(company_id: int) -> list[tuple[str, Rule]]:
    """The rules in order, each with the path below which it counts."""
    rows = Rule.objects.filter(company_id=company_id, retired_at__isnull=True)
    ordered = rows.select_related("category", "outlet").order_by("position", "id")
    return [(rule.category.path if rule.category else "", rule) for rule in ordered]


def team_of(category: Category) -> Team | None:
    """The team of the class, or of the nearest class above that has one."""
    return kept(("team of", category.pk), ("intake_category", "intake_team"), lambda: _team_of(category))


def _team_of(category: Category) -> Team | None:
    numbers = [int(number) for number in category.path.strip("/").split("/")]
    teams = {row.pk: row.team for row in Category.objects.filter(pk__in=numbers).select_related("team")}
    return next(
        (teams[pk] for pk in reversed(numbers) if teams.get(pk) and teams[pk].retired_at is None), None
    )


def members(team_id: int, on: date) -> list[Member]:
    """Who is in a team on a day, leaders first."""
    return kept(("members", team_id, on), ("intake_member", "accounts_person"), lambda: _members(team_id, on))


def _members(team_id: int, on: date) -> list[Member]:
    return list(
        Member.objects.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=on), team_id=team_id, person__is_active=True
        )
        .select_related("person")
        .order_by("-lead", "person__name", "id")
    )


def least_loaded(
    team_id: int,
    skill: str,
    on: date,
    *,
    company_id: int | None,
    certificate: str = "",
    loads: Loads | None = None,
    turn: int,
) -> Person | None:
    """The member who is here, may work alone (PV-8), has skill and certificate and the fewest open requests; None where there is nobody.

    `loads` goes on from one request to the next of many: whoever is chosen has one more. Where all have more than is counted, they take turns.
    """
    held = valid_certificates(company_id, on) if certificate else {}
    fit = {
        member.person_id: member.person
        for member in members(team_id, on)
        if (not skill or skill in member.skills)
        and (member.alone_from is None or member.alone_from <= on)
        and (not certificate or certificate in held.get(member.person_id, ()))
    }
    absent = away(list(fit), on, company_id=company_id)
    here = [person for person in fit if person not in absent]
    loads = Loads() if loads is None else loads
    if unknown := [person for person in here if person not in loads]:
        counted = _open_of(unknown, company_id) if len(here) > 1 else {}
        loads.update({person: counted.get(person, 0) for person in unknown})
    if not here:
        return None
    chosen = min(here, key=lambda person: (loads[person], person))
    if loads[chosen] >= MOST_COUNTED:
        chosen = sorted(here)[turn % len(here)]
    loads[chosen] += 1
    return fit[chosen]


def _open_of(people: list[int], company_id: int | None) -> dict[int, int]:
    """How many open requests each of these has, counted up to MOST_COUNTED."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [company_id, [str(state) for state in OPEN], MOST_COUNTED, people])
        return dict(cursor.fetchall())


def away(people: list[int], on: date, *, company_id: int | None) -> dict[int, int | None]:
    """Who of these is away on a day, with their substitutes."""
    absent = kept(("absences", company_id, on), ("intake_absence",), lambda: _absent(company_id, on))
    return {person: absent[person] for person in people if person in absent}


def _absent(company_id: int | None, on: date) -> dict[int, int | None]:
    return dict(
        Absence.objects.filter(
            company_id=company_id, first_day__lte=on, last_day__gte=on, withdrawn_at__isnull=True
        ).values_list("person_id", "substitute_id")
    )


def stand_in(person_id: int, on: date, *, company_id: int | None) -> int:
    """Whoever works for the person on a day: themselves, or the substitute (of the substitute) while they are away."""
    seen: set[int] = set()
    while person_id not in seen:
        seen.add(person_id)
        following = away([person_id], on, company_id=company_id).get(person_id)
        if following is None:
            return person_id
        person_id = following
    return person_id  # everybody in the ring is away: it stays with whom the ring began again
