from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The same content is found by its digest: whoever looks for a photograph that was seen before reads no other."""

    atomic = False
    dependencies = [("files", "0003_tombstone")]

    operations = [
        AddIndexConcurrently("storedfile", models.Index(fields=["company", "sha256"], name="file_by_content"))
    ]
