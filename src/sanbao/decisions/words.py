"""What questions are called; one without words shows its code."""

from typing import Any

from django.utils.translation import gettext_lazy as _

QUESTIONS: dict[str, Any] = {
    "settlement.month": _("What is a month settled at?"),
    "settlement.sheet": _("What does a record sheet earn?"),
    "settlement.rate": _("At which rate is a month settled?"),
    "finding.counts": _("Does a finding count as soon as it is registered?"),
    "finding.hint": _("Does it smell?"),
    "returns.forgery": _("What does a false panel claim cost?"),
    "finding.last_day": _("Until when may the outlet appeal, improve or give money back?"),
    "finding.correction": _("What does a finding change about a settled month?"),
    "warranty.cover": _("Until when does the warranty cover it?"),
    "warranty.in_warranty": _("Is it in warranty?"),
    "charges.part_price_cap": _("What may a part cost at most?"),
    "charges.labour": _("What is the labour fee?"),
    "charges.travel": _("What is the travel fee?"),
    "worktime.deadline": _("When is it due?"),
    "worktime.workdays": _("On which working day is it due?"),
    "service.priority": _("How urgent is the request?"),
    "service.promise": _("When is it due, and was it kept?"),
    "service.step": _("Who is told of a promise that is due?"),
    "charges.customer_labour": _("What does a customer pay for labour?"),
    "workorder.gate": _("What does the step still need?"),
    "workorder.quote": _("What does the repair cost the customer?"),
    "workorder.site": _("May it be installed there?"),
    "workorder.age": _("Is it too old to be repaired?"),
    "workorder.repair_time": _("How long did the repair take?"),
    "workorder.repeat": _("Is it a repeat repair, and is an exchange due?"),
    "workorder.first_time_fix": _("Was it solved the first time?"),
    "workorder.reopening": _("May the customer have it taken up again?"),
    "warranty.remedies": _("Return, exchange or repair?"),
    "workorder.device_clock": _("Is the phone's time plausible?"),
    "workorder.dispatch": _("Whom to send?"),
}


def word(question: str) -> Any:
    return QUESTIONS.get(question, question)
