from django.db import migrations

from sanbao.edge.unindexed import unindexed


class Migration(migrations.Migration):
    """Indexes that another one begins with, and those by people nobody asks by, are gone: each new row was written into them all."""

    dependencies = [
        ("accounts", "0006_stamps_of_codes"),
        ("imports", "0001_initial"),
    ]

    operations = [
        *unindexed("brought", "accounts.company", "company"),
    ]
