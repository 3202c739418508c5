"""The nightly erasure of what no law and no purpose keeps any longer."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.audit import operations as audit
from sanbao.audit.personal import erasing
from sanbao.callbacks import personal as callbacks
from sanbao.files import operations as files
from sanbao.intake import personal as intake
from sanbao.notices import personal as notices
from sanbao.privacy import operations, queries
from sanbao.settlements import personal as settlements

BATCH = 500


def erase_due(company_id: int, *, at: datetime, batch: int = BATCH) -> dict[str, int]:
    """Erase what is due in one company, in batches of one transaction each; nothing where the company has not switched it on.

    A batch that a killed process left is whole or not there, and a content whose tombstone stands is deleted here. Runs twice do
    nothing the second time.
    """
    done = {
        "sheets": 0,
        "files": files.sweep(),
        "people": 0,
        "messages": 0,
        "callbacks": 0,
        "working_times": 0,
    }
    if not queries.erases(company_id):
        return done
    today = timezone.localdate(at)
    system = Access(None, company_id, (), "", "retention")
    company = Company.objects.get(pk=company_id)
    reason = _("retention is over")
    while True:
        with erasing():
            due = settlements.due_sheets(
                company_id, queries.free_since(settlements.RECORD, company_id, today)
            )
            sheets = list(due.select_for_update(skip_locked=True).order_by("id")[:batch])
            if not sheets:
                break
            counts = settlements.erase_sheets(sheets, by=system, at=at, reason=reason)
            audit.record("privacy:retention:erased", company, by=system, at=at, **counts)
        done["sheets"] += counts["sheets"]
        done["files"] += counts["files"]
    while True:
        with erasing():
            aside = settlements.due_files(
                company_id, queries.free_since("files_put_aside", company_id, today)
            )
            hand_ins = list(aside.order_by("id")[:batch])
            if not hand_ins:
                break
            erased = settlements.erase_files_put_aside(hand_ins, by=system, at=at, reason=reason)
            audit.record("privacy:retention:erased", company, by=system, at=at, files=erased)
        done["files"] += erased
    ended_before = queries.messages_before(company_id, today)
    while ended_before is not None:
        with erasing():
            blanked = notices.blank_due(company_id, ended_before, batch)
            if not blanked:
                break
            audit.record("privacy:retention:erased", company, by=system, at=at, messages=blanked)
        done["messages"] += blanked
    said_before = queries.callbacks_before(company_id, today)
    while said_before is not None:
        with erasing():
            over = callbacks.due_plans(company_id, said_before)
            plans = list(over.select_for_update(of=("self",), skip_locked=True).order_by("id")[:batch])
            if not plans:
                break
            erased = callbacks.erase_due_plans(plans, by=system, at=at, reason=reason)
            audit.record("privacy:retention:erased", company, by=system, at=at, callbacks=erased)
        done["callbacks"] += erased
    worked_before = queries.times_before(company_id, today)
    while worked_before is not None:
        with erasing():
            days = intake.due_times(company_id, worked_before)
            times = list(days.select_for_update(of=("self",), skip_locked=True).order_by("id")[:batch])
            if not times:
                break
            erased = intake.erase_times(times)
            audit.record("privacy:retention:erased", company, by=system, at=at, working_times=erased)
        done["working_times"] += erased
    for person in queries.former_staff(company_id, today):
        with erasing():
            operations.rename_former(person, by=system, at=at)
            audit.record("privacy:retention:erased", company, by=system, at=at, people=1)
        done["people"] += 1
    return done
