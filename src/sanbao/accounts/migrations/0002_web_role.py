from django.db import migrations

from sanbao.accounts.row_security import make_role


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [make_role()]
