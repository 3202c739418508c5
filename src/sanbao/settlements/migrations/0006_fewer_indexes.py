from django.conf import settings
from django.db import migrations

from sanbao.edge.unindexed import unindexed


class Migration(migrations.Migration):
    """Indexes that another one begins with, and those by people nobody asks by, are gone: each new row was written into them all."""

    dependencies = [
        ("accounts", "0006_stamps_of_codes"),
        ("outlets", "0007_coordinates"),
        ("settlements", "0005_findings_life"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *unindexed("sheet", "accounts.company", "company", related_name=None),
        *unindexed("sheet", "outlets.outlet", "outlet", related_name="sheets"),
        *unindexed("sheet", settings.AUTH_USER_MODEL, "made_by", null=True),
    ]
