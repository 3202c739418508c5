"""What a test with transactions of its own has left is taken out of the database again.

Django empties every table, which makes some nine hundred files anew, and tells every app that its tables are new: a second and more, two
hundred times a run. Here the rows are deleted where there are any, by the server's own superuser, whom no trigger and no key hinders;
what Django keeps about the models themselves stays. A server of somebody else's (DATABASE_URL) is emptied Django's way.
"""

from typing import Any

from django.db import connections
from django.test import TransactionTestCase

from sanbao_run import database
from tests.standing import filled

STAYS = {"django_migrations", "django_content_type", "auth_permission"}

_as_django_does = TransactionTestCase._fixture_teardown


def empty(test: Any) -> None:
    """In the place of TransactionTestCase._fixture_teardown."""
    if not database.is_embedded():
        _as_django_does(test)
        return
    tables = filled() - STAYS
    superuser = connections["default"].copy()
    superuser.settings_dict = superuser.settings_dict | {"USER": "postgres"}
    try:
        with superuser.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica; SET lock_timeout = '20s'")
            cursor.execute("; ".join(f'DELETE FROM "{table}"' for table in sorted(tables)))
    finally:
        superuser.close()


def install() -> None:
    """For every test of this run."""
    TransactionTestCase._fixture_teardown = empty  # type: ignore[method-assign]
