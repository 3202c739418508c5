"""Writing a decision down. There is no operation that changes one."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Model

from sanbao.accounts.access import Access
from sanbao.decisions.models import Decision
from sanbao.edge.copying import Json
from sanbao.edge.storing import another, fresh
from sanbao.regulations.models import Edition
from sanbao_rules import decision as kernel

# Which region an outlet lies in, so that whoever answers for the region may read what was decided there. The outlets' module registers
# here from above.
REGION_OF: list[Callable[[int], int | None]] = []


def write_down(
    made: kernel.Decision,
    *,
    facts: Mapping[str, Any],
    editions: Mapping[str, Edition],
    about: Model,
    by: Access,
    at: datetime,
    outlet_id: int | None = None,
    region_id: int | None = None,
    supersedes: Decision | None = None,
) -> Decision:
    """Store what the rules decided about a thing, with the facts they were asked with and the editions they read."""
    decision = drafted(
        made,
        facts=facts,
        editions=editions,
        about=about,
        by=by,
        at=at,
        outlet_id=outlet_id,
        region_id=region_id,
    )
    decision.supersedes = supersedes
    decision.save(force_insert=True)
    return decision


def drafted(
    made: kernel.Decision,
    *,
    facts: Mapping[str, Any],
    editions: Mapping[str, Edition],
    about: Model,
    by: Access,
    at: datetime,
    outlet_id: int | None = None,
    region_id: int | None = None,
) -> Decision:
    """A decision as it will be stored, for who stores several at once with bulk_create."""
    if region_id is None:
        region_id = _region_of(outlet_id)
    return fresh(
        Decision,
        company_id=by.company_id,
        region_id=region_id,
        outlet_id=outlet_id,
        question=made.question,
        thing=about._meta.label_lower,
        thing_id=about.pk,
        facts=kernel.to_json(dict(facts)),
        answer=kernel.to_json(made.answer),
        reasons=kernel.to_json(made.reasons),
        editions={book: edition.pk for book, edition in editions.items()},
        rules_version=kernel.RULES_VERSION,
        made_at=at,
        made_by_id=by.person_id,
    )


class Told(NamedTuple):
    """A decision's JSON as text, for who copies in ten thousand of them (edge.copying) and does not read them any more."""

    question: str
    facts: Json
    answer: Json
    reasons: Json

    @classmethod
    def of(cls, made: kernel.Decision, facts: Mapping[str, Any]) -> "Told":
        parts = (Json(kernel.to_text(part)) for part in (facts, made.answer, made.reasons))
        return cls(made.question, *parts)


class InText:
    """Makes decisions to be copied in: what is the same in all of them is put together once."""

    def __init__(
        self, thing: type[Model], editions: Mapping[str, Edition], *, by: Access, at: datetime
    ) -> None:
        self.blank = fresh(
            Decision,
            company_id=by.company_id,
            thing=thing._meta.label_lower,
            editions=Json(kernel.to_text({book: edition.pk for book, edition in editions.items()})),
            rules_version=kernel.RULES_VERSION,
            made_at=at,
            made_by_id=by.person_id,
        )
        self.regions: dict[int | None, int | None] = {}

    def drafted(self, made: Told, thing_id: int, outlet_id: int | None) -> Decision:
        """The same as the function `drafted`."""
        regions = self.regions
        if outlet_id not in regions:
            regions[outlet_id] = _region_of(outlet_id)
        return another(
            self.blank, question=made.question, thing_id=thing_id, facts=made.facts, answer=made.answer, reasons=made.reasons,
            outlet_id=outlet_id, region_id=regions[outlet_id],
        )  # fmt: skip


def _region_of(outlet_id: int | None) -> int | None:
    return None if outlet_id is None else next((region(outlet_id) for region in REGION_OF), None)
