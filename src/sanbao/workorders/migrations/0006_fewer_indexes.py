from django.conf import settings
from django.db import migrations

from sanbao.edge.unindexed import unindexed

PERSON = settings.AUTH_USER_MODEL


class Migration(migrations.Migration):
    """Indexes that another one begins with, and those by people nobody asks by, are gone: each new row was written into them all."""

    dependencies = [
        ("accounts", "0006_stamps_of_codes"),
        ("customers", "0008_customer_service"),
        ("intake", "0018_fewer_indexes"),
        ("outlets", "0007_coordinates"),
        ("products", "0005_registration"),
        ("workorders", "0005_coordinates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *unindexed("order", "accounts.company", "company"),
        *unindexed("order", "intake.request", "request", null=True, blank=True, related_name="orders"),
        *unindexed("order", "customers.customer", "customer", null=True, blank=True),
        *unindexed("order", "products.unit", "unit", null=True, blank=True),
        *unindexed("order", "outlets.outlet", "outlet", null=True, blank=True, verbose_name="outlet"),
        *unindexed("order", PERSON, "engineer", null=True, blank=True, verbose_name="engineer"),
        *unindexed(
            "order", PERSON, "accepted_by", "cancelled_by", "checked_by", "closed_by", "dispatched_by", "done_by", "incomplete_by", "made_by",
            null=True,
        ),
    ]  # fmt: skip
