from django.db import migrations

from sanbao.edge.kept import stamped

PERSON = (
    "DROP TRIGGER edge_stamp ON accounts_person;"
    " CREATE TRIGGER edge_stamp AFTER INSERT OR UPDATE OF {columns} OR DELETE OR TRUNCATE ON accounts_person"
    " FOR EACH STATEMENT EXECUTE FUNCTION edge_stamp_changed()"
)


class Migration(migrations.Migration):
    """What is told to other systems names the company by its code and people by their user name: both say when they change."""

    dependencies = [("accounts", "0005_stamps")]

    operations = [
        migrations.RunSQL(
            PERSON.format(columns="name, is_active, username"), PERSON.format(columns="name, is_active")
        ),
        stamped("accounts_company", "code"),
    ]
