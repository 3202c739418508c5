from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """A callback shows its complaints."""

    atomic = False
    dependencies = [("complaints", "0002_source")]

    operations = [
        AddIndexConcurrently(
            "complaint",
            models.Index(
                condition=models.Q(source__isnull=False),
                fields=["source", "origin"],
                name="complaint_of_source",
            ),
        )
    ]
