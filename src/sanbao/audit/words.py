"""What events are called. An action without words shows its code, so that a new one is never hidden."""

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "accounts:person:added": _("Person added"),
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


def word(action: str) -> Any:
    return WORDS.get(action, action)
