"""Reads migrations for what stops people at work: long locks, rewritten tables, steps without a way back.

A release is brought in while the release before it still runs (docs/operations/upgrade.md), so a migration only adds: what
the running program reads or writes stays. `first_release.txt` names the migrations everybody begins with on empty tables; they
and tables made in the same migration are free. Everything later on their tables is judged, operation by operation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.state import ProjectState
from django.db.models.expressions import Func
from django.db.models.functions import Now

FIRST = frozenset((Path(__file__).parent / "first_release.txt").read_text(encoding="ascii").split())
STABLE = (Now,)  # one moment for the whole statement: PostgreSQL stores it once and rewrites nothing


@dataclass(frozen=True)
class Finding:
    """One operation that must not be so: where, which, what to do instead."""

    migration: str
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.what}. {self.instead}"


def findings(migration: Migration, before: ProjectState, first: frozenset[str] = FIRST) -> Iterator[Finding]:
    """What is wrong with one migration, given the models as they were before it."""
    name = f"{migration.app_label}.{migration.name}"
    state, made = before.clone(), set[str]()
    for operation in migration.operations:
        yield from (Finding(name, *said) for said in _no_way_back(operation))
        if name not in first:
            yield from (Finding(name, *said) for said in _locks(operation, migration, state, made))
        if isinstance(operation, operations.CreateModel):
            made.add(operation.name_lower)
        operation.state_forwards(migration.app_label, state)


def _no_way_back(operation: operations.base.Operation) -> Iterator[tuple[str, str]]:
    if isinstance(operation, operations.RunPython) and operation.reverse_code is None:
        yield (
            "RunPython without a reverse",
            "Give reverse_code; RunPython.noop where nothing is to be taken back",
        )
    if isinstance(operation, operations.RunSQL) and operation.reverse_sql is None:
        yield "RunSQL without a reverse", "Give reverse_sql; RunSQL.noop where nothing is to be taken back"


def _locks(
    operation: operations.base.Operation, migration: Migration, state: ProjectState, made: set[str]
) -> Iterator[tuple[str, str]]:
    model = getattr(operation, "model_name_lower", "")
    if model in made:
        return
    match operation:
        case (
            operations.DeleteModel()
            | operations.RemoveField()
            | operations.RenameField()
            | operations.RenameModel()
        ):
            yield (
                f"{operation.describe()}: the release before still uses it",
                "Stop using it in one release, remove it in the one after, and say so in ACCEPTED",
            )
        case operations.AlterModelTable():
            yield operation.describe(), "The release before looks for the old name: keep db_table"
        case AddIndexConcurrently() | RemoveIndexConcurrently():
            if migration.atomic:
                yield operation.describe(), "Set atomic = False in a migration of its own"
        case operations.AddIndex():
            yield (
                f"{operation.describe()}: nobody can write meanwhile",
                "Use AddIndexConcurrently with atomic = False in a migration of its own",
            )
        case operations.AddConstraint():
            if (
                not getattr(operation, "not_valid", False)
                and type(operation).__name__ != "AddConstraintNotValid"
            ):
                yield (
                    f"{operation.describe()}: every row is checked while nobody can write",
                    "Use AddConstraintNotValid and, in the next migration, ValidateConstraint; for uniqueness a unique index made concurrently",
                )
        case operations.AddField():
            yield from _added(operation.name, operation.field)
        case operations.AlterField():
            old = state.models[migration.app_label, model].fields[operation.name]
            yield from _altered(operation.name, old, operation.field)
        case operations.RunSQL():
            yield from _sql(operation)


def _added(name: str, field: models.Field) -> Iterator[tuple[str, str]]:
    if field.many_to_many:
        return
    given = field.db_default is not models.NOT_PROVIDED
    if not field.null and not field.has_default() and not given and not field.generated:
        yield f"{name} may not be empty and has no default", "Add it with null=True, or with a default"
    if given and isinstance(field.db_default, Func) and not isinstance(field.db_default, STABLE):
        yield (
            f"{name}: its default differs by row, so the whole table is rewritten",
            "Add it empty and fill it in portions",
        )
    if not given and callable(field.default) and field.default not in (dict, list, tuple) and field.unique:
        yield (
            f"{name}: one default for all rows, and it must be unique",
            "Add it empty and fill it in portions",
        )
    if field.generated:
        yield (
            f"{name} is generated: the whole table is rewritten",
            "Add a plain column and fill it in portions",
        )
    if field.unique or (field.db_index and not field.null):
        yield (
            f"{name} brings an index over rows that are there",
            "Add it with db_index=False, the index concurrently",
        )


_WORDS = ("verbose_name", "help_text", "choices")  # what the database knows nothing of


def _altered(name: str, old: models.Field, new: models.Field) -> Iterator[tuple[str, str]]:
    if _without_words(old) == _without_words(new):
        return
    was, will = _type(old), _type(new)
    if was != will and not _wider(was, will):
        yield (
            f"{name} from {was} to {will}: the whole table is rewritten",
            "Add a second column and fill it in portions",
        )
    if old.null and not new.null:
        yield (
            f"{name} may no longer be empty: every row is looked at while nobody can read",
            "Add a CHECK with AddConstraintNotValid, validate it in the next migration; the release before may still write NULL",
        )
    if (new.unique and not old.unique) or (new.db_index and not old.db_index):
        yield f"{name} brings an index over rows that are there", "Make the index concurrently"


def _type(field: models.Field) -> str:
    """The column's type; of a foreign key what it points to, whose type it has."""
    if isinstance(field, models.ForeignKey):
        return str(field.deconstruct()[3]["to"]).lower()
    return field.db_type(connection) or ""


def _without_words(field: models.Field) -> tuple[object, ...]:
    _name, path, positional, named = field.deconstruct()
    return path, positional, {key: value for key, value in named.items() if key not in _WORDS}


def _wider(was: str, will: str) -> bool:
    """Whether PostgreSQL only changes its notes: a longer varchar, or text from varchar."""
    if not was.startswith("varchar"):
        return False
    if will in ("text", "varchar"):
        return True
    sizes = [
        int(size) for text in (was, will) if (size := text.removeprefix("varchar(").rstrip(")")).isdigit()
    ]
    return will.startswith("varchar(") and len(sizes) == 2 and sizes[0] <= sizes[1]


def _sql(operation: operations.RunSQL) -> Iterator[tuple[str, str]]:
    text = operation.sql if isinstance(operation.sql, str) else " ; ".join(
        part if isinstance(part, str) else part[0] for part in operation.sql
    )  # fmt: skip
    said = " ".join(text.upper().split())
    for words, instead in (
        (
            "DROP TABLE",
            "The release before still reads it: remove it in the release after, and say so in ACCEPTED",
        ),
        (
            "DROP COLUMN",
            "The release before still reads it: remove it in the release after, and say so in ACCEPTED",
        ),
        ("LOCK TABLE", "Lock rows"),
        ("VACUUM FULL", "The table is closed meanwhile"),
        ("CLUSTER ", "The table is closed meanwhile"),
    ):
        if words in said:
            yield f"SQL with {words.strip()}", instead
    if ("CREATE INDEX" in said or "CREATE UNIQUE INDEX" in said) and "CONCURRENTLY" not in said:
        yield (
            "SQL that makes an index while nobody can write",
            "CREATE INDEX CONCURRENTLY with atomic = False",
        )
