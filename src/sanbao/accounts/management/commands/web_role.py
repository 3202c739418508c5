"""`sanbao web_role`: let the web's role use the tables, where it was made after them; says whether row-level security holds."""

from typing import Any

from django.core.management.base import BaseCommand

from sanbao.accounts import row_security, scope


class Command(BaseCommand):
    help = "Gives the role sanbao_web its rights on the tables, so that row-level security holds."

    def handle(self, *args: Any, **options: Any) -> None:
        if not scope.row_security():
            row_security.let_role_in()
            scope.forget()
        if not scope.row_security():
            self.stderr.write(
                "Row-level security is off: the database has no role sanbao_web, or ours may not become it. "
                "See docs/operations. 行级安全未启用，见 docs/operations。"
            )
