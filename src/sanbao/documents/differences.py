"""What a version says differently from another: clause by clause, in words, and within a clause character by character."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sanbao.documents.models import Clause, Version
from sanbao.documents.reading.outline import bars

LONGEST_COMPARED = 4_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One clause that is not the same. `kind` is added, removed, changed or moved; `pieces` are (same | out | in, text)."""

    kind: str
    number: str
    before: str
    pieces: tuple[tuple[str, str], ...]

    @property
    def sentence(self) -> str:
        told = {
            "added": _("%(number)s is new."),
            "removed": _("%(number)s is gone."),
            "changed": _("%(number)s says something else."),
            "moved": _("%(before)s is now %(number)s."),
        }[self.kind]
        return told % {"number": self.number, "before": self.before}


def differences(before: Version | None, now: Version) -> list[Difference]:
    """What changed from one version to the next; everything is new in the first one."""
    old = list(before.clauses.all()) if before is not None else []
    return compared(old, list(now.clauses.all()))


def compared(old: Sequence[Clause], new: Sequence[Clause]) -> list[Difference]:
    """The same of two lists of clauses. A clause is known again by its id, by its place in the tree, and at last by its words."""
    before, after = dict(_placed(old)), dict(_placed(new))
    pairs = {key: key for key in after if key in before}
    _known_by(pairs, before, after, lambda clause: clause.ref)
    _known_by(pairs, before, after, _said)
    taken = {mine: key for key, mine in pairs.items()}
    found: list[tuple[tuple[float, int], Difference]] = []
    order = {key: number for number, key in enumerate(before)}
    for number, (key, clause) in enumerate(after.items()):
        mine = pairs.get(key)
        if mine is None:
            found.append(
                ((number, 1), Difference("added", _named(key, clause), "", (("in", _said(clause)),)))
            )
        elif _said(before[mine]) != _said(clause):
            pieces = _pieces(_said(before[mine]), _said(clause))
            found.append(
                ((number, 1), Difference("changed", _named(key, clause), _named(mine, before[mine]), pieces))
            )
        elif before[mine].number != clause.number:
            found.append(
                ((number, 1), Difference("moved", _named(key, clause), _named(mine, before[mine]), ()))
            )
    for key, clause in before.items():
        if key not in taken:
            place = _place_of_gone(key, list(before), list(after), taken, order)
            found.append(
                ((place, 0), Difference("removed", _named(key, clause), "", (("out", _said(clause)),)))
            )
    return [one for _place, one in sorted(found, key=lambda each: each[0])]


def in_words(found: Iterable[Difference]) -> str:
    """All of it in a sentence: how many clauses are new, gone, changed."""
    counts = dict.fromkeys(("changed", "added", "removed", "moved"), 0)
    for one in found:
        counts[one.kind] += 1
    told = [
        ngettext("%(count)d clause changed", "%(count)d clauses changed", counts["changed"]) % {"count": counts["changed"]},
        _("%(count)d new") % {"count": counts["added"]},
        _("%(count)d gone") % {"count": counts["removed"]},
        _("%(count)d renumbered") % {"count": counts["moved"]},
    ]  # fmt: skip
    said = [text for text, kind in zip(told, counts, strict=True) if counts[kind]]
    return _("; ").join(said) if said else _("no clause changed")


def _placed(clauses: Iterable[Clause]) -> Iterable[tuple[tuple[str, ...], Clause]]:
    """Each clause with its place in the tree: the numbers above it and its own; without a number its place among those without."""
    path: list[str] = []
    bare: dict[tuple[str, ...], int] = {}
    for clause in clauses:
        del path[clause.level :]
        above = tuple(path)
        if clause.number:
            number = clause.number
        else:
            bare[above] = bare.get(above, 0) + 1
            number = f"#{bare[above]}"
        path.extend(["", *[""] * (clause.level - len(path) - 1)][: max(0, clause.level - len(path))])
        path.append(number)
        key = (*above, number)
        while key in bare:
            key = (*key, "")
        bare.setdefault(key, 0)
        yield key, clause


def _known_by(pairs: dict[Any, Any], before: dict[Any, Clause], after: dict[Any, Clause], what: Any) -> None:
    """Know clauses again that stand at another place, where exactly one on each side is left that says so."""
    left_before, left_after = _left(before, set(pairs.values()), what), _left(after, set(pairs), what)
    for said, keys in left_after.items():
        if said and len(keys) == 1 and len(left_before.get(said, ())) == 1:
            pairs[keys[0]] = left_before[said][0]


def _left(clauses: dict[Any, Clause], taken: set[Any], what: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for key, clause in clauses.items():
        if key not in taken:
            found.setdefault(what(clause), []).append(key)
    return found


def _place_of_gone(
    key: Any, before: list[Any], after: list[Any], taken: dict[Any, Any], order: dict[Any, int]
) -> float:
    """Where a clause that is gone is told: after the one before it that is still there."""
    for earlier in reversed(before[: order[key]]):
        if earlier in taken:
            return after.index(taken[earlier]) + 0.5
    return -1


def _named(key: tuple[str, ...], clause: Clause) -> str:
    """The clause by the numbers above it and its own."""
    numbers = [part for part in key if part and not part.startswith("#")]
    return " ".join(numbers) if clause.number else f"“{clause.text[:12]}…”"


def _said(clause: Clause) -> str:
    return "\n".join([clause.text, *(bars(row) for row in clause.table or ())]).strip()


def _pieces(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """What stayed, what went, what came. Long texts are shown whole: comparing them character by character takes too long."""
    if max(len(old), len(new)) > LONGEST_COMPARED:
        return ("out", old), ("in", new)
    found: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(("same", old[a:b]))
            continue
        if a < b:
            found.append(("out", old[a:b]))
        if c < d:
            found.append(("in", new[c:d]))
    return tuple(found)
