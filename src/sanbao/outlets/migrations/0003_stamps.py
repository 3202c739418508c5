from django.db import migrations

from sanbao.edge.kept import stamped


class Migration(migrations.Migration):
    """What hardly ever changes says when it did (sanbao.edge.kept)."""

    dependencies = [("outlets", "0002_alter_posting_role"), ("edge", "0005_stamps")]

    operations = [stamped("outlets_region"), stamped("outlets_outlet"), stamped("outlets_posting")]
