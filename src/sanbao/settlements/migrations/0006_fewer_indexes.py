import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Indexes that another one begins with, and those by people nobody asks by, are gone: each new row was written into them all."""

    dependencies = [
        ("accounts", "0006_stamps_of_codes"),
        ("outlets", "0007_coordinates"),
        ("settlements", "0005_findings_life"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="sheet",
            name="company",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="accounts.company"
            ),
        ),
        migrations.AlterField(
            model_name="sheet",
            name="made_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="sheet",
            name="outlet",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sheets",
                to="outlets.outlet",
            ),
        ),
    ]
