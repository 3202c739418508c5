"""A version's way: reviewed, approved by a third, in force on its day, superseded or repealed; shown to customers or not."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company
from sanbao.accounts.scope import everything, opened
from sanbao.audit import moves
from sanbao.audit import operations as audit
from sanbao.audit.queries import about
from sanbao.documents import queries, telling
from sanbao.documents.models import Document, Version
from sanbao.documents.operations.writing import copy_heading
from sanbao.documents.permissions import May
from sanbao.documents.states import COMES_INTO_FORCE, MOVES, State
from sanbao.ui.refusal import Refusal

REVIEW_SOON = timedelta(days=30)


@transaction.atomic
def move(
    version: Version, noun: str, *, version_seen: int | None, by: Access, at: datetime, reason: str = ""
) -> Version:
    """Make one legal move: review, return, approval, recall or repeal. Approved on its day or later, it is in force at once."""
    obstacles = {"review": _refuse_empty, "approval": _refuse_unready, "repeal": _refuse_cited}
    moved: Version = moves.make(
        MOVES[noun], version, version=version_seen, by=by, at=at, reason=reason,
        obstacles=lambda found: obstacles[noun](found, at) if noun in obstacles else None,
        details=lambda found: {"document": str(found.document), "version_of": found.label},
    )  # fmt: skip
    if noun == "approval" and moved.effective_on <= timezone.localdate(at):
        moved = _commence(moved, by, at)
    if noun == "repeal":
        _repealed(moved.document, None, at)
    return moved


def _refuse_empty(version: Version, at: datetime) -> None:
    if not version.clauses.exists():
        raise Refusal(_("There is no text yet: add clauses, or take a text over."), code="no_text")


def _refuse_unready(version: Version, at: datetime) -> None:
    """A day gone by binds nobody backwards; what rulebooks rest on is not repealed."""
    _refuse_empty(version, at)
    today = timezone.localdate(at)
    if version.effective_on < today and not version.taken_over:
        raise Refusal(
            _(
                "The effective date %(day)s has gone by, and nobody is bound backwards. Send it back and choose today or a later day; "
                "or, for a text that was in force on paper before it was entered here, say so in its head."
            )
            % {"day": version.effective_on},
            code="past", field="effective_on",
        )  # fmt: skip
    for repeal in version.repeals.select_related("document"):
        _refuse_cited_of(repeal.document, max(version.effective_on, today))


def _refuse_cited(version: Version, at: datetime) -> None:
    _refuse_cited_of(version.document, timezone.localdate(at))


def _refuse_cited_of(document: Document, on: object) -> None:
    """A regulation on whose clauses values in force rest can't be repealed: the values first need a clause that stands."""
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    if cited := queries.cited_by_rulebooks(document, on, language):  # type: ignore[arg-type]
        names = "；".join(
            f"{book}：{label}（{clause}）" if language == "zh" else f"{book}: {label} ({clause})"
            for book, label, clause in cited[:5]
        )
        raise Refusal(
            _(
                "%(document)s can't be repealed while rulebooks in force rest on it: %(names)s%(more)s. First publish editions that cite "
                "clauses which stay, or make a new version of it instead."
            )
            % {"document": str(document), "names": names, "more": "……" if len(cited) > 5 else ""},
            code="cited", details={"cited": [list(each) for each in cited]},
        )  # fmt: skip


def _commence(version: Version, by: Access, at: datetime) -> Version:
    """The version is in force from now on: the one before is superseded, what it repeals is repealed, readers are told."""
    document = Document.objects.select_for_update(of=("self",)).get(pk=version.document_id)
    before = (
        Version.objects.filter(document=document, state=State.IN_FORCE)
        .select_for_update(of=("self",))
        .first()
    )
    if before is not None:
        before.state, before.version = State.SUPERSEDED, before.version + 1
        before.save(update_fields=["state", "version"])
    found: Version = Version.objects.select_for_update(of=("self",)).get(pk=version.pk)
    moves.refuse_unless_legal(COMES_INTO_FORCE, found, None, by, "")
    found.state, found.version, found.in_force_at, found.in_force_by_id = (
        State.IN_FORCE,
        found.version + 1,
        at,
        by.person_id,
    )
    found.save()
    copy_heading(document, found, at)
    document.standing = Document.Standing.IN_FORCE
    document.save()
    found.document = document
    for repeal in found.repeals.select_related("document"):
        _end(repeal.document, found, by, at)
    audit.record(
        "documents:version:commencement", found, by=by, at=at, document=str(document), version_of=found.label
    )
    telling.in_force(found, by=by, at=at)
    return found


def _end(document: Document, version: Version, by: Access, at: datetime) -> None:
    """What another regulation repeals: its version in force ends with it."""
    ended = (
        Version.objects.filter(document=document, state=State.IN_FORCE)
        .select_for_update(of=("self",))
        .first()
    )
    if ended is not None:
        ended.state, ended.version = State.REPEALED, ended.version + 1
        ended.repealed_at, ended.repealed_by_id = at, version.approved_by_id
        ended.reason = str(version.document)[:200]
        ended.save()
    _repealed(document, version, at)
    audit.record("documents:document:repealed", document, by=by, at=at, repealed_by=str(version.document))


def _repealed(document: Document, version: Version | None, at: datetime) -> None:
    document.standing, document.repealed_by, document.changed_at = Document.Standing.REPEALED, version, at
    document.repealed_on, document.public = timezone.localdate(at), False
    document.save()


@transaction.atomic
def publish(document: Document, public: bool, *, by: Access, at: datetime) -> Document:
    """Let customers read what is in force of it, or no longer (MO-1)."""
    by.require(May.PUBLISH)
    found: Document = (
        Document.objects.visible_to(by, May.PUBLISH).select_for_update(of=("self",)).get(pk=document.pk)
    )
    if public and found.standing != Document.Standing.IN_FORCE:
        raise Refusal(_("Only what is in force can be shown to customers."), code="not_in_force")
    if found.public != public:
        found.public = public
        found.save(update_fields=["public"])
        audit.record(
            "documents:document:published" if public else "documents:document:hidden", found, by=by, at=at
        )
    return found


@transaction.atomic
def copy(version: Version, *, by: Access, at: datetime) -> int:
    """Make a controlled copy of what is in force, for a notice board or an outlet's folder: it is counted, so that it can be withdrawn."""
    by.require(May.WRITE)
    found: Version = Version.objects.visible_to(by, May.WRITE).select_related("document").get(pk=version.pk)
    if found.state != State.IN_FORCE:
        raise Refusal(_("Controlled copies are made of what is in force."), code="not_in_force")
    number = about(found).filter(action="documents:version:copied").count() + 1
    audit.record("documents:version:copied", found, by=by, at=at, version_of=found.label, copy=number)
    return number


def commence(at: datetime) -> int:
    """Every approved version whose day has come is in force; how many. Run as often as you like."""
    today, begun = timezone.localdate(at), 0
    with everything("approved regulations of every company whose day has come"):
        waiting = list(
            Version.objects.filter(state=State.APPROVED, effective_on__lte=today).order_by(
                "effective_on", "pk"
            )
        )
    for version in waiting:
        by = Access(None, version.company_id, request="job")
        with opened(by), everything("what the calendar does, nobody asks for"), transaction.atomic():
            held = Version.objects.select_for_update(of=("self",)).get(pk=version.pk)
            if held.state == State.APPROVED and held.effective_on <= today:
                _commence(held, by, at)
                begun += 1
    return begun


def tell_of_reviews(at: datetime) -> int:
    """Tell the keepers which regulations are due for review within thirty days (ST-9); each day of review is told once."""
    today, told = timezone.localdate(at), 0
    with everything("the review dates of every company"):
        companies = list(Company.objects.values_list("pk", flat=True))
    for company_id in companies:
        by = Access(None, company_id, request="job")
        with opened(by), everything("the review dates of a company, which nobody at work asks for"):
            due = Document.objects.filter(
                company_id=company_id, standing=Document.Standing.IN_FORCE, review_on__lte=today + REVIEW_SOON
            )
            for document in due.order_by("pk"):
                telling.review_due(document, by=by, at=at)
                told += 1
    return told
