"""What is kept in the process is never older than the request that asks (performance.md)."""

from contextlib import suppress

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from sanbao.edge import kept
from sanbao.edge.kept import kept as keep
from sanbao.intake import operations, queries
from sanbao.intake.models import Team
from tests.cast import NOW, Cast

TABLE = "intake_team"


def _tokens() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, token::text FROM edge_stamp")
        return dict(cursor.fetchall())


class Asked:
    """Counts how often the database would have been asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


@pytest.fixture
def ask() -> Asked:
    return Asked()


def _keep(ask: Asked, key: str = "x", table: str = TABLE) -> int:
    return keep(("test", id(ask), key), (table,), ask)


def test_every_statement_that_changes_a_table_gives_it_another_token(cast: Cast) -> None:
    team = Team.objects.filter(company=cast.company).earliest("id")
    seen = [_tokens()[TABLE]]
    team.save()
    seen.append(_tokens()[TABLE])
    Team.objects.filter(pk=team.pk).update(name="别的名字")
    seen.append(_tokens()[TABLE])
    with suppress(RuntimeError), transaction.atomic():
        Team.objects.filter(pk=team.pk).update(name="又一个")
        raise RuntimeError
    assert _tokens()[TABLE] == seen[-1], "what is rolled back takes its token along"
    assert len(set(seen)) == 3


def test_within_requests_a_thing_is_made_once_until_its_table_changes(cast: Cast, ask: Asked) -> None:
    team = Team.objects.filter(company=cast.company).earliest("id")
    for _request in range(2):
        with kept.knowing_nothing():
            kept.know(_tokens())
            assert (_keep(ask), _keep(ask)) == (1, 1)
    team.save()
    with kept.knowing_nothing():
        kept.know(_tokens())
        assert _keep(ask) == 2


def test_outside_a_request_and_for_tables_without_a_token_everything_is_asked_anew(
    cast: Cast, ask: Asked
) -> None:
    assert (_keep(ask), _keep(ask)) == (1, 2)
    with kept.knowing_nothing():
        kept.know(_tokens())
        assert (_keep(ask, table="intake_request"), _keep(ask, table="intake_request")) == (3, 4)


@pytest.mark.parametrize("sql", ['UPDATE "intake_team" SET x=1', "insert into intake_team values (1)", ' DELETE FROM "intake_team"', "TRUNCATE intake_team"])  # fmt: skip
def test_a_request_that_has_written_to_such_a_table_keeps_and_takes_nothing_any_more(
    cast: Cast, ask: Asked, sql: str
) -> None:
    """Else it would keep what it wrote itself, and might yet roll back."""
    with kept.knowing_nothing():
        kept.know(_tokens())
        _keep(ask)
        kept.wrote(sql)
        assert (_keep(ask), _keep(ask)) == (2, 3)


def test_other_statements_change_nothing(cast: Cast, ask: Asked) -> None:
    with kept.knowing_nothing():
        kept.know(_tokens())
        for sql in (
            'UPDATE "intake_request" SET x=1',
            'SELECT * FROM "intake_team"',
            'INSERT INTO "intake_teams" ',
        ):
            kept.wrote(sql)
        assert (_keep(ask), _keep(ask)) == (1, 1)


def test_a_new_team_stands_in_the_menu_of_the_very_next_page(cast: Cast, sign_in) -> None:
    agent: Client = sign_in("agent")
    url = reverse("intake:requests")
    assert "夜班组" not in agent.get(url).content.decode()
    operations.keep_team(None, code="night", name="夜班组", by=cast.access("admin"), at=NOW)
    assert "夜班组" in agent.get(url).content.decode()


def test_companies_and_places_do_not_share_what_is_kept(cast: Cast, sign_in) -> None:
    """ASVS 8.4.1: the key says whose it is."""
    with kept.knowing_nothing():
        kept.know(_tokens())
        everywhere = queries.people_choices(cast.access("agent"))
        there = queries.people_choices(cast.access("owner-GZ001"))
        assert set(there) < set(everywhere)
        assert queries.team_choices(cast.company.pk) and queries.team_choices(10**9) == []
