from django.db import migrations

MAKE = """
CREATE FUNCTION edge_next_number(kind text, company bigint) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    name text := 'edge_number_' || kind || '_' || company;
BEGIN
    IF kind !~ '^[a-z]{1,20}$' OR company IS NULL THEN
        RAISE EXCEPTION 'no such numbers: % %', kind, company;
    END IF;
    IF to_regclass('public.' || name) IS NULL THEN
        BEGIN
            EXECUTE format('CREATE SEQUENCE IF NOT EXISTS public.%I', name);
        EXCEPTION WHEN unique_violation OR duplicate_table THEN NULL;  -- another made it at the same moment
        END;
    END IF;
    RETURN nextval(('public.' || quote_ident(name))::regclass);
END
$$
"""


class Migration(migrations.Migration):
    """Running numbers of a company (customers, requests): a sequence each, so that nobody waits for another's transaction.

    Numbers of what was rolled back are not used again: gaps are allowed, twice the same is not.
    """

    dependencies = [("edge", "0002_grams")]

    operations = [migrations.RunSQL(MAKE, "DROP FUNCTION edge_next_number(text, bigint)")]
