import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A need may become a task of its request."""

    dependencies = [("callbacks", "0001_initial"), ("intake", "0014_by_writer")]

    operations = [
        migrations.AddField(
            "need",
            "task",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="intake.task",
                verbose_name="task",
            ),
        )
    ]
