"""The one transition function: every thing with a life is moved by it, by a table of legal moves.

A move locks the row, asks whether it is legal for this person, from this state and from the version the person saw, does what the
move does (ledger entries, messages), signs it and leaves its event: one transaction. Two who press at once: the second is told who was
faster. The module that owns the thing keeps the table (states.py) and the effects; constraints in the database have the last word.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.written import first, written
from sanbao.audit import operations as audit
from sanbao.audit.queries import about
from sanbao.edge.storing import ToStore, store
from sanbao.ui.refusal import Refusal, Stale


@dataclass(frozen=True, slots=True)
class Move:
    """A legal move. `noun` is its address (POST …/approval/); `another` the earlier steps that another person must have made (CO-1).

    The thing has `state`, `version`, and for every state reached by a signed step `<state>_at` and `<state>_by`; `clears` are the
    states whose signatures the move takes back.
    """

    noun: str
    sources: tuple[str, ...]
    target: str
    permission: str
    label: Any
    another: tuple[str, ...] = ()
    needs_reason: bool = False
    clears: tuple[str, ...] = ()


@transaction.atomic
def make(
    step: Move,
    thing: Any,
    *,
    version: int | None,
    by: Access,
    at: datetime,
    reason: str = "",
    obstacles: Callable[[Any], None] = lambda thing: None,
    effects: Callable[[Any], Any] = lambda thing: None,
    details: Callable[[Any], dict[str, Any]] = lambda thing: {},
    along: tuple[str, ...] = (),
    shaped_by: Hashable = None,
) -> Any:
    """Make one move and return the thing as it is then.

    `version` is the one the person saw; None for a caller that has just read it. `obstacles` refuses what the table can't know;
    `effects` does what the move does, before the signature; rows that it answers (`ToStore`) are stored together with the thing.
    `along` are the relations that are needed on the way, read with the thing.
    `shaped_by`: what shapes `visible_to` for this person; then how the thing is read is worked out once (sanbao.accounts.written).
    Raises PermissionDenied, DoesNotExist (out of scope), Stale, Refusal.
    """
    by.require(step.permission)
    model = type(thing)

    def locked(pk: int) -> QuerySet[Any]:
        rows = model.objects.visible_to(by, step.permission).filter(pk=pk)
        return (rows.select_related(*along) if along else rows).select_for_update(of=("self",))

    if shaped_by is None:
        thing = locked(thing.pk).get()
    else:
        thing = first(written(("locked", model, step.permission, shaped_by, along), locked, pk=thing.pk))
        if thing is None:
            raise model.DoesNotExist
    return carry_out(
        step, thing, version=version, by=by, at=at, reason=reason, obstacles=obstacles, effects=effects, details=details
    )  # fmt: skip


def carry_out(
    step: Move,
    thing: Any,
    *,
    version: int | None,
    by: Access,
    at: datetime,
    reason: str = "",
    obstacles: Callable[[Any], None] = lambda thing: None,
    effects: Callable[[Any], Any] = lambda thing: None,
    details: Callable[[Any], dict[str, Any]] = lambda thing: {},
) -> Any:
    """The move itself, for a thing that is locked already by a caller who has asked who may: a customer moves one's own without a permission."""
    refuse_unless_legal(step, thing, version, by, reason)
    obstacles(thing)
    made = effects(thing)
    _sign(step, thing, by, at, reason.strip())
    events = audit.drafted(
        f"{thing._meta.app_label}:{thing._meta.model_name}:{step.noun}",
        thing,
        by=by,
        at=at,
        outlet_id=getattr(thing, "outlet_id", None),
        state=thing.state,
        reason=reason.strip()[:200] if step.needs_reason else "",
        **details(thing),
    )
    store([*(made if isinstance(made, ToStore) else ()), thing, *events])
    return thing


def refuse_unless_legal(step: Move, thing: Any, version: int | None, by: Access, reason: str) -> None:
    """Stale if the thing has changed since it was seen or is in no state for the move; Refusal for the same person or no reason."""
    refuse_stale(thing, version)
    if thing.state not in step.sources:
        raise _stale(thing)
    for earlier in step.another:
        if getattr(thing, f"{earlier}_by_id") == by.person_id:
            raise Refusal(
                _("You have done an earlier step of this yourself; another person must do this one."),
                code="four_eyes",
            )
    if step.needs_reason and not reason.strip():
        raise Refusal(_("Say why: the reason stays with it."), field="reason", code="reason")


def refuse_stale(thing: Any, version: int | None) -> None:
    """Stale if the thing has changed since the person saw it."""
    if version is not None and version != thing.version:
        raise _stale(thing)


def _stale(thing: Any) -> Stale:
    return Stale(_faster(thing), code="stale", details={"state": thing.state, "version": thing.version})


def _faster(thing: Any) -> str:
    """The other's change, for whoever came second."""
    last = about(thing).first()
    told = {"thing": str(thing), "state": thing.get_state_display()}
    if last is None or last.by is None:
        return (
            _("Somebody was faster: %(thing)s is now “%(state)s”. Look at it again before you go on.") % told
        )
    told |= {"who": last.by.name, "at": timezone.localtime(last.at).strftime("%Y-%m-%d %H:%M")}
    return (
        _("%(who)s was faster: %(thing)s is “%(state)s” since %(at)s. Look at it again before you go on.")
        % told
    )


def _sign(step: Move, thing: Any, by: Access, at: datetime, reason: str) -> None:
    """Put the mover's name and time to the state reached, and take back the signatures the move clears."""
    thing.state = step.target
    thing.version += 1
    for state in step.clears:
        setattr(thing, f"{state}_at", None)
        setattr(thing, f"{state}_by_id", None)
    if not step.clears:
        setattr(thing, f"{step.target}_at", at)
        setattr(thing, f"{step.target}_by_id", by.person_id)
    if step.needs_reason:
        thing.reason = reason[:200]
