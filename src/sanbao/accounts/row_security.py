"""Row-level security for migrations: a table's rows are seen and written by the web's role only within the open scope.

`(SELECT current_setting(…))` in brackets makes PostgreSQL read the setting once a statement instead of once a row.
"""

from django.db import connection
from django.db.migrations.operations import RunSQL

from sanbao.accounts.scope import ROLE

COMPANY = "company_id = (SELECT nullif(current_setting('sanbao.company', true), '')::bigint)"
_WHOLE = "(SELECT current_setting('sanbao.outlets', true) = '*')"
_OUTLETS = (
    "(SELECT CASE current_setting('sanbao.outlets', true) WHEN '*' THEN '{}' ELSE "
    "coalesce(nullif(current_setting('sanbao.outlets', true), ''), '{}') END)::bigint[]"
)

MAKE_ROLE = f"""
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
        BEGIN
            CREATE ROLE {ROLE} NOLOGIN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN
                RAISE NOTICE 'The role {ROLE} could not be made: row-level security stays off. See docs/operations.';
                RETURN;
        END;
    END IF;
    IF NOT pg_has_role(current_user, '{ROLE}', 'MEMBER') THEN
        EXECUTE 'GRANT {ROLE} TO ' || quote_ident(current_user);
    END IF;
    GRANT USAGE ON SCHEMA public TO {ROLE};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {ROLE};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {ROLE};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {ROLE};
END
$$
"""


def let_role_in() -> None:
    """What the migration did, once more: for a database whose role was made after its tables."""
    with connection.cursor() as cursor:
        cursor.execute(MAKE_ROLE)


def make_role() -> RunSQL:
    """Make the web's role if it is not there, and let it use the tables. Without the right to make roles: a notice, no failure."""
    return RunSQL(MAKE_ROLE, RunSQL.noop)


def by_company(table: str) -> RunSQL:
    """Only rows of the company at work."""
    return _policy(table, COMPANY)


def by_outlet(table: str, outlet: str = "outlet_id", *, company_wide: bool = False) -> RunSQL:
    """Only rows of the company at work, and of the outlets of whoever holds posts only there.

    `company_wide`: rows of no outlet are for everybody in the company; else only for headquarters.
    """
    place = f"{_WHOLE} OR {outlet} = ANY({_OUTLETS})"
    if company_wide:
        place += f" OR {outlet} IS NULL"
    return _policy(table, f"{COMPANY} AND ({place})")


def by_places(table: str, places: str = "places") -> RunSQL:
    """Only rows of the company at work, and of whoever works in one of the outlets that the row lists; headquarters sees all."""
    return _policy(table, f"{COMPANY} AND ({_WHOLE} OR {places} && {_OUTLETS})")


def read_by_handed(table: str, readers: str, link: str) -> RunSQL:
    """Rows are read, not written, also by the outlets that `readers` names for them: a second policy, for SELECT alone.

    The numbers are gathered once a statement, by an index; headquarters, which has no list of outlets, gathers none.
    """
    name = f"{table}_read"
    told = f"SELECT r.{link} FROM {readers} r WHERE r.outlet_id = ANY({_OUTLETS})"
    return RunSQL(
        f"CREATE POLICY {name} ON {table} FOR SELECT USING ({COMPANY} AND id = ANY(ARRAY({told})))",
        f"DROP POLICY {name} ON {table}",
    )


def with_parent(table: str, link: str, parent: str) -> RunSQL:
    """Rows that are seen with the row they belong to, as that row's own policy says."""
    return _policy(table, f"EXISTS (SELECT FROM {parent} p WHERE p.id = {link})")


def with_parent_but(table: str, link: str, parent: str, only_headquarters: str) -> RunSQL:
    """The same, but for rows that answer `only_headquarters`, which nobody at an outlet reads or writes."""
    seen = f"EXISTS (SELECT FROM {parent} p WHERE p.id = {link})"
    return _policy(table, f"{seen} AND ({_WHOLE} OR NOT ({only_headquarters}))")


def _policy(table: str, condition: str) -> RunSQL:
    name = f"{table}_in_scope"
    return RunSQL(
        [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"CREATE POLICY {name} ON {table} USING ({condition}) WITH CHECK ({condition})",
        ],
        [f"DROP POLICY {name} ON {table}", f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"],
    )
