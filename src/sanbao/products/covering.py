"""Until when a unit is repaired free, component by component (KA-5.1): decided by the rulebook `warranty`, kept with the decision.

A `Cover` is a copied answer beside its decision, made anew when a day or the category it rests on changes; the old decision stays.
Without a day of purchase nothing is decided: the page says what is missing.
"""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from sanbao.accounts.access import Access
from sanbao.accounts.scope import as_owner
from sanbao.decisions.models import Decision
from sanbao.decisions.operations import drafted
from sanbao.edge.copying import copy_in
from sanbao.products.models import Cover, Unit
from sanbao.regulations.models import Edition
from sanbao.regulations.queries import edition_in_force, rulebook
from sanbao_rules import warranty
from sanbao_rules.rulebook import Rulebook

BOOK = "warranty"
WHOLE = ""  # the appliance itself


def components(category: str, purchased_on: date, book: Rulebook) -> list[str]:
    """The whole appliance, and the components of its category that have a cover of their own."""
    terms = warranty.CoverTerms.resolve(book, purchased_on)
    return [WHOLE, *(component for kind, component in terms.covers if kind == category)]


@transaction.atomic
def decide(unit: Unit, *, by: Access, at: datetime) -> list[Cover]:
    """Decide the unit's covers by the edition in force; only what has changed is decided anew and stored."""
    before = {cover.component: cover for cover in unit.covers.select_related("decision")}
    if unit.purchased_on is None:
        unit.covers.all().delete()
        return []
    edition = edition_in_force(by.company_id, BOOK)
    book = rulebook(edition)
    wanted = components(unit.model.category, unit.purchased_on, book)
    unit.covers.exclude(component__in=wanted).delete()
    return [_decided(unit, name, before.get(name), edition, book, by, at) for name in wanted]


def decide_new(units: Sequence[Unit], *, by: Access, at: datetime) -> None:
    """Decide the covers of many units that have none yet, in a few statements for all."""
    edition = edition_in_force(by.company_id, BOOK)
    book = rulebook(edition)
    covers, decisions = [], []
    for unit in units:
        if unit.purchased_on is None:
            continue
        for component in components(unit.model.category, unit.purchased_on, book):
            answer, decision = _asked(unit, component, edition, book, by, at)
            decisions.append(decision)
            covers.append(Cover(unit=unit, component=component, last_day=answer))
    with as_owner(
        "COPY is refused where row-level security holds; whoever calls has asked for the permission"
    ):
        copy_in(decisions)
    for cover, decision in zip(covers, decisions, strict=True):
        cover.decision = decision
    Cover.objects.bulk_create(covers, batch_size=2000)


def _asked(
    unit: Unit, component: str, edition: Edition, book: Rulebook, by: Access, at: datetime
) -> tuple[date, Decision]:
    """Ask the rules until when a component is repaired free: the answer, and the decision not yet stored."""
    facts = {
        "category": unit.model.category, "component": component, "purchased_on": unit.purchased_on,
        "installed_on": unit.installed_on, "delivered_on": unit.delivered_on,
    }  # fmt: skip
    made = warranty.cover(**facts, book=book)
    return made.answer, drafted(made, facts=facts, editions={BOOK: edition}, about=unit, by=by, at=at)


def _decided(
    unit: Unit,
    component: str,
    cover: Cover | None,
    edition: Edition,
    book: Rulebook,
    by: Access,
    at: datetime,
) -> Cover:
    answer, decision = _asked(unit, component, edition, book, by, at)
    if cover is not None and (cover.decision.facts, cover.decision.reasons) == (
        decision.facts,
        decision.reasons,
    ):
        return cover
    cover = cover or Cover(unit=unit, component=component)
    decision.supersedes_id = cover.decision_id
    decision.save(force_insert=True)
    cover.last_day, cover.decision = answer, decision
    cover.save()
    return cover


def decide_what_is_open(at: datetime, *, most: int = 2_000) -> int:
    """Decide for units that have a day of purchase and no cover yet: those registered before covers were kept. How many there were; the caller opens the scope."""
    rows = Unit.objects.filter(purchased_on__isnull=False, covers__isnull=True).select_related("model")
    done = 0
    for unit in rows.order_by("pk")[:most]:
        decide(unit, by=Access(None, unit.company_id, request="covers"), at=at)
        done += 1
    return done
