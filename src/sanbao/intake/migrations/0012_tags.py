from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Requests with a tag, and those merged into another, are found without reading the others."""

    atomic = False
    dependencies = [("intake", "0011_readers")]

    operations = [
        AddIndexConcurrently("request", GinIndex(fields=["tags"], name="intake_tags")),
        AddIndexConcurrently(
            "request",
            models.Index(
                fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="intake_merged"
            ),
        ),
    ]
