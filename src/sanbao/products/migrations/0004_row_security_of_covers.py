from django.db import migrations

from sanbao.accounts.row_security import with_parent


class Migration(migrations.Migration):
    dependencies = [("products", "0003_cover")]

    operations = [with_parent("products_cover", "unit_id", "products_unit")]
