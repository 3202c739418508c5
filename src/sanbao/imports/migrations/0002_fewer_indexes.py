import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Indexes that another one begins with, and those by people nobody asks by, are gone: each new row was written into them all."""

    dependencies = [
        ("accounts", "0006_stamps_of_codes"),
        ("imports", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="brought",
            name="company",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.company",
            ),
        ),
    ]
