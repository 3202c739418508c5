"""What customers have registered, by API: read only; customers' data are masked."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router

from sanbao.accounts.access import Access
from sanbao.products.models import Registration
from sanbao.products.registering import CHECK, registrations
from sanbao.ui import formats
from sanbao.ui.endpoints import endpoint
from sanbao.ui.pages import Scope
from sanbao.ui.readers import types

router = Router(tags=["products"])

Code = Annotated[str, types.code(40)]
Id = Annotated[int, Field(ge=1, le=2**62)]


def _by(request: HttpRequest) -> Access:
    access: Access = request.access  # type: ignore[attr-defined]
    return access


def _shown(row: Registration) -> dict[str, Any]:
    return {
        "id": row.pk, "number": row.number, "state": row.state, "doubts": row.doubts, "serial": row.serial,
        "model": row.model.code if row.model else None, "purchased_on": row.purchased_on.isoformat(), "source": row.source,
        "seller": row.seller, "name": formats.masked("name", row.name), "phone": formats.masked("phone", row.phone),
        "confirmed": row.confirmed, "marketing": row.marketing, "registered_at": row.registered_at.isoformat(), "unit": row.unit_id,
        "reason": row.reason,
    }  # fmt: skip


@router.get("/registrations", summary="Registrations by customers, newest first")
@endpoint(CHECK, scope=Scope.COMPANY, audit=None)
def list_registrations(
    request: HttpRequest,
    state: Code | None = None,
    serial: Code | None = None,
    before: Id | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """A page of at most `limit`; ask on with `before` = the last id."""
    rows = registrations(_by(request)).order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if serial:
        rows = rows.filter(serial=serial.upper())
    if before:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: limit + 1])
    return {"items": [_shown(row) for row in page[:limit]], "more": len(page) > limit}


@router.get("/registrations/{pk}", summary="One registration")
@endpoint(CHECK, scope=Scope.COMPANY, audit=None)
def read_registration(request: HttpRequest, pk: Id) -> dict[str, Any]:
    return _shown(registrations(_by(request)).get(pk=pk))
