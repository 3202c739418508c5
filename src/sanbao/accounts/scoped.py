"""Query sets and managers of rows that belong to a company."""

from collections.abc import Iterable
from typing import Any, Self

from django.db.models import Manager, Q, QuerySet

from sanbao.accounts import scope
from sanbao.accounts.access import Access


class Scoped(QuerySet[Any]):
    """Rows of companies' business. `region_path` and `outlet_path` say where a row's place is found.

    `company_path` says where its company is; empty where the rows have none of their own and are found through a row that has
    (lines of a statement): then the manager only refuses outside a scope.
    """

    company_path = "company_id"
    region_path = "region_id"
    outlet_path = "outlet_id"

    def in_company(self, company_id: int) -> Self:
        """The company's rows."""
        return self.filter(**{self.company_path: company_id}) if self.company_path else self

    def visible_to(self, access: Access, permission: str) -> Self:
        """The rows the person may use for this permission; none where there is no reach."""
        reach = access.reach(permission)
        if not reach or reach.company_id is None:
            return self.none()
        rows = self.in_company(reach.company_id)
        if reach.whole:
            return rows
        return rows.filter(
            _places(self.region_path, reach.regions) | _places(self.outlet_path, reach.outlets)
        )


class Guarded(Manager[Any]):
    """The default manager of every model that belongs to a company: `objects = Guarded.from_queryset(Scoped)()`.

    It fails closed: no scope, no rows; and never another company's.
    """

    def get_queryset(self) -> QuerySet[Any]:
        access = scope.current().access
        rows = super().get_queryset()
        if access is not None and access.company_id is not None and isinstance(rows, Scoped):
            return rows.in_company(access.company_id)
        return rows

    def none(self) -> QuerySet[Any]:
        """No rows need no scope: a form's field begins with them."""
        return super().get_queryset().none()

    def using(self, alias: str | None) -> QuerySet[Any]:
        """What a model form asks for while its class is made: outside a scope no rows, so a form must say which ones it offers."""
        return (self.get_queryset() if scope.is_open() else self.none()).using(alias)


def _places(path: str, ids: Iterable[int]) -> Q:
    return Q(**{f"{path}__in": list(ids)})
