from django.db import migrations

MAKE = """
CREATE FUNCTION intake_count() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO intake_tally (company_id, month, outlet, state, count)
    SELECT company_id, month, outlet, state, sum(change) FROM (
        SELECT OLD.company_id, date_trunc('month', OLD.received_at AT TIME ZONE 'Asia/Shanghai')::date AS month,
            coalesce(OLD.outlet_id, 0) AS outlet, OLD.state, -1 AS change WHERE TG_OP <> 'INSERT'
        UNION ALL
        SELECT NEW.company_id, date_trunc('month', NEW.received_at AT TIME ZONE 'Asia/Shanghai')::date,
            coalesce(NEW.outlet_id, 0), NEW.state, 1 WHERE TG_OP <> 'DELETE'
    ) AS changes
    GROUP BY 1, 2, 3, 4 HAVING sum(change) <> 0
    ORDER BY 1, 2, 3, 4  -- always in one order, so that two who move requests both ways do not wait for each other
    ON CONFLICT (company_id, month, outlet, state) DO UPDATE SET count = intake_tally.count + excluded.count;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER intake_count AFTER INSERT OR DELETE OR UPDATE OF company_id, received_at, outlet_id, state ON intake_request
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION intake_count();
"""


class Migration(migrations.Migration):
    """Months, outlets and states are counted where a request changes, in the same transaction: reports read the tally.

    Counting waits for the end of the transaction, so that the rows of the tally, which everybody shares, are locked for a moment only.
    """

    dependencies = [("intake", "0002_row_security")]

    operations = [
        migrations.RunSQL(MAKE, "DROP TRIGGER intake_count ON intake_request; DROP FUNCTION intake_count()")
    ]
