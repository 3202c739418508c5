"""Who is told of what happens to sheets and statements, by their posts at the outlet and at headquarters."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.notices.telling import tell
from sanbao.outlets.models import Outlet
from sanbao.outlets.queries import holders
from sanbao.settlements.finding_states import FindingState
from sanbao.settlements.models import Answer, Finding, Sheet, Statement
from sanbao.settlements.permissions import May


def moved(statement: Statement, noun: str, *, by: Access, at: datetime) -> None:
    """A statement has made a move: the outlet hears what concerns it, headquarters whose turn it is."""
    said = _said(statement)
    more: dict[str, Any] = {
        "about": statement,
        "by": by,
        "at": at,
        "key": f"{statement.pk}:{statement.version}",
    }
    outlet = _at_outlet(statement, May.ANSWER, by, at)
    match noun:
        case "submission":
            tell(outlet, "settlements:issued", net=statement.net, **said, **more)
            if statement.void:
                tell(outlet, "settlements:left-out", void=statement.void, **said, **more)
            tell(
                _next(statement, May.CHECK, by, at), "settlements:to-check", net=statement.net, **said, **more
            )
        case "check":
            tell(
                _next(statement, May.APPROVE, by, at),
                "settlements:to-approve",
                net=statement.net,
                **said,
                **more,
            )
        case "approval":
            tell(outlet, "settlements:approved", net=statement.net, **said, **more)
            tell(_next(statement, May.PAY, by, at), "settlements:to-pay", net=statement.net, **said, **more)
        case "payment":
            tell(outlet, "settlements:paid", paid=statement.payable, **said, **more)
        case "return":
            tell(_maker(statement, by), "settlements:returned", **said, **more)
        case "reversal":
            told = [*outlet, *_next(statement, May.PAY, by, at), *_maker(statement, by)]
            tell(told, "settlements:reversed", **said, **more)


def answered(answer: Answer, *, by: Access, at: datetime) -> None:
    """The outlet has confirmed or questioned: whoever replies to questions hears of it."""
    kind = "settlements:questioned" if answer.kind == Answer.Kind.QUESTION else "settlements:confirmed"
    people = holders(by.company_id, May.REPLY, on=_today(at), but=by.person_id)
    tell(
        people,
        kind,
        about=answer.statement,
        by=by,
        at=at,
        key=f"answer:{answer.pk}",
        **_said(answer.statement),
    )


def replied(question: Answer, *, by: Access, at: datetime) -> None:
    """Headquarters has replied: the outlet hears of it."""
    statement = question.statement
    people = _at_outlet(statement, May.ANSWER, by, at)
    tell(people, "settlements:replied", about=statement, by=by, at=at, key=f"answer:{question.pk}", **_said(statement))  # fmt: skip


def proposed(finding: Finding, *, by: Access, at: datetime) -> None:
    """A finding was proposed: whoever confirms hears of it; the outlet does not, yet."""
    people = holders(by.company_id, May.CONFIRM_FINDING, on=_today(at), but=by.person_id)
    _tell_of(finding, people, "settlements:finding-proposed", by, at)


def found(finding: Finding, *, by: Access, at: datetime) -> None:
    """A finding was confirmed: the outlet hears of it before the statement does, and until when it may appeal."""
    people = _at_outlet(finding, May.HAND_IN, by, at)
    _tell_of(finding, people, "settlements:finding", by, at, about=finding.sheet)


def dropped(finding: Finding, *, by: Access, at: datetime) -> None:
    """A proposal was dropped: whoever made it hears why."""
    _tell_of(finding, _person(finding.made_by, by), "settlements:finding-dropped", by, at)


def answered_finding(finding: Finding, *, by: Access, at: datetime) -> None:
    """The outlet has accepted or answered: whoever confirmed it hears of it."""
    people = _person(finding.confirmed_by, by) or _person(finding.made_by, by)
    _tell_of(finding, people, "settlements:finding-answered", by, at, key=at.isoformat())


def appealed(finding: Finding, *, by: Access, at: datetime) -> None:
    """An appeal waits: those who may decide it, and have had no hand in the finding, hear of it."""
    hands = {finding.made_by_id, finding.confirmed_by_id}
    people = holders(by.company_id, May.DECIDE_APPEAL, on=_today(at), but=by.person_id)
    people = [person for person in people if person.pk not in hands]
    _tell_of(finding, people, "settlements:finding-appealed", by, at)


def decided(finding: Finding, *, by: Access, at: datetime) -> None:
    """An appeal was decided: the outlet hears of it, and whoever found and confirmed it."""
    people = [
        *_at_outlet(finding, May.HAND_IN, by, at),
        *_person(finding.made_by, by),
        *_person(finding.confirmed_by, by),
    ]
    kind = "settlements:appeal-granted" if finding.state == FindingState.GRANTED else "settlements:appeal-upheld"  # fmt: skip
    _tell_of(finding, list(dict.fromkeys(people)), kind, by, at)


def redecided(finding: Finding, *, by: Access, at: datetime) -> None:
    """What a finding costs was decided anew: the outlet hears of it, and until when it may appeal."""
    _tell_of(finding, _at_outlet(finding, May.HAND_IN, by, at), "settlements:finding-redecided", by, at)


def taken_back(finding: Finding, *, by: Access, at: datetime) -> None:
    """A confirmed finding was withdrawn: the outlet hears of it."""
    people = _at_outlet(finding, May.HAND_IN, by, at)
    _tell_of(finding, people, "settlements:finding-withdrawn", by, at, about=finding.sheet)


def refunded(finding: Finding, *, by: Access, at: datetime) -> None:
    """The outlet shows that a customer has the money back: whoever confirmed the finding hears of it."""
    people = _person(finding.confirmed_by, by) or _person(finding.made_by, by)
    _tell_of(finding, people, "settlements:refund-shown", by, at, key=at.isoformat())


def refund_due(finding: Finding, *, by: Access, at: datetime, key: str) -> None:
    """The customer's money is due, or the proof was not taken: the outlet hears of it."""
    people = _at_outlet(finding, May.HAND_IN, by, at)
    _tell_of(finding, people, "settlements:refund-due", by, at, key=key, day=finding.refund_by, amount=finding.refund_fen)  # fmt: skip


def recheck_due(finding: Finding, *, by: Access, at: datetime) -> None:
    """The time to improve is over: whoever registers findings looks again."""
    people = holders(by.company_id, May.REGISTER_FINDING, on=_today(at), but=by.person_id)
    _tell_of(finding, people, "settlements:recheck-due", by, at, key="due", day=finding.improve_by)


def _tell_of(
    finding: Finding,
    people: list[Person],
    kind: str,
    by: Access,
    at: datetime,
    *,
    key: str = "",
    about: Any = None,
    **more: Any,
) -> None:
    tell(
        people, kind, about=about or finding, by=by, at=at, key=f"finding:{finding.pk}:{key or finding.version}", place=finding.outlet_id,
        sheet=finding.sheet.number, outlet=str(finding.sheet.outlet), **more,
    )  # fmt: skip


def _person(person: Person | None, by: Access) -> list[Person]:
    return [person] if person and person.pk != by.person_id else []


def withdrawn(sheet: Sheet, *, by: Access, at: datetime) -> None:
    """Headquarters has taken a sheet back: the outlet hears of it; what it takes back itself it knows."""
    if not by.reach(May.HAND_IN).whole:
        return
    people = _at_outlet(sheet, May.HAND_IN, by, at)
    tell(
        people, "settlements:sheet-withdrawn", about=sheet, by=by, at=at,
        sheet=sheet.number, outlet=str(sheet.outlet), month=sheet.month,
    )  # fmt: skip


def reopened(sheet: Sheet, *, by: Access, at: datetime) -> None:
    """The order behind a sheet was reopened, and the sheet can't be taken back any more: whoever settles decides what follows."""
    people = holders(by.company_id, May.MAKE, on=_today(at), but=by.person_id)
    tell(
        people, "settlements:reopened", about=sheet, by=by, at=at, key=f"{sheet.pk}:{at.isoformat()}",
        sheet=sheet.number, outlet=str(sheet.outlet), month=sheet.month,
    )  # fmt: skip


def month_due(outlet: Outlet, month: date, day: date, *, by: Access, at: datetime) -> None:
    """The outlet's sheets have not arrived and are due soon."""
    people = holders(by.company_id, May.HAND_IN, outlet_id=outlet.pk, only_there=True, on=_today(at))
    tell(
        people, "settlements:month-due", about=outlet, by=by, at=at, key=f"{outlet.pk}:{month:%Y-%m}",
        place=outlet.pk,
        outlet=str(outlet), month=month, day=day,
    )  # fmt: skip


def _said(statement: Statement) -> dict[str, Any]:
    return {"statement": statement.number, "outlet": str(statement.outlet), "month": statement.month}


def _today(at: datetime) -> date:
    return timezone.localdate(at)


def _at_outlet(thing: Any, permission: str, by: Access, at: datetime) -> list[Person]:
    return holders(
        thing.company_id,
        permission,
        outlet_id=thing.outlet_id,
        only_there=True,
        on=_today(at),
        but=by.person_id,
    )


def _next(statement: Statement, permission: str, by: Access, at: datetime) -> list[Person]:
    """Those at headquarters who could do the next step: not whose hand is on the statement already."""
    hands = {statement.submitted_by_id, statement.checked_by_id, statement.approved_by_id}
    people = holders(by.company_id, permission, on=_today(at), but=by.person_id)
    return [person for person in people if person.pk not in hands]


def _maker(statement: Statement, by: Access) -> list[Person]:
    maker = statement.made_by
    return [maker] if maker and maker.pk != by.person_id else []
