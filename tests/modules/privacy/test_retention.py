"""The nightly retention: what is due is listed, and erased where the company has switched that on."""

import copy
from datetime import timedelta

import pytest

from sanbao.audit import personal
from sanbao.audit.history import ERASED
from sanbao.audit.models import Change, Event
from sanbao.callbacks import operations as callbacks
from sanbao.callbacks.models import Callback
from sanbao.intake import operations as desk
from sanbao.intake.models import WorkTime
from sanbao.outlets import operations as outlets
from sanbao.privacy import erasing, operations, queries
from sanbao.regulations import operations as regulations
from sanbao.settlements import operations as settlements
from sanbao.settlements.models import Sheet
from sanbao_rules.rulebook import Rulebook, shipped
from tests.cast import APRIL, NOW, moment
from tests.months import row, xlsx

pytestmark = pytest.mark.django_db

LAST_DAY, FIRST_FREE = moment(2029, 4, 9), moment(2029, 4, 10)


@pytest.fixture
def paid_month(cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    for _ in range(3):
        cast.sheet()
    cast.received()
    return cast.statement(upto="paid")


def _switch(cast, on=True):
    operations.switch(on, by=cast.access("admin"), at=NOW)


def _due(cast, at, record="repair_records"):
    return next(due.due for due in queries.overview(cast.company.pk, at.date()) if due.record == record)


def test_a_sheet_is_due_the_day_after_its_last_day(cast, paid_month):
    """ASVS 14.2.7: kept as long as the book says and not a day less."""
    assert (_due(cast, LAST_DAY), _due(cast, FIRST_FREE)) == (0, 3)


def test_the_first_kept_day_agrees_with_the_rule_for_every_day_of_years():
    from datetime import date, timedelta

    from sanbao_rules.retention import erasable_from
    from sanbao_rules.rulebook import shipped

    book = shipped("retention")
    for record in ("repair_records", "logs", "files_put_aside"):
        for number in range(0, 1500, 7):
            today = date(2026, 1, 1) + timedelta(days=number)
            kept = queries._back(today, book.value(record, today))
            assert erasable_from(record, kept, today, book).answer > today
            assert erasable_from(record, kept - timedelta(days=1), today, book).answer <= today


def test_nothing_is_erased_while_the_switch_is_off(cast, paid_month):
    assert erasing.erase_due(cast.company.pk, at=FIRST_FREE) == {
        "sheets": 0,
        "files": 0,
        "people": 0,
        "messages": 0,
        "callbacks": 0,
        "working_times": 0,
    }
    assert Sheet.objects.filter(customer="张三").count() == 3


def test_with_the_switch_on_what_is_due_is_erased_with_an_event_and_the_second_night_finds_nothing(
    cast, paid_month
):
    _switch(cast)
    assert erasing.erase_due(cast.company.pk, at=LAST_DAY)["sheets"] == 0
    assert erasing.erase_due(cast.company.pk, at=FIRST_FREE)["sheets"] == 3
    assert not Sheet.objects.exclude(customer="").exists()
    assert Event.objects.filter(action="privacy:retention:erased").count() == 1
    assert erasing.erase_due(cast.company.pk, at=FIRST_FREE)["sheets"] == 0


def test_a_sheet_of_an_unpaid_statement_waits(cast):
    cast.sheet()
    cast.received()
    cast.statement(upto="approved")
    _switch(cast)
    assert erasing.erase_due(cast.company.pk, at=FIRST_FREE)["sheets"] == 0


def test_a_night_killed_between_batches_goes_on_the_next_night(cast, paid_month, monkeypatch):
    """Each batch is a transaction of its own: what was done stays, what was not is done again."""
    _switch(cast)
    real, nights = erasing.settlements.erase_sheets, []

    def killed(*args, **kwargs):
        if nights:
            raise RuntimeError("killed")
        nights.append(1)
        return real(*args, **kwargs)

    monkeypatch.setattr(erasing.settlements, "erase_sheets", killed)
    with pytest.raises(RuntimeError):
        erasing.erase_due(cast.company.pk, at=FIRST_FREE, batch=1)
    assert Sheet.objects.filter(erased_at__isnull=False).count() == 1
    monkeypatch.undo()
    assert erasing.erase_due(cast.company.pk, at=FIRST_FREE, batch=1)["sheets"] == 2


def test_a_file_put_aside_is_erased_after_its_days(
    cast, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    owner = cast.access("owner-GZ001")
    read = settlements.read_hand_in(
        cast.outlets["GZ001"], APRIL, xlsx([row(单号="A1")]), "a.xlsx", by=owner, at=NOW
    )
    settlements.drop_hand_in(read, by=owner, at=NOW)
    _switch(cast)
    assert erasing.erase_due(cast.company.pk, at=moment(2026, 6, 19))["files"] == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert erasing.erase_due(cast.company.pk, at=moment(2026, 6, 20))["files"] == 1
    assert erasing.erase_due(cast.company.pk, at=moment(2026, 6, 21))["files"] == 0


def test_a_callback_is_erased_when_its_years_are_over_and_its_marks_stay(cast, settings, tmp_path):
    """PIPL 19, Civil Code 188: three years from the end of the last call; an answer still owed keeps it."""
    settings.MEDIA_ROOT = tmp_path
    by = cast.access("callbacks")
    talked, owed = (Callback.objects.get(plan__sheet=cast.sheet().pk) for _ in range(2))
    for each in (talked, owed):
        callbacks.record(each, {"satisfaction": 5, "words": "张三说很好，回电13800005678"}, by=by, at=NOW)
    callbacks.promise_answer(
        owed, "滤网多少钱？", NOW + timedelta(hours=1), cast.people["agent"], by=by, at=NOW
    )
    last, free = moment(2029, 5, 20), moment(2029, 5, 21)
    assert (_due(cast, last, "callbacks"), _due(cast, free, "callbacks")) == (0, 1)
    assert erasing.erase_due(cast.company.pk, at=free)["callbacks"] == 0
    _switch(cast)
    assert [erasing.erase_due(cast.company.pk, at=at)["callbacks"] for at in (last, free, free)] == [0, 1, 0]

    talked.refresh_from_db()
    owed.refresh_from_db()
    assert (talked.plan.contact, talked.plan.phone, talked.phone, talked.record.satisfaction) == (
        "",
        "",
        "",
        5,
    )
    assert "张三" not in talked.record.words and "13800005678" not in talked.record.words
    assert not Change.objects.filter(
        table="callbacks_plan", row=str(talked.plan_id), after__phone="13800005678"
    ).exists()
    assert owed.plan.phone == "13800005678"


def test_when_somebody_was_at_work_is_erased_when_its_years_are_over(cast):
    """PIPL 19, BA-6: two years from the day, with why it was written down, in the row, its history and the log."""
    day = desk.come(by=cast.access("agent"), at=NOW)
    later = desk.come(by=cast.access("agent"), at=NOW + timedelta(days=1))
    last, free = NOW.replace(year=2028), NOW.replace(year=2028) + timedelta(days=1)
    assert (_due(cast, last, "working_times"), _due(cast, free, "working_times")) == (0, 1)
    assert erasing.erase_due(cast.company.pk, at=free)["working_times"] == 0
    _switch(cast)
    assert [erasing.erase_due(cast.company.pk, at=at)["working_times"] for at in (last, free, free)] == [
        0,
        1,
        0,
    ]
    assert list(WorkTime.objects.values_list("pk", flat=True)) == [later.pk]
    told = Change.objects.filter(table="intake_worktime", row=str(day.pk))
    assert told.exists()
    assert not [one for one in told for side in (one.before, one.after) if side and side["came_at"] != ERASED]


def test_the_working_times_of_former_staff_go_with_the_name(cast):
    desk.come(by=cast.access("agent"), at=NOW)
    person, by = cast.people["agent"], cast.access("admin")
    with personal.erasing():
        operations.rename_former(person, by=by, at=NOW)
    assert not WorkTime.objects.filter(person=person).exists()


def test_a_companys_own_older_book_that_knows_no_callbacks_erases_none(cast):
    """SR-9: what a book does not say is not done."""
    older = copy.deepcopy(dict(shipped("retention").document))
    del older["parameters"]["callbacks"]
    older["edition"] = "GZ.0"
    edition = regulations.pin(Rulebook(older, "older", known=False), at=NOW, company_id=cast.company.pk)
    regulations.adopt(edition, by=cast.access("admin"), at=NOW)
    cast.sheet()
    _switch(cast)
    assert erasing.erase_due(cast.company.pk, at=moment(2036, 1, 1))["callbacks"] == 0


def test_names_of_former_staff_go_when_their_years_are_over(cast):
    person = cast.people["callbacks"]
    for posting in person.postings.all():
        outlets.dismiss(posting, on=NOW.date(), by=cast.access("admin"), at=NOW)
    _switch(cast)
    assert erasing.erase_due(cast.company.pk, at=moment(2029, 5, 20))["people"] == 0
    assert erasing.erase_due(cast.company.pk, at=moment(2029, 5, 21))["people"] == 1
    person.refresh_from_db()
    assert person.name == f"Former staff {person.pk}"


def test_only_the_company_that_switched_it_on_is_erased(cast, paid_month):
    from tests.cast import assemble

    other = assemble("other", "other-", "另一家")
    other.sheet(number="X1")
    _switch(cast)
    erasing.erase_due(other.company.pk, at=FIRST_FREE)
    assert Sheet.objects.get(number="X1").customer == "张三"


def test_the_nightly_job_is_known_to_the_worker_and_opens_its_own_scope(cast, paid_month):
    from procrastinate.contrib.django import app

    from sanbao.accounts import scope
    from sanbao.privacy import tasks

    assert any(periodic.task.name == "privacy.retention" for periodic in app.periodic_registry.periodic_tasks.values())  # fmt: skip
    _switch(cast)
    with scope.closed():
        assert tasks.retention(0) == {
            "maker": {"sheets": 0, "files": 0, "people": 0, "messages": 0, "callbacks": 0, "working_times": 0}
        }
