"""The row history: every change of every business table, whoever makes it and however."""

import pytest
from django.apps import apps
from django.db import Error, connection, transaction

from sanbao.audit import coverage, history
from sanbao.audit.models import Change
from sanbao.outlets.models import Outlet, Region
from sanbao.products.models import Model

pytestmark = pytest.mark.django_db


def _changes(table: str, row: object) -> list[Change]:
    return list(Change.objects.filter(table=table, row=str(row)).order_by("id"))


def _sql(statement: str, values: list | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or [])


def test_every_business_table_keeps_its_history():
    """ASVS 16.2.1, 16.3.3; safety.md: "write on a business table without an audit row: 0, checked over all tables"."""
    assert history.uncovered() == []
    assert len(history._tables()) > 30


def test_a_table_that_forgets_it_is_found_and_gets_it_with_the_next_migrate():
    _sql("CREATE TABLE forgetful (id bigint PRIMARY KEY, word text)")
    assert history.uncovered() == ["forgetful"]  # the control: the check above would be red
    assert history.install() == ["forgetful"]
    assert history.uncovered() == []
    assert history.install() == []  # nothing to do, nothing locked
    _sql("INSERT INTO forgetful VALUES (1, 'a')")
    assert [change.op for change in _changes("forgetful", 1)] == ["I"]


def test_every_table_that_is_exempt_exists_and_says_why():
    tables = {name for name, *_rest in history._tables()}
    for table, reason in coverage.EXEMPT.items():
        assert reason, table
        if not table.startswith(("django_", "auth_")):
            assert table in tables


def test_what_is_exempt_because_it_is_append_only_is_append_only():
    """An exemption is a promise: a table that may be changed in silence can't stand on the list."""
    for table, reason in coverage.EXEMPT.items():
        if "append-only" in reason:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT bool_or(tgtype & 8 > 0) AND bool_or(tgtype & 16 > 0) FROM pg_trigger"
                    " WHERE tgrelid = %s::regclass AND tgtype & 2 > 0 AND tgtype & 1 > 0 AND tgenabled <> 'D'",
                    [table],
                )
                assert cursor.fetchone() == (True,), table


def _values(columns: list[tuple[str, str, bool]], key: list[str]) -> dict[str, str]:
    """A made-up row in SQL: what may be empty is left out."""
    made = {"bigint": "987654", "integer": "1", "smallint": "1", "boolean": "true", "jsonb": "'{}'", "date": "'2026-01-01'",
            "timestamp with time zone": "now()", "numeric": "0", "uuid": "gen_random_uuid()", "inet": "'10.0.0.1'",
            "double precision": "0", "bytea": "'\\x00'", "ARRAY": "'{}'", "interval": "'1 day'",
            "time without time zone": "'09:00'", "tstzrange": "'[2026-01-01,2026-01-02)'"}  # fmt: skip
    return {name: made.get(kind, "'x'") for name, kind, needed in columns if needed or name in key}


def test_insert_update_and_delete_by_raw_sql_leave_a_row_in_every_table():
    """Over all tables there are, with the tables' own constraints off for the made-up rows: the triggers stay on."""
    silent = []
    for table, _names, key, _found in history._tables():
        if coverage.exempt(table):
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name, data_type, is_nullable = 'NO' AND column_default IS NULL FROM information_schema.columns"
                " WHERE table_schema = current_schema() AND table_name = %s ORDER BY ordinal_position",
                [table],
            )
            columns = cursor.fetchall()
            values = _values(columns, key)
            quoted = {name: connection.ops.quote_name(name) for name in values}
            inside = transaction.atomic()
            inside.__enter__()
            try:
                for (check,) in _checks(table):
                    cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{check}" CASCADE')
                for (trigger,) in _others(table):
                    cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER "{trigger}"')
                before = Change.objects.filter(table=table).count()
                cursor.execute(
                    f'INSERT INTO "{table}" ({", ".join(quoted.values())}) VALUES ({", ".join(values.values())})'
                )
                where = " AND ".join(f"{quoted[part]} = {values[part]}" for part in key)
                changing = next(
                    (name for name, _kind, _needed in columns if name in values and name not in key
                     and name not in coverage.DERIVED.get(table, ()) and _kind in ("bigint", "integer", "character varying", "text")),
                    None,
                )  # fmt: skip
                expected = ["I", "D"]
                if changing:
                    kind = {name: kind for name, kind, _needed in columns}[changing]
                    cursor.execute(
                        f'UPDATE "{table}" SET {quoted[changing]} = {2 if "int" in kind else "chr(121)"} WHERE {where}'
                    )
                    expected = ["I", "U", "D"]
                cursor.execute(f'DELETE FROM "{table}" WHERE {where}')
                ops = list(
                    Change.objects.filter(table=table).order_by("id").values_list("op", flat=True)[before:]
                )
                if ops != expected:
                    silent.append((table, ops, expected))
            finally:
                transaction.set_rollback(True)
                inside.__exit__(None, None, None)
    assert silent == []


def _checks(table: str) -> list[tuple[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('c', 'f')",
            [table],
        )
        return cursor.fetchall()


def _others(table: str) -> list[tuple[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgname NOT LIKE 'history%%'",
            [table],
        )
        return cursor.fetchall()


def test_a_bulk_update_leaves_a_change_for_every_row_with_only_what_changed(cast):
    Outlet.objects.update(contact="李四", phone="13900001111")
    for outlet in Outlet.objects.all():
        change = _changes("outlets_outlet", outlet.pk)[-1]
        assert change.op == "U"
        assert change.before == {"contact": "", "phone": ""}
        assert change.after == {"contact": "李四", "phone": "13900001111"}


def test_an_update_that_changes_nothing_leaves_no_change(cast):
    count = Change.objects.count()
    Outlet.objects.update(name=models_f("name"))
    assert Change.objects.count() == count


def models_f(name: str):
    from django.db.models import F

    return F(name)


def test_a_deleted_row_is_kept_whole(cast):
    region = Region.objects.create(company=cast.company, name="西北")
    pk = region.pk
    _sql("DELETE FROM outlets_region WHERE id = %s", [pk])
    made, deleted = _changes("outlets_region", pk)
    assert (made.op, made.before, made.after) == ("I", None, None)
    assert (deleted.op, deleted.before) == ("D", {"id": pk, "company_id": cast.company.pk, "name": "西北"})


def test_a_row_keeps_its_number_so_that_its_history_is_found(cast):
    region = Region.objects.create(company=cast.company, name="西北")
    with pytest.raises(Error, match="keeps its key"), transaction.atomic():
        _sql("UPDATE outlets_region SET id = 777777 WHERE id = %s", [region.pk])
    _sql("UPDATE outlets_region SET id = id, name = '东北' WHERE id = %s", [region.pk])
    assert [change.op for change in _changes("outlets_region", region.pk)] == ["I", "U"]


def test_copy_and_insert_on_conflict_are_caught(cast):
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY products_model (company_id, code, name, category) FROM STDIN") as copy,
    ):
        for number in range(3):
            copy.write_row((cast.company.pk, f"C{number}", "", "燃气灶"))
    for model in Model.objects.filter(code__startswith="C", category="燃气灶", name=""):
        assert next(change.op for change in _changes("products_model", model.pk)) == "I"
    _sql(
        "INSERT INTO products_model (company_id, code, name, category) VALUES (%s, 'C1', 'new name', '燃气灶')"
        " ON CONFLICT (company_id, code) DO UPDATE SET name = excluded.name",
        [cast.company.pk],
    )
    change = _changes("products_model", Model.objects.get(code="C1").pk)[-1]
    assert (change.before, change.after) == ({"name": ""}, {"name": "new name"})


def test_a_truncated_table_leaves_a_word(cast):
    _sql("CREATE TABLE emptied (id bigint PRIMARY KEY)")
    history.install()
    _sql("TRUNCATE emptied")
    assert [change.op for change in _changes("emptied", "")] == ["T"]


def test_passwords_and_keys_stand_in_no_change(cast):
    """ASVS 16.2.5: credentials are not logged."""
    person = cast.people["clerk"]
    person.set_password("another long password")
    person.save()
    change = _changes("accounts_person", person.pk)[-1]
    assert change.before == {"password": "[hidden]"} and change.after == {"password": "[hidden]"}
    person.tokens.create(
        company=cast.company, name="t", digest="d" * 64, made_at="2026-01-01T00:00Z", expires_at="2026-01-02T00:00Z"
    )  # fmt: skip
    person.tokens.all().delete()
    assert Change.objects.filter(table="accounts_token", op="D").latest("id").before["digest"] == "[hidden]"


def test_a_secret_column_of_any_table_is_hidden():
    """Whatever model comes with a column that is called like a secret."""
    for model in apps.get_models():
        columns = [field.column for field in model._meta.local_concrete_fields]
        if model._meta.app_label == "accounts" and "password" in columns:
            assert "password" in coverage.secret(model._meta.db_table, columns)


def test_the_history_is_never_changed_and_never_deleted(cast):
    """ASVS 16.4.2: logs are protected from change."""
    for statement in (
        "UPDATE audit_change SET person_id = 1",
        "UPDATE audit_change SET before = '{}' WHERE op = 'U'",
        "DELETE FROM audit_change",
    ):
        Outlet.objects.update(contact="李四")
        with pytest.raises(Error, match="never changed|delete"), transaction.atomic():
            _sql(statement)


def test_an_erasure_may_put_a_tombstone_and_nothing_else(cast):
    Outlet.objects.update(contact="李四")
    _sql("SELECT set_config('sanbao.erasing', 'on', true)")
    for better in ('{"contact": "王五"}', "{}", '{"contact": "[erased]", "more": 1}'):
        with pytest.raises(Error, match="never changed"), transaction.atomic():
            _sql(
                "UPDATE audit_change SET after = %s WHERE \"table\" = 'outlets_outlet' AND op = 'U'", [better]
            )
    _sql(
        "UPDATE audit_change SET after = %s WHERE \"table\" = 'outlets_outlet' AND op = 'U'",
        ['{"contact": "[erased]"}'],
    )
    assert set(
        Change.objects.filter(table="outlets_outlet", op="U").values_list("after__contact", flat=True)
    ) == {"[erased]"}


def test_while_erasing_the_images_hold_no_personal_data(cast):
    Outlet.objects.update(contact="李四", name="新名")
    _sql("SELECT set_config('sanbao.erasing', 'on', true)")
    Outlet.objects.update(contact="", name="旧名")
    change = Change.objects.filter(table="outlets_outlet").latest("id")
    assert change.before == {"contact": "[erased]", "name": "新名"}
    assert change.after == {"contact": "", "name": "旧名"}


def test_who_is_the_person_at_work_and_else_the_databases_login(cast):
    Outlet.objects.update(contact="李四")
    change = Change.objects.latest("id")
    assert change.person_id is None and change.login
    _sql(
        "SELECT set_config('sanbao.person', '17', true), set_config('sanbao.request', 'abc', true),"
        " set_config('sanbao.address', '10.0.0.9', true)"
    )
    Outlet.objects.update(contact="王五")
    change = Change.objects.latest("id")
    assert (change.person_id, change.login, change.request, change.address) == (17, "", "abc", "10.0.0.9")
