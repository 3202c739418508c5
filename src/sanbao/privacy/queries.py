"""What is due to be erased and when, by the retention book the company goes by."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from sanbao.accounts.models import Person
from sanbao.audit.models import Change
from sanbao.audit.personal import Hold
from sanbao.callbacks import personal as callbacks
from sanbao.intake import personal as intake
from sanbao.notices import personal as notices
from sanbao.outlets.models import Posting
from sanbao.privacy.models import Request, Retention
from sanbao.regulations.queries import book_in_force
from sanbao.settlements import personal as settlements
from sanbao.ui import formats
from sanbao_rules.explain import explain_all
from sanbao_rules.periods import add_months, add_years
from sanbao_rules.retention import erasable_from
from sanbao_rules.rulebook import Dated, Rulebook

FORMER = "former-"
UNITS = {"years": add_years, "months": add_months}


@dataclass(frozen=True, slots=True)
class Due:
    """One kind of record: its period and clause, what the product keeps of it, how many are due today."""

    record: str
    label: str
    period: int
    unit: str
    clause: str
    clause_text: str
    own: bool
    note: str
    due: int | None  # None: the product erases none of it by itself
    first: date | None  # the next day on which something becomes due


def free_since(record: str, company_id: int, today: date) -> date:
    """What counts from a day before this one may be erased today."""
    dated = book_in_force(company_id, "retention").value(record, today)
    return _back(today, dated)


def _back(today: date, dated: Dated) -> date:
    """The first day whose records are still kept on `today`: found with the rule itself, so month ends agree with it."""
    rough = {"years": 366, "months": 31, "days": 1}[dated.unit] * dated.value + 1
    day = today - timedelta(days=rough)
    while _free(day, dated) <= today:
        day += timedelta(days=1)
    return day


def _free(since: date, dated: Dated) -> date:
    if dated.unit == "days":
        return since + timedelta(days=dated.value + 1)
    return UNITS[dated.unit](since, dated.value) + timedelta(days=1)


def overview(company_id: int, today: date) -> list[Due]:
    """Every kind of record of the book, with what is due."""
    book, language = book_in_force(company_id, "retention"), "zh" if formats.chinese() else "en"
    counted = {
        "repair_records": (_sheets(company_id, today).count(), _first_sheet(company_id, book, today)),
        "files_put_aside": (_files(company_id, today).count(), None),
        "former_staff": (len(former_staff(company_id, today)), None),
        "logs": (_logs(company_id, today), None),
        "privacy_records": (_requests(company_id, today).count(), None),
        "callbacks": (_callbacks(company_id, today), None),
        "messages": (_messages(company_id, today), None),
        "working_times": (_times(company_id, today), None),
    }
    found = []
    for name, parameter in book.parameters.items():
        try:
            dated = book.value(name, today)
        except LookupError:
            continue
        due, first = counted.get(name, (None, None))
        found.append(
            Due(
                name, parameter.label[language], dated.value, dated.unit, dated.clause, book.clause_text(dated.clause, language),
                parameter.own, parameter.note[language] if parameter.note else "", due, first,
            )
        )  # fmt: skip
    return found


def _sheets(company_id: int, today: date) -> QuerySet[Any]:
    return settlements.due_sheets(company_id, free_since("repair_records", company_id, today))


def _files(company_id: int, today: date) -> QuerySet[Any]:
    return settlements.due_files(company_id, free_since("files_put_aside", company_id, today))


def messages_before(company_id: int, today: date) -> date | None:
    """Messages that ended before this day are due; None where the company's own edition of the book does not know them yet."""
    return _free_if_known("messages", company_id, today)


def callbacks_before(company_id: int, today: date) -> date | None:
    """Callbacks whose last word was said before this day are due; None where the company's own edition of the book does not know them yet."""
    return _free_if_known("callbacks", company_id, today)


def times_before(company_id: int, today: date) -> date | None:
    """Days at work before this one are due; None where the company's own edition of the book does not know them yet."""
    return _free_if_known("working_times", company_id, today)


def _free_if_known(record: str, company_id: int, today: date) -> date | None:
    try:
        return free_since(record, company_id, today)
    except LookupError:
        return None


def _callbacks(company_id: int, today: date) -> int:
    before = callbacks_before(company_id, today)
    return callbacks.due_plans(company_id, before).count() if before else 0


def _times(company_id: int, today: date) -> int:
    before = times_before(company_id, today)
    return intake.due_times(company_id, before).count() if before else 0


def _messages(company_id: int, today: date) -> int:
    before = messages_before(company_id, today)
    if before is None:
        return 0
    return notices.due_messages(company_id, before).count() + notices.due_incoming(company_id, before).count()


def _requests(company_id: int, today: date) -> QuerySet[Request]:
    since = free_since("privacy_records", company_id, today)
    return Request.objects.filter(company_id=company_id, decided_at__date__lt=since)


def _logs(company_id: int, today: date) -> int:
    since = free_since("logs", company_id, today)
    return Change.objects.filter(company_id=company_id, at__date__lt=since).count()


def _first_sheet(company_id: int, book: Rulebook, today: date) -> date | None:
    """The next day on which a sheet becomes due."""
    since = free_since("repair_records", company_id, today)
    row = (
        settlements.Sheet.objects.filter(
            company_id=company_id, erased_at__isnull=True, completed_on__gte=since
        )
        .order_by("completed_on")
        .values_list("completed_on", flat=True)
        .first()
    )
    return erasable_from("repair_records", row, today, book).answer if row else None


def former_staff(company_id: int, today: date) -> list[Person]:
    """People whose last post in this company, their only one, ended so long ago that their name is due."""
    since = free_since("former_staff", company_id, today)
    postings = Posting._base_manager.all()  # in every company
    held = postings.filter(company_id=company_id)
    still = postings.filter(ended_on__isnull=True) | postings.filter(ended_on__gte=since)
    elsewhere = postings.exclude(company_id=company_id)
    return list(
        Person.objects.filter(pk__in=held.values("person_id"))
        .exclude(pk__in=still.values("person_id"))
        .exclude(pk__in=elsewhere.values("person_id"))
        .exclude(username__startswith=FORMER)
        .order_by("pk")
    )


def staff_hold(person: Person, company_id: int, today: date) -> Hold | None:
    """Why a former colleague's name stays for now; None where nothing holds it."""
    ended = max((p.ended_on for p in Posting._base_manager.filter(person=person) if p.ended_on), default=None)
    if ended is None:
        return None
    book = book_in_force(company_id, "retention")
    made = erasable_from("former_staff", ended, today, book)
    if made.answer <= today:
        return None
    told = explain_all(made.reasons, {"retention": book}, "zh" if formats.chinese() else "en")[0]
    return Hold(told.text, made.reasons[0].args["last"], told.clause)


def erases(company_id: int) -> bool:
    """Whether the company lets the nightly job erase what is due."""
    return Retention.objects.filter(company_id=company_id, erases=True).exists()


def without_post(company_id: int) -> list[Person]:
    """Former colleagues of this company whose name still stands: they hold no post any more, anywhere."""
    postings = Posting._base_manager.all()
    return list(
        Person.objects.filter(pk__in=postings.filter(company_id=company_id).values("person_id"))
        .exclude(pk__in=postings.filter(ended_on__isnull=True).values("person_id"))
        .exclude(username__startswith=FORMER)
        .order_by("name", "pk")
    )
