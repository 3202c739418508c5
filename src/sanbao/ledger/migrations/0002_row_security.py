from django.db import migrations

from sanbao.accounts.row_security import by_company, by_outlet, with_parent


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("accounts", "0002_web_role")]

    operations = [
        by_outlet("ledger_account"),
        by_company("ledger_entry"),
        with_parent("ledger_posting", "account_id", "ledger_account"),
    ]
