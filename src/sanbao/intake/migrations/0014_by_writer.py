from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Whoever writes once more is found by their account."""

    atomic = False
    dependencies = [("intake", "0013_writer")]

    operations = [
        AddIndexConcurrently(
            "request",
            models.Index(
                fields=["company", "writer", "-id"], condition=~models.Q(writer=""), name="intake_writer"
            ),
        )
    ]
