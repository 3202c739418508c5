from django.conf import settings
from django.db import migrations

from sanbao.edge.unindexed import unindexed

PERSON = settings.AUTH_USER_MODEL


class Migration(migrations.Migration):
    """Indexes that another one begins with, and those by people nobody asks by, are gone: each new row was written into them all."""

    dependencies = [
        ("accounts", "0006_stamps_of_codes"),
        ("customers", "0008_customer_service"),
        ("decisions", "0005_fewer_indexes"),
        ("intake", "0017_customer_service"),
        ("outlets", "0007_coordinates"),
        ("products", "0005_registration"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *unindexed("entry", "intake.request", "request", related_name="entries"),
        *unindexed("entry", PERSON, "by", "handler", null=True),
        *unindexed("promise", "intake.request", "request", related_name="promises"),
        *unindexed("promise", PERSON, "missed_by", null=True),
        *unindexed("request", "accounts.company", "company"),
        *unindexed(
            "request", "customers.customer", "customer", null=True, blank=True, verbose_name="customer record"
        ),
        *unindexed("request", "products.unit", "unit", null=True, blank=True),
        *unindexed("request", "outlets.outlet", "outlet", null=True, blank=True),
        *unindexed("request", "decisions.decision", "priority_decision", null=True),
        *unindexed("request", PERSON, "assignee", null=True, blank=True),
        *unindexed("request", PERSON, "made_by", "solved_by", "closed_by", null=True),
    ]
