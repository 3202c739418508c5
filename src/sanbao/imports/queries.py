"""Reading imports."""

from django.db.models import QuerySet

from sanbao.accounts.access import Access
from sanbao.imports.kinds import offered
from sanbao.imports.models import Import
from sanbao.imports.permissions import May


def imports(access: Access) -> QuerySet[Import]:
    """The files of the kinds a person may bring."""
    kinds = [kind.code for kind in offered(access)]
    rows: QuerySet[Import] = Import.objects.visible_to(access, May.TAKE_OVER)
    return rows.filter(kind__in=kinds).select_related("file", "made_by", "progress")
