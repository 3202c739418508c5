"""What stands on every page: the company, the person's posts, the way round, the look they chose."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from sanbao.accounts.models import Company
from sanbao.accounts.roles import ROLES
from sanbao.site.navigation import navigation


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """Template variables of every page; nothing is read from the database unless the page uses it."""
    access = getattr(request, "access", None)
    theme = request.COOKIES.get("theme", "")
    return {
        "access": access,
        "company": SimpleLazyObject(lambda: _company(access)),
        "companies": SimpleLazyObject(lambda: _companies(request)),
        "posts": SimpleLazyObject(
            lambda: [ROLES[grant.role].title for grant in access.grants] if access else []
        ),
        "navigation": SimpleLazyObject(lambda: navigation(request)),
        "theme": theme if theme in ("light", "dark") else "",
    }


def _company(access: Any) -> Company | None:
    if access is None or access.company_id is None:
        return Company.objects.first()
    return Company.objects.get(pk=access.company_id)


def _companies(request: HttpRequest) -> list[Company]:
    return list({posting.company_id: posting.company for posting in request.postings}.values())
