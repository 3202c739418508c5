"""Coming and going, written down by the person; or by whoever answers for them, with a reason (BA-6)."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit import operations as audit
from sanbao.intake import working_times
from sanbao.intake.models import WorkTime
from sanbao.intake.permissions import May
from sanbao.notices.telling import tell
from sanbao.outlets.queries import holders
from sanbao.ui.refusal import Refusal

LONGEST = timedelta(hours=18)  # whoever forgot to end yesterday does not end it today
AFTER_CLOSING = timedelta(hours=1)
WITHOUT_HOURS = timedelta(hours=10)  # a day off has no closing, nor has a shift that began after it
LOOKED_BACK = timedelta(days=7)


@transaction.atomic
def come(*, by: Access, at: datetime) -> WorkTime:
    """Whoever asks is at work from now on. Coming back on the same day changes nothing: the day began when they first came."""
    by.require(May.OWN_TIME)
    person = Person.objects.get(pk=by.person_id)
    day = timezone.localdate(at)
    outlet_id, hours = _arranged(by.company_id, person, day)
    row, made = WorkTime.objects.get_or_create(
        company_id=by.company_id, person=person, day=day,
        defaults={"outlet_id": outlet_id, "came_at": at, "due_from": hours[0], "due_to": hours[1], "late": working_times.late(at, hours[0])},
    )  # fmt: skip
    if not made:
        raise Refusal(
            _("You are on record from %(time)s today already.")
            % {"time": f"{timezone.localtime(row.came_at):%H:%M}"},
            code="came",
        )
    audit.record("intake:time:came", row, by=by, at=at, outlet_id=row.outlet_id, late=row.late)
    return row  # type: ignore[no-any-return]


@transaction.atomic
def go(*, by: Access, at: datetime) -> WorkTime:
    """Whoever asks goes home. Who goes again later on the same day was there until then."""
    by.require(May.OWN_TIME)
    rows = WorkTime.objects.select_for_update(of=("self",)).filter(company_id=by.company_id, person_id=by.person_id)  # fmt: skip
    row = rows.filter(day=timezone.localdate(at)).first()
    row = row or rows.filter(went_at__isnull=True, came_at__gte=at - LONGEST).order_by("-day").first()
    if row is None:
        raise Refusal(_("You are not on record as having come. Have your day written down."), code="not_come")
    if row.went_at and row.written_by_id:
        raise Refusal(_("This day was written down for you. Have it changed by whoever did."), code="written")
    row.went_at = max(at, row.came_at)
    row.early = working_times.early(row.went_at, row.day, row.due_to)
    row.save(update_fields=["went_at", "early"])
    audit.record("intake:time:went", row, by=by, at=at, outlet_id=row.outlet_id, early=row.early)
    return row  # type: ignore[no-any-return]


@transaction.atomic
def keep_time(
    person: Person, day: date, came: time, went: time | None, reason: str, *, by: Access, at: datetime
) -> WorkTime:
    """Write down or change a day of somebody one answers for, with the reason. Nobody does it for themselves."""
    by.require(May.KEEP_TIMES)
    if not working_times.staff(by, May.KEEP_TIMES).filter(pk=person.pk).exists():
        raise Refusal(_("There is nobody of this name among your people."), field="person", code="person")
    if person.pk == by.person_id:
        raise Refusal(_("Have your own day written down by somebody else."), field="day", code="own")
    if day > timezone.localdate(at):
        raise Refusal(_("This day has not come yet."), field="day", code="future")
    if not reason.strip():
        raise Refusal(_("Say why the day is written down or changed."), field="reason", code="reason")
    if went is not None and went <= came:
        raise Refusal(_("Going comes after coming."), field="went", code="order")
    if went is None and day < timezone.localdate(at):
        raise Refusal(_("Say until when: the day is over."), field="went", code="went")
    came_at, went_at = working_times.moment(day, came), working_times.moment(day, went) if went else None
    if came_at > at or (went_at and went_at > at):
        raise Refusal(_("This time has not come yet."), field="went" if went else "came", code="future")

    outlet_id, hours = _arranged(by.company_id, person, day)
    row = WorkTime.objects.select_for_update(of=("self",)).filter(company_id=by.company_id, person=person, day=day).first()  # fmt: skip
    if row is None:
        row = WorkTime(
            company_id=by.company_id,
            person=person,
            day=day,
            outlet_id=outlet_id,
            due_from=hours[0],
            due_to=hours[1],
        )
    elif not WorkTime.objects.visible_to(by, May.KEEP_TIMES).filter(pk=row.pk).exists():
        raise Refusal(_("On that day they worked elsewhere."), field="day", code="elsewhere")
    row.came_at, row.went_at, row.reason, row.written_by_id = came_at, went_at, reason.strip(), by.person_id
    row.late = working_times.late(came_at, row.due_from)
    row.early = working_times.early(went_at, day, row.due_to) if went_at else 0
    row.save()
    audit.record("intake:time:kept", row, by=by, at=at, outlet_id=row.outlet_id, reason=row.reason, person=person.pk)  # fmt: skip
    return row


def remind_of_going(now: datetime) -> int:
    """Tell whoever is still on record as at work an hour after the closing; and, when they can't end the day themselves any more, those
    who can write it down. Each is told once; how many days were told of. The caller opens the scope."""
    told = 0
    rows = WorkTime.objects.filter(went_at__isnull=True, came_at__gte=now - LOOKED_BACK, came_at__lt=now)
    for row in rows.select_related("person").order_by("id"):
        by = Access(None, row.company_id, request="working times")
        if row.came_at < now - LONGEST:
            keepers = holders(row.company_id, May.KEEP_TIMES, on=timezone.localdate(now), outlet_id=row.outlet_id, but=row.person_id)  # fmt: skip
            tell(
                keepers, "intake:time-unended", about=row, by=by, at=now, person=row.person.name, day=row.day
            )
        elif _left_open_at(row) <= now:
            tell([row.person], "intake:time-open", about=row, by=by, at=now, came=row.came_at)
        else:
            continue
        told += 1
    return told


def _left_open_at(row: WorkTime) -> datetime:
    """From when on somebody who has not said that they went has probably forgotten it."""
    closing = working_times.moment(row.day, row.due_to) if row.due_to else row.came_at
    return closing + AFTER_CLOSING if closing > row.came_at else row.came_at + WITHOUT_HOURS


def _arranged(
    company_id: int | None, person: Person, day: date
) -> tuple[int | None, tuple[time | None, time | None]]:
    """Where somebody works, and the place's hours on a day."""
    outlet_id = working_times.place_of(company_id, person)
    return outlet_id, working_times.hours(company_id, outlet_id, day) or (None, None)
