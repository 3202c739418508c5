"""Where and when people want to hear of things, their addresses, the daily mail, and links for one use by mail."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client

from sanbao.accounts import links, scope
from sanbao.accounts.models import Link, SignIn, Token
from sanbao.audit.models import Event
from sanbao.notices import choosing, sealing
from sanbao.notices.models import Address, Message, Notice, Preference
from sanbao.notices.telling import tell
from sanbao.outlets import credentials, operations, tasks
from sanbao.outlets.models import Posting
from sanbao.regulations import operations as regulations
from sanbao.regulations.models import Edition
from sanbao.settlements import operations as settlements
from sanbao.ui.refusal import Refusal
from tests.cast import NOW, Cast, moment

NIGHT = moment(2026, 5, 20, 23, 30)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    """Nobody has been told anything yet, not even of their posts."""
    Notice.objects.all().delete()
    return cast


def reached(cast: Cast, name: str, channel: str = "email", address: str = "wang@example.com") -> None:
    choosing.keep_address(cast.people[name], channel, address, by=cast.access(name), at=NOW)


def choose(cast: Cast, name: str, *ticked: tuple[str, str], **more: Any) -> Preference:
    said = {"language": "zh-hans", "quiet": (None, None), "digest": False} | more
    return choosing.choose(ticked, by=cast.access(name), at=NOW, **said)


def question(cast: Cast, at: Any = NOW) -> None:
    """Something that is told to clerk and supervisor, by default in Sanbao and by e-mail."""
    people = [cast.people["clerk"], cast.people["supervisor"]]
    tell(
        people, "settlements:questioned", about=cast.outlets["GZ001"], by=cast.access("owner-GZ001"), at=at,
        statement="S-1", outlet="GZ001", month=NOW.date(),
    )  # fmt: skip


def mails(cast: Cast) -> list[Message]:
    return list(Message.objects.exclude(kind__startswith="accounts:").order_by("pk"))


# Channels


def test_a_message_goes_where_there_is_an_address_and_once(cast: Cast) -> None:
    reached(cast, "clerk")
    question(cast)
    question(cast)
    (message,) = mails(cast)
    assert (message.address, message.subject) == ("wang@example.com", "GZ001对2026年5月结算单提出疑问")


def test_it_is_written_in_the_language_of_the_recipient(cast: Cast) -> None:
    reached(cast, "clerk")
    choose(cast, "clerk", ("settlements:questioned", "email"), language="en")
    question(cast)
    assert mails(cast)[0].subject == "GZ001 questions May 2026"


def test_the_message_leads_to_the_page_where_the_installation_knows_its_address(
    cast: Cast, settings: Any
) -> None:
    settings.SITE_URL = "https://service.example.com"
    reached(cast, "clerk")
    question(cast)
    assert "https://service.example.com/" in mails(cast)[0].body


def test_a_way_that_was_switched_off_is_not_taken(cast: Cast) -> None:
    reached(cast, "clerk")
    choose(cast, "clerk")
    question(cast)
    assert not mails(cast)
    line = Notice.objects.get(person=cast.people["clerk"], kind="settlements:questioned")
    assert line.read_at is not None, "the line is kept, the bell does not count it"


def test_a_short_message_is_the_heading_alone(cast: Cast) -> None:
    reached(cast, "clerk", "sms", "13800005678")
    choose(cast, "clerk", ("settlements:questioned", "sms"))
    question(cast)
    (message,) = mails(cast)
    assert message.body == message.subject
    assert message.values["month"] == "2026年5月"


def test_what_protects_the_account_cannot_be_switched_off(cast: Cast) -> None:
    """ASVS 6.3.7."""
    reached(cast, "clerk")
    choose(cast, "clerk")
    person = cast.people["clerk"]
    tell([person], "accounts:password", about=person, by=cast.access("clerk"), at=NOW, person="w", moment=NOW)
    assert Message.objects.filter(kind="accounts:password").count() == 1


def test_a_choice_for_a_way_without_an_address_stays_as_it_was(cast: Cast) -> None:
    chosen = choose(cast, "clerk", ("settlements:questioned", "product"))
    assert "settlements:questioned" not in chosen.channels, "e-mail is still wanted once there is an address"


# Quiet hours


@pytest.mark.parametrize(("begin", "end", "at", "due"), [
    (time(22), time(7), NIGHT, moment(2026, 5, 21, 7)),
    (time(22), time(7), moment(2026, 5, 21, 6, 59), moment(2026, 5, 21, 7)),
    (time(22), time(7), moment(2026, 5, 21, 7), None),
    (time(22), time(7), NOW, None),
    (time(12), time(14), moment(2026, 5, 20, 13), moment(2026, 5, 20, 14)),
    (time(12), time(12), moment(2026, 5, 20, 12), None),
    (None, None, NIGHT, None),
])  # fmt: skip
def test_quiet_hours_end_when_they_end(begin: Any, end: Any, at: Any, due: Any) -> None:
    assert choosing.end_of_quiet(Preference(quiet_from=begin, quiet_until=end), at) == due


def test_a_message_waits_for_the_end_of_the_quiet_hours_unless_it_is_urgent(cast: Cast) -> None:
    reached(cast, "clerk")
    choose(cast, "clerk", ("settlements:questioned", "email"), quiet=(time(22), time(7)))
    question(cast, NIGHT)
    person = cast.people["clerk"]
    tell(
        [person],
        "accounts:password",
        about=person,
        by=cast.access("clerk"),
        at=NIGHT,
        person="w",
        moment=NIGHT,
    )
    assert mails(cast)[0].due_at == moment(2026, 5, 21, 7)
    assert Message.objects.get(kind="accounts:password").due_at == NIGHT


def test_quiet_hours_have_two_ends(cast: Cast) -> None:
    with pytest.raises(Refusal):
        choose(cast, "clerk", quiet=(time(22), None))


# The daily mail


def test_the_daily_mail_gathers_what_is_unread_and_comes_once(cast: Cast) -> None:
    reached(cast, "clerk")
    choose(
        cast, "clerk", ("settlements:questioned", "product"), ("settlements:questioned", "email"), digest=True
    )
    question(cast)
    assert not mails(cast)
    assert tasks.send_digests(NOW) == 1
    assert tasks.send_digests(NOW) == 0
    (message,) = mails(cast)
    assert message.kind == "digest" and "GZ001对2026年5月结算单提出疑问" in message.body


def test_the_daily_mail_says_nothing_of_what_is_no_longer_the_persons_to_see(cast: Cast) -> None:
    """ASVS 8.2.2."""
    reached(cast, "clerk")
    choose(
        cast, "clerk", ("settlements:questioned", "product"), ("settlements:questioned", "email"), digest=True
    )
    question(cast)
    operations.appoint(cast.people["clerk"], "hotline-agent", by=cast.access("admin"), at=NOW)
    post = Posting.objects.get(person=cast.people["clerk"], role="settlement-clerk")
    operations.dismiss(post, on=NOW.date(), by=cast.access("admin"), at=NOW)
    tasks.send_digests(NOW)
    assert not mails(cast)


# Addresses


def test_a_changed_address_is_told_to_the_earlier_one(cast: Cast) -> None:
    """ASVS 6.3.7."""
    reached(cast, "clerk")
    reached(cast, "clerk", address="thief@example.com")
    message = Message.objects.get(kind="accounts:address")
    assert message.address == "wang@example.com"
    assert Event.objects.filter(action="notices:address:kept").count() == 2


@pytest.mark.parametrize("wrong", ["no address", "a@b@c", "a@example.com\nBcc: b@example.com"])
def test_what_is_no_address_is_refused_at_its_field(cast: Cast, sign_in: Any, wrong: str) -> None:
    answer = sign_in("clerk").post("/notices/addresses/", {"channel": "email", "address": wrong})
    assert answer.status_code == 422 and 'id="error_email"' in answer.content.decode()
    assert not Address.objects.exists()


def test_an_address_asks_for_a_fresh_proof(cast: Cast, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """ASVS 7.5.1."""
    monkeypatch.setattr("sanbao.accounts.stepup.fresh", lambda request: False)
    answer = sign_in("clerk").post("/notices/addresses/", {"channel": "email", "address": "a@example.com"})
    assert answer.status_code in (302, 303) and not Address.objects.exists()


# The page


def test_the_page_keeps_choices_and_says_why_a_way_is_off(cast: Cast) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.people["clerk"])
    page = client.get("/notices/preferences/").content.decode()
    assert page.count("no address yet") == 4
    reached(cast, "clerk")
    page = client.get("/notices/preferences/").content.decode()
    assert page.count("no address yet") == 3
    sent = {
        "want": "settlements:questioned|product",
        "language": "en",
        "quiet_from": "22：00",
        "quiet_until": "07:00",
    }
    assert client.post("/notices/preferences/", sent).status_code == 303
    chosen = Preference.objects.get()
    assert chosen.channels["settlements:questioned"] == ["product"]
    assert (chosen.language, chosen.quiet_from, chosen.quiet_until) == ("en", time(22), time(7))


@pytest.mark.parametrize("quiet", [("22:00", ""), ("25:00", "07:00"), ("x", "y")])
def test_bad_times_are_refused_with_a_sentence(cast: Cast, sign_in: Any, quiet: tuple[str, str]) -> None:
    answer = sign_in("clerk").post("/notices/preferences/", {"quiet_from": quiet[0], "quiet_until": quiet[1]})
    assert answer.status_code == 422 and not Preference.objects.exists()


def test_a_kind_one_has_no_post_for_is_not_offered(cast: Cast, sign_in: Any) -> None:
    assert "privacy:asked|" not in sign_in("clerk").get("/notices/preferences/").content.decode()
    assert "privacy:asked|" in sign_in("admin").get("/notices/preferences/").content.decode()


# Accounts


def test_an_invitation_goes_by_mail_sealed_and_is_not_shown_to_the_administrator(
    cast: Cast, settings: Any
) -> None:
    """ASVS 6.4.1, 14.2.1."""
    settings.SITE_URL, settings.EMAIL_HOST = "https://service.example.com", "mail.example.com"
    reached(cast, "clerk")
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.people["admin"])
    page = client.post(f"/people/{cast.people['clerk'].pk}/link/").content.decode()
    message = Message.objects.get(kind="accounts:link")
    assert message.secret and "service.example.com" not in message.body
    text = sealing.content(message).body
    secret = text.partition("https://service.example.com/")[2].split()[0].strip("/").rpartition("/")[2]
    assert links.find(secret, at=message.made_at).person == cast.people["clerk"]
    assert secret not in page and "w***@example.com" in page
    assert not Notice.objects.filter(kind="accounts:link").exists()


@pytest.mark.parametrize("missing", ["address", "site", "server"])
def test_without_mail_the_administrator_is_shown_the_link(cast: Cast, settings: Any, missing: str) -> None:
    settings.SITE_URL = "" if missing == "site" else "https://service.example.com"
    settings.EMAIL_HOST = "" if missing == "server" else "mail.example.com"
    if missing != "address":
        reached(cast, "clerk")
    client = Client()
    client.force_login(cast.people["admin"])
    page = client.post(f"/people/{cast.people['clerk'].pk}/link/").content.decode()
    assert "data-copy=" in page and Link.objects.count() == 1
    assert not Message.objects.filter(kind="accounts:link").exists()


def told(cast: Cast, name: str) -> list[str]:
    return list(
        Notice.objects.filter(person=cast.people[name]).exclude(kind="accounts:post-given")
        .order_by("pk").values_list("kind", flat=True)
    )  # fmt: skip


def test_a_new_device_is_told_and_a_known_one_is_not(cast: Cast) -> None:
    """ASVS 6.3.5."""
    person = cast.people["clerk"]
    person.set_password("a long enough password")
    person.save()

    def sign_in(agent: str) -> None:
        Client(headers={"user-agent": agent}).post(
            "/sign-in/", {"username": person.username, "password": "a long enough password"}
        )

    sign_in("Firefox Windows")
    assert SignIn.objects.filter(person=person, outcome="done").count() == 1
    sign_in("Firefox Windows")
    assert told(cast, "clerk") == []
    sign_in("Chrome Android")
    assert told(cast, "clerk") == ["accounts:new-device"]


def test_many_locks_of_a_day_are_told_once(cast: Cast) -> None:
    from sanbao.accounts.events import tell as happened

    for minute in range(3):
        at = NOW + timedelta(minutes=minute)
        happened("accounts:person:locked", cast.people["clerk"], at=at, address="203.0.113.7")
    assert told(cast, "clerk") == ["accounts:locked"]


def test_taken_factors_posts_and_ending_keys_are_told(cast: Cast) -> None:
    """ASVS 6.3.7."""
    person, admin = cast.people["clerk"], cast.access("admin")
    credentials.reset_factors(person, reason="lost", by=admin, at=NOW)
    Token.make(person, cast.company, "k", at=NOW, expires_at=NOW + timedelta(days=5))
    Token.make(person, cast.company, "later", at=NOW, expires_at=NOW + timedelta(days=50))
    tasks.tell_of_ending_keys(NOW)
    tasks.tell_of_ending_keys(NOW)
    operations.dismiss(Posting.objects.get(person=person), on=NOW.date(), by=admin, at=NOW)
    assert told(cast, "clerk") == ["accounts:factor", "accounts:token-ends", "accounts:post-ended"]


def test_a_new_edition_is_told_to_all_who_read_the_books(cast: Cast) -> None:
    edition = Edition.objects.filter(book="charges").earliest("id")
    regulations.adopt(edition, by=cast.access("admin"), at=NOW)
    assert told(cast, "owner-SZ021") == told(cast, "clerk") == ["regulations:adopted"]
    assert told(cast, "admin") == []
    with scope.opened(cast.access("owner-SZ021")):
        from sanbao.notices import reading

        line = reading.mine(cast.access("owner-SZ021")).get(kind="regulations:adopted")
        assert edition.edition in reading.shown([line], cast.access("owner-SZ021"))[0].subject


def test_the_second_person_of_an_erasure_and_its_asker_are_told(cast: Cast) -> None:
    from sanbao.audit.personal import Subject
    from sanbao.privacy import operations as privacy

    cast.sheet()
    cast.received()
    cast.statement(upto="paid")
    later = moment(2029, 6, 1)
    request = privacy.ask_to_erase(
        Subject(cast.company.pk, "13800005678"), "by letter", by=cast.access("admin"), at=later
    )
    assert "privacy:asked" in told(cast, "head") and "privacy:asked" not in told(cast, "admin")
    privacy.approve(request, by=cast.access("head"), at=later)
    assert "privacy:decided" in told(cast, "admin")
    assert settlements  # the month was settled by its own operations
