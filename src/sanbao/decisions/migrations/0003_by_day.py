from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """A period's decisions are found by their day: a back-test need not read the others."""

    atomic = False
    dependencies = [("decisions", "0002_row_security")]

    operations = [
        AddIndexConcurrently("decision", models.Index(fields=["company", "made_at"], name="decision_by_day"))
    ]
