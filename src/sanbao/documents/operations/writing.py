"""Writing a regulation: its head, its text by clause, its attachments; the next version; a shipped text as the company's draft."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.audit import operations as audit
from sanbao.documents import shipping
from sanbao.documents.models import Attachment, Clause, Document, Kind, Repeal, Version
from sanbao.documents.permissions import May
from sanbao.documents.reading import outline
from sanbao.documents.states import OPEN, State
from sanbao.files import operations as files
from sanbao.ui.refusal import Refusal, Stale

# What a version says of itself, and what stays the same over a document's versions.
FIELDS = (
    "label", "kind", "title", "english", "department", "changed_by", "interpreted_by", "issued_on", "effective_on", "review_on", "changes", "taken_over",
)  # fmt: skip
DOCUMENT_FIELDS = ("number", "source")
MOST_ATTACHMENTS = 20


@transaction.atomic
def draft(fields: Mapping[str, Any], *, repeals: Iterable[int] = (), by: Access, at: datetime) -> Version:
    """Begin a regulation: its first version as a draft. `fields` are of DOCUMENT_FIELDS and FIELDS; `repeals` are numbers of documents."""
    by.require(May.WRITE)
    document = Document(company_id=by.company_id, changed_at=at)
    version = Version(
        company_id=by.company_id, document=document, no=1, draft_at=at, draft_by_id=by.person_id
    )
    _fill(version, fields)
    copy_heading(document, version, at)
    _save_document(document)
    version.document = document
    version.save(force_insert=True)
    _keep_repeals(version, repeals)
    audit.record("documents:document:drafted", document, by=by, at=at, version=version.label)
    return version


@transaction.atomic
def amend(
    version: Version, fields: Mapping[str, Any], *, repeals: Iterable[int] | None = None, seen: int | None, by: Access, at: datetime
) -> Version:  # fmt: skip
    """Change a draft's head. It becomes the changer's: who changed it last can neither review nor approve it."""
    by.require(May.WRITE)
    found = drafted(version, by, seen=seen)
    _fill(found, fields)
    if found.no > 1:
        found.taken_over = False
    if repeals is not None:
        _keep_repeals(found, repeals)
    if found.document.standing == Document.Standing.NEW:
        copy_heading(found.document, found, at)
        _save_document(found.document)
    _touch(found, by, at)
    audit.record("documents:document:amended", found.document, by=by, at=at, version=found.label)
    return found


@transaction.atomic
def revise(document: Document, *, label: str = "", by: Access, at: datetime) -> Version:
    """Begin the next version as a draft with the text of the latest; what is in force stays until the new one's day."""
    by.require(May.WRITE)
    found = Document.objects.visible_to(by, May.WRITE).select_for_update(of=("self",)).get(pk=document.pk)
    latest: Version = found.versions.select_related("draft_by").latest("no")
    if latest.state in OPEN:
        raise Stale(
            _("%(who)s is working on version %(label)s already. Go on with that one: two drafts at once would have to be merged.")
            % {"who": latest.draft_by.name, "label": latest.label},
            code="open", details={"version": latest.pk},
        )  # fmt: skip
    if found.standing == Document.Standing.REPEALED:
        raise Refusal(_("This regulation is repealed. Write a new one instead."), code="repealed")
    today = timezone.localdate(at)
    made = Version(
        company_id=by.company_id, document=found, no=latest.no + 1, draft_at=at, draft_by_id=by.person_id,
        **{name: getattr(latest, name) for name in FIELDS if name not in ("label", "changes", "taken_over", "issued_on", "effective_on", "review_on")},
        label=label or next_label(latest.label), issued_on=today, effective_on=today,
    )  # fmt: skip
    made.save(force_insert=True)
    _copy_clauses(latest, made)
    Attachment.objects.bulk_create(
        Attachment(
            company_id=made.company_id, version=made, file_id=kept.file_id, label=kept.label, added_at=kept.added_at,
            added_by_id=kept.added_by_id,
        )
        for kept in latest.attachments.all()
    )  # fmt: skip
    audit.record("documents:document:revised", found, by=by, at=at, version=made.label)
    return made


def next_label(label: str) -> str:
    """A/0 -> A/1, 1.0 -> 1.1, 02 -> 03; a label without a figure at its end gets one."""
    head = label.rstrip("0123456789")
    tail = label[len(head) :]
    return f"{head}{int(tail) + 1:0{len(tail)}d}"[:20] if tail else f"{label} 2"[-20:]


@transaction.atomic
def take_text(version: Version, text: str, *, seen: int | None, by: Access, at: datetime) -> Version:
    """Put a plain text in the place of all clauses of a draft. Ids and English of clauses that keep their number stay with them.

    Refused as a whole while one line is wrong, with what is wrong by line.
    """
    by.require(May.WRITE)
    found = drafted(version, by, seen=seen)
    read = outline(text)
    if read.errors:
        language = "zh" if (get_language() or "zh").startswith("zh") else "en"
        report = [
            {"severity": problem.severity, "line": problem.line, "sentence": problem.sentence(language)}
            for problem in read.problems
        ]
        raise Refusal(
            _("%(count)d lines need correcting before the text can be taken over; nothing has been.") % {"count": read.errors},
            code="lines", field="text", details={"report": report},
        )  # fmt: skip
    known = {(clause.level, clause.number): clause for clause in found.clauses.all() if clause.number}
    found.clauses.all().delete()
    rows = []
    for position, item in enumerate(read.items):
        before = known.pop((item.level, item.number), None)
        rows.append(
            _clause(
                found, position, item.level, item.number, item.text, item.table,
                ref=before.ref if before else "", english=before.english if before else "",
            )
        )  # fmt: skip
    Clause.objects.bulk_create(rows)
    _touch(found, by, at)
    audit.record("documents:text:taken-over", found, by=by, at=at, clauses=len(rows))
    return found


@transaction.atomic
def keep_clause(
    version: Version, fields: Mapping[str, Any], *, clause: Clause | None = None, after: Clause | None = None, by: Access, at: datetime
) -> Clause:  # fmt: skip
    """Change a clause of a draft, or add one: `after` another, else at the end. `fields`: number, level, text, english, ref, table."""
    by.require(May.WRITE)
    found = drafted(version, by)
    if clause is None:
        position = after.position + 1 if after is not None else found.clauses.count()
        _make_room(found, position)
        kept = _clause(found, position, 0, "", "", None)
    else:
        kept = found.clauses.select_for_update(of=("self",)).get(pk=clause.pk)
    for name in ("number", "level", "text", "english", "ref", "table"):
        if name in fields:
            setattr(kept, name, fields[name])
    if not kept.number and not kept.text and not kept.table:
        raise Refusal(_("Write the clause's text."), field="text", code="text")
    kept.words = words_of(kept)
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:
        raise Refusal(
            _("Another clause of this text is cited so already."), field="ref", code="ref"
        ) from None
    _touch(found, by, at)
    audit.record(
        "documents:clause:changed" if clause else "documents:clause:added",
        found,
        by=by,
        at=at,
        clause=kept.number,
    )
    return kept


@transaction.atomic
def remove_clause(clause: Clause, *, by: Access, at: datetime) -> Version:
    """Take a clause out of a draft."""
    by.require(May.WRITE)
    found = drafted(clause.version, by)
    kept = found.clauses.select_for_update(of=("self",)).get(pk=clause.pk)
    kept.delete()
    _touch(found, by, at)
    audit.record("documents:clause:removed", found, by=by, at=at, clause=kept.number)
    return found


@transaction.atomic
def attach(
    version: Version, data: bytes, name: str, *, label: str = "", by: Access, at: datetime
) -> Attachment:
    """Put a file with a draft, as it came: the signed original, a form, a drawing."""
    by.require(May.WRITE)
    found = drafted(version, by)
    if found.attachments.count() >= MOST_ATTACHMENTS:
        raise Refusal(
            _("A version has at most %(most)s attachments.") % {"most": MOST_ATTACHMENTS}, field="file", code="many"
        )  # fmt: skip
    made = Attachment.objects.create(
        company_id=found.company_id, version=found, file=files.keep(data, name, by=by, at=at), label=label[:80],
        added_at=at, added_by_id=by.person_id,
    )  # fmt: skip
    audit.record(
        "documents:document:attached", found.document, by=by, at=at, version=found.label, file=made.file.name
    )
    return made


@transaction.atomic
def detach(attachment: Attachment, *, by: Access, at: datetime) -> None:
    """Take a file from a draft. The file itself stays: earlier versions may have it."""
    by.require(May.WRITE)
    found = drafted(attachment.version, by)
    audit.record(
        "documents:document:detached", found.document, by=by, at=at, version=found.label, file=attachment.file.name
    )  # fmt: skip
    attachment.delete()


@transaction.atomic
def adopt_shipped(name: str, *, number: str = "", by: Access, at: datetime) -> Version:
    """A shipped text as the company's draft: head and clauses in our own words, to be mended, reviewed and approved like any other."""
    by.require(May.WRITE)
    text = shipping.shipped(name)
    if (
        Document.objects.filter(company_id=by.company_id, source=name)
        .exclude(standing=Document.Standing.REPEALED)
        .exists()
    ):
        raise Refusal(_("The company has this regulation already."), code="adopted")
    today = timezone.localdate(at)
    made = draft(
        {
            "number": number or text.number or _number(by.company_id), "source": name, "label": text.label, "kind": text.kind,
            "title": text.title["zh"], "english": text.title["en"], "department": text.department, "changed_by": text.changed_by, "interpreted_by": text.interpreted_by,
            "issued_on": min(text.issued or text.effective or today, text.effective or today), "effective_on": text.effective or today,
            "review_on": None, "changes": "", "taken_over": True,
        },
        by=by, at=at,
    )  # fmt: skip
    Clause.objects.bulk_create(
        _clause(made, position, one.level, one.number, one.zh, one.table, ref=one.id, english=one.en)
        for position, one in enumerate(text.clauses)
    )
    audit.record("documents:text:taken-over", made, by=by, at=at, clauses=len(text.clauses), shipped=name)
    return made


def drafted(version: Version, by: Access, *, seen: int | None = None) -> Version:
    """The version, locked, if it is a draft and nobody has changed it since it was seen."""
    rows = Version.objects.visible_to(by, May.WRITE).select_related("document")
    found: Version = rows.select_for_update(of=("self",)).get(pk=version.pk)
    if seen is not None and seen != found.version:
        raise Stale(
            _("Somebody has changed this draft since you opened it. Look at it again before you go on."),
            code="stale", details={"version": found.version},
        )  # fmt: skip
    if found.state != State.DRAFT:
        raise Refusal(
            _("What has been reviewed is not edited any more: send it back to the author first, or make the next version."),
            code="not_a_draft",
        )  # fmt: skip
    return found


def copy_heading(document: Document, version: Version, at: datetime) -> None:
    """Put into the document what lists show of it."""
    for name in ("kind", "title", "english", "department", "label", "effective_on", "review_on"):
        setattr(document, name, getattr(version, name))
    document.changed_at = at


def words_of(clause: Clause) -> str:
    """All that is searched for in a clause."""
    table = "\n".join(" ".join(row) for row in clause.table or ())
    return "\n".join(part for part in (clause.number, clause.ref, clause.text, table, clause.english) if part)


def _number(company_id: int | None) -> str:
    """The next number of a regulation that has none of its own: ZD1, ZD2, … (制度)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT edge_next_number('regulation', %s)", [company_id])
        return f"ZD{cursor.fetchone()[0]}"


def _save_document(document: Document) -> None:
    try:
        with transaction.atomic():
            document.save()
    except IntegrityError as error:
        if "document_source" in str(error):
            raise Refusal(
                _("Another regulation is cited by this word already. Make a new version of that one, or choose another word."),
                field="source", code="source",
            ) from None  # fmt: skip
        raise Refusal(
            _("There is already a regulation with this number."), field="number", code="number"
        ) from None


def _fill(version: Version, fields: Mapping[str, Any]) -> None:
    """Put the head into a version and its document, cleaned; refuse what can't be a regulation."""
    if unknown := set(fields) - {*FIELDS, *DOCUMENT_FIELDS}:
        raise TypeError(f"a regulation has no {', '.join(sorted(unknown))}")
    for name in FIELDS:
        if name in fields:
            value = fields[name]
            setattr(version, name, value.strip() if isinstance(value, str) else value)
    if version.document.standing == Document.Standing.NEW:
        for name in DOCUMENT_FIELDS:
            if name in fields:
                setattr(version.document, name, str(fields[name] or "").strip())
    if version.kind not in Kind.values:
        raise Refusal(_("Choose what kind of document this is."), field="kind", code="kind")
    for name, sentence in (
        ("title", _("Give the regulation a title.")),
        ("label", _("Name the version, such as A/0.")),
        ("department", _("Name the department that answers for it.")),
        ("changed_by", _("Say who may change it.")),
        ("interpreted_by", _("Say who interprets it.")),
    ):
        if not getattr(version, name):
            raise Refusal(sentence, field=name, code=name)
    if not version.document.number:
        raise Refusal(_("Give the regulation a number."), field="number", code="number")
    if version.issued_on is None or version.effective_on is None:
        missing = "issued_on" if version.issued_on is None else "effective_on"
        raise Refusal(_("Say on which day."), field=missing, code=missing)
    if version.effective_on < version.issued_on:
        raise Refusal(
            _("A regulation comes into force on the day it is issued or later."), field="effective_on", code="before_issue"
        )  # fmt: skip
    if version.review_on is not None and version.review_on <= version.effective_on:
        raise Refusal(
            _("The review comes after the effective date: choose a later day."), field="review_on", code="review_early"
        )  # fmt: skip


def _keep_repeals(version: Version, repeals: Iterable[int]) -> None:
    """Which documents the version repeals; itself and those repealed already are refused."""
    wanted = sorted(set(repeals))
    rows = {
        document.pk: document
        for document in Document.objects.filter(company_id=version.company_id, pk__in=wanted)
    }
    if version.document_id in wanted:
        raise Refusal(
            _("A version takes the place of the one before by itself; a regulation can't repeal itself."),
            field="repeals", code="itself",
        )  # fmt: skip
    gone = [str(document) for document in rows.values() if document.standing == Document.Standing.REPEALED and document.repealed_by_id != version.pk]  # fmt: skip
    if gone or len(rows) != len(wanted):
        raise Refusal(
            _("This regulation is repealed already: %(names)s.") % {"names": "、".join(gone) or "–"}, field="repeals", code="gone"
        )  # fmt: skip
    version.repeals.exclude(document__in=wanted).delete()
    kept = set(version.repeals.values_list("document_id", flat=True))
    Repeal.objects.bulk_create(
        Repeal(company_id=version.company_id, version=version, document_id=pk)
        for pk in wanted
        if pk not in kept
    )


def _touch(version: Version, by: Access, at: datetime) -> None:
    version.draft_at, version.draft_by_id, version.version = at, by.person_id, version.version + 1
    version.save()


def _copy_clauses(source: Version, target: Version) -> None:
    names = ("position", "level", "number", "ref", "text", "english", "table", "words")
    Clause.objects.bulk_create(
        Clause(
            company_id=target.company_id, version=target, **{name: getattr(clause, name) for name in names}
        )
        for clause in source.clauses.all()
    )


def _make_room(version: Version, position: int) -> None:
    """Move the clauses from a place on one further."""
    rows = list(version.clauses.filter(position__gte=position).order_by("-position"))
    for clause in rows:
        clause.position += 1
    Clause.objects.bulk_update(rows, ["position"])


def _clause(
    version: Version, position: int, level: int, number: str, text: str, table: Sequence[Sequence[str]] | None, *,
    ref: str = "", english: str = "",
) -> Clause:  # fmt: skip
    made = Clause(
        company_id=version.company_id, version=version, position=position, level=min(level, 9), number=number[:30], ref=ref, text=text,
        english=english, table=[list(row) for row in table] if table else None,
    )  # fmt: skip
    made.words = words_of(made)
    return made
