"""Why each line of a plan costs what it costs, and who pays: the plan's decision asked again with the editions it was made with."""

from sanbao.decisions.queries import books_of
from sanbao.workorders.models import Plan
from sanbao_rules import decision as kernel
from sanbao_rules.explain import Sentence, explain_all
from sanbao_rules.questions import QUESTIONS


def of_lines(plan: Plan, language: str) -> list[list[Sentence]]:
    """The sentences of each line, in the lines' order; none where the plan has no decision."""
    if plan.decision is None:
        return []
    books = books_of(plan.decision)
    made = QUESTIONS[plan.decision.question](kernel.from_json(plan.decision.facts), books)
    return [explain_all(part.reasons, books, language) for part in made.parts]
