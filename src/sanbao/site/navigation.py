"""The way round: what each person finds in the side bar follows from what they may do."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# (group, [(label, URL name, icon, permission)])
_MAP: tuple[tuple[Any, tuple[tuple[Any, str, str, str], ...]], ...] = (
    (
        _("Service desk"),
        (
            (_("Take a call"), "intake:call", "phone-incoming", "intake:request:register"),
            (_("Requests"), "intake:requests", "inbox", "intake:request:view"),
            (_("Search"), "search", "search", "intake:request:view"),
            (_("Overview"), "intake:overview", "chart-bar", "intake:request:assign"),
            (_("Months of service"), "intake:months", "calendar-month", "intake:request:view"),
            (_("Customers"), "customers:list", "users", "customers:customer:view"),
            (_("Registrations"), "products:registrations", "barcode", "products:registration:check"),
            (_("Task forces"), "intake:forces", "users", "intake:force:view"),
        ),
    ),
    (
        _("Work orders"),
        (
            (_("My day"), "workorders:day", "device-mobile", "workorders:own:work"),
            (_("Orders"), "workorders:orders", "tool", "workorders:order:view"),
            (_("Dispatch board"), "workorders:board", "layout-kanban", "workorders:order:dispatch"),
            (_("Engineers"), "workorders:engineers", "users", "workorders:setup:view"),
        ),
    ),
    (
        _("Callbacks"),
        (
            (_("Today's callbacks"), "callbacks:today", "phone-outgoing", "callbacks:callback:view"),
            (_("Promised answers"), "callbacks:promises", "message-2-check", "callbacks:callback:view"),
            (_("Jobs and their callbacks"), "callbacks:plans", "list-check", "callbacks:callback:view"),
            (_("Overview of callbacks"), "callbacks:overview", "chart-bar", "callbacks:callback:lead"),
            (_("Call scripts"), "callbacks:scripts", "message-2", "callbacks:callback:view"),
        ),
    ),
    (
        _("Complaints and improvements"),
        (
            (_("Complaints"), "complaints:complaints", "message-exclamation", "complaints:complaint:view"),
            (_("Analysis of complaints"), "complaints:analysis", "chart-bar", "complaints:analysis:view"),
            (_("Improvements"), "improvements:measures", "trending-up", "improvements:measure:view"),
        ),
    ),
    (
        _("Satisfaction"),
        (
            (_("Results"), "surveys:results", "mood-smile", "surveys:answer:view"),
            (_("Filled questionnaires"), "surveys:responses", "message-2", "surveys:answer:view"),
            (_("Invitations"), "surveys:invitations", "send", "surveys:answer:view"),
            (_("Regular surveys"), "surveys:campaigns", "chart-bar", "surveys:answer:view"),
            (_("Questionnaires"), "surveys:questionnaires", "list-check", "surveys:answer:view"),
            (_("Published results"), "surveys:publications", "world", "surveys:result:read"),
        ),
    ),
    (
        _("Settlement"),
        (
            (_("Months"), "settlements:months", "calendar-month", "settlements:statement:view"),
            (_("Statements"), "settlements:statements", "file-invoice", "settlements:statement:view"),
            (_("Record sheets"), "settlements:sheets", "clipboard-list", "settlements:sheet:view"),
            (_("Hand in a month"), "settlements:hand-in", "upload", "settlements:sheet:hand-in"),
            (_("Findings"), "settlements:findings", "alert-triangle", "settlements:finding:view"),
            (_("Hints"), "settlements:hints", "zoom-check", "settlements:hint:view"),
            (_("Ledger"), "ledger:accounts", "scale", "ledger:account:view"),
        ),
    ),
    (
        _("Regulations and knowledge"),
        (
            (_("To read"), "documents:mine", "book", "documents:document:view"),
            (_("My working times"), "intake:times-mine", "clock", "intake:time:own"),
            (_("Regulations"), "documents:list", "file-text", "documents:document:view"),
            (_("Clauses"), "clauses", "list-check", "regulations:book:view"),
            (_("Articles"), "knowledge:articles", "book", "knowledge:article:view"),
            (_("Standard phrases"), "knowledge:phrases", "message-2", "knowledge:article:view"),
        ),
    ),
    (
        _("Rulebooks"),
        (
            (_("Books in force"), "regulations:books", "book-2", "regulations:book:view"),
            (_("Drafts of editions"), "regulations:drafts", "file-plus", "regulations:draft:make"),
            (_("Proposals"), "regulations:proposals", "bulb", "regulations:book:view"),
            (_("Back-tests"), "backtests:list", "history-toggle", "backtests:backtest:view"),
            (_("Decisions"), "decisions:list", "gavel", "decisions:decision:replay"),
        ),
    ),
    (
        _("Basics"),
        (
            (_("Outlets"), "outlets:list", "building-store", "outlets:outlet:view"),
            (_("Certificates"), "outlets:certificates", "certificate", "outlets:certificate:view"),
            (_("Working times"), "intake:times", "clock", "intake:time:view"),
            (_("Units"), "products:units", "barcode", "products:unit:view"),
            (_("Models"), "products:models", "wash-machine", "products:product:view"),
            (_("Parts"), "products:parts", "settings", "products:product:view"),
            (_("Fault tree"), "workorders:faults", "sitemap", "workorders:setup:view"),
            (_("Check lists"), "workorders:check-lists", "list-check", "workorders:setup:view"),
            (_("Flows of work"), "workorders:flows", "route", "workorders:setup:view"),
        ),
    ),
    (
        _("Administration"),
        (
            (_("The desk"), "intake:desk", "adjustments", "intake:desk:view"),
            (_("Customers' pages"), "portal:poster", "qrcode", "intake:desk:view"),
            (_("Posts and permissions"), "accounts:posts", "users", "regulations:book:view"),
            (_("Import"), "imports:home", "upload", "imports:file:take-over"),
            (_("Texts of messages"), "notices:wordings", "message-2", "notices:wording:keep"),
            (_("Outgoing messages"), "notices:outbox", "mail", "notices:message:view"),
            (_("Event log"), "audit:events", "history", "audit:event:view"),
            (_("Personal data"), "privacy:requests", "shield-lock", "privacy:request:handle"),
            (_("Webhooks"), "hooks:subscriptions", "webhook", "hooks:subscription:view"),
        ),
    ),
)

_SHORT = 16  # so many items stand open; a longer side bar folds the groups one is not in


@dataclass(frozen=True, slots=True)
class Item:
    label: str
    url: str
    icon: str
    active: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Items that belong together; `folded` when the side bar is long and the page is none of theirs."""

    title: str
    items: tuple[Item, ...]
    folded: bool = False


def title_of(url_name: str) -> str:
    """What a page is called in the side bar; "" for one that stands not there."""
    return next(
        (str(label) for _group, items in _MAP for label, name, *_rest in items if name == url_name), ""
    )


def navigation(request: HttpRequest) -> tuple[Group, ...]:
    """The groups and items for this person; active is the item whose address leads nearest to the page."""
    seen = (request.access.permissions, get_language(), get_script_prefix())
    urls = [url for _title, entries in _open_to(*seen) for _label, url, _icon in entries]
    here = max((url for url in urls if request.path.startswith(url)), key=len, default="")
    return _groups(*seen, here)


_Entries = tuple[tuple[str, str, str], ...]


@lru_cache(maxsize=256)
def _open_to(permissions: frozenset[str], _language: str | None, _prefix: str) -> tuple[tuple[str, _Entries], ...]:  # fmt: skip
    """What these permissions open: (group, ((label, address, icon), …)), in the reader's language."""
    found = [
        (
            str(title),
            tuple(
                (str(label), url, icon)
                for label, name, icon, may in entries
                if may in permissions and (url := _url(name))
            ),
        )
        for title, entries in _MAP
    ]
    return tuple((title, entries) for title, entries in found if entries)


@lru_cache(maxsize=1024)
def _groups(permissions: frozenset[str], language: str | None, prefix: str, here: str) -> tuple[Group, ...]:
    """The side bar of whoever has these permissions, on a page of the item `here`: the same for all of them, and made once."""
    found = _open_to(permissions, language, prefix)
    urls = [url for _title, entries in found for _label, url, _icon in entries]
    at = next((title for title, entries in found if here in [url for _label, url, _icon in entries]), None)
    if at is None:  # the first page, say: the first group shows what there is to do
        at = next((title for title, _entries in found), None)
    return tuple(
        Group(
            title,
            tuple(Item(label, url, icon, url == here) for label, url, icon in entries),
            folded=len(urls) > _SHORT and title is not at,
        )
        for title, entries in found
    )


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
