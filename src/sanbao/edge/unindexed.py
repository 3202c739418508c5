"""A migration's step: foreign keys lose the index that Django gives each, where another begins with it or nobody asks by it.

Django's AlterField would drop the foreign key and check it anew, row by row, while nobody can write; here only the index goes.
"""

from collections.abc import Iterator
from typing import Any

from django.db import migrations, models


class Unindexed(migrations.AlterField):
    """One foreign key without its index."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        column = model._meta.get_field(self.name).column
        named = {index.name for index in model._meta.indexes}
        for name in schema_editor._constraint_names(model, [column], index=True, type_="idx", exclude=named):
            schema_editor.execute(schema_editor._delete_index_sql(model, name))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        schema_editor.execute(
            schema_editor._create_index_sql(model, fields=[model._meta.get_field(self.name)])
        )


def unindexed(model: str, to: str, *names: str, **options: Any) -> Iterator[Unindexed]:
    """The foreign keys `names` of a model to another, without indexes of their own; `options` are the fields' others."""
    for name in names:
        field = models.ForeignKey(
            to, on_delete=models.PROTECT, db_index=False, **({"related_name": "+"} | options)
        )
        yield Unindexed(model, name, field)
