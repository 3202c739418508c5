from django.db import migrations

TAKE = """
CREATE FUNCTION edge_take(number bigint, whose text, named text,
    OUT taken boolean, OUT route text, OUT digest text, OUT status smallint, OUT location text, OUT content text)
LANGUAGE plpgsql AS $$
BEGIN
    taken := pg_try_advisory_xact_lock(number);
    IF taken THEN
        SELECT a.route, a.digest, a.status, a.location, a.content INTO route, digest, status, location, content
        FROM edge_answered a WHERE a.who = whose AND a.key = named;
    END IF;
END
$$;
"""


class Migration(migrations.Migration):
    """A form's key taken and its earlier answer looked up in one question, in this order (sanbao.edge.once).

    How often somebody asked is counted in an unlogged table: a count need not survive a crash of the server, and so no change waits
    for the disk twice.
    """

    dependencies = [("edge", "0005_stamps")]

    operations = [
        migrations.RunSQL(TAKE, "DROP FUNCTION edge_take(bigint, text, text)"),
        migrations.RunSQL("ALTER TABLE edge_asked SET UNLOGGED", "ALTER TABLE edge_asked SET LOGGED"),
    ]
