"""Asking for a copy or an erasure, deciding about it by a second person, and erasing what is due."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from sanbao.accounts.access import Access
from sanbao.accounts.models import Person
from sanbao.audit import operations as audit
from sanbao.audit import personal
from sanbao.audit.personal import SOURCES, Subject, erasing, scrub_events, scrub_history
from sanbao.files import operations as files
from sanbao.intake import personal as intake
from sanbao.notices import telling
from sanbao.outlets.models import Certificate, Posting
from sanbao.outlets.queries import holders
from sanbao.privacy import queries
from sanbao.privacy.models import Request, Retention
from sanbao.privacy.permissions import HANDLE
from sanbao.ui.formats import masked_name, masked_phone
from sanbao.ui.refusal import Refusal, Stale


def _reason(reason: str) -> str:
    reason = reason.replace("\0", "").strip()[:200]
    if not reason:
        raise Refusal(_("Say why: who asked, how, and on what day."), field="reason", code="reason")
    return reason


def _one_person(subject: Subject) -> None:
    """Refuse what is about nobody, and a telephone that belongs to several people while no name is given."""
    if not subject.phone and not subject.name:
        raise Refusal(_("Give the telephone, the name, or both."), field="phone", code="nobody")
    names = {name for source in SOURCES for name in source.names(subject)}
    if not subject.name and len(names) > 1:
        raise Refusal(
            _("This telephone stands with %(count)d names (%(names)s); give the name of the person who asks.")
            % {"count": len(names), "names": "、".join(sorted(masked_name(name) for name in names))},
            field="customer",
            code="several",
        )
    if not any(any(source.copy(subject).values()) for source in SOURCES):
        raise Refusal(_("Nothing is kept about this person."), field="phone", code="nothing")


@transaction.atomic
def copy(subject: Subject, reason: str, *, by: Access, at: datetime) -> tuple[Request, dict[str, Any]]:
    """A person's copy of everything kept about them (PIPL 45), and the record that it was given."""
    by.require(HANDLE)
    reason = _reason(reason)
    _one_person(subject)
    data: dict[str, Any] = {}
    for source in SOURCES:
        data |= source.copy(subject)
    made = Request.objects.create(
        company_id=by.company_id,
        kind=Request.Kind.COPY,
        state=Request.State.DONE,
        shown=_shown(subject),
        reason=reason,
        counts={kind: len(rows) for kind, rows in data.items()},
        asked_at=at,
        asked_by_id=by.person_id,
        decided_at=at,
        decided_by_id=by.person_id,
    )
    audit.record("privacy:copy:given", made, by=by, at=at, reason=reason, **made.counts)
    _tell_the_others("privacy:copied", made, by, at)
    return made, data


@transaction.atomic
def ask_to_erase(subject: Subject, reason: str, *, by: Access, at: datetime) -> Request:
    """Ask for a customer's erasure. Refused at once where a legal retention runs or something is still open: the person is told why."""
    by.require(HANDLE)
    reason = _reason(reason)
    _one_person(subject)
    _may_be_erased(subject, at)
    return _ask(Request.Kind.ERASE, reason, by, at, phone=subject.phone, customer=subject.name, shown=_shown(subject))  # fmt: skip


@transaction.atomic
def ask_to_erase_staff(person: Person, reason: str, *, by: Access, at: datetime) -> Request:
    """Ask for a former colleague's name to be taken out."""
    by.require(HANDLE)
    reason = _reason(reason)
    _staff_may_be_erased(person, by, at)
    return _ask(Request.Kind.STAFF, reason, by, at, person=person, shown=masked_name(person.name))


def _ask(kind: str, reason: str, by: Access, at: datetime, **fields: Any) -> Request:
    try:
        with transaction.atomic():
            made = Request.objects.create(
                company_id=by.company_id, kind=kind, reason=reason, asked_at=at, asked_by_id=by.person_id, **fields
            )  # fmt: skip
    except IntegrityError:
        raise Refusal(_("This has been asked already and waits for a second person."), code="asked") from None
    audit.record("privacy:request:asked", made, by=by, at=at, kind=kind, reason=reason)
    _tell_the_others("privacy:asked", made, by, at)
    return made


@transaction.atomic
def approve(request: Request, *, by: Access, at: datetime) -> Request:
    """A second person approves, and the erasure is done in the same transaction: either all of it or none."""
    request = _waiting(request, by)
    if request.kind == Request.Kind.STAFF:
        counts = _erase_staff(request, by, at)
    else:
        subject = Subject(request.company_id, request.phone, request.customer)
        _may_be_erased(subject, at)
        with erasing():
            reason = _("erased on request %(number)d") % {"number": request.pk}
            counts = personal.erase(subject, by=by, at=at, reason=reason)
            _close(request, Request.State.DONE, by, at, counts=counts)
            scrub_history(Request._meta.db_table, [request.pk])
    audit.record("privacy:request:done", request, by=by, at=at, kind=request.kind, **counts)
    _tell_the_asker(request, by, at)
    return request


@transaction.atomic
def decline(request: Request, answer: str, *, by: Access, at: datetime) -> Request:
    """A second person declines, with the reason the person is to be told (PIPL 50)."""
    request = _waiting(request, by)
    answer = answer.replace("\0", "").strip()[:200]
    if not answer:
        raise Refusal(_("Say why it is declined: the person has a right to know."), field="answer")
    with erasing():
        _close(request, Request.State.DECLINED, by, at, answer=answer)
        scrub_history(Request._meta.db_table, [request.pk])
    audit.record("privacy:request:declined", request, by=by, at=at, kind=request.kind, reason=answer)
    _tell_the_asker(request, by, at)
    return request


def _tell_the_others(kind: str, request: Request, by: Access, at: datetime) -> None:
    """Everybody else who handles such requests: a second person has to decide, and sees what copies were made."""
    people = holders(by.company_id, HANDLE, on=timezone.localdate(at), but=by.person_id)
    telling.tell(people, kind, about=request, by=by, at=at, number=str(request.pk))


def _tell_the_asker(request: Request, by: Access, at: datetime) -> None:
    if request.asked_by is not None:
        telling.tell(
            [request.asked_by], "privacy:decided", about=request, by=by, at=at, number=str(request.pk)
        )


def _waiting(request: Request, by: Access) -> Request:
    """The request, locked, if this person may decide about it now."""
    by.require(HANDLE)
    request = Request.objects.visible_to(by, HANDLE).select_for_update(of=("self",)).get(pk=request.pk)
    if request.state != Request.State.ASKED:
        raise Stale(
            _("This request is %(state)s already.") % {"state": request.get_state_display()}, code="decided"
        )
    if request.asked_by_id == by.person_id:
        raise Refusal(_("Whoever asked can't decide: another person must look at it."), code="same_hand")
    return request


def _close(request: Request, state: str, by: Access, at: datetime, **fields: Any) -> None:
    request.state, request.decided_at, request.decided_by_id = state, at, by.person_id
    request.phone = request.customer = ""
    for name, value in fields.items():
        setattr(request, name, value)
    request.save()


def standing_against(subject: Subject, at: datetime) -> list[str]:
    """Everything that stands against an erasure now, as sentences."""
    on = timezone.localdate(at)
    return [
        f"{hold.sentence} ({hold.clause})." for source in SOURCES for hold in source.holds(subject, on)
    ] + [matter for source in SOURCES for matter in source.open_matters(subject)]


_COPIED = {
    "outlet": _lazy("outlet"), "number": _lazy("number"), "month": _lazy("month"), "customer": _lazy("name"),
    "phone": _lazy("telephone"), "address": _lazy("address"), "model": _lazy("model"), "serial": _lazy("serial number"),
    "purchased_on": _lazy("purchased on"), "installed_on": _lazy("installed on"), "reported_on": _lazy("reported on"),
    "completed_on": _lazy("completed on"), "fault": _lazy("fault"), "action": _lazy("what was done"),
    "component": _lazy("part replaced"), "charged_fen": _lazy("charged, in fen"), "engineer": _lazy("engineer"),
    "made_at": _lazy("recorded at"), "withdrawn_at": _lazy("withdrawn at"), "sheet": _lazy("sheet"),
    "finding": _lazy("finding"), "note": _lazy("note"), "refund_fen": _lazy("refund, in fen"), "reply": _lazy("reply"),
    "name": _lazy("file"), "sha256": _lazy("hash"), "channel": _lazy("channel"), "subject": _lazy("heading"), "text": _lazy("text"),
    "state": _lazy("state"), "ended_at": _lazy("ended at"), "sender": _lazy("sender"),
}  # fmt: skip


def copied_word(name: str) -> str:
    """What a column of a copy is called."""
    return str(_COPIED.get(name, name))


def _may_be_erased(subject: Subject, at: datetime) -> None:
    on = timezone.localdate(at)
    matters = [matter for source in SOURCES for matter in source.open_matters(subject)]
    holds = [hold for source in SOURCES for hold in source.holds(subject, on)]
    if holds:
        latest = max(holds, key=lambda hold: hold.until)
        raise Refusal(
            _("The law still requires this to be kept: %(sentence)s (%(clause)s).")
            % {"sentence": latest.sentence, "clause": latest.clause},
            code="retention",
            field="phone",
        )
    if matters:
        raise Refusal(
            _("This has to be finished first: %(matters)s") % {"matters": " ".join(matters[:5])}, code="open", field="phone"
        )  # fmt: skip


def _staff_may_be_erased(person: Person, by: Access, at: datetime) -> None:
    held = Posting._base_manager.filter(person=person)  # in every company
    if held.exclude(company_id=by.company_id).exists():
        raise Refusal(_("This person has held posts in another company too; it must be asked there first."))
    if held.filter(ended_on__isnull=True).exists():
        raise Refusal(
            _("%(name)s still holds a post; end it first.") % {"name": person.name}, code="in_office"
        )
    if person.username.startswith(queries.FORMER):
        raise Refusal(_("This person's name has been taken out already."), code="nothing")
    if (told := queries.staff_hold(person, by.company_id, timezone.localdate(at))) is not None:
        raise Refusal(
            _("The company still keeps this: %(sentence)s (%(clause)s).") % {"sentence": told.sentence, "clause": told.clause},
            code="retention",
        )  # fmt: skip


def _erase_staff(request: Request, by: Access, at: datetime) -> dict[str, int]:
    """Rename to "former staff N", end every key and the password. What the person did stays theirs, by number."""
    person = Person.objects.select_for_update().get(pk=request.person_id)
    _staff_may_be_erased(person, by, at)
    with erasing():
        rename_former(person, by=by, at=at)
        _close(request, Request.State.DONE, by, at, counts={"people": 1})
        scrub_history(Request._meta.db_table, [request.pk])
    return {"people": 1}


def rename_former(person: Person, *, by: Access, at: datetime) -> None:
    """Take a former colleague's name out of the row, its history and its events. Inside `erasing()`."""
    person.name, person.username = f"Former staff {person.pk}", f"{queries.FORMER}{person.pk}"
    person.is_active = False
    person.set_unusable_password()
    person.save()
    for kept in (person.tokens, person.sessions, person.sign_ins, person.links, person.past_passwords):
        kept.all().delete()
    Authenticator.objects.filter(user=person).delete()
    EmailAddress.objects.filter(user=person).delete()
    telling.forget(person)
    scrub_history(Person._meta.db_table, [person.pk])
    scrub_events(Person._meta.label_lower, [person.pk], ["name", "username"], label=True)
    _erase_certificates(person, by, at)
    intake.erase_times(list(intake.times_of(person)))
    postings = list(Posting._base_manager.filter(person=person).values_list("pk", flat=True))
    scrub_events(Posting._meta.label_lower, postings, ["name", "person"], label=True)


def _erase_certificates(person: Person, by: Access, at: datetime) -> None:
    """A certificate's number is as a rule the identity card's, and its scan shows a face: kind and days stay, those go."""
    rows = list(Certificate._base_manager.filter(person=person).select_related("file"))
    for row in rows:
        if row.file is not None:
            files.erase(row.file, by=by, at=at, reason=f"former staff {person.pk}")
        row.number, row.file = f"erased {row.pk}", None
        row.save(update_fields=["number", "file"])
    scrub_history(Certificate._meta.db_table, [row.pk for row in rows])


@transaction.atomic
def switch(erases: bool, *, by: Access, at: datetime) -> Retention:
    """Let the nightly job erase what is due, or only list it."""
    by.require(HANDLE)
    kept, _made = Retention.objects.select_for_update().get_or_create(company_id=by.company_id)
    if kept.erases != erases:
        kept.erases = erases
        kept.save()
        audit.record("privacy:retention:switched", kept, by=by, at=at, erases=erases)
    return kept


def _shown(subject: Subject) -> str:
    return " ".join(part for part in (masked_name(subject.name), masked_phone(subject.phone)) if part)
