"""What events are called. An action without words shows its code, so that a new one is never hidden."""

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "accounts:person:added": _("Person added"),
    "accounts:person:signed-in": _("Signed in"),
    "accounts:person:signed-out": _("Signed out"),
    "accounts:person:sign-in-refused": _("Sign-in refused"),
    "accounts:person:locked": _("Locked after failed sign-ins"),
    "accounts:session:ended": _("Sessions ended"),
    "outlets:region:opened": _("Region opened"),
    "outlets:outlet:opened": _("Outlet added"),
    "outlets:outlet:changed": _("Outlet changed"),
    "outlets:posting:given": _("Post given"),
    "outlets:posting:ended": _("Post ended"),
    "products:model:added": _("Model added"),
    "products:model:changed": _("Model changed"),
    "products:part:added": _("Part added"),
    "products:part:changed": _("Part changed"),
    "regulations:edition:adopted": _("Edition adopted"),
    "audit:events:exported": _("Event log exported"),
    "ledger:accounts:exported": _("Accounts exported"),
    "ledger:postings:exported": _("Postings exported"),
    "outlets:outlets:exported": _("Outlets exported"),
    "settlements:month:ordered": _("All drafts of a month asked for"),
    "settlements:sheets:exported": _("Record sheets exported"),
    "settlements:findings:exported": _("Findings exported"),
    "settlements:answer:confirm": _("Statement confirmed by the outlet"),
    "settlements:answer:question": _("Question asked"),
    "settlements:answer:replied": _("Question replied to"),
    "settlements:finding:registered": _("Finding registered"),
    "settlements:finding:withdrawn": _("Finding withdrawn"),
    "settlements:hand-in:read": _("File read"),
    "settlements:hand-in:taken": _("File taken over"),
    "settlements:hand-in:dropped": _("File dropped"),
    "settlements:receipt:registered": _("Receipt registered"),
    "settlements:sheet:written": _("Sheet written"),
    "settlements:sheet:withdrawn": _("Sheet withdrawn"),
    "settlements:statement:made": _("Statement made"),
    "settlements:statement:submission": _("Statement submitted"),
    "settlements:statement:check": _("Statement checked"),
    "settlements:statement:approval": _("Statement approved"),
    "settlements:statement:payment": _("Statement paid"),
    "settlements:statement:return": _("Statement sent back"),
    "settlements:statement:reversal": _("Statement reversed"),
}

AMOUNTS = frozenset(("net", "supply_price_fen"))
_DETAILS: dict[str, Any] = {
    "net": _("net"),
    "device": _("device"),
    "way": _("way"),
    "sessions": _("sessions"),
    "supply_price_fen": _("supply price"),
    "month": _("month"),
    "reason": _("reason"),
    "state": _("state"),
    "category": _("category"),
    "paper_on": _("paper on"),
    "electronic_on": _("electronic copy on"),
    "missing": _("empty fields"),
    "book": _("rulebook"),
    "edition": _("edition"),
    "on": _("from"),
    "changes": _("changes"),
    "name": _("name"),
    "region_id": _("region"),
    "contact": _("contact"),
    "phone": _("telephone"),
    "address": _("address"),
    "contract_from": _("contract from"),
    "contract_until": _("contract until"),
}


def detail_word(key: str) -> Any:
    return _DETAILS.get(key, key.replace("_", " "))


def word(action: str) -> Any:
    return WORDS.get(action, action)
