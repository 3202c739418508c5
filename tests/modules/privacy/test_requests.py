"""People's requests over their data: a copy, an erasure, and what stands against it."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction

from sanbao.audit.models import Change, Event
from sanbao.audit.personal import Subject
from sanbao.decisions.models import Decision
from sanbao.files import operations as files
from sanbao.files.models import StoredFile, Tombstone
from sanbao.ledger.models import Entry
from sanbao.outlets import operations as outlets
from sanbao.privacy import operations
from sanbao.privacy.models import Request
from sanbao.settlements import operations as settlements
from sanbao.settlements.models import HandIn, Line, Sheet
from sanbao.ui.refusal import Refusal, Stale
from tests.cast import APRIL, NOW, moment
from tests.months import row, xlsx

pytestmark = pytest.mark.django_db

NAME, PHONE, PLACE = "钱多多", "13711112222", "解放路88号3单元"
LATER = moment(2029, 6, 1)


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def _customers_month(cast, upto="paid"):
    """A month in which 钱多多 has a sheet from a file, beside another customer; paid."""
    data = xlsx(
        [
            row(单号="Q1", 用户姓名=NAME, 联系电话=PHONE, 地址=PLACE, 故障现象=f"{NAME}说不转，回电{PHONE}"),
            row(单号="Q2", 用户姓名="孙二", 联系电话="13800001111"),
        ]
    )
    owner = cast.access("owner-GZ001")
    read = settlements.read_hand_in(cast.outlets["GZ001"], APRIL, data, "april.xlsx", by=owner, at=NOW)
    assert read.counts["errors"] == 0, read.report
    settlements.take_over(read, by=owner, at=NOW)
    cast.received()
    if upto:
        return cast.statement(upto=upto)
    return None


def _subject(cast, phone=PHONE, name=""):
    return Subject(cast.company.pk, phone, name)


def _asked(cast, **more):
    return operations.ask_to_erase(
        _subject(cast), "he called on 19 May", by=cast.access("admin"), at=LATER, **more
    )


def _everything_in_the_database(exempt=()):
    """Every text of every table, so that nothing can hide."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND NOT tablename LIKE 'django%%'"
        )
        for (table,) in cursor.fetchall():
            if table in exempt:
                continue
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            for (text,) in cursor.fetchall():
                yield table, text


def test_a_copy_holds_everything_kept_about_one_person_and_nothing_about_another(cast, media):
    """PIPL 45; ASVS 14.2.4."""
    _customers_month(cast)
    sheet = Sheet.objects.get(number="Q1")
    settlements_answer = settlements.answer(
        Line.objects.get(sheet=sheet).statement, "question", note="?", sheet=sheet, by=cast.access("owner-GZ001"), at=NOW
    )  # fmt: skip
    made, data = operations.copy(_subject(cast), "he wrote on 19 May", by=cast.access("admin"), at=LATER)
    assert [found["number"] for found in data["sheets"]] == ["Q1"]
    assert data["sheets"][0]["address"] == PLACE
    assert data["answers"][0]["note"] == settlements_answer.note
    assert [found["name"] for found in data["files"]] == ["april.xlsx"]
    assert "孙二" not in json.dumps(data, ensure_ascii=False)
    assert made.counts == {
        "customers": 0, "requests": 0, "sheets": 1, "findings": 0, "answers": 1, "files": 1, "messages": 0, "incoming": 0,
        "imported": 0, "orders": 0, "complaints": 0, "survey answers": 0, "registrations": 0, "visits": 0, "views": 0, "callbacks": 1,
    }  # fmt: skip
    assert PHONE not in made.shown and made.phone == ""
    assert Event.objects.get(action="privacy:copy:given").details["reason"] == "he wrote on 19 May"


def test_an_erasure_takes_the_person_out_of_every_row_the_history_the_events_and_the_files(
    cast, media, django_capture_on_commit_callbacks
):
    """ASVS 14.2.7, 16.2.5; PIPL 47. Looked for in every table of the database and in the storage."""
    _customers_month(cast)
    stored = StoredFile.objects.get()
    assert default_storage.exists(stored.path)
    sheet = Sheet.objects.get(number="Q1")
    Sheet.objects.filter(pk=sheet.pk).update(
        address=f"{PLACE}502室"
    )  # a change whose image holds the address
    assert any(PLACE in text for table, text in _everything_in_the_database() if table == "audit_change")
    request = _asked(cast)
    with django_capture_on_commit_callbacks(execute=True):
        operations.approve(request, by=cast.access("head"), at=LATER)
    for said in (NAME, PHONE, PLACE):
        assert [table for table, text in _everything_in_the_database() if said in text] == []
    assert not default_storage.exists(stored.path)
    request.refresh_from_db()
    assert request.state == "done" and request.counts["sheets"] == 1 and request.counts["files"] == 1
    other = Sheet.objects.get(number="Q2")
    assert (other.customer, other.phone) == ("孙二", "13800001111")
    assert StoredFile.objects.get().sha256 == stored.sha256  # the hash stays


def test_the_books_hold_no_names_before_any_erasure(cast, media):
    """GN-8; safety.md 1.13: decisions, lines and ledger have nothing to erase."""
    _customers_month(cast)
    books = ("decisions_decision", "settlements_line", "settlements_statement", "ledger_entry", "ledger_posting", "ledger_account")  # fmt: skip
    for table, text in _everything_in_the_database():
        if table in books:
            for said in (NAME, PHONE, PLACE, "孙二"):
                assert said not in text, table


def test_after_an_erasure_the_books_are_as_they_were(cast, media):
    statement = _customers_month(cast)
    before = (
        list(Decision.objects.order_by("pk").values()), list(Entry.objects.order_by("pk").values()), statement.net,
        list(Line.objects.order_by("sheet_id").values()),
    )  # fmt: skip
    operations.approve(_asked(cast), by=cast.access("head"), at=LATER)
    statement.refresh_from_db()
    assert before == (
        list(Decision.objects.order_by("pk").values()), list(Entry.objects.order_by("pk").values()), statement.net,
        list(Line.objects.order_by("sheet_id").values()),
    )  # fmt: skip


def test_while_the_law_keeps_the_record_it_is_refused_with_the_law(cast, media):
    """PIPL 47: the refusal says which law, and until when."""
    _customers_month(cast)
    with pytest.raises(Refusal, match=r"civil-code 188|2029") as refused:
        operations.ask_to_erase(_subject(cast), "now", by=cast.access("admin"), at=moment(2026, 6, 1))
    assert refused.value.code == "retention"


def test_with_an_open_statement_it_is_refused(cast, media):
    _customers_month(cast, upto="approved")
    with pytest.raises(Refusal, match=r"not paid|尚未支付") as refused:
        _asked(cast)
    assert refused.value.code == "open"


def test_with_an_unsettled_sheet_it_is_refused(cast, media):
    _customers_month(cast, upto=None)
    with pytest.raises(Refusal) as refused:
        _asked(cast)
    assert refused.value.code == "open"


def test_with_an_open_question_it_is_refused(cast, media):
    statement = _customers_month(cast)
    sheet = Sheet.objects.get(number="Q1")
    settlements.answer(statement, "question", note="why?", sheet=sheet, by=cast.access("owner-GZ001"), at=NOW)
    with pytest.raises(Refusal) as refused:
        _asked(cast)
    assert refused.value.code == "open"


def test_what_opens_after_the_asking_stops_the_approval(cast, media):
    statement = _customers_month(cast)
    request = _asked(cast)
    settlements.answer(
        statement,
        "question",
        note="?",
        sheet=Sheet.objects.get(number="Q1"),
        by=cast.access("owner-GZ001"),
        at=NOW,
    )
    with pytest.raises(Refusal):
        operations.approve(request, by=cast.access("head"), at=LATER)
    assert Sheet.objects.get(number="Q1").customer == NAME


def test_who_asked_does_not_approve(cast, media):
    """ASVS 2.3.5 (multi-user approval), 8.3.1."""
    _customers_month(cast)
    request = _asked(cast)
    with pytest.raises(Refusal) as refused:
        operations.approve(request, by=cast.access("admin"), at=LATER)
    assert refused.value.code == "same_hand"


def test_the_database_refuses_the_askers_approval_whatever_the_program_says(cast, media):
    """The control of the guard: the constraint alone."""
    _customers_month(cast)
    request = _asked(cast)
    with pytest.raises(IntegrityError, match="request_decided_by_another"), transaction.atomic():
        Request.objects.filter(pk=request.pk).update(decided_by_id=request.asked_by_id)


def test_a_telephone_of_two_people_needs_the_name(cast, media):
    cast.sheet(customer="周一", phone=PHONE)
    cast.sheet(customer="周二", phone=PHONE)
    with pytest.raises(Refusal) as refused:
        operations.copy(_subject(cast), "why", by=cast.access("admin"), at=NOW)
    assert (
        refused.value.code == "several" and "周*" in str(refused.value) and "周一" not in str(refused.value)
    )
    _made, data = operations.copy(_subject(cast, name="周二"), "why", by=cast.access("admin"), at=NOW)
    assert {found["customer"] for found in data["sheets"]} == {"周二"}


def test_one_of_two_telephones_in_a_cell_is_found(cast, media):
    cast.sheet(customer="周一", phone=f"13900000000/{PHONE}")
    cast.sheet(customer="吴十", phone=f"{PHONE}9")  # a longer number is another number
    _made, data = operations.copy(_subject(cast), "why", by=cast.access("admin"), at=NOW)
    assert [found["customer"] for found in data["sheets"]] == ["周一"]


def test_nobody_can_be_erased_twice(cast, media):
    _customers_month(cast)
    request = _asked(cast)
    with pytest.raises(Refusal) as refused:
        _asked(cast)
    assert refused.value.code == "asked"
    operations.approve(request, by=cast.access("head"), at=LATER)
    with pytest.raises(Stale):
        operations.approve(request, by=cast.access("head"), at=LATER)
    with pytest.raises(Refusal) as refused:
        _asked(cast)
    assert refused.value.code == "nothing"


def test_a_declined_request_keeps_the_reason_and_not_the_person(cast, media):
    _customers_month(cast)
    request = _asked(cast)
    with pytest.raises(Refusal):
        operations.decline(request, " ", by=cast.access("head"), at=LATER)
    operations.decline(request, "a court asks for it", by=cast.access("head"), at=LATER)
    request.refresh_from_db()
    assert (request.state, request.phone, request.answer) == ("declined", "", "a court asks for it")
    assert not any(PHONE in text for table, text in _everything_in_the_database() if table in ("privacy_request", "audit_change"))  # fmt: skip


def test_a_reason_is_always_asked_for(cast, media):
    _customers_month(cast)
    for asked in (operations.copy, operations.ask_to_erase):
        with pytest.raises(Refusal) as refused:
            asked(_subject(cast), " \0 ", by=cast.access("admin"), at=LATER)
        assert refused.value.field == "reason"


def test_those_without_the_post_can_do_nothing_of_it(cast, media):
    _customers_month(cast)
    request = _asked(cast)
    for name in ("clerk", "finance", "owner-GZ001", "east"):
        by = cast.access(name)
        for attempt in (
            lambda by=by: operations.copy(_subject(cast), "x", by=by, at=LATER),
            lambda by=by: operations.ask_to_erase(_subject(cast), "x", by=by, at=LATER),
            lambda by=by: operations.approve(request, by=by, at=LATER),
            lambda by=by: operations.decline(request, "x", by=by, at=LATER),
        ):
            with pytest.raises(PermissionDenied):
                attempt()


def test_an_erased_file_can_neither_be_read_nor_handed_in_again(
    cast, media, django_capture_on_commit_callbacks
):
    _customers_month(cast)
    stored = StoredFile.objects.get()
    data = files.content(stored)
    with django_capture_on_commit_callbacks(execute=True):
        operations.approve(_asked(cast), by=cast.access("head"), at=LATER)
    with pytest.raises(Refusal) as refused:
        files.content(stored)
    assert refused.value.code == "erased"
    with pytest.raises(Refusal):
        files.keep(data, "again.xlsx", by=cast.access("owner-GZ001"), at=LATER)
    assert HandIn.objects.get().report == []


def test_a_process_killed_between_the_transaction_and_the_deletion_leaves_nothing_for_long(cast, media):
    """The commit callbacks do not run here: that is the kill. The sweep finishes the work, and finds nothing more."""
    _customers_month(cast)
    stored = StoredFile.objects.get()
    operations.approve(_asked(cast), by=cast.access("head"), at=LATER)
    assert default_storage.exists(stored.path)  # the control: without the sweep it would stay
    assert files.sweep() == 1
    assert not default_storage.exists(stored.path)
    assert files.sweep() == 0


def test_an_approval_that_fails_half_way_leaves_everything_as_it_was(cast, media, monkeypatch):
    _customers_month(cast)
    request = _asked(cast)

    def killed(*args, **kwargs):
        raise RuntimeError("killed")

    monkeypatch.setattr(operations, "_close", killed)
    with pytest.raises(RuntimeError), transaction.atomic():
        operations.approve(request, by=cast.access("head"), at=LATER)
    assert Sheet.objects.get(number="Q1").customer == NAME
    assert not Tombstone.objects.exists()
    monkeypatch.undo()
    operations.approve(request, by=cast.access("head"), at=LATER)
    assert Sheet.objects.get(number="Q1").customer == ""


def test_another_companys_customer_of_the_same_number_is_not_touched(cast, media):
    from tests.cast import assemble

    _customers_month(cast)
    other = assemble("other", "other-", "另一家")
    sheet = other.sheet(number="X1", customer=NAME, phone=PHONE, address=PLACE)
    operations.approve(_asked(cast), by=cast.access("head"), at=LATER)
    sheet.refresh_from_db()
    assert (sheet.customer, sheet.phone, sheet.address) == (NAME, PHONE, PLACE)


# Former staff


def _leave(cast, name, on):
    for posting in cast.people[name].postings.filter(ended_on__isnull=True):
        outlets.dismiss(posting, on=on, by=cast.access("admin"), at=NOW)


def test_a_former_colleague_becomes_a_number_and_what_they_did_stays(cast, media):
    statement = _customers_month(cast)
    person = cast.people["callbacks"]
    _leave(cast, "callbacks", NOW.date())
    request = operations.ask_to_erase_staff(person, "wrote on 1 May", by=cast.access("admin"), at=LATER)
    operations.approve(request, by=cast.access("head"), at=LATER)
    person.refresh_from_db()
    assert person.name == f"Former staff {person.pk}" and not person.is_active
    assert not person.has_usable_password()
    assert statement.made_by_id == cast.people["clerk"].pk
    images = [str(change.before) + str(change.after) for change in Change.objects.filter(table="accounts_person", row=str(person.pk))]  # fmt: skip
    assert not any("callbacks" in image for image in images)
    assert not Event.objects.filter(label__contains="callbacks").exists()


def test_who_holds_a_post_or_left_lately_keeps_the_name(cast, media):
    person = cast.people["callbacks"]
    with pytest.raises(Refusal) as refused:
        operations.ask_to_erase_staff(person, "x", by=cast.access("admin"), at=LATER)
    assert refused.value.code == "in_office"
    _leave(cast, "callbacks", NOW.date())
    with pytest.raises(Refusal) as refused:
        operations.ask_to_erase_staff(person, "x", by=cast.access("admin"), at=moment(2027, 5, 20))
    assert refused.value.code == "retention"
