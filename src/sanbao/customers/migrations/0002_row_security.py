from django.db import migrations

from sanbao.accounts.row_security import by_places, with_parent


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial"), ("accounts", "0002_web_role")]

    operations = [
        by_places("customers_customer"),
        *(
            with_parent(f"customers_{name}", "customer_id", "customers_customer")
            for name in ("contact", "address", "consent")
        ),
    ]
