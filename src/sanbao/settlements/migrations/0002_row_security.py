from django.db import migrations

from sanbao.accounts.row_security import by_outlet, with_parent

OF_OUTLETS = ("sheet", "handin", "receipt", "finding", "statement", "answer")


class Migration(migrations.Migration):
    dependencies = [("settlements", "0001_initial"), ("accounts", "0002_web_role")]

    operations = [
        *(by_outlet(f"settlements_{name}") for name in OF_OUTLETS),
        with_parent("settlements_line", "statement_id", "settlements_statement"),
    ]
