"""What stands on every page: the company, the person's posts, the way round, the look they chose."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from sanbao.accounts.gate import reminder
from sanbao.accounts.models import Company
from sanbao.accounts.roles import ROLES
from sanbao.notices.reading import bell
from sanbao.site.navigation import navigation

DEMO_PASSWORD = "sanbao-demo-2026"  # noqa: S105  (of made-up people, in installations started as a demonstration)


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """Template variables of every page; nothing is read from the database unless the page uses it."""
    access = getattr(request, "access", None)
    theme = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    return {
        "access": access,
        "company": SimpleLazyObject(lambda: _company(request, access)),
        "companies": SimpleLazyObject(lambda: _companies(request)),
        "posts": SimpleLazyObject(
            lambda: [ROLES[grant.role].title for grant in access.grants] if access else []
        ),
        "navigation": SimpleLazyObject(lambda: navigation(request)),
        "search_url": reverse("search"),
        "unread": SimpleLazyObject(lambda: bell(access)),
        "factor_missing": SimpleLazyObject(lambda: reminder(request)),
        "demo_people": SimpleLazyObject(_demo_people),
        "demo_password": DEMO_PASSWORD,
        "theme": theme if theme in ("light", "dark") else "",
    }


def _company(request: HttpRequest, access: Any) -> Company | None:
    """The company one works in. Whoever works in none is shown a company only where there is just one: else its name is not theirs."""
    if access is None or access.company_id is None:
        companies = list(Company.objects.all()[:2])
        return companies[0] if len(companies) == 1 else None
    for posting in getattr(request, "postings", ()):
        if posting.company_id == access.company_id:
            return posting.company
    return Company.objects.get(pk=access.company_id)


def _companies(request: HttpRequest) -> list[Company]:
    return list({posting.company_id: posting.company for posting in request.postings}.values())


def _demo_people() -> list[tuple[str, str, str, str]]:
    """The people one may sign in as, where the installation is a demonstration: (username, name, post, place)."""
    if not settings.DEMO:
        return []
    try:
        from sanbao.site.demo.people import DEMO_PEOPLE
    except ImportError:
        return []
    return list(DEMO_PEOPLE)
