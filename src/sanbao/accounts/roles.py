"""The one table of posts (岗位): duties written down, and the permissions that follow from them (CO-1, BA-1).

Code, tests, the page "posts and permissions" and the authorization matrix all read this table.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Role:
    """A post: where it is held (`level`: company, region or outlet), what it is for, and what it may do."""

    code: str
    title: str
    level: str
    duties: str
    permissions: frozenset[str]
    second_factor: bool = False  # whoever holds it signs in with a second factor, too


_RULES = {"regulations:book:view", "regulations:proposal:make"}  # every employee may propose (CO-8)
# Everybody reads the regulations that bind them, and confirms it when asked (BA-8).
_READ = {"documents:document:view"}
_KEEP_DOCUMENTS = {
    "documents:document:write",
    "documents:campaign:view",
    "documents:campaign:run",
    "documents:record:view",
}
_LOOK = _RULES | {
    "decisions:decision:view",
    "outlets:outlet:view",
    "outlets:certificate:view",
    "products:product:view",
    "settlements:sheet:view",
    "settlements:finding:view",
    "settlements:statement:view",
}
_CONTACTS = {"outlets:contact:unmask"}
_DESK = {
    "customers:customer:view",
    "customers:customer:keep",
    "customers:customer:unmask",
    "products:unit:view",
    "products:unit:keep",
    "intake:desk:view",
    "intake:request:view",
    "intake:request:register",
    "intake:request:work",
    "intake:customer:unmask",
}
_REGISTRATIONS = {"products:registration:check"}  # headquarters: they name customers of no outlet yet
_DESK_READ = {"customers:customer:view", "products:unit:view", "intake:request:view", "intake:desk:view"}
_CERTIFY = {"outlets:certificate:view", "outlets:certificate:keep"}
_FORCES = {"intake:force:view", "intake:force:work"}
_LEAD_DESK = _FORCES | {
    "intake:force:lead",
    "customers:customer:merge",
    "imports:file:take-over",
    "intake:request:assign",
    "intake:request:cancel",
    "intake:request:merge",
    "intake:desk:manage",
}
_COMPLAINTS_READ = {"complaints:complaint:view"}
_COMPLAINTS_DESK = _COMPLAINTS_READ | {
    "complaints:complaint:register",
    "complaints:complaint:work",
    "complaints:complaint:assign",
    "complaints:complaint:tell",
    "complaints:customer:unmask",
}
_COMPLAINTS_VERIFY = _COMPLAINTS_READ | {
    "complaints:complaint:work",
    "complaints:complaint:verify",
    "complaints:compensation:propose",
    "complaints:customer:unmask",
}
_COMPLAINTS_LEAD = (
    _COMPLAINTS_DESK
    | _COMPLAINTS_VERIFY
    | {
        "complaints:compensation:approve",
        "complaints:case:keep",
        "complaints:analysis:view",
    }
)
_COMPLAINTS_OUTLET = _COMPLAINTS_READ | {"complaints:complaint:work", "complaints:customer:unmask"}
_KNOW = {"knowledge:article:view"}
_TEACH = _KNOW | {"knowledge:article:write", "knowledge:phrase:keep"}
_ORDERS_READ = {"workorders:order:view", "workorders:setup:view"}
_ORDERS = _ORDERS_READ | {
    "workorders:order:make",
    "workorders:order:dispatch",
    "workorders:order:work",
    "workorders:own:work",
    "workorders:customer:unmask",
}
_LEAD_ORDERS = {
    "workorders:order:override",
    "workorders:order:skip",
    "workorders:order:check",
    "workorders:order:cancel",
    "workorders:setup:manage",
}
_CALLBACKS_READ = {"callbacks:callback:view"}
_CALLBACKS = _CALLBACKS_READ | {
    "callbacks:callback:call",
    "callbacks:callback:plan",
    "callbacks:customer:unmask",
}
_LEAD_CALLBACKS = _CALLBACKS | {"callbacks:callback:lead", "callbacks:script:keep"}
_ENGINEER = {
    "workorders:own:work",
    "workorders:setup:view",
    "products:product:view",
    "products:unit:view",
    *_RULES,
    "decisions:decision:view",
}
_REPLAY = {"decisions:decision:replay"}
_BACKTESTS_READ = {"backtests:backtest:view"}
_BACKTESTS = _BACKTESTS_READ | {"backtests:backtest:make"}
_HAND_IN = {"settlements:sheet:hand-in"}
_HINTS = {"settlements:hint:view", "settlements:hint:check"}
_CONFIRM = _HINTS | {"settlements:finding:confirm", "settlements:finding:decide"}
_HOOKS = {"hooks:subscription:view", "hooks:subscription:keep", "hooks:subscription:unmask"}
_MESSAGES = {"notices:message:view", "notices:message:retry", "notices:message:unmask"}

_TABLE: tuple[tuple[str, str, str, str, set[str]], ...] = (
    (
        "settlement-clerk",
        _("Settlement clerk"),
        "company",
        _("Receives the outlets' sheets, registers receipts and findings, makes and submits statements."),
        _LOOK | _CONTACTS | _REPLAY | _HAND_IN | {
            "settlements:receipt:register",
            "settlements:finding:register",
            "settlements:statement:make",
            "settlements:statement:submit",
            "settlements:answer:reply",
            "settlements:customer:unmask",
        } | _ORDERS_READ | _HINTS | _CALLBACKS_READ,
    ),
    (
        "callback-clerk",
        _("Callback clerk"),
        "company",
        _("Calls users back and registers what the callbacks find."),
        _LOOK | _CONTACTS | _DESK_READ | _KNOW | {"settlements:finding:register", "settlements:customer:unmask", "intake:request:register"} | _ORDERS_READ | _HINTS | _CALLBACKS | _COMPLAINTS_READ | {"complaints:complaint:tell", "complaints:customer:unmask"},
    ),
    (
        "supervisor",
        _("After-sales supervisor"),
        "company",
        _("Checks statements against sheets and findings; sends back what is not right."),
        _LOOK | _CONTACTS | _CERTIFY | _REPLAY | _DESK | _LEAD_DESK | _TEACH | _REGISTRATIONS | {
            "documents:document:review",
            "documents:campaign:view",
            "documents:record:view",
            "knowledge:article:review",
            "knowledge:article:publish",
            "views:view:share",
            "settlements:statement:check",
            "settlements:answer:reply",
            "settlements:customer:unmask",
            "regulations:draft:review",
            "regulations:proposal:decide",
            "workorders:goodwill:approve",
        } | _CONFIRM | _ORDERS | _LEAD_ORDERS | _BACKTESTS | _LEAD_CALLBACKS | _COMPLAINTS_LEAD,
    ),
    (
        "hotline-agent",
        _("Hotline agent"),
        "company",
        _("Takes calls and messages, registers requests, gives the first answer and hands them on."),
        {"products:product:view", "outlets:outlet:view", "outlets:certificate:view", *_RULES, "decisions:decision:view", "intake:request:assign", "intake:request:merge"} | _CONTACTS | _DESK | _REGISTRATIONS | _FORCES | _TEACH | _ORDERS | _CALLBACKS | _COMPLAINTS_DESK,
    ),
    (
        "support-engineer",
        _("Technical support"),
        "company",
        _("Answers technical questions and solves what can be solved from afar."),
        {"products:product:view", "outlets:outlet:view", "outlets:certificate:view", *_RULES, "decisions:decision:view", "knowledge:article:review", "intake:request:merge"} | _DESK | _FORCES | _TEACH | _ORDERS | _COMPLAINTS_VERIFY,
    ),
    (
        "head",
        _("Head of after-sales"),
        "company",
        _("Approves statements that another person has checked; orders corrections of settled months."),
        _LOOK | _CONTACTS | _REPLAY | {
            "views:view:share",
            "settlements:statement:approve",
            "settlements:statement:reverse",
            "settlements:finding:admit-late",
            "ledger:account:view",
            "audit:event:view",
            "privacy:request:handle",
            "documents:document:review",
            "documents:document:approve",
            "documents:document:publish",
            "documents:campaign:view",
            "documents:campaign:run",
            "documents:record:view",
            "knowledge:article:review",
            "knowledge:article:publish",
            "regulations:draft:review",
            "regulations:draft:publish",
            "regulations:proposal:decide",
            "workorders:goodwill:approve",
        } | _CONFIRM | _CERTIFY | _DESK | _LEAD_DESK | _REGISTRATIONS | _TEACH | _ORDERS | _LEAD_ORDERS | _BACKTESTS | _LEAD_CALLBACKS | _COMPLAINTS_LEAD,
    ),
    (
        "finance",
        _("Finance"),
        "company",
        _("Pays approved statements and keeps the accounts."),
        _LOOK | _REPLAY | {"settlements:statement:pay", "ledger:account:view", "complaints:compensation:pay"} | _COMPLAINTS_READ,
    ),
    (
        "auditor",
        _("Auditor"),
        "company",
        _("Reads everything, changes nothing, replays decisions."),
        _LOOK | _REPLAY | _DESK_READ | _KNOW | {"documents:campaign:view", "intake:force:view", "settlements:hint:view", "ledger:account:view", "audit:event:view", "accounts:person:view", "notices:message:view", "hooks:subscription:view"} | _ORDERS_READ | _BACKTESTS_READ | _CALLBACKS_READ | _COMPLAINTS_READ | {"complaints:analysis:view"},
    ),
    (
        "regulation-keeper",
        _("Regulation keeper"),
        "company",
        _("Keeps the regulations: prepares their texts and has them read, drafts editions of the rulebooks, enters the year's holidays, answers proposals."),
        _LOOK | _REPLAY | _KEEP_DOCUMENTS | _BACKTESTS | {"regulations:draft:make", "regulations:proposal:decide"},
    ),
    (
        "administrator",
        _("Administrator"),
        "company",
        _("Keeps people, posts, outlets, models and parts; adopts editions of the rulebooks. Touches no money."),
        {
            "views:view:share",
            "accounts:person:view",
            "accounts:person:manage",
            "outlets:outlet:view",
            "outlets:outlet:manage",
            "outlets:contact:unmask",
            "products:product:view",
            "products:product:manage",
            *_TEACH,
            "products:unit:view",
            "products:unit:keep",
            "intake:desk:view",
            "intake:desk:manage",
            *_RULES,
            "regulations:edition:adopt",
            *_KEEP_DOCUMENTS,
            "notices:wording:keep",
            "audit:event:view",
            "privacy:request:handle",
        } | _CERTIFY | _MESSAGES | _HOOKS | {"workorders:setup:view", "workorders:setup:manage"},
    ),
    (
        "region-manager",
        _("Region manager"),
        "region",
        _("Follows the outlets of the region."),
        _LOOK | _CONTACTS | _DESK_READ | _KNOW | {"documents:campaign:view", "intake:request:assign"} | _ORDERS_READ | {"workorders:order:dispatch"} | _CALLBACKS_READ | _COMPLAINTS_READ | {"complaints:complaint:work", "complaints:analysis:view"},
    ),
    (
        "outlet-owner",
        _("Outlet owner"),
        "outlet",
        _("Answers for the outlet: hands in the month, reads the statement and confirms or questions it."),
        _LOOK | _CONTACTS | _HAND_IN | _DESK | _KNOW | {
            "documents:campaign:view",
            "settlements:answer:give",
            "settlements:finding:answer",
            "settlements:customer:unmask",
            "ledger:account:view",
            "intake:request:assign",
        } | _ORDERS | _LEAD_ORDERS | _COMPLAINTS_OUTLET,
    ),
    (
        "outlet-clerk",
        _("Outlet clerk"),
        "outlet",
        _("Writes and hands in the outlet's sheets."),
        {
            "products:product:view",
            *_RULES,
            "settlements:sheet:view",
            "settlements:customer:unmask",
        } | _HAND_IN | _DESK | _KNOW | _ORDERS,
    ),
    (
        "engineer",
        _("Service engineer"),
        "outlet",
        _("Goes to customers for the outlet: diagnoses, agrees on plan and price, repairs, installs, has it signed."),
        _ENGINEER | _KNOW,
    ),
    (
        "field-engineer",
        _("Headquarters engineer"),
        "company",
        _("Goes to customers for headquarters and trains users (EN-1, EN-3)."),
        _ENGINEER | _KNOW,
    ),
)  # fmt: skip

# What a post does for the quality of service beside its own work: improvement measures, surveys.
_PUBLISHED = {"surveys:result:read"}  # everybody reads what was published (GN-5)
_ANSWERS = {"surveys:answer:view"}
_ASK = _ANSWERS | {"surveys:answer:enter"}
_IMPROVE = {"improvements:measure:view", "improvements:measure:work"}
_LEAD_IMPROVE = _IMPROVE | {"improvements:measure:open", "improvements:measure:review"}
_QUALITY: dict[str, set[str]] = {
    "settlement-clerk": _IMPROVE,
    "callback-clerk": _IMPROVE | _ASK | {"improvements:measure:open"},
    "supervisor": _LEAD_IMPROVE | _ASK | {"surveys:campaign:run"},
    "hotline-agent": _IMPROVE | _ASK,
    "support-engineer": _IMPROVE,
    "head": _LEAD_IMPROVE | _ASK | {"surveys:campaign:run", "surveys:result:publish"},
    "auditor": _ANSWERS | {"improvements:measure:view"},
    "region-manager": _IMPROVE | _ANSWERS,
    "outlet-owner": _IMPROVE | _ANSWERS,
    "outlet-clerk": _IMPROVE,
    "engineer": _IMPROVE,
    "field-engineer": _IMPROVE,
}

# Working times (BA-6): everybody has them on record, and each place's are kept by whoever answers for its people.
_OWN_TIME = {"intake:time:own"}
_SEE_TIMES = {"intake:time:view"}
_KEEP_TIMES = _SEE_TIMES | {"intake:time:keep"}
_TIMES: dict[str, set[str]] = {
    "supervisor": _KEEP_TIMES,
    "head": _KEEP_TIMES,
    "administrator": _KEEP_TIMES,
    "outlet-owner": _KEEP_TIMES,
    "region-manager": _SEE_TIMES,
    "auditor": _SEE_TIMES,
}

# Posts that move money or let people in (GB/T 22239-2019 8.1.4.1 d; ASVS 6.3.3).
_SECOND_FACTOR = {"finance", "administrator"}

ROLES: dict[str, Role] = {
    code: Role(
        code,
        title,
        level,
        duties,
        frozenset(
            permissions | _READ | _PUBLISHED | _OWN_TIME | _QUALITY.get(code, set()) | _TIMES.get(code, set())
        ),
        code in _SECOND_FACTOR,
    )
    for code, title, level, duties, permissions in _TABLE
}

LEVELS = {"company": _("headquarters"), "region": _("region"), "outlet": _("outlet")}


def all_permissions() -> frozenset[str]:
    """Every permission that some post carries."""
    return frozenset().union(*(role.permissions for role in ROLES.values()))
