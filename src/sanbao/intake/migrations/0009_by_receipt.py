from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """A month's requests are found without reading the others."""

    atomic = False
    dependencies = [("intake", "0008_summary")]

    operations = [
        AddIndexConcurrently(
            "request", models.Index(fields=["company", "received_at"], name="intake_by_receipt")
        )
    ]
