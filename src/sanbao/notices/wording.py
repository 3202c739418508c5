"""The words of a notice or message, in a language: the shipped ones of kinds.py, or the company's own.

Substitution only: {name} becomes the parameter's value. No expressions, no attributes, no formats; a brace that is no place for a
declared parameter is refused when a text is kept and left standing when it is read.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.accounts.roles import ROLES
from sanbao.audit import operations as audit
from sanbao.notices.kinds import BOTH, DAY, MOMENT, MONEY, MONTH, NUMBER, POST, Kind
from sanbao.notices.models import Wording
from sanbao.notices.permissions import May
from sanbao.ui import formats
from sanbao.ui.refusal import Refusal, Stale

_PLACE = re.compile(r"\{([a-z_]{1,30})\}")
MISSING = "–"


@dataclass(frozen=True, slots=True)
class Words:
    """A heading of one line, and the text."""

    subject: str
    text: str


Own = Mapping[tuple[str, str], Wording]  # (kind, language)


def plain(kind: Kind, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as they are kept. TypeError where one is missing or none of the kind's."""
    if set(parameters) != set(kind.parameters):
        raise TypeError(f"{kind.code} takes {', '.join(kind.parameters)}; given {', '.join(parameters)}")
    return {name: _kept(value) for name, value in parameters.items()}


def _kept(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): str(each) for name, each in value.items()}
    return value if isinstance(value, int) else str(value)


def in_language(kind: Kind, kept: Mapping[str, Any], language: str, own: Own) -> Words:
    """The words in a language, "zh-hans" or "en"."""
    written = values(kind, kept, language)
    words = templates(kind, language, own)
    return Words(" ".join(fill(words.subject, written).split()), fill(words.text, written))


def values(kind: Kind, kept: Mapping[str, Any], language: str) -> dict[str, str]:
    """The parameters as they are written in a language: for a provider's template."""
    with translation.override(language):
        return {name: _written(shape, kept.get(name)) for name, shape in kind.parameters.items()}


def templates(kind: Kind, language: str, own: Own) -> Words:
    """The templates that count: the company's newest, else the shipped ones."""
    kept = own.get((kind.code, language))
    if kept is not None and kept.text:
        return Words(kept.subject, kept.text)
    with translation.override(language):
        return Words(str(kind.subject), str(kind.text))


def own_words(company_id: int, kinds: Iterable[str] | None = None) -> dict[tuple[str, str], Wording]:
    """The company's own newest words, by kind and language."""
    rows = Wording.objects.filter(company_id=company_id)
    if kinds is not None:
        rows = rows.filter(kind__in=set(kinds))
    newest = rows.order_by("kind", "language", "-number").distinct("kind", "language")
    return {(row.kind, row.language): row for row in newest}


def fill(template: str, written: Mapping[str, str]) -> str:
    """Put the values into their places, once: a value that looks like a place stays as it is."""
    return _PLACE.sub(lambda place: written.get(place[1], place[0]), template)


def check(kind: Kind, subject: str, text: str) -> Words:
    """The templates as they may be kept; a Refusal at the field for a place that the kind does not have, or an empty one."""
    return Words(_checked(kind, "subject", subject), _checked(kind, "text", text))


def _checked(kind: Kind, where: str, template: str) -> str:
    template = template.replace("\r\n", "\n").strip()
    if not template:
        raise Refusal(_("Write a text, or take the shipped one again."), field=where, code="empty")
    unknown = [name for name in _PLACE.findall(template) if name not in kind.parameters]
    if unknown or "{" in (rest := _PLACE.sub("", template)) or "}" in rest:
        raise Refusal(
            _("%(unknown)s can't be filled in. Possible are: %(known)s.")
            % {
                "unknown": f"{{{unknown[0]}}}" if unknown else "{ }",
                "known": " ".join(f"{{{name}}}" for name in kind.parameters),
            },
            field=where,
            code="place",
        )
    return template


@transaction.atomic
def keep(
    kind: Kind, language: str, subject: str, text: str, *, seen: int, by: Access, at: datetime
) -> Wording | None:
    """Keep the company's own words; both empty: the shipped ones again. `seen` is the number of the words the person had before them.

    Refuses places that the kind does not have, and words that somebody else has changed meanwhile. The same words again are no change.
    """
    by.require(May.WORD)
    words = check(kind, subject, text) if subject.strip() or text.strip() else Words("", "")
    if len(words.subject.splitlines()) > 1:
        raise Refusal(_("A message's heading is one line of text."), field="subject", code="subject")
    Company.objects.select_for_update().get(pk=by.company_id)
    newest = (
        Wording.objects.filter(company_id=by.company_id, kind=kind.code, language=language)
        .order_by("-number")
        .first()
    )
    if (newest.number if newest else 0) != seen:
        raise Stale(_("Somebody has changed this text meanwhile. Look at it again."), code="stale")
    before = Words(newest.subject, newest.text) if newest else Words("", "")
    if words == before:
        return newest
    kept: Wording = Wording.objects.create(
        company_id=by.company_id, kind=kind.code, language=language, number=seen + 1, subject=words.subject,
        text=words.text, made_at=at, made_by_id=by.person_id,
    )  # fmt: skip
    audit.record(
        "notices:wording:kept", kept, by=by, at=at, kind=kind.code, language=language, number=kept.number
    )
    return kept


def _written(shape: str, value: Any) -> str:
    """A kept value in the language of the moment; what can't be read any more as it stands."""
    if value is None or value == "":
        return MISSING
    try:
        match shape:
            case "month" | "day":
                day = parse_date(str(value)[:10])
                return (formats.month(day) if shape == MONTH else formats.civil_date(day)) or str(value)
            case "moment":
                return formats.short_date(parse_datetime(str(value))) or str(value)
            case "money":
                return formats.yuan(value)
            case "number":
                return f"{int(value):,}"
            case "post":
                return str(ROLES[value].title) if value in ROLES else str(value)
            case "both":
                return str(value.get("zh" if formats.chinese() else "en", MISSING))
    except (ValueError, AttributeError):
        pass
    return str(value)


def preview(kind: Kind, words: Words, language: str) -> Words:
    """Templates filled with made-up values."""
    written = values(kind, sample(kind), language)
    return Words(fill(words.subject, written), fill(words.text, written))


SAMPLES = {
    MONTH: "2026-04-01",
    DAY: "2026-05-10",
    MOMENT: "2026-05-10T09:30:00+08:00",
    MONEY: 123450,
    NUMBER: 3,
    POST: "outlet-owner",
    BOTH: {"zh": "结算", "en": "Settlement"},
}


def sample(kind: Kind) -> dict[str, Any]:
    """Made-up values for a preview."""
    named = {
        "outlet": "HZ001 杭州西湖", "statement": "JS-2026-04-HZ001", "sheet": "A-0001", "person": "陈伯", "username": "chenbo",
        "link": "https://…", "address": "203.0.113.7", "device": "Firefox · Windows", "reason": "…", "number": "12",
    }  # fmt: skip
    return {name: SAMPLES.get(shape, named.get(name, name)) for name, shape in kind.parameters.items()}
