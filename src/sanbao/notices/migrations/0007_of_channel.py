from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """When a channel was last heard of is asked without reading the others' rows."""

    atomic = False
    dependencies = [("notices", "0006_telling")]

    operations = [
        AddIndexConcurrently(
            "incoming", models.Index(fields=["company", "channel", "-id"], name="incoming_of_channel")
        )
    ]
