"""What the charges rulebook says of products: categories, and the most a part may be sold for (KA-6.2)."""

from datetime import date
from decimal import Decimal

from sanbao.products.models import Part
from sanbao.regulations.queries import edition_in_force, rulebook
from sanbao.ui.why import Why, WhySentence
from sanbao_rules import charges
from sanbao_rules.explain import explain
from sanbao_rules.money import fen_to_yuan


class Caps:
    """Maximum retail prices out of warranty, by the company's edition in force on a day. Read once for a list of parts."""

    def __init__(self, company_id: int | None, on: date):
        self.book = rulebook(edition_in_force(company_id, "charges"))
        self.on = on

    def cap(self, part: Part) -> int:
        """The most the part may be sold for, in fen."""
        return int(self._decide(part).answer)

    def why(self, part: Part, language: str, *, answer: str, edition_url: str) -> Why:
        """The same with its sentences; `language` is "zh" or "en"."""
        sentences = explain(self._decide(part), self.book, language)
        return Why(
            answer,
            tuple(WhySentence(s.text, s.clause, s.clause_text, self.book.title[language]) for s in sentences),
            self.book.cited,
            edition_url,
        )

    def _decide(self, part: Part) -> charges.Decision:
        return charges.part_price_cap(Decimal(fen_to_yuan(part.supply_price_fen)), self.book, self.on)


def categories(company_id: int | None, on: date, language: str) -> list[tuple[str, str]]:
    """The categories of the company's tariff: (code, name)."""
    book = rulebook(edition_in_force(company_id, "charges"))
    return [(code, book.word(code, language)) for code in book.value("labour", on).value]
