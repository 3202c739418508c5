from django.db import migrations

from sanbao.accounts.row_security import by_company, by_outlet, with_parent


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial"), ("accounts", "0002_web_role"), ("edge", "0003_numbers")]

    operations = [
        by_outlet("intake_request"),
        *(
            by_company(f"intake_{name}")
            for name in ("team", "category", "rule", "pledge", "duty", "absence", "tally")
        ),
        with_parent("intake_member", "team_id", "intake_team"),
        *(
            with_parent(f"intake_{name}", "request_id", "intake_request")
            for name in ("entry", "promise", "task")
        ),
        with_parent("intake_entry_files", "entry_id", "intake_entry"),
        with_parent("intake_escalation", "promise_id", "intake_promise"),
    ]
