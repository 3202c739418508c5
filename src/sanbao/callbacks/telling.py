"""Who is told what about callbacks (notices.telling)."""

from datetime import datetime

from django.utils import timezone, translation

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.callbacks.models import Callback, Need, Observation, PromisedAnswer
from sanbao.callbacks.permissions import May
from sanbao.notices.telling import tell
from sanbao.outlets.queries import holders


def urgent(need: Need, *, by: Access, at: datetime) -> None:
    """An urgent event: whoever leads the callers hears of it at once (KA-9.3)."""
    tell(
        _leaders(need.callback, by, at), "callbacks:urgent", about=need.callback, by=by, at=at, key=f"need:{need.pk}",
        callback=need.callback.number, what={"zh": _in("zh", need), "en": _in("en", need)}, request=need.request.number,
    )  # fmt: skip


def _in(language: str, need: Need) -> str:
    with translation.override("en" if language == "en" else "zh-hans"):
        return str(need.get_kind_display())


def observed(observation: Observation, *, by: Access, at: datetime) -> None:
    """Something wrong with a job was reported."""
    callback = observation.callback
    tell(
        _leaders(callback, by, at), "callbacks:observed", about=callback, by=by, at=at, key=f"observation:{observation.pk}",
        callback=callback.number, job=callback.plan.number,
    )  # fmt: skip


def promised(answer: PromisedAnswer, *, by: Access, at: datetime) -> None:
    """Somebody else is to answer the customer."""
    if answer.owner_id != by.person_id:
        tell([answer.owner], "callbacks:promised", about=answer.callback, by=by, at=at, key=f"answer:{answer.pk}", callback=answer.callback.number, due=answer.due_at)  # fmt: skip


def due_soon(answer: PromisedAnswer, *, by: Access, at: datetime) -> None:
    """A promised answer is due soon."""
    tell([answer.owner], "callbacks:answer-soon", about=answer.callback, by=by, at=at, key=f"answer:{answer.pk}", callback=answer.callback.number, due=answer.due_at)  # fmt: skip


def overdue(answer: PromisedAnswer, *, by: Access, at: datetime) -> None:
    """A promised answer was not given: its owner and whoever leads hear of it."""
    people = [answer.owner, *_leaders(answer.callback, by, at)]
    tell(people, "callbacks:answer-overdue", about=answer.callback, by=by, at=at, key=f"answer:{answer.pk}", callback=answer.callback.number, who=answer.owner.name, due=answer.due_at)  # fmt: skip


def shared_out(person: Person, count: int, day: str, first: Callback, *, by: Access, at: datetime) -> None:
    """A caller's day."""
    tell([person], "callbacks:day", about=first, by=by, at=at, key=f"{day}:{person.pk}", count=count)


def _leaders(callback: Callback, by: Access, at: datetime) -> list[Person]:
    return holders(by.company_id, str(May.LEAD), outlet_id=callback.outlet_id, on=timezone.localdate(at), but=by.person_id)  # fmt: skip
