"""A migration's step: foreign keys lose the index that Django gives each, where another begins with it or nobody asks by it."""

from collections.abc import Iterator
from typing import Any

from django.db import migrations, models


def unindexed(model: str, to: str, *names: str, **options: Any) -> Iterator[migrations.AlterField]:
    """The foreign keys `names` of a model to another, without indexes of their own; `options` are the fields' others."""
    for name in names:
        field = models.ForeignKey(
            to, on_delete=models.PROTECT, db_index=False, **({"related_name": "+"} | options)
        )
        yield migrations.AlterField(model, name, field)
