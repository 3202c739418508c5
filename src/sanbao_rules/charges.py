"""What a repair costs: labour by tariff, travel by kilometre, and the cap on parts sold out of warranty (KA-4.3, KA-6.2)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sanbao_rules.decision import Decision, Reason
from sanbao_rules.money import percent_of, yuan
from sanbao_rules.rulebook import Dated, Rulebook


class NoFee(LookupError):
    """The tariff has no fee for this category or work. `reason` says it in a sentence."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"{reason.code}: {dict(reason.args)}")
        self.reason = reason


def known_word(words: Mapping[str, Any], text: str) -> str:
    """The code a word stands for in a table of synonyms, or the text itself, trimmed."""
    text = text.strip()
    for code, others in words.items():
        if text == code or text in others:
            return code
    return text


def category(text: str, book: Rulebook, on: date) -> str:
    """The tariff's category for a word people use (抽油烟机 is 吸油烟机); "" when there is none."""
    found = known_word(book.value("category_words", on).value, text)
    return found if found in book.value("labour", on).value else ""


def component(text: str, book: Rulebook, on: date) -> str:
    """The component a word stands for (马达 is 电机); other words stay as they are."""
    return known_word(book.value("component_words", on).value, text)


def work(text: str, book: Rulebook, on: date) -> str:
    """The kind of work a word stands for (换件维修 is replace); "" when there is none."""
    words = book.value("work_words", on).value
    found = known_word(words, text)
    return found if found in words else ""


def labour(category: str, work: str, book: Rulebook, on: date) -> Decision:
    """The labour fee in fen. Raises NoFee when the tariff has no row for it: nothing is priced in silence."""
    return _fee("labour", category, work, book, on)


def customer_labour(category: str, work: str, book: Rulebook, on: date) -> Decision:
    """What a customer pays for labour out of warranty, in fen; raises NoFee like `labour`.

    An edition from before this tariff has the labour tariff only; then that is what is paid.
    """
    return _fee(
        "customer_labour" if "customer_labour" in book.parameters else "labour", category, work, book, on
    )


def _fee(parameter: str, category: str, work: str, book: Rulebook, on: date) -> Decision:
    tariff = book.value(parameter, on)
    row = tariff.value.get(category)
    if row is None:
        raise NoFee(_reason("unknown_category", tariff, category=category))
    if work not in row:
        raise NoFee(_reason("unknown_work", tariff, category=category, work=work))
    amount = yuan(row[work])
    reason = _reason(parameter, tariff, amount=amount, category=category, work=work)
    return Decision(f"charges.{parameter}", amount, (reason,), book.cited)


def travel(km: Decimal, book: Rulebook, on: date) -> Decision:
    """The travel fee in fen for `km` one way."""
    free, price = book.value("free_km", on), book.value("yuan_per_km", on)
    amount = travel_fee(km, free.value, price.value)
    if not amount:
        return Decision(
            "charges.travel", 0, (_reason("no_travel", free, km=km, free=free.value),), book.cited
        )
    reason = _reason(
        "travel", price, amount=amount, km=km, free=free.value, over=km - free.value, price=price.value
    )
    return Decision("charges.travel", amount, (reason,), book.cited)


def travel_fee(km: Decimal, free: Decimal | int, price: Decimal | int) -> int:
    """Fen for the kilometres over the free ones; a part of a kilometre counts as that part."""
    if km < 0:
        raise ValueError(f"{km} km is no distance")
    return yuan((km - free) * price) if km > free else 0


def part_price_cap(supply_price: Decimal, book: Rulebook, on: date) -> Decision:
    """The most a part may be sold for out of warranty, in fen, from its supply price in yuan (KA-6.2).

    At the threshold the cap falls (99.99 may cost 159.98, 100.00 only 140.00); that is said, and not corrected (A-45).
    """
    price, threshold = yuan(supply_price), book.value("threshold", on)
    limit = yuan(threshold.value)
    reading = book.value("at_threshold", on).value
    above = price > limit or (price == limit and reading == "above")
    markup = book.value("markup_from_threshold" if above else "markup_below", on)
    cap = price + percent_of(price, Decimal(markup.value))
    reasons = [_reason("price_cap", markup, price=price, markup=markup.value, cap=cap)]
    below = limit - 1 if reading == "above" else limit
    if above and cap < below + percent_of(below, Decimal(book.value("markup_below", on).value)):
        reasons.append(_reason("price_jump", threshold, price=price, below=below, cap=cap))
    return Decision("charges.part_price_cap", cap, tuple(reasons), book.cited)


def _reason(code: str, rests_on: Dated, **args: Any) -> Reason:
    return Reason(code, args, rests_on.parameter, rests_on.clause, "charges")
