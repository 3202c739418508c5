"""What classes of requests are called. The tree of classes stands above the knowledge base, which keeps only their codes; whoever has
the tree says the names here (site/wiring.py)."""

from collections.abc import Callable, Iterable

# Each answers (code, name) for a company, in the order of its tree.
NAMERS: list[Callable[[int | None], Iterable[tuple[str, str]]]] = []


def named(company_id: int | None) -> list[tuple[str, str]]:
    """The classes one may choose from; none where nobody has a tree, and codes are typed."""
    return [(code, name) for names in NAMERS for code, name in names(company_id)]


def names_of(codes: Iterable[str], company_id: int | None) -> list[str]:
    """The classes by name; a code nobody knows is shown as it is."""
    known = dict(named(company_id))
    return [known.get(code, code).strip() for code in codes]
