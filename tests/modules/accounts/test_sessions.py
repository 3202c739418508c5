"""Sessions: seen by their owner, ended at once, never longer than they should be."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts import sessions
from sanbao.accounts.models import Session
from sanbao.edge import kept
from sanbao.outlets.models import Posting
from sanbao.outlets.queries import postings_of, posts_told
from tests.cast import NOW, PASSWORD, Cast

pytestmark = pytest.mark.django_db


def _page(browser: Client):
    return browser.get(reverse("accounts:sessions"))


def test_the_page_lists_ones_own_sessions_and_marks_this_one(sign_in) -> None:
    """ASVS 7.5.2."""
    browser, _phone, _somebody = sign_in("clerk"), sign_in("clerk"), sign_in("head")
    rows = _page(browser).context["sessions"]
    assert len(rows) == 2
    assert sorted(here for _row, here in rows) == [False, True]


def test_an_ended_session_is_over_with_the_next_request(sign_in) -> None:
    """ASVS 7.4.1."""
    browser, phone = sign_in("clerk"), sign_in("clerk")
    row = next(row for row, here in _page(browser).context["sessions"] if not here)
    browser.post(reverse("accounts:end-session", args=[row.pk]))
    assert _page(phone).status_code == 302
    assert _page(browser).status_code == 200


def test_all_others_are_ended_and_this_one_stays(sign_in) -> None:
    """ASVS 7.4.3."""
    browser, phone, pad = sign_in("clerk"), sign_in("clerk"), sign_in("clerk")
    browser.post(reverse("accounts:end-other-sessions"))
    assert [_page(each).status_code for each in (browser, phone, pad)] == [200, 302, 302]


def test_a_session_of_before_what_stands_in_it_was_plain_goes_on(sign_in) -> None:
    browser = sign_in("clerk")
    content = dict(browser.session.items())
    before = SessionBase.encode(sessions.SessionStore(), content)
    Session.objects.update(data=before)
    assert not before.startswith("{")
    assert _page(browser).status_code == 200


def test_nobody_ends_the_session_of_another(sign_in) -> None:
    browser, other = sign_in("clerk"), sign_in("head")
    row = _page(other).context["sessions"][0][0]
    assert browser.post(reverse("accounts:end-session", args=[row.pk])).status_code == 404
    assert _page(other).status_code == 200


def test_a_session_ends_when_it_rests_too_long(sign_in) -> None:
    """ASVS 7.3.1."""
    browser = sign_in("clerk")
    Session.objects.update(seen_at=NOW, expires_at=timezone.now() - timedelta(seconds=1))
    assert _page(browser).status_code == 302


def test_a_session_in_use_ends_after_a_working_day_all_the_same(sign_in) -> None:
    """ASVS 7.3.2."""
    browser = sign_in("clerk")
    now = timezone.now()
    Session.objects.update(began_at=now - timedelta(hours=11, minutes=30), seen_at=now - timedelta(hours=1))
    assert _page(browser).status_code == 200
    ends = Session.objects.get().expires_at
    assert abs(ends - (now + timedelta(minutes=30))) < timedelta(seconds=5)


def test_use_prolongs_a_session(sign_in) -> None:
    browser = sign_in("clerk")
    now = timezone.now()
    Session.objects.update(seen_at=now - timedelta(hours=1), expires_at=now + timedelta(hours=1))
    _page(browser)
    assert Session.objects.get().expires_at > now + settings.SESSION_IDLE - timedelta(seconds=5)


def test_the_table_opens_no_session(sign_in) -> None:
    """Whoever reads the table has only hashes."""
    sign_in("clerk")
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = Session.objects.get().digest
    assert _page(thief).status_code == 302


def test_signing_in_begins_a_new_session(cast: Cast) -> None:
    """ASVS 7.2.4: a session planted before is worth nothing after."""
    cast.people["clerk"].set_password(PASSWORD)
    cast.people["clerk"].save()
    planted = sessions.SessionStore()
    planted["x"] = 1
    planted.save()
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    browser.post(reverse("accounts:sign-in"), {"username": "clerk", "password": PASSWORD})
    assert browser.cookies[settings.SESSION_COOKIE_NAME].value != planted.session_key
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    assert _page(thief).status_code == 302
    assert _page(browser).status_code == 200


def test_a_request_under_way_does_not_bring_an_ended_session_back(sign_in, cast: Cast) -> None:
    sign_in("clerk")
    store = sessions.SessionStore()
    store["x"] = 1
    store.save()
    sessions.SessionStore(store.session_key).delete()
    store["x"] = 2
    with pytest.raises(sessions.UpdateError):
        store.save()
    assert not store.exists(store.session_key)


def test_whoever_is_deactivated_is_out_with_the_next_request(sign_in, cast: Cast) -> None:
    """ASVS 7.4.2."""
    browser = sign_in("clerk")
    cast.people["clerk"].is_active = False
    cast.people["clerk"].save()
    assert _page(browser).status_code == 302


def test_the_posts_read_with_the_session_are_those_that_are_asked_for_alone(cast: Cast, sign_in) -> None:
    """performance.md: one statement says who it is and what they may do; each post and place is as from its own table."""
    today = timezone.localdate()
    cast.outlets["GZ001"].contract_from = today
    cast.outlets["GZ001"].save()
    for name in cast.people:
        person, key = cast.people[name], sign_in(name).cookies[settings.SESSION_COOKIE_NAME].value
        sessions.SessionStore(key).load()
        told = posts_told(sessions.along("posts", person.pk))
        alone = postings_of(person, today)
        assert [_columns(post) for post in told] == [_columns(post) for post in alone], name
        assert (sessions.along("posts", person.pk + 1), alone != []) == (None, True)


def _columns(post: Posting) -> list[object]:
    rows = (post, post.company, post.region, post.outlet)
    return [
        getattr(row, field.attname) if row else None
        for row in rows
        for field in (row._meta.concrete_fields if row else ())
    ]


def test_a_post_that_is_taken_away_is_gone_with_the_next_request(cast: Cast, sign_in) -> None:
    """Rights that end, end at once: posts come with every request's session, from no memory."""
    browser = sign_in("clerk")
    assert browser.get(reverse("settlements:months")).status_code == 200
    Posting.objects.filter(person=cast.people["clerk"]).update(ended_on=timezone.localdate())
    assert browser.get(reverse("settlements:months")).status_code == 403


def test_what_is_kept_is_known_from_the_moment_the_session_was_read(cast: Cast, sign_in) -> None:
    """A write between the session and the question of posts ends what is kept, as one after it does (edge.kept)."""
    key = sign_in("clerk").cookies[settings.SESSION_COOKIE_NAME].value
    asked: list[int] = []

    def keep() -> None:
        kept.kept(("test", id(asked)), ("intake_team",), lambda: asked.append(1))

    with kept.knowing_nothing():
        sessions.SessionStore(key).load()
        keep(), keep()
        assert len(asked) == 1
        kept.wrote("UPDATE intake_team SET name = ''")
        posts_told(sessions.along("posts", cast.people["clerk"].pk))
        keep(), keep()
    assert len(asked) == 3
