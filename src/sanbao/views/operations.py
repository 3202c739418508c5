"""Every change of views and habits."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.roles import ROLES
from sanbao.audit import operations as audit
from sanbao.edge.hygiene import LONGEST_URL, MOST_PARAMETERS
from sanbao.ui.refusal import Refusal
from sanbao.views.models import EVERYBODY, Habit, View
from sanbao.views.permissions import May
from sanbao.views.queries import may_change

MOST_VIEWS = 30  # of one person, of one list
# What an address may have (edge.hygiene), with room for the path and the place in the list.
MOST_CHARACTERS = LONGEST_URL - 300
MOST_VALUES = MOST_PARAMETERS - 10
MOST_COLUMNS = 60
SEARCH = "q"  # the words searched for, in every list that can be searched
_LIST = re.compile(r"[a-z_]{1,30}:[a-z_-]{1,29}")


@transaction.atomic
def save(
    name_of_list: str, name: str, cut: Mapping[str, Sequence[str]], *, shared_with: str = "", by: Access, at: datetime
) -> View:  # fmt: skip
    """Keep a cut of a list under a name."""
    mine = View.objects.filter(
        company_id=by.company_id, person_id=by.person_id, list_name=_list(name_of_list)
    )
    if mine.count() >= MOST_VIEWS:
        raise Refusal(
            _("You have %(most)d views of this list already; delete one first.") % {"most": MOST_VIEWS}, code="most"
        )  # fmt: skip
    view = View(
        company_id=by.company_id, person_id=by.person_id, list_name=name_of_list, name=_name(name),
        shared_with=_audience(shared_with, by), made_at=at, changed_at=at,
    )  # fmt: skip
    view.cut = _cut(cut, shared=bool(shared_with))
    _store(view)
    audit.record("views:view:saved", view, by=by, at=at, list=view.list_name, shared_with=view.shared_with)
    return view


@transaction.atomic
def change(view: View, name: str, *, shared_with: str, by: Access, at: datetime) -> View:
    """Another name, or shared with others. Who has it as the default and does not see it any more gets the whole list again."""
    found = _locked(view, by)
    before = (found.name, found.shared_with)
    found.name = _name(name)
    if shared_with != found.shared_with:
        _audience(found.shared_with, by)  # taking back is sharing, too
        found.shared_with = _audience(shared_with, by)
        found.cut = _cut(found.cut, shared=bool(shared_with))
        if shared_with != EVERYBODY:
            others = Habit.objects.filter(company_id=by.company_id, view=found)
            others.exclude(person_id=found.person_id).update(view=None)
    if (found.name, found.shared_with) != before:
        found.changed_at = at
        _store(found)
        audit.record("views:view:changed", found, by=by, at=at, shared_with=found.shared_with)
    return found


@transaction.atomic
def replace(view: View, cut: Mapping[str, Sequence[str]], *, by: Access, at: datetime) -> View:
    """Put another cut in the view's place."""
    found = _locked(view, by)
    found.cut = _cut(cut, shared=bool(found.shared_with))
    found.changed_at = at
    found.save()
    audit.record("views:view:replaced", found, by=by, at=at)
    return found


@transaction.atomic
def delete(view: View, *, by: Access, at: datetime) -> None:
    """The view is gone, for everybody it was shared with; who had it as the default gets the whole list again."""
    found = _locked(view, by)
    audit.record(
        "views:view:deleted", found, by=by, at=at, list=found.list_name, shared_with=found.shared_with
    )
    found.delete()


@transaction.atomic
def open_with(name_of_list: str, view: View | None, *, by: Access, at: datetime) -> Habit:
    """From now on the list's bare address opens this view for the person; None: the whole list."""
    if view is not None and view.list_name != name_of_list:
        raise Refusal(_("This view is of another list."), code="list")
    habit = _habit(name_of_list, by)
    habit.view = view
    habit.save()
    audit.record(
        "views:habit:default", habit, by=by, at=at, list=name_of_list, view=view.pk if view else None
    )
    return habit


@transaction.atomic
def keep_columns(name_of_list: str, columns: Sequence[str], *, by: Access, at: datetime) -> Habit:
    """The columns the person has on this list, in this order; none: as the list declares them. Codes the list has not are passed over there."""
    if len(columns) > MOST_COLUMNS or any(not re.fullmatch(r"[\w.-]{1,60}", column) for column in columns):
        raise Refusal(_("These are no columns of the list."), code="columns")
    habit = _habit(name_of_list, by)
    habit.columns = list(dict.fromkeys(columns))
    habit.save()
    audit.record("views:habit:columns", habit, by=by, at=at, list=name_of_list, columns=habit.columns)
    return habit


def _habit(name_of_list: str, by: Access) -> Habit:
    """The person's habit with the list, locked; made if there is none."""
    own = {"company_id": by.company_id, "person_id": by.person_id, "list_name": _list(name_of_list)}
    Habit.objects.bulk_create([Habit(**own)], ignore_conflicts=True)
    habit: Habit = Habit.objects.select_for_update(of=("self",), no_key=True).get(**own)
    return habit


def _locked(view: View, by: Access) -> View:
    found: View = View.objects.visible_to(by).select_for_update(of=("self",), no_key=True).get(pk=view.pk)
    if not may_change(found, by):
        raise View.DoesNotExist
    return found


def _store(view: View) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise Refusal(
            _("You have a view “%(name)s” of this list already; take another name.") % {"name": view.name},
            field="name", code="name",
        ) from None  # fmt: skip


def _list(name: str) -> str:
    if not _LIST.fullmatch(name):
        raise Refusal(_("There is no such list."), code="list")
    return name


def _name(name: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name or len(name) > 30:
        raise Refusal(_("Give the view a name of at most 30 characters."), field="name", code="name")
    return name


def _audience(shared_with: str, by: Access) -> str:
    if shared_with:
        by.require(May.SHARE)
        if shared_with != EVERYBODY and shared_with not in ROLES:
            raise Refusal(_("Choose with whom the view is shared."), field="shared_with", code="shared_with")
    return shared_with


def _cut(cut: Mapping[str, Sequence[str]], *, shared: bool) -> dict[str, list[str]]:
    """What is kept of a cut. Words searched for may name a person: they are not shared."""
    kept = {key: [value for value in values if value] for key, values in cut.items()}
    kept = {key: values for key, values in kept.items() if values and not (shared and key == SEARCH)}
    many = sum(len(values) for values in kept.values()) > MOST_VALUES
    if many or len(urlencode(kept, doseq=True)) > MOST_CHARACTERS:
        raise Refusal(
            _("This cut has too many values for an address, so it can't be kept as a view. Choose fewer, or a filter that says the same in one."),
            code="too_long",
        )  # fmt: skip
    return kept
