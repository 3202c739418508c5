"""Money: fen as whole numbers inside, yuan as Decimal at the edges. The only place where amounts are rounded."""

from decimal import ROUND_HALF_UP, Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万")  # the highest counts ten thousands of 亿
_LARGEST = 10**18  # fen; beyond it the words for the groups would run out
_FEN = Decimal("0.01")


def yuan(amount: Decimal | str | int) -> int:
    """An amount in yuan as fen, rounded half up once (away from zero when negative)."""
    if isinstance(amount, (bool, float)):
        raise TypeError(f"money is Decimal, str or int, never {type(amount).__name__}: {amount!r}")
    exact = Decimal(amount)
    if not exact.is_finite():
        raise ValueError(f"{amount!r} is not an amount of money")
    return int((exact * 100).to_integral_value(ROUND_HALF_UP))


def fen_to_yuan(fen: int) -> Decimal:
    """Fen as yuan with exactly two places."""
    return (Decimal(fen) / 100).quantize(_FEN)


def percent_of(fen: int, rate: Decimal) -> int:
    """`rate` (0.9 for 90 %) of an amount in fen, rounded half up."""
    return int((fen * rate).to_integral_value(ROUND_HALF_UP))


def capitals(fen: int) -> str:
    """The amount in Chinese capitals, without the 人民币 before it: 140950 -> 壹仟肆佰零玖元伍角.

    整 stands after 元 only; one 零 stands between 元 and 角 when the last digit of the yuan is 0 or the 角 is 0.
    """
    if fen < 0:
        return "负" + capitals(-fen)
    if fen >= _LARGEST:
        raise ValueError(f"{fen} fen is more than can be written in capitals")
    whole, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    words = _whole(whole) + "元" if whole else ""
    if not rest:
        return (words or "零元") + "整"
    if whole and (whole % 10 == 0 or jiao == 0):
        words += "零"
    if jiao:
        words += _DIGITS[jiao] + "角"
    if cents:
        words += _DIGITS[cents] + "分"
    return words


def rmb_capitals(fen: int) -> str:
    """The amount in Chinese capitals with 人民币 before it, as accounting wants it."""
    return f"人民币{capitals(fen)}"


def _whole(number: int) -> str:
    """A whole number above zero, in groups of four digits; a gap of zeros anywhere is one 零."""
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words, gap = "", False
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group:
            words += "零" if words and (gap or group < 1000) else ""
            words += _group(group) + _GROUPS[place]
        elif place == 2:
            words += "亿"
        gap = not group
    return words


def _group(group: int) -> str:
    """One to four digits; zeros at the end are silent."""
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + _DIGITS[digit] + _PLACES[place]
        gap = not digit
    return words
