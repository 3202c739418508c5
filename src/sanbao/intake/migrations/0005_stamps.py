from django.db import migrations

from sanbao.edge.kept import stamped


class Migration(migrations.Migration):
    """What hardly ever changes says when it did (sanbao.edge.kept)."""

    dependencies = [("intake", "0004_request_alarmed_at_alter_request_state"), ("edge", "0005_stamps")]

    operations = [
        stamped(f"intake_{name}")
        for name in ("category", "team", "member", "rule", "pledge", "duty", "absence")
    ]
