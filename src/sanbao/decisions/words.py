"""What questions are called; one without words shows its code."""

from typing import Any

from django.utils.translation import gettext_lazy as _

QUESTIONS: dict[str, Any] = {
    "settlement.month": _("What is a month settled at?"),
    "settlement.sheet": _("What does a record sheet earn?"),
    "settlement.rate": _("At which rate is a month settled?"),
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
}


def word(question: str) -> Any:
    return QUESTIONS.get(question, question)
