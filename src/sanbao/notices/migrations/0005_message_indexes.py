from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("notices", "0004_inbox"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("receipt", ""), _negated=True),
                fields=["company", "receipt"],
                name="message_receipt",
            ),
        ),
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("delivery", "undelivered")),
                fields=["company", "id"],
                name="message_undelivered",
            ),
        ),
    ]
