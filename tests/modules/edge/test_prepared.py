"""The database plans a statement once for each connection (docs/adr/edge-prepared-statements.md)."""

import pytest
from django.db import connection

from sanbao.accounts import scope
from sanbao.intake.models import Request
from tests.cast import Cast

PLANS = "SELECT coalesce(sum(generic_plans), 0), coalesce(sum(custom_plans), 0) FROM pg_prepared_statements WHERE statement LIKE %s"
ASKED = 12


def _asked_again_and_again(cast: Cast) -> tuple[int, int]:
    """How often a plan for all values served, and how often one was made for the values, when a request is looked for by its number."""
    with scope.opened(cast.access("agent")):
        for number in range(ASKED):
            Request.objects.filter(number=f"S-{number}").first()
        with connection.cursor() as cursor:
            cursor.execute(PLANS, ['SELECT "intake_request"."id"%"number" =%'])
            return cursor.fetchone()


def test_what_is_asked_again_and_again_is_planned_for_all_values(cast: Cast) -> None:
    """The first time it is only asked; then five plans are made for their values before one is kept."""
    assert _asked_again_and_again(cast) == (ASKED - 1 - 5, 5)


def test_control_without_preparing_every_plan_is_made_anew(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    assert _asked_again_and_again(cast) == (0, 0)
