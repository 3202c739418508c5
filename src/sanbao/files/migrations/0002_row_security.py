from django.db import migrations

from sanbao.accounts.row_security import by_company


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial"), ("accounts", "0002_web_role")]

    operations = [by_company("files_storedfile")]
