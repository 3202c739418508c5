from django.db import migrations

from sanbao.edge.kept import stamped


class Migration(migrations.Migration):
    """What hardly ever changes says when it did (sanbao.edge.kept)."""

    dependencies = [("regulations", "0001_initial"), ("edge", "0005_stamps")]

    operations = [stamped("regulations_edition"), stamped("regulations_adoption")]
