from django.conf import settings
from django.db import migrations

from sanbao.edge.unindexed import unindexed


class Migration(migrations.Migration):
    """Indexes that another one begins with, and those by people nobody asks by, are gone: each new row was written into them all."""

    dependencies = [
        ("hooks", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *unindexed("delivery", "hooks.subscription", "subscription", related_name="deliveries"),
        *unindexed("delivery", settings.AUTH_USER_MODEL, "discarded_by", null=True),
    ]
