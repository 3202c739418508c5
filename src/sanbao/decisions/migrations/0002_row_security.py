from django.db import migrations

from sanbao.accounts.row_security import by_outlet


class Migration(migrations.Migration):
    dependencies = [("decisions", "0001_initial"), ("accounts", "0002_web_role")]

    operations = [by_outlet("decisions_decision", company_wide=True)]
