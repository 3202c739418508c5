from django.db import migrations

MAKE = """
CREATE FUNCTION sanbao_grams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT coalesce(array_agg(DISTINCT substr(plain, at, 2)), '{}')
    FROM (SELECT lower(words) AS plain) AS said, generate_series(1, length(words) - 1) AS at
$$
"""


class Migration(migrations.Migration):
    """Every pair of neighbouring characters of a text, for searching Chinese inside it (sanbao.edge.search)."""

    dependencies = [("edge", "0001_initial")]

    operations = [migrations.RunSQL(MAKE, "DROP FUNCTION sanbao_grams(text)")]
