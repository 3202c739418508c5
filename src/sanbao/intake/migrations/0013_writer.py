import django.db.models.deletion
from django.db import migrations, models

from sanbao.intake.states import Channel


class Migration(migrations.Migration):
    """The account by which a customer writes stands with the request; SMS is a channel of its own."""

    dependencies = [("intake", "0012_tags"), ("customers", "0006_individual")]

    operations = [
        migrations.AddField(
            model_name="request",
            name="writer",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=64, verbose_name="writes from"
            ),
        ),
        migrations.AlterField(
            model_name="request",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.customer",
                verbose_name="customer record",
            ),
        ),
        migrations.AlterField(
            model_name="request",
            name="channel",
            field=models.CharField(choices=Channel.choices, max_length=10, verbose_name="channel"),
        ),
    ]
