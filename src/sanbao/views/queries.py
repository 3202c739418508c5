"""A reader's ways with a list, as lists ask for them (ui.lists.Ways); kept in the process until a view or habit changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.roles import ROLES
from sanbao.edge.kept import kept
from sanbao.ui.lists import Saved
from sanbao.views.models import EVERYBODY, Habit, View
from sanbao.views.permissions import May

STAMPED = ("views_view", "views_habit")


@dataclass(frozen=True, slots=True)
class OwnWays:
    """What the reader has of one list."""

    views: Sequence[Saved]
    default: Saved | None
    columns: Sequence[str]
    may_share: bool
    template: str = "views/menu.html"

    @property
    def columns_url(self) -> str:
        return reverse("views:columns")

    @property
    def audiences(self) -> list[tuple[str, Any]]:
        return audiences() if self.may_share else []


def ways(request: HttpRequest, name: str) -> OwnWays | None:
    """The reader's ways with the list; None for who works in no company, as a customer on the portal."""
    access = getattr(request, "access", None)
    if access is None or access.company_id is None or access.person_id is None:
        return None
    views, habits = _everything(access)
    view_id, columns = habits.get(name, (None, []))
    saved = [_saved(view, access) for view in views if view.list_name == name]
    return OwnWays(
        saved, next((each for each in saved if each.pk == view_id), None), columns, access.may(May.SHARE)
    )


def may_change(view: View, access: Access) -> bool:
    """One's own, and what is shared by whoever may share: so a shared view outlives its maker's post."""
    return view.person_id == access.person_id or bool(view.shared_with and access.may(May.SHARE))


def audiences() -> list[tuple[str, Any]]:
    """With whom a view may be shared."""
    return [(EVERYBODY, _("the whole company")), *((code, role.title) for code, role in ROLES.items())]


def _everything(access: Access) -> tuple[list[View], dict[str, tuple[int | None, list[str]]]]:
    """The reader's views and habits of all lists: in one piece, so that walking from list to list asks once."""
    posts = frozenset(grant.role for grant in access.grants)
    key = ("ways", access.company_id, access.person_id, posts)
    return kept(key, STAMPED, lambda: (_views(access), _habits(access)))


def _views(access: Access) -> list[View]:
    return sorted(
        View.objects.visible_to(access),
        key=lambda view: (view.person_id != access.person_id, view.pk),
    )


def _habits(access: Access) -> dict[str, tuple[int | None, list[str]]]:
    rows = Habit.objects.filter(company_id=access.company_id, person_id=access.person_id)
    return {
        name: (view, columns) for name, view, columns in rows.values_list("list_name", "view_id", "columns")
    }


def _saved(view: View, access: Access) -> Saved:
    return Saved(
        view.pk,
        view.name,
        view.cut,
        is_own=view.person_id == access.person_id,
        may_change=may_change(view, access),
        audience=view.shared_with,
        shared=_words(view.shared_with),
    )


def _words(audience: str) -> str:
    if not audience:
        return ""
    if audience == EVERYBODY:
        return _("Shared with the whole company")
    title = ROLES[audience].title if audience in ROLES else audience
    return _("Shared with: %(post)s") % {"post": title}
