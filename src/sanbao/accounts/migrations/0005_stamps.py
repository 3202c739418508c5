from django.db import migrations

from sanbao.edge.kept import stamped


class Migration(migrations.Migration):
    """What hardly ever changes says when it did (sanbao.edge.kept)."""

    dependencies = [("accounts", "0004_token_scopes"), ("edge", "0005_stamps")]

    operations = [stamped("accounts_person", "name, is_active")]
