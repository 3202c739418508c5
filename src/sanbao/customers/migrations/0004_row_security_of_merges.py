from django.db import migrations

from sanbao.accounts.row_security import by_company


class Migration(migrations.Migration):
    dependencies = [("customers", "0003_merge")]

    operations = [by_company("customers_merge")]
