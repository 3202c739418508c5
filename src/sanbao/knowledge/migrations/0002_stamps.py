from django.db import migrations

from sanbao.edge.kept import stamped


class Migration(migrations.Migration):
    """Standard phrases stand on every request's page and hardly ever change: they say when they did (sanbao.edge.kept)."""

    dependencies = [("knowledge", "0001_initial"), ("edge", "0005_stamps")]

    operations = [stamped("knowledge_phrase")]
