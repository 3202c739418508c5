"""Declared lists: columns, filters, tabs, totals and bulk actions said once; paged, sorted, chosen and exported by one mechanism.

    STATEMENTS = List(
        "statements",
        columns=(
            Column("number", _("Statement"), kind="code", link=lambda s: reverse("settlements:statement", args=[s.pk]), sort="number"),
            Column("month", _("Month"), kind="month", sort="month"),
            Column("outlet", _("Outlet"), value="outlet.name", sort="outlet__name"),
            Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda s: TONES[s.state]),
            Column("net", _("Net"), kind="amount", value="net_fen", sort="net_fen", total="net_fen",
                   why=lambda s: reverse("settlements:statement-why", args=[s.pk])),
        ),
        filters=(Search("q", _("Search"), ("number__icontains",)), Choice("state", _("State"), State.choices)),
        tabs=(Tab("all", _("All")), Tab("open", _("Open"), Q(state="draft"))),
        order="-month",
    )

    @page("settlements:statement:view")
    def statements(request):
        listing = STATEMENTS.of(request, Statement.objects.visible_to(request.access, May.SEE).select_related("outlet"))
        if listing.wants_export:
            return listing.export(_("Statements"))
        return show(request, "settlements/statements.html", {"list": listing}, parts=["list"])

and in the template `{% partialdef list inline %}<c-list :of="list" />{% endpartialdef %}`.

Flat from a thousand rows to a million: a page is the rows after (or before) one row in the order (sort column, id), which an index
on both answers; the address carries that row's number only. Counts stop at 1 000. Sums are exact up to a thousand rows; beyond, the
foot sums the page and offers the whole sum as a link. All state is in the address, so a link reproduces the page.

A short address, as of a saved view (`?view=5`), leads on to the whole one; `in` then says which view the address began from.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape
from django.utils.http import content_disposition_header, urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sanbao.edge.search import Found
from sanbao.edge.written import Rows, Statement
from sanbao.ui import drawing, formats
from sanbao.ui.asking import S, asked
from sanbao.ui.columns import PERSONAL, Column, exported, sum_cell
from sanbao.ui.counting import CAP, capped_counts, counted, counting, counting_few, counts_of_few, said_count
from sanbao.ui.drawing import PLACE
from sanbao.ui.filters import Choice, Days, Filter, Month, Reading, Reference, Search, Unreadable, read_id
from sanbao.ui.ordering import beside, order
from sanbao.ui.pages import SAFE
from sanbao.ui.refusal import Refusal

if TYPE_CHECKING:
    from sanbao.ui.workbooks import Kind

__all__ = [
    "Bulk", "Choice", "Column", "Days", "List", "Listing", "Month", "Reference", "Search", "Tab", "capped_counts", "chosen",
]  # fmt: skip

EVERYTHING = Q()
SIZES = (25, 50, 100, 200)
MOST_EXPORTED = 100_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WORKBOOK_KINDS: dict[str, "Kind"] = {
    "amount": "money",
    "number": "number",
    "percent": "rate",
    "date": "date",
}
# The most rows that leave with people's data in full.
MOST_UNMASKED = 5_000
# Told of every export before its file is made: (listing, rows, reason, in full). The audit module registers here from above; while
# nobody watches, nothing is exported.
WITNESSES: list[Callable[["Listing", int, str, bool], None]] = []
# Who knows of a reader's own ways with a list: (request, the list's name) -> the ways, or None. The views module registers here from above.
WAYS: list[Callable[[HttpRequest, str], "Ways | None"]] = []


class Elsewhere(Exception):
    """The list was asked for by a short address; it stands at `url` (ui/middleware.py leads there)."""

    def __init__(self, url: str):
        super().__init__(url)
        self.url = url


@dataclass(frozen=True, slots=True)
class Saved:
    """A cut of a list kept under a name: what its address asks for, by key. `shared`: with whom, in words; `audience`: the same as a code."""

    pk: int
    name: str
    cut: Mapping[str, Sequence[str]]
    is_own: bool = True
    may_change: bool = True
    audience: str = ""
    shared: str = ""


class Ways(Protocol):
    """A reader's own ways with a list: the saved views, the one it opens with, the columns in their order (none: as declared).

    `template` draws the menu of views in the list's own context; `columns_url` keeps the columns chosen.
    """

    template: str
    columns_url: str
    views: Sequence[Saved]
    default: Saved | None
    columns: Sequence[str]


@dataclass(frozen=True, slots=True)
class Tab:
    """A ready-made cut of the list, shown as a pill with its count."""

    key: str
    label: Any
    where: Q | Callable[[HttpRequest], Q] = EVERYTHING

    def condition(self, request: HttpRequest) -> Q:
        return self.where(request) if callable(self.where) else self.where


@dataclass(frozen=True, slots=True)
class Bulk:
    """What may be done with the ticked rows: a POST of their numbers (`row`) to `url`; see `chosen`."""

    label: Any
    url: str
    icon: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """A declaration; `of(request, rows)` makes the list for one reader. `order` is a column's key, "-" before it for falling.

    `unmask` is the permission that lets an export show people's data in full, for a reason.
    """

    name: str
    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    tabs: Sequence[Tab] = ()
    order: str = ""
    size: int = 50
    unmask: str = ""

    def of(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        *,
        bulk: Sequence[Bulk] = (),
        shaped_by: Hashable = None,
    ) -> "Listing":
        """`shaped_by`: all that shapes `rows`, the reader's reach above all; then the list's statements are put into SQL once (asking.py)."""
        listing = Listing(self, request, rows, bulk, shaped_by)
        listing.lead_on()
        return listing


class BoundFilter:
    """A filter of a listing with what was read for it, for the template."""

    def __init__(self, listing: "Listing", filter_: Filter, reading: Reading):
        self.listing = listing
        self.filter = filter_
        self.reading = reading

    @cached_property
    def options(self) -> tuple[tuple[str, str], ...]:
        return self.filter.said(self.listing.request) if isinstance(self.filter, Choice) else ()

    @property
    def clear(self) -> str:
        """The list's address without this filter."""
        return self.listing.address(**dict.fromkeys(self.filter.keys))

    @property
    def id(self) -> str:
        return f"filter-{self.filter.key}"

    def menu(self) -> SafeString:
        """The choices of a menu, the chosen ones ticked."""
        chosen, key = set(self.reading.typed or ()), escape(self.filter.key)
        return mark_safe(  # noqa: S308 — everything is escaped
            "".join(
                f'<label class="menu-entry"><input class="form-check-input" type="checkbox" id="{self.id}-{number}" name="{key}"'
                f' value="{escape(value)}"{" checked" if value in chosen else ""}> {escape(label)}</label>'
                for number, (value, label) in enumerate(self.options, 1)
            )
        )

    @property
    def html(self) -> SafeString:
        """The filter as it is drawn. Where nothing was typed and nothing is wrong, it looks the same for everybody who has the same choices."""
        is_free = self.filter.shape in ("search", "reference") and self.reading.typed
        if is_free or self.reading.error:
            return self._draw()
        html = _drawn.get(looks := self._looks)
        if html is None:
            if len(_drawn) >= MOST_DRAWN:
                _drawn.clear()
            html = _drawn[looks] = self._draw()
        return html

    @property
    def _looks(self) -> Hashable:
        filter_, typed = self.filter, self.reading.typed
        shown = tuple(typed) if isinstance(typed, list) else typed
        return get_language(), filter_.shape, filter_.keys, str(filter_.label), self.options, shown

    def _draw(self) -> SafeString:
        return render_to_string(
            "ui/list/filter.html", {"each": self, "filter": self.filter, "reading": self.reading}
        )

    @property
    def picked(self) -> str:
        """The labels of what is chosen."""
        chosen = set(self.reading.value or ())
        return " ".join(label for value, label in self.options if value in chosen)


# Filters as they were drawn, by all that they look like.
_drawn: dict[Hashable, SafeString] = {}
MOST_DRAWN = 1_024


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, whether there are any before and after it, and what was wrong with its address."""

    rows: list[Any]
    earlier: bool
    later: bool
    trouble: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column: where sorting leads and how it is sorted now ("ascending", "descending" or "")."""

    column: Column
    url: str
    sorted: str


class Listing:
    """One reader's list. Everything is worked out when the template asks for it; the database is asked at most four times."""

    def __init__(
        self,
        declared: List,
        request: HttpRequest,
        rows: QuerySet[Any],
        bulk: Sequence[Bulk],
        shaped_by: Hashable = None,
    ):
        self.declared = declared
        self.request = request
        self.query: QueryDict = request.GET
        self.base = rows
        self.bulk = list(bulk)
        self.name = declared.name
        self.shaped_by = shaped_by

    # Short addresses, and the reader's own ways

    @property
    def known_as(self) -> str:
        """The list's name among all lists: two modules may both have "requests"."""
        return f"{self.base.model._meta.app_label}:{self.name}"

    @cached_property
    def ways(self) -> "Ways | None":
        return next((found for ask in WAYS if (found := ask(self.request, self.known_as))), None)

    def lead_on(self) -> None:
        """From a saved view, the bare address or columns with their places to the whole address; nothing where it is whole already."""
        if self.request.method not in SAFE:
            return
        if any(key.startswith(PLACE) for key in self.query):
            raise Elsewhere(self.address(columns=in_places(self.query) or None))
        if found := self._asked_view() if self.query else self.ways and self.ways.default:
            raise Elsewhere(self._address_of(found))

    def _asked_view(self) -> Saved | None:
        return self._view_of(asked) if (asked := self.query.get("view", "")) else None

    def _view_of(self, number: str) -> Saved | None:
        return next((view for view in self.ways.views if str(view.pk) == number), None) if self.ways else None

    def _address_of(self, view: Saved) -> str:
        """The view's whole address. What somebody else searched for is left out: words may name a person."""
        private = set() if view.is_own else self._words
        cut = {key: values for key, values in view.cut.items() if key not in private}
        return f"{self.request.path}?{urlencode({'in': view.pk, **cut}, doseq=True)}"

    @property
    def _words(self) -> set[str]:
        return {key for each in self.declared.filters if each.shape == "search" for key in each.keys}

    @cached_property
    def view(self) -> Saved | None:
        """The saved view that the address began from."""
        return self._view_of(asked) if (asked := self.query.get("in", "")) else None

    @property
    def is_changed(self) -> bool:
        """Whether the cut is no longer what the view says."""
        if self.view is None:
            return False
        said = {key: list(values) for key, values in self.view.cut.items() if key in self._understood}
        return said != dict(self.kept("in"))

    @property
    def is_gone(self) -> bool:
        """Whether a view is asked for that there is not, or not for this reader."""
        return bool(self.query.get("view")) and self.request.method in SAFE

    @cached_property
    def lost(self) -> list[str]:
        """What the view asks for that the list has no more, by the codes it had. Values of filters are said beside the filters."""
        if self.view is None:
            return []
        sortable = {column.key for column in self.declared.columns if column.sort}
        known = {
            "columns": {column.key for column in self.declared.columns},
            "tab": {tab.key for tab in self.declared.tabs},
            "sort": sortable | {f"-{key}" for key in sortable},
        }
        gone = [key for key in self.view.cut if key not in self._understood]
        for key, values in known.items():
            gone += [
                value
                for value in self.view.cut.get(key, ())
                if value not in values and value in self.query.getlist(key)
            ]
        return gone

    @property
    def cut_text(self) -> str:
        """The present cut as a view keeps it: the reader's own columns are part of it."""
        kept = dict(self.kept("in"))
        if self.ways and self.ways.columns:
            kept.setdefault("columns", [column.key for column in self.columns])
        return urlencode(kept, doseq=True)

    @property
    def address_text(self) -> str:
        """The present address but for its columns, to come back to when others are chosen."""
        return urlencode(self.kept("columns"), doseq=True)

    @property
    def view_links(self) -> list[tuple[Saved, str]]:
        return [
            (view, f"{self.request.path}?view={view.pk}") for view in (self.ways.views if self.ways else ())
        ]

    @property
    def all_url(self) -> str:
        """The list without any view, also where the bare address opens one."""
        return f"{self.request.path}?in=all"

    # What the address asks for

    @cached_property
    def readings(self) -> list[Reading]:
        return [filter_.read(self.query, self.request) for filter_ in self.declared.filters]

    @cached_property
    def tab(self) -> Tab | None:
        tabs = {tab.key: tab for tab in self.declared.tabs}
        return tabs.get(self.query.get("tab", "")) or next(iter(tabs.values()), None)

    @cached_property
    def size(self) -> int:
        asked = self.query.get("size", "")
        return int(asked) if asked in {str(size) for size in SIZES} else self.declared.size

    @cached_property
    def columns(self) -> list[Column]:
        asked = self.query.getlist("columns") or (self.ways.columns if self.ways else ())
        declared = {column.key: column for column in self.declared.columns}
        picked = [declared[key] for key in dict.fromkeys(asked) if key in declared]
        return picked or [column for column in self.declared.columns if column.shown]

    @cached_property
    def sorting(self) -> tuple[Column | None, bool]:
        """The column that orders the list, and whether it falls; by id, newest first, where nothing else is said."""
        sortable = {column.key: column for column in self.declared.columns if column.sort}
        asked = self.query.get("sort", "")
        order = asked if asked.removeprefix("-") in sortable else self.declared.order
        return sortable.get(order.removeprefix("-")), order.startswith("-") or not order

    @property
    def trouble(self) -> str:
        """What is wrong with the place in the list that the address names; the list is then shown from its start."""
        return self._page.trouble

    # The rows

    @cached_property
    def cut(self) -> QuerySet[Any]:
        """The rows of the tab and the filters, not yet ordered or paged."""
        rows = self._filtered
        return rows.filter(self.tab.condition(self.request)) if self.tab else rows

    @cached_property
    def _filtered(self) -> QuerySet[Any]:
        return _narrowed(self.base, self._conditions)

    @cached_property
    def _conditions(self) -> list[Q]:
        """What the filters ask for."""
        return [
            filter_.by(self.request, reading.value)
            if isinstance(filter_, Search) and filter_.by
            else filter_.where(reading.value)
            for filter_, reading in zip(self.declared.filters, self.readings, strict=True)
            if reading.value is not None
        ]

    def _asked(
        self, what: Hashable, conditions: Sequence[Any], make: Callable[[list[Q], dict[int, Any]], S]
    ) -> tuple[S, list[Any]] | None:
        """A statement of this list and its values, if the list's rows have a key and the conditions a shape."""
        if self.shaped_by is None:
            return None
        return asked((self.known_as, self.shaped_by, what), conditions, make)

    def _place(self) -> tuple[int | None, str, str]:
        """The row the page stands beside, the side ("after" or "before"), and what is wrong with it."""
        for side in ("after", "before"):
            if asked := self.query.get(side, ""):
                try:
                    return read_id(asked), side, ""
                except Unreadable:
                    return (
                        None,
                        "",
                        _("The place in the list could not be read; the list is shown from its start."),
                    )
        return None, "", ""

    @cached_property
    def _page(self) -> "Page":
        column, falling = self.sorting
        path = column.sort if column else "pk"
        conditions = [*self._conditions, self.tab.condition(self.request) if self.tab else EVERYTHING]
        pk, side, trouble = self._place()
        if pk is not None:
            if value := list(self.base.filter(pk=pk).values_list(path, flat=True)[:1]):
                conditions.append(beside(self.base.model, path, value[0], pk, falling, back=side == "before"))
            else:
                pk, side = None, ""
                trouble = _("The row the page stood beside is gone; the list is shown from its start.")
        back = side == "before"

        def ordered(conditions: Sequence[Any]) -> QuerySet[Any]:
            rows = _narrowed(self.base, conditions)
            return rows.order_by(*order(rows.model, path, falling, back=back))[: self.size + 1]

        statement = self._asked(
            ("page", path, falling, back, self.size),
            conditions,
            lambda marked, marks: Rows(ordered(marked), marks),
        )
        found = statement[0].ask(statement[1]) if statement else list(ordered(conditions))
        more = len(found) > self.size
        page = found[: self.size]
        if back:
            return Page(page[::-1], earlier=more, later=True, trouble=trouble)
        return Page(page, earlier=pk is not None, later=more, trouble=trouble)

    @cached_property
    def rows(self) -> list[tuple[Any, list[tuple[Column, SafeString]]]]:
        """The page: each row with its dressed cells."""
        columns = [(column, column.dresser()) for column in self.columns]
        return [(row, [(column, dressed(row)) for column, dressed in columns]) for row in self._page.rows]

    @cached_property
    def body(self) -> SafeString:
        return drawing.body(self.rows, self.columns, ticks=bool(self.bulk))

    @cached_property
    def _counts(self) -> tuple[int, dict[str, int]]:
        """The count of the list and of each tab under the same filters, each up to the cap, in one statement."""
        tabs = self.declared.tabs
        is_few = bool(tabs) and self._is_searched
        counting_, filters = counting_few if is_few else counting, self._conditions
        conditions = [tab.condition(self.request) for tab in tabs] or [EVERYTHING]

        def make(marked: list[Q], marks: dict[int, Any]) -> Statement:
            rows = _narrowed(self.base, marked[: len(filters)])
            return Statement(*counting_(rows, marked[len(filters) :]), marks)

        if statement := self._asked(("counts", is_few, len(filters)), [*filters, *conditions], make):
            counts = counted(statement[0].sql, statement[0].params(statement[1]))
        else:
            counts = (counts_of_few if is_few else capped_counts)(self._filtered, conditions)
        by_tab = dict(zip((tab.key for tab in tabs), counts, strict=False))
        return by_tab[self.tab.key] if self.tab else counts[0], by_tab

    @property
    def _is_searched(self) -> bool:
        """Whether a search has found the rows by their numbers: then there are some hundreds at most."""
        return any(
            reading.value is not None and isinstance(filter_, Search) and filter_.by
            for filter_, reading in zip(self.declared.filters, self.readings, strict=True)
        )

    @cached_property
    def newest(self) -> int:
        """How many a search has found where there may be older ones that it did not look for: the reader is told; else 0."""
        return max((where.newest for where in self._conditions if isinstance(where, Found)), default=0)

    @property
    def count(self) -> str:
        return said_count(self._counts[0], or_more=bool(self.newest))

    @property
    def is_bare(self) -> bool:
        """Nothing asked for and nothing found: the list itself is empty, so the page says how to begin."""
        return not self.is_filtered and (self.tab is None or self.tab is self.declared.tabs[0])

    @property
    def is_filtered(self) -> bool:
        return any(reading.value is not None or reading.error for reading in self.readings)

    # Sums

    @cached_property
    def totals(self) -> list[tuple[Column, SafeString | str]] | None:
        """A sum under each column that has one; None where the list sums nothing."""
        summed = [column for column in self.columns if column.total]
        if not summed or not self._page.rows:
            return None
        if self.sums_all:
            found = self.cut.order_by().aggregate(
                **{f"sum_{column.key}": Sum(column.total) for column in summed}
            )
            sums = {column.key: found[f"sum_{column.key}"] or 0 for column in summed}
        else:
            sums = {column.key: sum(column.plain(row) or 0 for row in self._page.rows) for column in summed}
        return [(column, sum_cell(column, sums.get(column.key))) for column in self.columns]

    @property
    def sums_all(self) -> bool:
        """Whether the foot sums the whole list: it is short, or the reader asked."""
        return self._counts[0] <= CAP or self.query.get("sum") == "all"

    # Addresses

    def address(self, **changes: Any) -> str:
        """This page's address with some values changed; None takes one out. A new cut or order starts from the first page."""
        parts = [text for key, text in self._kept_texts if key not in changes]
        parts += [urlencode({key: value}, doseq=True) for key, value in changes.items() if value is not None]
        return f"{self.request.path}?{'&'.join(parts)}" if parts else self.request.path

    @cached_property
    def _kept_texts(self) -> list[tuple[str, str]]:
        """`kept` as it stands in an address, written once for the thirty addresses of a page."""
        return [(key, urlencode({key: values}, doseq=True)) for key, values in self.kept()]

    def kept(self, *without: str) -> list[tuple[str, list[str]]]:
        """What the list understands of the address, except the place in it and the keys named."""
        return [
            (key, [value.replace("\0", "")[:100] for value in self.query.getlist(key) if value])
            for key in self._understood
            if key not in without and any(self.query.getlist(key))
        ]

    @cached_property
    def _understood(self) -> list[str]:
        """The keys of an address that this list understands, but for the place in it."""
        own = (key for filter_ in self.declared.filters for key in filter_.keys)
        return ["in", "tab", "sort", "size", "columns", *own]

    def hidden_for_filters(self) -> list[tuple[str, list[str]]]:
        """What the filters' form must carry along."""
        return self.kept(
            *(
                key
                for filter_ in self.declared.filters
                if filter_.shape != "reference"
                for key in filter_.keys
            )
        )

    def hidden_for_columns(self) -> list[tuple[str, list[str]]]:
        return self.kept("columns")

    # What the template draws

    @cached_property
    def filters(self) -> list[BoundFilter]:
        return [
            BoundFilter(self, filter_, reading)
            for filter_, reading in zip(self.declared.filters, self.readings, strict=True)
        ]

    @cached_property
    def tabs(self) -> list[dict[str, Any]]:
        counts = self._counts[1]
        return [
            {"label": tab.label, "url": self.address(tab=tab.key), "active": tab is self.tab, "count": said_count(counts[tab.key], or_more=bool(self.newest))}
            for tab in self.declared.tabs
        ]  # fmt: skip

    @property
    def pills(self) -> SafeString:
        return drawing.pills(self.tabs)

    @cached_property
    def headings(self) -> list[Heading]:
        current, falling = self.sorting
        heads = []
        for column in self.columns:
            now = ("descending" if falling else "ascending") if column is current else ""
            turn = f"-{column.key}" if now == "ascending" else column.key
            heads.append(Heading(column, self.address(sort=turn) if column.sort else "", now))
        return heads

    @property
    def heads(self) -> SafeString:
        return drawing.heads(self.headings)

    @property
    def actions(self) -> SafeString:
        return drawing.actions(self.bulk)

    @property
    def choosable(self) -> list[tuple[Column, bool]]:
        """The columns to choose from: those shown in their order, then the others."""
        others = [column for column in self.declared.columns if column not in self.columns]
        return [(column, True) for column in self.columns] + [(column, False) for column in others]

    @property
    def column_menu(self) -> SafeString:
        """The columns to choose from, those shown ticked, each with its place."""
        return drawing.column_menu(
            tuple((column.key, str(column.label), shown) for column, shown in self.choosable), get_language()
        )

    @property
    def has_chosen_columns(self) -> bool:
        """Whether the columns are others than the list's usual ones, or stand in another order."""
        return self.columns != [column for column in self.declared.columns if column.shown]

    @property
    def sizes(self) -> list[tuple[int, str, bool]]:
        return [(size, self.address(size=size), size == self.size) for size in SIZES]

    @property
    def size_menu(self) -> SafeString:
        return drawing.size_menu(self.sizes)

    @property
    def first_url(self) -> str:
        return self.address() if self._page.earlier else ""

    @property
    def previous_url(self) -> str:
        page = self._page
        return self.address(before=page.rows[0].pk) if page.earlier and page.rows else ""

    @property
    def next_url(self) -> str:
        page = self._page
        return self.address(after=page.rows[-1].pk) if page.later and page.rows else ""

    @property
    def clear_url(self) -> str:
        return self.address(**{key: None for filter_ in self.declared.filters for key in filter_.keys})

    @property
    def sum_url(self) -> str:
        return self.address(sum="all")

    @property
    def export_url(self) -> str:
        return self.address(export="xlsx")

    # Export

    @property
    def wants_export(self) -> bool:
        return self.query.get("export") == "xlsx"

    @property
    def is_personal(self) -> bool:
        """Whether the columns shown hold people's data: then an export says what it is for."""
        return any(column.kind in PERSONAL for column in self.columns)

    @property
    def may_unmask(self) -> bool:
        access = getattr(self.request, "access", None)
        return bool(self.declared.unmask and access and access.may(self.declared.unmask))

    def _purpose(self) -> tuple[str, bool]:
        """The reason given, and whether the data are asked for in full; refused without what it takes."""
        reason = " ".join(self.query.get("reason", "").replace("\0", "").split())[:200]
        full = self.is_personal and self.query.get("full") == "1"
        if full and not self.may_unmask:
            raise PermissionDenied(self.declared.unmask)
        if self.is_personal and not reason:
            raise Refusal(
                _("This list holds people's data: say what the export is for, beside the Excel button."),
                code="reason",
                field="reason",
            )
        return reason, full

    def export(self, title: str) -> HttpResponse:
        """The whole cut in its order and with the chosen columns as an Excel file. Refused beyond the limit, with a sentence.

        Every export is witnessed: no list can forget its event (GN-8).
        """
        reason, full = self._purpose()
        from sanbao.ui import workbooks  # takes 0.15 s to load, and few pages of a process export

        column, falling = self.sorting
        rows = self.cut.order_by(*order(self.base.model, column.sort if column else "pk", falling))
        if rows[MOST_EXPORTED : MOST_EXPORTED + 1].values("pk").exists():
            raise Refusal(
                _("More than 100,000 rows cannot be exported at once. Narrow the list with its filters."),
                code="too_many_rows",
            )
        count = rows.count()
        if full and count > MOST_UNMASKED:
            raise Refusal(
                _(
                    "At most %(most)s rows can be exported with people's data in full; this would be %(count)s. Narrow the list."
                )
                % {"most": f"{MOST_UNMASKED:,}", "count": f"{count:,}"},
                code="too_many_rows",
            )
        if not WITNESSES:
            raise RuntimeError("Nobody keeps the event of an export: sanbao.audit is not loaded.")
        for witness in WITNESSES:
            witness(self, count, reason, full)
        watermark = exported_by(getattr(self.request, "access", None), count, reason)
        tab = workbooks.Tab(
            below=[[workbooks.Cell(watermark)]],
            footer=watermark,
            name=str(title),
            columns=[
                workbooks.Column(str(each.label), _WORKBOOK_KINDS.get(each.kind, "text"))
                for each in self.columns
            ],
            rows=(
                [exported(each, row, full=full) for each in self.columns]
                for row in rows.iterator(chunk_size=2000)
            ),
        )
        content = workbooks.workbook([tab], title=str(title), language="zh" if formats.chinese() else "en")
        response = HttpResponse(content, content_type=XLSX)
        response.headers["Content-Disposition"] = content_disposition_header(True, f"{title}.xlsx") or ""
        return response


def _narrowed(rows: QuerySet[Any], conditions: Sequence[Any]) -> QuerySet[Any]:
    for condition in conditions:
        rows = rows.filter(condition)
    return rows


def in_places(asked: QueryDict) -> list[str]:
    """The ticked columns in the order of the places typed beside them. Who moves one up comes before, who moves one down after, whatever stood there."""
    found = []
    before = [key for key in asked if key.startswith(PLACE)]
    for old, name in enumerate(before, 1):
        typed = asked.get(name, "")
        place = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 else old
        found.append(
            (place + (0.5 if place > old else -0.5 if place < old else 0), old, name.removeprefix(PLACE))
        )
    ticked = asked.getlist("columns")
    placed = [key for _place, _old, key in sorted(found)]
    return [key for key in placed if key in ticked] + [
        key for key in dict.fromkeys(ticked) if key not in placed
    ]


def chosen(request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The ticked rows a bulk action was asked for, out of `rows` (already scoped); what is not a number is left out."""
    numbers = []
    for text in request.POST.getlist("row")[: SIZES[-1]]:
        try:
            numbers.append(read_id(text))
        except Unreadable:
            continue
    return rows.filter(pk__in=numbers)


def exported_by(access: Any, rows: int, reason: str) -> str:
    """Who took a file, when, in which request, and what for: the line below the table."""
    who, number = (access.name, access.request) if access else ("", "")
    said = _("Exported by %(who)s on %(when)s, %(rows)d rows, request %(request)s") % {
        "who": who,
        "when": formats.short_date(timezone.now()),
        "rows": rows,
        "request": number or "–",
    }
    return f"{said} · {reason}" if reason else said
