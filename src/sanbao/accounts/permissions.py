"""What each permission lets one do, in words, for the page of posts (CO-1)."""

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "regulations:book:view": _("read the rulebooks"),
    "regulations:edition:adopt": _("adopt editions of the rulebooks"),
    "decisions:decision:view": _("read decisions"),
    "decisions:decision:replay": _("replay decisions"),
    "outlets:outlet:view": _("look up outlets"),
    "outlets:outlet:manage": _("add and change outlets"),
    "outlets:contact:unmask": _("see outlets' contacts and telephones in full"),
    "outlets:certificate:view": _("see who has which certificates"),
    "outlets:certificate:keep": _("keep people's certificates"),
    "products:product:view": _("look up models and parts"),
    "products:product:manage": _("add and change models and parts"),
    "products:unit:view": _("look up units by serial number"),
    "products:registration:check": _("check the appliances that customers register"),
    "products:unit:keep": _("register and change units"),
    "customers:customer:view": _("look up customers"),
    "customers:customer:keep": _("register and change customers"),
    "customers:customer:unmask": _("see a customer's data in full, with a reason"),
    "customers:customer:merge": _("merge duplicate customers, and undo it"),
    "imports:file:take-over": _("import customers, units and requests from Excel"),
    "knowledge:article:view": _("read the knowledge base"),
    "knowledge:article:write": _("write articles"),
    "knowledge:article:review": _("review articles that another person has written"),
    "knowledge:article:publish": _("publish and withdraw articles"),
    "knowledge:phrase:keep": _("keep standard phrases"),
    "intake:request:view": _("read requests"),
    "intake:request:register": _("register requests"),
    "intake:request:work": _("work on requests"),
    "intake:request:assign": _("give requests to outlets, teams and people"),
    "intake:request:cancel": _("cancel requests"),
    "intake:request:merge": _("merge requests about the same matter, and undo it"),
    "intake:customer:unmask": _("see the data of requests in full"),
    "intake:force:view": _("read about task forces"),
    "intake:force:work": _("report on task forces and give them requests"),
    "intake:force:lead": _("set up, change and end task forces"),
    "intake:desk:view": _("see how the service desk is set up"),
    "intake:desk:manage": _("set up classes, teams and rules of the service desk"),
    "workorders:order:view": _("read work orders"),
    "workorders:order:make": _("make and mend work orders"),
    "workorders:order:dispatch": _("dispatch work orders to engineers and outlets"),
    "workorders:order:work": _("work on the orders of the place"),
    "workorders:own:work": _("work on one's own orders, on the phone"),
    "workorders:order:skip": _("leave out a step of an order, with a reason"),
    "workorders:order:check": _("check finished work"),
    "workorders:goodwill:approve": _("give lines of a plan away as goodwill"),
    "workorders:order:cancel": _("cancel work orders"),
    "workorders:customer:unmask": _("see the customer's data of orders in full"),
    "workorders:setup:view": _("see engineers, fault tree and check lists"),
    "workorders:setup:manage": _("keep engineers, fault tree and check lists"),
    "settlements:sheet:view": _("read record sheets"),
    "settlements:sheet:hand-in": _("hand in record sheets"),
    "settlements:finding:view": _("read findings"),
    "settlements:finding:register": _("register findings"),
    "settlements:statement:view": _("read statements"),
    "settlements:statement:make": _("make statements"),
    "settlements:statement:submit": _("submit statements"),
    "settlements:statement:check": _("check statements"),
    "settlements:statement:approve": _("approve statements"),
    "settlements:statement:pay": _("pay statements"),
    "settlements:statement:reverse": _("reverse settled months"),
    "settlements:receipt:register": _("register receipts"),
    "settlements:answer:give": _("confirm or question statements"),
    "settlements:answer:reply": _("reply to outlets' questions"),
    "settlements:customer:unmask": _("see customers' names and telephones"),
    "ledger:account:view": _("read the accounts"),
    "notices:message:view": _("read what is sent and received"),
    "notices:message:retry": _("try messages again or discard them"),
    "notices:message:unmask": _("see messages in full"),
    "notices:wording:keep": _("write the texts of messages"),
    "audit:event:view": _("read the event log"),
    "privacy:request:handle": _("handle requests for copies and erasure of personal data"),
    "accounts:person:view": _("see people and their posts"),
    "accounts:person:manage": _("add people, give and end posts"),
}


def words(permissions: frozenset[str]) -> list[Any]:
    """The permissions in words, in the order of the table; one without words shows its code."""
    order = list(WORDS)
    return [
        WORDS.get(code, code)
        for code in sorted(permissions, key=lambda c: order.index(c) if c in WORDS else len(order))
    ]
