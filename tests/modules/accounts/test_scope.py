"""A company's rows are read in an open scope only; the database holds whoever works there to company and outlets as well.

ASVS 8.2.2, 8.2.3, 8.3.1, 8.4.1.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, transaction

from sanbao.accounts import scope
from sanbao.accounts.scoped import Guarded
from sanbao.ledger.models import Account, Entry, Posting
from sanbao.outlets.models import Outlet
from sanbao.settlements.models import Answer, Finding, HandIn, Line, Receipt, Sheet, Statement
from tests.cast import Cast, assemble

# Models with a company that are not a company's business: said with the reason.
NOT_BUSINESS = {
    "accounts.Token": "a person's own key, found by its hash before anybody is known",
}
# Tables with a company that row-level security leaves to the managers.
WITHOUT_POLICY = {
    "accounts_token": "read before a scope can be open",
    "audit_event": "holds no customer and no money; written in every scope",
    "outlets_region": "read by everybody in the company",
    "outlets_outlet": "read by everybody in the company",
    "outlets_posting": "read before a scope can be open",
    "products_model": "the catalogue, the same for all in the company",
    "products_part": "the catalogue, the same for all in the company",
    "regulations_edition": "rules, shipped ones are everybody's",
    "regulations_adoption": "rules",
    "regulations_coming": "rules",
}


def business() -> list[Any]:
    """Every model of ours with a company."""
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("sanbao.")
        and any(f.name == "company" for f in model._meta.concrete_fields)
    ]


def test_every_model_of_a_company_fails_closed() -> None:
    bare = {m._meta.label for m in business() if not isinstance(m._default_manager, Guarded)}

    assert bare == set(NOT_BUSINESS)


@pytest.mark.parametrize("model", [Sheet, Statement, Line, Outlet, Account, Posting])
def test_outside_a_scope_rows_are_refused(cast: Cast, model: Any) -> None:
    with scope.closed():
        for use in (
            lambda: model.objects.count(),
            lambda: model.objects.all(),
            lambda: model.objects.filter(pk=1),
        ):
            with pytest.raises(scope.OutOfScope):
                use()
        assert list(model.objects.none()) == []


def test_in_a_scope_a_forgotten_filter_finds_no_other_company(cast: Cast) -> None:
    other = assemble("other", "other-", "另一家")
    cast.sheet()
    other.sheet()

    with scope.opened(cast.access("clerk")):
        assert {sheet.company_id for sheet in Sheet.objects.all()} == {cast.company.pk}
        assert set(Outlet.objects.values_list("company_id", flat=True)) == {cast.company.pk}
        assert Sheet.objects.filter(company=other.company).count() == 0


def test_somebody_without_a_company_opens_nothing() -> None:
    from sanbao.accounts.access import NOBODY

    with pytest.raises(scope.OutOfScope), scope.opened(NOBODY):
        pass


TABLES = [Sheet, Statement, Line, HandIn, Receipt, Finding, Answer, Account, Entry, Posting]


def counted(company: int) -> dict[str, int]:
    """What the session sees by bare SQL, which no manager filters."""
    found = {}
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"SELECT count(*) FROM {model._meta.db_table}")
            found[model._meta.db_table] = cursor.fetchone()[0]
    return found


def month(cast: Cast, outlet: str) -> None:
    from sanbao.settlements import operations
    from tests.cast import APRIL, NOW
    from tests.months import row, xlsx

    sheet = cast.sheet(outlet=outlet)
    operations.register_finding(sheet, "late_service", by=cast.access("callbacks"), at=NOW)
    cast.received(outlet=outlet)
    statement = cast.statement(outlet=outlet, upto="submitted")
    operations.answer(statement, "question", note="?", by=cast.access(f"owner-{outlet}"), at=NOW)
    operations.read_hand_in(
        cast.outlets[outlet], APRIL.replace(month=3), xlsx([row(单号="M1")]), "m.xlsx",
        by=cast.access(f"owner-{outlet}"), at=NOW,
    )  # fmt: skip


def test_bare_sql_in_a_scope_sees_the_company_only(cast: Cast) -> None:
    """The second line: the managers are stepped around, PostgreSQL still compares every row."""
    other = assemble("other", "other-", "另一家")
    month(cast, "GZ001")
    month(cast, "NB011")
    month(other, "GZ001")
    everything = counted(cast.company.pk)

    with scope.opened(cast.access("clerk")):
        mine = counted(cast.company.pk)
        assert scope.limits_now() == {"role": "sanbao_web", "company": str(cast.company.pk), "outlets": "*"}
    with scope.opened(other.access("clerk")):
        theirs = counted(other.company.pk)

    assert all(mine[table] > 0 and theirs[table] > 0 for table in everything)
    assert {table: mine[table] + theirs[table] for table in everything} == everything
    assert scope.limits_now()["role"] != "sanbao_web"


@pytest.mark.parametrize(("who", "outlets"), [("owner-GZ001", {"GZ001"}), ("outlet-clerk", {"GZ001"}), ("east", {"GZ001", "NB011"}), ("south", {"SZ021"})])  # fmt: skip
def test_bare_sql_sees_the_outlets_of_ones_posts_only(cast: Cast, who: str, outlets: set[str]) -> None:
    for code in cast.outlets:
        month(cast, code)
    with scope.opened(cast.access(who)), connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT outlet_id FROM settlements_sheet UNION SELECT outlet_id FROM settlements_statement UNION SELECT outlet_id FROM ledger_account"
        )
        seen = {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT DISTINCT sheet.outlet_id FROM settlements_line line JOIN settlements_sheet sheet ON sheet.id = line.sheet_id"
        )
        lines = {row[0] for row in cursor.fetchall()}

    expected = {cast.outlets[code].pk for code in outlets}
    assert seen == lines == expected


def test_control_without_the_policy_bare_sql_sees_every_company(cast: Cast) -> None:
    """The guard off: the tests above can fail."""
    other = assemble("other", "other-", "另一家")
    cast.sheet()
    other.sheet()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE settlements_sheet DISABLE ROW LEVEL SECURITY")
        with scope.opened(cast.access("clerk")):
            cursor.execute("SELECT count(DISTINCT company_id) FROM settlements_sheet")
            assert cursor.fetchone() == (2,)


def test_a_row_cannot_be_written_into_another_company_or_outlet(cast: Cast) -> None:
    other = assemble("other", "other-", "另一家")
    cast.sheet()
    month(other, "GZ001")

    def moved(sql: str, *values: object) -> Callable[[], None]:
        def run() -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql, values)

        return run

    with scope.opened(cast.access("owner-GZ001")):
        for attempt in (
            moved("UPDATE settlements_sheet SET company_id = %s", other.company.pk),
            moved("UPDATE settlements_sheet SET outlet_id = %s", cast.outlets["NB011"].pk),
            moved(
                "INSERT INTO ledger_account (company_id, code, unit, balance) VALUES (%s, 'x', 'CNY', 0)",
                cast.company.pk,
            ),
        ):
            with pytest.raises(ProgrammingError, match="row-level security"):
                attempt()
    assert set(Sheet.objects.values_list("outlet_id", flat=True)) == {
        cast.outlets["GZ001"].pk,
        other.outlets["GZ001"].pk,
    }


def test_the_webs_role_cannot_switch_its_guards_off(cast: Cast) -> None:
    with scope.opened(cast.access("clerk")):
        for sql in (
            "ALTER TABLE settlements_sheet DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE ledger_posting DISABLE TRIGGER ALL",
            "TRUNCATE ledger_posting",
            "DROP TABLE settlements_line",
        ):
            with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)


def test_every_table_of_customers_and_money_has_a_policy(db: None) -> None:
    """A new table with a company gets a policy, or a reason in the list above."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity")
        secured = {name for (name,) in cursor.fetchall()}
    tables = {model._meta.db_table for model in business()}

    assert tables - secured == set(WITHOUT_POLICY)
    assert {model._meta.db_table for model in TABLES} <= secured


def test_a_broken_transaction_gives_the_session_back_as_it_was(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), scope.opened(cast.access("clerk")):
        Outlet.objects.create(company_id=987654, region_id=987654, code="X", name="X")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert scope.limits_now()["role"] != "sanbao_web"


def test_nested_scopes_give_back_the_outer_one(cast: Cast) -> None:
    with scope.opened(cast.access("clerk")):
        with scope.everything("a nested job"):
            assert scope.limits_now()["role"] != "sanbao_web"
        assert scope.limits_now()["role"] == "sanbao_web"
        with scope.as_owner("copying"):
            assert scope.limits_now()["role"] != "sanbao_web"
            assert Sheet.objects.count() == 0
        assert scope.limits_now()["outlets"] == "*"


def test_the_row_history_knows_who_works_in_the_scope(cast: Cast) -> None:
    """ASVS 16.2.1: every change names who made it, in which request."""
    from dataclasses import replace

    by = replace(cast.access("admin"), request="r-1", address="10.1.2.3")
    with scope.opened(by):
        Outlet.objects.filter(code="GZ001").update(contact="某人")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person_id, company_id, request, address FROM audit_change ORDER BY id DESC LIMIT 1"
        )
        assert cursor.fetchone() == (by.person_id, by.company_id, "r-1", "10.1.2.3")


@pytest.mark.django_db
def test_nor_does_it_open_anything_for_a_transaction() -> None:
    from sanbao.accounts.access import NOBODY

    closed = scope._open.set(None)
    try:
        with pytest.raises(scope.OutOfScope), scope.through(NOBODY):
            pass
    finally:
        scope._open.reset(closed)
