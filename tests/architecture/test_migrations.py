"""No migration of ours stops people at work or has no way back; the checker that says so finds every kind of bad one."""

import uuid
from collections.abc import Iterator

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now, Random

from tests.architecture.migrations import FIRST, Finding, findings

# "app.name: what" → why it may be so. Whoever adds one says which release stopped using it, or why the table stays small.
ACCEPTED: dict[str, str] = {}


def ours() -> Iterator[Finding]:
    """What is found in all migrations of our modules."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for key in sorted(loader.disk_migrations):
        if loader.disk_migrations[key].__module__.startswith("sanbao."):
            before = loader.project_state([key], at_end=False)
            yield from findings(loader.disk_migrations[key], before)


def test_no_migration_locks_a_table_for_long_rewrites_it_or_has_no_way_back() -> None:
    found = {f"{each.migration}: {each.what}": each for each in ours()}

    assert not [str(each) for key, each in found.items() if key not in ACCEPTED], (
        "Until the first release, a migration's name may be added to tests/architecture/first_release.txt: it begins on empty tables"
    )
    assert not set(ACCEPTED) - set(found), "accepted, but no longer there"


def test_what_everybody_begins_with_is_there() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}

    assert len(FIRST) >= 31
    assert known >= FIRST


def judged(
    *operations: migrations.operations.base.Operation, atomic: bool = True, old: bool = True
) -> list[str]:
    """What is found in a migration of these operations, with the table there before it or not."""
    state = ProjectState()
    if old:
        fields = [
            ("id", models.BigAutoField(primary_key=True)), ("number", models.IntegerField(null=True)),
            ("word", models.CharField(max_length=20)), ("whose", _points("old.Owner", db_index=False)),
        ]  # fmt: skip
        state.add_model(migrations.state.ModelState("old", "Thing", fields))
    migration = migrations.Migration("0002_bad", "old")
    migration.operations = list(operations)
    migration.atomic = atomic
    return [each.what for each in findings(migration, state)]


def _points(to: str, **options: bool) -> models.ForeignKey:
    return models.ForeignKey(to, on_delete=models.PROTECT, null=True, **options)


def nothing(apps: object, schema_editor: object) -> None:
    """A step of Python."""


INDEX = models.Index(fields=["number"], name="thing_number")
RULE = models.CheckConstraint(condition=models.Q(number__gt=0), name="thing_positive")

BAD = {
    "RunPython without a reverse": migrations.RunPython(nothing),
    "RunSQL without a reverse": migrations.RunSQL("SELECT 1"),
    "the release before still uses it": migrations.RemoveField("Thing", "word"),
    "Rename field": migrations.RenameField("Thing", "word", "term"),
    "Delete model": migrations.DeleteModel("Thing"),
    "nobody can write meanwhile": migrations.AddIndex("Thing", INDEX),
    "every row is checked": migrations.AddConstraint("Thing", RULE),
    "has no default": migrations.AddField("Thing", "must", models.IntegerField()),
    "differs by row": migrations.AddField("Thing", "chance", models.FloatField(db_default=Random())),
    "must be unique": migrations.AddField("Thing", "key", models.UUIDField(default=uuid.uuid4, unique=True)),
    "brings an index": migrations.AlterField("Thing", "number", models.IntegerField(null=True, db_index=True)),
    "to bigint": migrations.AlterField("Thing", "number", models.BigIntegerField(null=True)),
    "to varchar(10)": migrations.AlterField("Thing", "word", models.CharField(max_length=10)),
    "whose brings an index": migrations.AlterField("Thing", "whose", _points("old.Owner")),
    "to old.other": migrations.AlterField("Thing", "whose", _points("old.Other", db_index=False)),
    "may no longer be empty": migrations.AlterField("Thing", "number", models.IntegerField()),
    "DROP COLUMN": migrations.RunSQL("ALTER TABLE t DROP  COLUMN a", migrations.RunSQL.noop),
    "makes an index": migrations.RunSQL("CREATE INDEX i ON t (a)", migrations.RunSQL.noop),
}  # fmt: skip


@pytest.mark.parametrize("said", BAD)
def test_control_every_kind_of_bad_migration_is_found(said: str) -> None:
    assert [what for what in judged(BAD[said]) if said in what]


def test_an_index_made_concurrently_needs_a_migration_without_a_transaction() -> None:
    assert judged(AddIndexConcurrently("Thing", INDEX), atomic=True)
    assert judged(AddIndexConcurrently("Thing", INDEX), atomic=False) == []


@pytest.mark.parametrize("good", [
    AddConstraintNotValid("Thing", RULE),
    migrations.AddField("Thing", "may", models.IntegerField(null=True)),
    migrations.AddField("Thing", "some", models.IntegerField(default=0)),
    migrations.AddField("Thing", "since", models.DateTimeField(db_default=Now())),
    migrations.AlterField("Thing", "word", models.CharField(max_length=40)),
    migrations.AlterField("Thing", "number", models.IntegerField("another word", null=True)),
    migrations.AlterField("Thing", "whose", _points("old.Owner", db_index=False, blank=True)),
    migrations.RunPython(nothing, migrations.RunPython.noop),
], ids=lambda each: each.describe())  # fmt: skip
def test_what_only_adds_is_let_through(good: migrations.operations.base.Operation) -> None:
    assert judged(good) == []


def test_a_table_made_in_the_same_migration_is_free() -> None:
    made = migrations.CreateModel(
        "Thing", [("id", models.BigAutoField(primary_key=True)), ("number", models.IntegerField(null=True))]
    )

    assert judged(made, migrations.AddIndex("Thing", INDEX), old=False) == []
