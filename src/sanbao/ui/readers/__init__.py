"""Reading what people type: names, codes, telephone numbers, days, money and quantities in any usual shape, or a sentence that says why not.

`values` are pure functions (standard library only, so that a child process without Django may use them), `sentences` what they say in
both languages, `fields` forms' fields and `types` the API's, all with the same readers.
"""

from sanbao.ui.readers.sentences import say
from sanbao.ui.readers.values import (
    Bad,
    code,
    day,
    half_width,
    is_empty,
    money,
    month,
    name,
    number,
    phone,
    quantity,
    telephone,
    text,
)

__all__ = [
    "Bad", "code", "day", "half_width", "is_empty", "money", "month", "name", "number", "phone", "quantity", "say", "telephone", "text",
]  # fmt: skip
