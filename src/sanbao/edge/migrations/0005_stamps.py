from django.db import migrations

MAKE = """
CREATE TABLE edge_stamp (name text PRIMARY KEY, token uuid NOT NULL);
CREATE FUNCTION edge_stamp_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO edge_stamp (name, token) VALUES (TG_TABLE_NAME, gen_random_uuid())
    ON CONFLICT (name) DO UPDATE SET token = excluded.token;
    RETURN NULL;
END
$$;
"""


class Migration(migrations.Migration):
    """Tables that hardly ever change say when they did (sanbao.edge.kept)."""

    dependencies = [("edge", "0004_heard")]

    operations = [
        migrations.RunSQL(MAKE, "DROP FUNCTION edge_stamp_changed(); DROP TABLE edge_stamp"),
    ]
