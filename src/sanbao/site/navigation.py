"""The way round: what each person finds in the side bar follows from what they may do."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

# (group, [(label, URL name, icon, permission)])
_MAP: tuple[tuple[Any, tuple[tuple[Any, str, str, str], ...]], ...] = (
    (
        _("Service desk"),
        (
            (_("Take a call"), "intake:call", "phone-incoming", "intake:request:register"),
            (_("Search"), "search", "search", "intake:request:view"),
            (_("Overview"), "intake:overview", "chart-bar", "intake:request:assign"),
            (_("Requests"), "intake:requests", "inbox", "intake:request:view"),
            (_("Complaints"), "complaints:complaints", "message-exclamation", "complaints:complaint:view"),
            (_("Analysis of complaints"), "complaints:analysis", "chart-bar", "complaints:analysis:view"),
            (_("Months of service"), "intake:months", "calendar-month", "intake:request:view"),
            (_("Registrations"), "products:registrations", "barcode", "products:registration:check"),
            (_("Customers"), "customers:list", "users", "customers:customer:view"),
            (_("Import"), "imports:home", "upload", "imports:file:take-over"),
            (_("Task forces"), "intake:forces", "users", "intake:force:view"),
            (_("The desk"), "intake:desk", "adjustments", "intake:desk:view"),
            (_("Customers' pages"), "portal:poster", "qrcode", "intake:desk:view"),
        ),
    ),
    (
        _("Work orders"),
        (
            (_("Orders"), "workorders:orders", "tool", "workorders:order:view"),
            (_("My day"), "workorders:day", "device-mobile", "workorders:own:work"),
            (_("Dispatch board"), "workorders:board", "layout-kanban", "workorders:order:dispatch"),
            (_("Engineers"), "workorders:engineers", "users", "workorders:setup:view"),
            (_("Fault tree"), "workorders:faults", "sitemap", "workorders:setup:view"),
            (_("Check lists"), "workorders:check-lists", "list-check", "workorders:setup:view"),
            (_("Flows of work"), "workorders:flows", "route", "workorders:setup:view"),
        ),
    ),
    (
        _("Aftercare"),
        (
            (_("Callbacks"), "callbacks:today", "phone-outgoing", "callbacks:callback:view"),
            (_("Promised answers"), "callbacks:promises", "message-2-check", "callbacks:callback:view"),
            (_("Overview of callbacks"), "callbacks:overview", "chart-bar", "callbacks:callback:lead"),
            (_("Jobs and their callbacks"), "callbacks:plans", "list-check", "callbacks:callback:view"),
            (_("Call scripts"), "callbacks:scripts", "message-2", "callbacks:callback:view"),
            (_("Satisfaction"), "surveys:results", "mood-smile", "surveys:answer:view"),
            (_("Answers"), "surveys:responses", "message-2", "surveys:answer:view"),
            (_("Invitations"), "surveys:invitations", "send", "surveys:answer:view"),
            (_("Surveys"), "surveys:campaigns", "chart-bar", "surveys:answer:view"),
            (_("Questionnaires"), "surveys:questionnaires", "list-check", "surveys:answer:view"),
            (_("Published results"), "surveys:publications", "world", "surveys:result:read"),
            (_("Improvements"), "improvements:measures", "trending-up", "improvements:measure:view"),
        ),
    ),
    (
        _("Quality"),
        ((_("Improvements"), "improvements:measures", "trending-up", "improvements:measure:view"),),
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
        ),
    ),
    (
        _("Accounts"),
        (
            (_("Ledger"), "ledger:accounts", "scale", "ledger:account:view"),
            (_("Decisions"), "decisions:list", "gavel", "decisions:decision:replay"),
            (_("Back-tests"), "backtests:list", "history-toggle", "backtests:backtest:view"),
            (_("Event log"), "audit:events", "history", "audit:event:view"),
            (_("Outgoing messages"), "notices:outbox", "mail", "notices:message:view"),
            (_("Personal data"), "privacy:requests", "shield-lock", "privacy:request:handle"),
        ),
    ),
    (
        _("Knowledge"),
        (
            (_("Articles"), "knowledge:articles", "book", "knowledge:article:view"),
            (_("Standard phrases"), "knowledge:phrases", "message-2", "knowledge:article:view"),
            (_("To read"), "documents:mine", "book", "documents:document:view"),
        ),
    ),
    (
        _("Basics"),
        (
            (_("Outlets"), "outlets:list", "building-store", "outlets:outlet:view"),
            (_("Certificates"), "outlets:certificates", "certificate", "outlets:certificate:view"),
            (_("Units"), "products:units", "barcode", "products:unit:view"),
            (_("Models"), "products:models", "wash-machine", "products:product:view"),
            (_("Parts"), "products:parts", "settings", "products:product:view"),
            (_("Regulations"), "documents:list", "file-text", "documents:document:view"),
            (_("Rulebooks"), "regulations:books", "book-2", "regulations:book:view"),
            (_("Drafts of editions"), "regulations:drafts", "file-plus", "regulations:draft:make"),
            (_("Proposals"), "regulations:proposals", "bulb", "regulations:book:view"),
            (_("Clauses"), "clauses", "list-check", "regulations:book:view"),
            (_("Texts of messages"), "notices:wordings", "message-2", "notices:wording:keep"),
            (_("Webhooks"), "hooks:subscriptions", "webhook", "hooks:subscription:view"),
            (_("Posts and permissions"), "accounts:posts", "users", "regulations:book:view"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Item:
    label: Any
    url: str
    icon: str
    active: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    title: Any
    items: tuple[Item, ...]


def navigation(request: HttpRequest) -> list[Group]:
    """The groups and items for this person; an item is active where the page lies under its address."""
    access = request.access
    groups = []
    for title, entries in _MAP:
        items = tuple(
            Item(label, url, icon, request.path.startswith(url))
            for label, name, icon, permission in entries
            if access.may(permission) and (url := _url(name))
        )
        if items:
            groups.append(Group(title, items))
    return groups


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
