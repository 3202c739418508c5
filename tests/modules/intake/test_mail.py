"""A mail becomes a request, or joins its own; only the parties of a request join its thread."""

import contextvars
import threading

import pytest
from django.db import connection

from sanbao.customers import operations as customers
from sanbao.files.operations import keep
from sanbao.intake import mailboxes, operations
from sanbao.intake.letters import read
from sanbao.intake.models import Category, Mailbox, Request
from sanbao.intake.operations.mailing import take_in
from sanbao.notices import inbox
from sanbao.notices.models import Incoming, Message
from tests.cast import NOW, Cast, assemble
from tests.modules.intake.imap import Imap
from tests.modules.intake.test_letters import mail, several


@pytest.fixture
def imap(settings):
    """A server with a mailbox of the maker's."""
    server = Imap()
    settings.MAILBOXES = (
        f"maker imap://service%40maker.example:secret@127.0.0.1:{server.port}/INBOX?class=repair-other"
    )
    yield server
    server.close()


def letter(number: str = "1@example.com", **told: str) -> bytes:
    return mail(**told).replace(b"<1@example.com>", f"<{number}>".encode())


def come(cast: Cast, raw: bytes) -> Request:
    """The request a mail has become or joined."""
    by = mailboxes.door(cast.company.pk)
    category = Category.objects.get(company=cast.company, code="other")
    return take_in(read(raw), keep(raw, "x.eml", by=by, at=NOW), category, by=by, at=NOW)


def _fetched(cast: Cast, imap: Imap, *mails: bytes) -> None:
    """The mailbox is looked at once while it is empty, then these arrive and are fetched and handled."""
    if not Mailbox.objects.exists():
        mailboxes.fetch_all(NOW)
    for raw in mails:
        imap.mails[max(imap.mails, default=0) + 1] = raw
    mailboxes.fetch_all(NOW)
    inbox.drain(now=lambda: NOW)


def test_a_mail_becomes_a_request_with_its_words_and_files(cast: Cast, imap: Imap) -> None:
    """clause ST-2, clause BA-2, BA-3: requests by e-mail are registered like any other."""
    picture = several(("Content-Type: text/plain; charset=utf-8", "油烟机不转".encode()), ('Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="bill.pdf"', b"%PDF-1"))  # fmt: skip
    _fetched(cast, imap, picture)
    row = Request.objects.get()
    assert (row.channel, row.category.code, row.email, row.contact) == (
        "email",
        "repair-other",
        "zhang@example.com",
        "张三",
    )
    assert (row.subject, row.description) == ("报修", "油烟机不转")
    assert [file.name for file in row.entries.earliest("id").files.all()] == ["bill.pdf"]
    assert row.promises.count() == 3 and row.priority_decision
    assert Incoming.objects.get().state == "handled"


def test_the_sender_is_found_among_the_customers(cast: Cast) -> None:
    customer = customers.register(
        "张三", phone="13800005678", email="zhang@example.com", by=cast.access("supervisor"), at=NOW
    )
    assert come(cast, letter()).customer == customer


def test_what_lay_in_the_mailbox_before_is_left_alone_and_nothing_is_changed_there(
    cast: Cast, imap: Imap
) -> None:
    imap.mails[41] = letter("old@x")
    mailboxes.fetch_all(NOW)
    _fetched(cast, imap, letter("new@x"))
    assert Request.objects.count() == 1
    verbs = {asked.split()[0].upper() for asked in imap.asked}
    assert verbs <= {"CAPABILITY", "LOGIN", "EXAMINE", "UID", "LOGOUT"}, "read only"


def test_the_same_mail_in_two_mailboxes_or_after_the_mailbox_was_renumbered_comes_once(
    cast: Cast, imap: Imap
) -> None:
    _fetched(cast, imap, letter())
    imap.validity = 8
    mailboxes.fetch_all(NOW)
    inbox.drain(now=lambda: NOW)
    assert (Request.objects.count(), Incoming.objects.count()) == (1, 1)
    assert Mailbox.objects.get().validity == 8


def test_a_connection_that_breaks_off_loses_nothing(cast: Cast, imap: Imap) -> None:
    mailboxes.fetch_all(NOW)
    imap.break_at = 2
    _fetched(cast, imap, letter("a@x"), letter("b@x"), letter("c@x"))
    assert Mailbox.objects.get().failure and Request.objects.count() == 1
    imap.break_at = None
    _fetched(cast, imap)
    assert Request.objects.count() == 3 and Mailbox.objects.get().failure == ""


def test_a_wrong_password_is_shown_on_the_desk(cast: Cast, imap: Imap, sign_in) -> None:
    imap.password = "other"
    mailboxes.fetch_all(NOW)
    assert Mailbox.objects.get().failure == "login"
    page = sign_in("supervisor").get("/intake/desk/").content.decode()
    assert "service@maker.example" in page and "用户名或密码" in page


def test_a_mail_that_is_too_large_is_told_of_not_swallowed(cast: Cast, imap: Imap, monkeypatch) -> None:
    monkeypatch.setattr(mailboxes, "LARGEST", 300)
    _fetched(cast, imap, letter(body=b"x" * 1000))
    row = Request.objects.get()
    assert "邮件过大" in row.description and row.email == "zhang@example.com"


@pytest.mark.parametrize(
    "text",
    ["hezao imaps://host/INBOX", "hezao http://a:b@host", "hezao imap://a:b@mail.example.com/INBOX", "hezao"],
)
def test_a_setting_that_can_not_be_right_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(mailboxes.BadSetting, match="imaps://"):
        mailboxes.read_settings(text)


def test_several_mailboxes_stand_apart_by_semicolons() -> None:
    first, second = mailboxes.read_settings("a imaps://x%40y:p%3Bq@h/Box; b imaps://u:v@h:994?class=repair")
    assert (first.user, first.password, first.port, first.folder, first.category) == (
        "x@y",
        "p;q",
        993,
        "Box",
        "other",
    )
    assert (second.company, second.port, second.folder, second.category) == ("b", 994, "INBOX", "repair")


def test_the_number_in_the_heading_joins_the_thread_of_its_party(cast: Cast) -> None:
    row = cast.request(email="zhang@example.com")
    joined = come(cast, letter(subject=f"Re: [{row.number}] x", body="还是响\n> 旧".encode()))
    assert joined == row
    entry = row.entries.latest("id")
    assert (entry.kind, entry.body, entry.channel) == ("message_in", "还是响", "email")


def test_an_answer_to_our_letter_joins_without_any_number(cast: Cast) -> None:
    by = cast.access("agent")
    row = cast.request(email="zhang@example.com")
    operations.reply(row, "请拍照", by=by, at=NOW)
    Message.objects.update(receipt="<77@maker.example>")
    assert come(cast, letter(head="In-Reply-To: <77@maker.example>\r\n", subject="回复")) == row


def test_whoever_was_written_to_and_the_customers_other_address_are_parties_too(cast: Cast) -> None:
    by = cast.access("supervisor")
    customer = customers.register("张三", phone="13800005678", email="other@example.com", by=by, at=NOW)
    row = cast.request(customer=customer)
    assert come(cast, letter(subject=row.number, sender="other@example.com")) == row


def test_a_stranger_who_names_the_number_does_not_join(cast: Cast) -> None:
    """Only parties join a thread; what the stranger writes is a request of its own that says so."""
    row = cast.request(email="zhang@example.com")
    before = row.entries.count()
    made = come(cast, letter(subject=f"[{row.number}] x", sender="stranger@example.com"))
    assert made != row and row.entries.count() == before
    assert row.number in made.entries.get(kind="note").body


def test_a_number_of_another_company_joins_nothing_there(cast: Cast) -> None:
    """ASVS 8.2.2."""
    theirs = assemble("other", "x-", "别家").request(email="zhang@example.com")
    Request.objects.filter(pk=theirs.pk).update(number="S260520-77")
    made = come(cast, letter(subject="[S260520-77] x"))
    assert made != theirs and made.company == cast.company


def test_an_answer_opens_what_was_solved(cast: Cast) -> None:
    by = cast.access("agent")
    row = cast.request(email="zhang@example.com")
    row = operations.take(row, version=row.version, by=by, at=NOW)
    operations.move(row, "solution", version=row.version, by=by, at=NOW, text="好了")
    come(cast, letter(subject=row.number))
    row.refresh_from_db()
    assert (row.state, row.reopened) == ("working", 1)


def test_a_machine_s_answer_is_a_note_and_opens_nothing(cast: Cast) -> None:
    by = cast.access("agent")
    row = cast.request(email="zhang@example.com")
    row = operations.take(row, version=row.version, by=by, at=NOW)
    operations.move(row, "solution", version=row.version, by=by, at=NOW, text="好了")
    come(cast, letter(subject=row.number, head="Auto-Submitted: auto-replied\r\n"))
    row.refresh_from_db()
    entry = row.entries.latest("id")
    assert (row.state, entry.kind, entry.internal) == ("solved", "note", True)


def test_a_newsletter_and_our_own_letters_are_nobody_s_work(cast: Cast, imap: Imap) -> None:
    _fetched(
        cast,
        imap,
        letter("a@x", head="List-Id: <n.example.com>\r\n"),
        letter("b@x", sender="Service@maker.example"),
    )
    assert not Request.objects.exists()
    assert sorted(Incoming.objects.values_list("state", "error")) == [
        ("ignored", "automatic"),
        ("ignored", "own-mail"),
    ]


def test_the_receipt_is_confirmed_by_mail_and_a_machine_s_flood_is_not(cast: Cast, settings) -> None:
    """clause BA-2: acknowledged at once; two machines end after a handful."""
    settings.EMAIL_HOST = "mail.example.com"
    for n in range(9):
        come(cast, letter(f"{n}@x"))
    receipts = Message.objects.filter(kind="intake:received")
    assert Request.objects.count() == 9 and receipts.count() == 5
    assert {message.address for message in receipts} == {"zhang@example.com"}


def test_what_could_run_is_kept_out_and_the_mail_itself_goes_along(cast: Cast) -> None:
    raw = several(
        ("Content-Type: text/plain", b"see"),
        (
            'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="bill.exe"',
            b"MZ",
        ),
    )
    row = come(cast, raw)
    assert "bill.exe" in row.description
    assert [file.name for file in row.entries.earliest("id").files.all()] == ["x.eml"]


def test_a_mail_without_words_or_heading_is_a_request_all_the_same(cast: Cast) -> None:
    row = come(cast, letter(subject="", body=b""))
    assert row.subject == "（无主题）" and row.description == "（无正文）"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_workers_that_fetch_the_same_mail_make_one_request(
    imap: Imap, monkeypatch, guarded: bool
) -> None:
    """The control makes rows without the number that is unique: then there are two."""
    cast = assemble()
    mailboxes.fetch_all(NOW)
    imap.mails[1] = letter()
    if not guarded:
        digests = iter(range(100))
        monkeypatch.setattr(
            mailboxes.letters, "read", lambda raw, real=read: _renumbered(real(raw), next(digests))
        )
    gate, faults = threading.Barrier(2), []

    def work() -> None:
        try:
            gate.wait(10)
            mailboxes.fetch_all(NOW)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=contextvars.copy_context().run, args=(work,)) for _each in range(2)]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]
    assert faults == []
    assert Incoming.objects.filter(company=cast.company).count() == (1 if guarded else 2)


def _renumbered(read_: object, number: int):
    from dataclasses import replace

    return replace(read_, number=f"{number}@spoiled")
