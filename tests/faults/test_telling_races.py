"""The same thing told in parallel gives each person one line. With a control whose guard is off."""

import pytest
from django.db import connection

from sanbao.notices.models import Notice
from sanbao.notices.telling import tell
from tests.cast import NOW, Cast, assemble
from tests.faults.test_races import PEOPLE, at_once


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return assemble()


def _told(cast: Cast) -> object:
    people = [cast.people["clerk"], cast.people["head"]]
    by = cast.access("admin")
    return at_once(
        lambda _number: tell(
            people, "accounts:password", about=cast.company, by=by, at=NOW, person="x", moment=NOW
        )
    )


def test_the_same_thing_told_many_times_at_once_gives_one_line_each(cast: Cast) -> None:
    assert _told(cast) == (PEOPLE, [])
    assert Notice.objects.filter(kind="accounts:password").count() == 2


def test_control_without_the_unique_key_there_are_more(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE notices_notice DROP CONSTRAINT notice_once")
    try:
        _told(cast)
        assert Notice.objects.filter(kind="accounts:password").count() > 2
    finally:
        Notice._base_manager.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE notices_notice ADD CONSTRAINT notice_once UNIQUE (company_id, person_id, key)"
            )
