"""Where modules meet that may not know each other: the home page's panels; who hears of what happens to accounts and rulebooks."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts import scope
from sanbao.accounts.access import Access
from sanbao.accounts.links import fingerprint
from sanbao.accounts.models import Company, Link, Person, SignIn
from sanbao.audit import operations as audit
from sanbao.callbacks.queries import panels as callbacks
from sanbao.complaints.models import Clock
from sanbao.complaints.permissions import May as Complaints
from sanbao.complaints.queries import panels as complaints
from sanbao.decisions.models import Decision
from sanbao.documents.models import Clause
from sanbao.documents.permissions import May as Documents
from sanbao.documents.queries import panels as documents
from sanbao.documents.states import State as Life
from sanbao.intake.queries import classes
from sanbao.notices.queries import panels as notices
from sanbao.notices.telling import mail_secret, may_mail_links, tell
from sanbao.outlets.queries import holders, postings_of
from sanbao.products.registrations import panels as registrations
from sanbao.regulations.models import Draft, Edition, Proposal
from sanbao.regulations.queries import panels as rules
from sanbao.regulations.queries import rulebook
from sanbao.settlements.deciding import BOOKS as SETTLED_BY
from sanbao.settlements.queries import months_settled
from sanbao.settlements.queries import panels as settlements
from sanbao.site.clauses import Told
from sanbao_rules.rulebook import shipped

PANELS: tuple[Callable[[Access], list[Any]], ...] = (
    complaints,
    settlements,
    callbacks,
    registrations,
    documents,
    rules,
    notices,
)


def panels(access: Access) -> list[Any]:
    """Everything that waits for this person."""
    return [panel for source in PANELS for panel in source(access)]


def request_classes(company_id: int | None) -> list[tuple[str, str]]:
    """The classes of requests for the knowledge base: (code, name set in by its depth)."""
    return [(row.code, "　" * (row.path.count("/") - 2) + str(row)) for row in classes(company_id)]


def names_of_classes(company_id: int | None) -> list[tuple[str, str]]:
    """The classes of requests in use, for decisions that name one: (code, name)."""
    return [(row.code, str(row)) for row in classes(company_id)]


def keep_account_event(
    action: str, person: Person, *, at: datetime, by: Access | None = None, **details: Any
) -> None:
    """Write what happened to an account into the event log of each company the person works for (accounts/events.py).

    Somebody without a post has no company whose log it could stand in; their own list of sign-ins still has it.
    """
    with scope.everything("an account's events, also before anybody has signed in"):
        if by is not None and by.company_id is not None:
            audit.record(action, person, by=by, at=at, **details)
            return
        held = postings_of(person, timezone.localdate(at))
        for company_id in sorted({posting.company_id for posting in held}):
            audit.record(action, person, by=Access(person.pk, company_id, name=person.name), at=at, **details)


# What happens to an account, and the kind of notice (notices/kinds.py) its owner gets.
_TOLD = {
    "accounts:person:locked": "accounts:locked",
    "accounts:person:signed-in": "accounts:new-device",
    "accounts:password:changed": "accounts:password",
    "accounts:password:set": "accounts:password",
    "accounts:factor:added": "accounts:factor",
    "accounts:factor:removed": "accounts:factor",
    "accounts:factor:recovery-codes-made": "accounts:factor",
    "accounts:token:made": "accounts:token-made",
}


def tell_account_event(
    action: str, person: Person, *, at: datetime, by: Access | None = None, **details: Any
) -> None:
    """Tell the owner what happened to their account (ASVS 6.3.5, 6.3.7), in the company at work, else the first they work for."""
    kind = _TOLD.get(action)
    if kind is None or (kind == "accounts:new-device" and not _unseen(person, details, at)):
        return
    with scope.everything("an account's events, also before anybody has signed in"):
        at_work = by if by is not None and by.company_id is not None else _at_home(person, at)
        if at_work is None:
            return
        said: dict[str, dict[str, Any]] = {
            "accounts:locked": {"person": person.name, "address": details.get("address", "")},
            "accounts:new-device": {
                "device": details.get("device") or "–", "address": details.get("address", ""), "moment": at
            },
            "accounts:token-made": {"name": details.get("name", "")},
        }  # fmt: skip
        # Whoever guesses passwords must not fill the owner's mailbox: that is told once a day.
        when = f"{timezone.localdate(at)}" if kind == "accounts:locked" else at.isoformat()
        words = said.get(kind, {"person": person.name, "moment": at})
        tell([person], kind, about=person, by=at_work, at=at, key=f"{person.pk}:{when}", **words)


def _at_home(person: Person, at: datetime) -> Access | None:
    """The person at work in the first company they hold a post in; None without one."""
    held = postings_of(person, timezone.localdate(at))
    return Access(person.pk, held[0].company_id, name=person.name) if held else None


def _unseen(person: Person, details: dict[str, Any], at: datetime) -> bool:
    """Whether the person has signed in before, but never with such a device or never from about this address."""
    earlier = SignIn.objects.filter(person=person, outcome=SignIn.Outcome.DONE, at__lt=at)
    seen = set(earlier.values_list("device", "address").distinct()[:500])
    devices, places = {device for device, _a in seen}, {_near(address) for _d, address in seen}
    return bool(seen) and (
        details.get("device", "") not in devices or _near(details.get("address", "")) not in places
    )


def _near(address: str) -> str:
    """The net an address lies in: its first half in IPv4, its first three groups in IPv6."""
    return ":".join(address.split(":")[:3]) if ":" in address else ".".join(address.split(".")[:2])


def mail_link(link: Link, secret: str) -> None:
    """Send an invitation or a link for a new password to the person, where that can be done; else the administrator is shown it."""
    with scope.everything("a link is made before its person has signed in"):
        person = link.person
        at_work = _at_home(person, link.made_at)
        if at_work is None or not may_mail_links(person):
            return
        mail_secret(
            person, "accounts:link", about=person, key=f"link:{fingerprint(secret)[:40]}", by=at_work, at=link.made_at,
            values={
                "person": person.name, "username": person.username, "until": link.expires_at,
                "link": f"{settings.SITE_URL}{reverse('accounts:link', args=[secret])}",
            },
        )  # fmt: skip


def tell_adoption(edition: Edition, *, by: Access, at: datetime) -> None:
    """Tell everybody who may read the rulebooks that one has changed."""
    people = holders(
        by.company_id, "regulations:book:view", anywhere=True, on=timezone.localdate(at), but=by.person_id
    )
    tell(
        people, "regulations:adopted", about=edition, by=by, at=at, key=f"{edition.pk}:{at.isoformat()}",
        book=rulebook(edition).title, edition=edition.edition, company=Company.objects.get(pk=by.company_id).name,
    )  # fmt: skip


# What happens to a draft: the kind of notice, and who is told of it (a permission), besides those who worked on it.
_DRAFT_TOLD = {
    "submission": ("regulations:submitted", "regulations:draft:review"),
    "approval": ("regulations:approved", "regulations:draft:publish"),
    "return": ("regulations:returned", ""),
    "publication": ("regulations:published", "regulations:book:view"),
    "recall": ("regulations:recalled", "regulations:book:view"),
}


def tell_draft_moved(noun: str, draft: Draft, *, by: Access, at: datetime) -> None:
    """Tell those whose turn it is; of an edition that waits for its day, everybody who may read the rulebooks."""
    if noun not in _DRAFT_TOLD or (noun == "publication" and draft.from_day is None):
        return  # an edition in force at once is told of by its adoption
    if noun == "publication" and draft.from_day and draft.from_day <= timezone.localdate(at):
        return
    kind, permission = _DRAFT_TOLD[noun]
    people = [draft.made_by, draft.editing_by] if not permission else holders(
        by.company_id, permission, anywhere=permission == "regulations:book:view", on=timezone.localdate(at), but=by.person_id
    )  # fmt: skip
    more: dict[str, Any] = {"day": draft.from_day} if noun == "publication" else {}
    tell(
        [person for person in people if person.pk != by.person_id], kind, about=draft, by=by, at=at,
        key=f"{draft.pk}:{draft.version}", book=shipped(draft.book).title, edition=draft.edition, title=draft.title,
        who=_name(by), **more,
    )  # fmt: skip


def _name(by: Access) -> str:
    return by.name or Person.objects.get(pk=by.person_id).name


def tell_proposal(what: str, proposal: Proposal, *, by: Access, at: datetime) -> None:
    """Tell who decides on proposals of a new one, and the proposer what became of it."""
    if what == "made":
        people = holders(
            by.company_id, "regulations:proposal:decide", on=timezone.localdate(at), but=by.person_id
        )
        tell(people, "regulations:proposed", about=proposal, by=by, at=at, title=proposal.title, who=_name(by))  # fmt: skip
    elif proposal.open_by_id != by.person_id:
        kind = "regulations:effect" if what == "effect" else f"regulations:{proposal.state}"
        words = proposal.effect[:200] if what == "effect" else proposal.reason
        tell(
            [proposal.open_by], kind, about=proposal, by=by, at=at, key=f"{proposal.pk}:{what}:{at.isoformat()}",
            title=proposal.title, words=words,
        )  # fmt: skip


def settled_months(company_id: int, book: str, since: date) -> list[date]:
    """The months that are settled and that a value of a book from a day on reaches."""
    return months_settled(company_id, since) if book in SETTLED_BY else []


def asked_in_decision(access: Access, number: int) -> tuple[str, Any] | None:
    """Question and facts of a stored decision the reader may see, for an example of a draft."""
    found = Decision.objects.visible_to(access, "decisions:decision:view").filter(pk=number).first()
    return (found.question, found.facts) if found else None


def documents_of_clause(access: Access, clause: str) -> list[Told]:
    """The regulations in force in which a clause stands by this number, with the page of its text."""
    rows = Clause.objects.visible_to(access, Documents.SEE).filter(ref=clause, version__state=Life.IN_FORCE)
    found = rows.select_related("version__document").order_by("pk")[:10]
    return [
        Told(
            str(one.version.document),
            reverse("documents:clause", args=[one.version.document.source, clause]) if one.version.document.source
            else reverse("documents:document", args=[one.version.document_id]),
            one.number,
        )
        for one in found
    ]  # fmt: skip


# The clocks of a complaint by the clause they keep.
_KEPT_BY = {
    "PV-5": ("answer",),
    "PV-2": ("verification", "solution"),
    "PV-3": ("result",),
    "CS-6": ("callback",),
}


def complaints_of_clause(access: Access, clause: str) -> list[Told]:
    """The newest complaints in which a clause was not kept: its clock ran out."""
    if clause not in _KEPT_BY:
        return []
    rows = Clock.objects.visible_to(access, Complaints.SEE).filter(
        kind__in=_KEPT_BY[clause], case__isnull=True, missed_at__isnull=False
    )
    return [
        Told(
            f"{row.complaint.number} {row.complaint.subject}",
            reverse("complaints:complaint", args=[row.complaint_id]),
            f"{row.get_kind_display()} {timezone.localtime(row.missed_at):%Y-%m-%d %H:%M}",
        )
        for row in rows.select_related("complaint").order_by("-missed_at", "-id")[:10]
        if row.missed_at
    ]
