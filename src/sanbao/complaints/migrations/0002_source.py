from django.db import migrations, models


class Migration(migrations.Migration):
    """What a complaint was taken down at, in a module above: a callback."""

    dependencies = [("complaints", "0001_initial")]

    operations = [
        migrations.AddField(
            "complaint",
            "source",
            models.BigIntegerField(blank=True, null=True, verbose_name="taken down at, by id"),
        ),
        migrations.AddField(
            "complaint",
            "source_label",
            models.CharField(blank=True, default="", max_length=40, verbose_name="taken down at"),
        ),
    ]
