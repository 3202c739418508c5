"""Setting the desk up: classes, teams, who is in them and who is away, what goes where, promises on top, hours on duty."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit import operations as audit
from sanbao.intake import first_desk
from sanbao.intake.models import Absence, Category, Duty, Member, Pledge, Rule, Team
from sanbao.intake.permissions import May
from sanbao.outlets.models import Outlet
from sanbao.ui.refusal import Refusal

DEEPEST = 4


@transaction.atomic
def found_desk(*, by: Access, at: datetime) -> None:
    """Give a company the classes and teams to begin with; nothing where it has classes already."""
    if Category.objects.filter(company_id=by.company_id).exists():
        return
    teams: dict[str, Team] = {}
    for code, name, purpose, classes in first_desk.TEAMS:
        team = Team.objects.create(company_id=by.company_id, code=code, name=name, purpose=purpose)
        teams |= dict.fromkeys(classes, team)
    for position, (code, name, english, kind, nature, below) in enumerate(first_desk.CLASSES):
        top = _new_category(None, code, name, english, kind, nature, teams.get(code), position, by)
        for place, (inner, inner_name, inner_english) in enumerate(below):
            _new_category(top, inner, inner_name, inner_english, kind, nature, None, place, by)
    audit.record("intake:desk:founded", by_person(by), by=by, at=at)


def by_person(by: Access) -> Person:
    """Whoever did it, as the thing an event is about where there is no other."""
    return Person.objects.get(pk=by.person_id)


def _new_category(
    parent: Category | None,
    code: str,
    name: str,
    english: str,
    kind: str,
    nature: str,
    team: Team | None,
    position: int,
    by: Access,
) -> Category:
    category = Category.objects.create(
        company_id=by.company_id,
        parent=parent,
        code=code,
        name=name,
        name_en=english,
        kind=kind,
        nature=nature,
        team=team,
        position=position,
    )
    category.path = f"{parent.path if parent else '/'}{category.pk}/"
    category.save(update_fields=["path"])
    return category


@transaction.atomic
def keep_category(
    category: Category | None,
    *,
    code: str,
    name: str,
    kind: str,
    nature: str,
    name_en: str = "",
    parent: Category | None = None,
    team: Team | None = None,
    position: int = 0,
    by: Access,
    at: datetime,
) -> Category:
    """Add a class below another (or at the top), or change one. A class can't be put below itself, nor deeper than DEEPEST."""
    by.require(May.MANAGE)
    if parent is not None and parent.path.count("/") > DEEPEST:
        raise Refusal(
            _("Classes lie at most %(deepest)d deep.") % {"deepest": DEEPEST}, field="parent", code="deep"
        )
    if category is None:
        try:
            with transaction.atomic():
                made = _new_category(parent, code, name, name_en, kind, nature, team, position, by)
        except IntegrityError:
            raise Refusal(
                _("The code %(code)s is taken.") % {"code": code}, field="code", code="taken"
            ) from None
        audit.record("intake:category:added", made, by=by, at=at, code=code)
        return made
    found = Category.objects.visible_to(by, May.MANAGE).select_for_update().get(pk=category.pk)
    if parent is not None and parent.path.startswith(found.path):
        raise Refusal(_("A class can't lie below itself."), field="parent", code="loop")
    before = found.path
    for field, value in {"code": code, "name": name, "name_en": name_en, "kind": kind, "nature": nature, "parent": parent, "team": team, "position": position}.items():  # fmt: skip
        setattr(found, field, value)
    found.path = f"{parent.path if parent else '/'}{found.pk}/"
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise Refusal(_("The code %(code)s is taken.") % {"code": code}, field="code", code="taken") from None
    if found.path != before:
        for below in Category.objects.filter(company_id=by.company_id, path__startswith=before).exclude(
            pk=found.pk
        ):
            below.path = found.path + below.path.removeprefix(before)
            below.save(update_fields=["path"])
    audit.record("intake:category:changed", found, by=by, at=at, code=code)
    return found


@transaction.atomic
def retire_category(category: Category, *, by: Access, at: datetime) -> None:
    """No longer offered, with all below it; requests that have it keep it."""
    by.require(May.MANAGE)
    found = Category.objects.visible_to(by, May.MANAGE).get(pk=category.pk)
    Category.objects.filter(
        company_id=by.company_id, path__startswith=found.path, retired_at__isnull=True
    ).update(retired_at=at)
    audit.record("intake:category:retired", found, by=by, at=at, code=found.code)


@transaction.atomic
def keep_team(
    team: Team | None, *, code: str, name: str, purpose: str = "", by: Access, at: datetime
) -> Team:
    """Add a team or change it."""
    by.require(May.MANAGE)
    kept = team or Team(company_id=by.company_id)
    kept.code, kept.name, kept.purpose = code, name, purpose
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:
        raise Refusal(_("The code %(code)s is taken.") % {"code": code}, field="code", code="taken") from None
    audit.record("intake:team:changed" if team else "intake:team:added", kept, by=by, at=at, code=code)
    return kept


@transaction.atomic
def retire_team(team: Team, *, by: Access, at: datetime) -> None:
    """A team that gets nothing any more. Refused while requests lie in its queue or a rule leads to it."""
    by.require(May.MANAGE)
    if Rule.objects.filter(team=team, retired_at__isnull=True).exists():
        raise Refusal(_("A rule of assignment leads to this team; change the rule first."), code="ruled")
    Team.objects.filter(pk=team.pk).update(retired_at=at)
    audit.record("intake:team:retired", team, by=by, at=at, code=team.code)


@transaction.atomic
def keep_member(
    team: Team,
    person: Person,
    *,
    lead: bool = False,
    skills: Sequence[str] = (),
    alone_from: date | None = None,
    by: Access,
    at: datetime,
) -> Member:
    """Somebody is in a team from now on, or something about it has changed."""
    by.require(May.MANAGE)
    member, _made = Member.objects.update_or_create(
        team=team, person=person, ended_on=None,
        defaults={"lead": lead, "skills": sorted(set(skills)), "alone_from": alone_from},
    )  # fmt: skip
    audit.record("intake:member:kept", team, by=by, at=at, person=person.pk, lead=lead)
    return member


@transaction.atomic
def end_member(member: Member, *, by: Access, at: datetime) -> None:
    """Somebody leaves a team; what they have stays theirs until it is handed on."""
    by.require(May.MANAGE)
    member.ended_on = timezone.localdate(at)
    member.save(update_fields=["ended_on"])
    audit.record("intake:member:ended", member.team, by=by, at=at, person=member.person_id)


@transaction.atomic
def keep_absence(
    person: Person,
    first_day: date,
    last_day: date,
    *,
    substitute: Person | None = None,
    permission: str = May.MANAGE,
    by: Access,
    at: datetime,
) -> Absence:
    """Somebody will be away. Their own absence everybody writes down; others' whoever manages the desk.

    `permission`: for a module that has people of its own in its charge (engineers), and has made sure that this is one of them.
    """
    if person.pk != by.person_id:
        by.require(permission)
    if last_day < first_day:
        raise Refusal(_("The last day lies before the first."), field="last_day", code="order")
    if substitute is not None and substitute.pk == person.pk:
        raise Refusal(_("Choose somebody else as the substitute."), field="substitute", code="self")
    overlapping = Absence.objects.filter(
        Q(first_day__lte=last_day) & Q(last_day__gte=first_day),
        company_id=by.company_id,
        person=person,
        withdrawn_at__isnull=True,
    )
    if overlapping.exists():
        raise Refusal(
            _("These days are covered by another absence already."), field="first_day", code="overlap"
        )
    absence = Absence.objects.create(
        company_id=by.company_id, person=person, first_day=first_day, last_day=last_day, substitute=substitute
    )
    audit.record("intake:absence:kept", absence, by=by, at=at, person=person.pk)
    return absence


@transaction.atomic
def withdraw_absence(absence: Absence, *, permission: str = May.MANAGE, by: Access, at: datetime) -> None:
    """The person is here after all."""
    if absence.person_id != by.person_id:
        by.require(permission)
    Absence.objects.filter(pk=absence.pk).update(withdrawn_at=at)
    audit.record("intake:absence:withdrawn", absence, by=by, at=at, person=absence.person_id)


@transaction.atomic
def keep_rule(rule: Rule | None, fields: dict[str, Any], *, by: Access, at: datetime) -> Rule:
    """Add a rule of assignment or change it; a rule leads to a team, an outlet or both."""
    by.require(May.MANAGE)
    kept = rule or Rule(company_id=by.company_id)
    for name, value in fields.items():
        setattr(kept, name, value)
    if kept.team_id is None and kept.outlet_id is None:
        raise Refusal(
            _("Say where such requests go: a team, an outlet, or both."), field="team", code="nowhere"
        )
    kept.save()
    audit.record(
        "intake:rule:changed" if rule else "intake:rule:added", kept, by=by, at=at, position=kept.position
    )
    return kept


@transaction.atomic
def retire_rule(rule: Rule, *, by: Access, at: datetime) -> None:
    """A rule that no longer holds."""
    by.require(May.MANAGE)
    Rule.objects.filter(pk=rule.pk).update(retired_at=at)
    audit.record("intake:rule:retired", rule, by=by, at=at)


@transaction.atomic
def keep_pledge(fields: dict[str, Any], *, by: Access, at: datetime) -> Pledge:
    """A promise on top of the regulation's. It counts for requests received from its first day on."""
    by.require(May.MANAGE)
    if fields.get("until") and fields["until"] < fields["since"]:
        raise Refusal(_("The last day lies before the first."), field="until", code="order")
    pledge = Pledge.objects.create(company_id=by.company_id, **fields)
    audit.record(
        "intake:pledge:added",
        pledge,
        by=by,
        at=at,
        promise=pledge.promise,
        length=pledge.length,
        unit=pledge.unit,
    )
    return pledge


@transaction.atomic
def end_pledge(pledge: Pledge, *, by: Access, at: datetime) -> None:
    """No longer promised for what comes from tomorrow on."""
    by.require(May.MANAGE)
    today = timezone.localdate(at)
    pledge.until = max(today, pledge.since)
    pledge.save(update_fields=["until"])
    audit.record("intake:pledge:ended", pledge, by=by, at=at)


@transaction.atomic
def keep_duty(
    outlet: Outlet | None,
    *,
    weekday: str = "",
    day: date | None = None,
    opens: time | None,
    closes: time | None,
    by: Access,
    at: datetime,
) -> Duty:
    """Hours of a weekday or a day; without hours that day is closed. Promises made from now on count by them."""
    by.require(May.MANAGE)
    if bool(weekday) == bool(day):
        raise Refusal(_("Choose either a weekday or a day."), field="day", code="which")
    if weekday and opens is None:
        raise Refusal(_("Give the hours of the weekday."), field="opens", code="hours")
    if (opens is None) != (closes is None) or (opens and closes and closes <= opens):
        raise Refusal(_("It closes after it opens, on the same day."), field="closes", code="order")
    duty, _made = Duty.objects.update_or_create(
        company_id=by.company_id,
        outlet=outlet,
        weekday=weekday,
        day=day,
        defaults={"opens": opens, "closes": closes},
    )
    audit.record("intake:duty:kept", duty, by=by, at=at, outlet_id=outlet.pk if outlet else None)
    return duty


@transaction.atomic
def drop_duty(duty: Duty, *, by: Access, at: datetime) -> None:
    """Back to the calendar's hours. Promises already made keep the hours they were made with, in their decisions."""
    by.require(May.MANAGE)
    audit.record("intake:duty:dropped", duty, by=by, at=at, outlet_id=duty.outlet_id)
    duty.delete()
