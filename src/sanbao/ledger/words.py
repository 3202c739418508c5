"""What accounts and entries are called; a code without words is shown as it is."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

ACCOUNTS: dict[str, Any] = {
    "service-cost": _("Service cost"),
    "outlet-accrued": _("Accrued to the outlet"),
    "outlet-payable": _("Payable to the outlet"),
    "deduction-income": _("Income from deductions"),
    "bank": _("Bank"),
    "complaint-cost": _("Cost of complaints"),
    "customer-payable": _("Payable to customers"),
}
KINDS: dict[str, Any] = {
    "settlement:accrued": _("Month accrued"),
    "settlement:deducted": _("Deductions taken"),
    "settlement:approved": _("Statement approved"),
    "settlement:paid": _("Statement paid"),
    "complaint:approved": _("Compensation approved"),
    "complaint:paid": _("Compensation given"),
}


def account_word(code: str) -> Any:
    return ACCOUNTS.get(code, code)


def kind_word(kind: str) -> str:
    """An entry's kind in words; a reversal says what it reverses."""
    plain = kind.removesuffix(":reversed")
    word = str(KINDS.get(plain, plain))
    return gettext("%(what)s, reversed") % {"what": word} if plain != kind else word
