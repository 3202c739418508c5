"""A document, its versions, their clauses and attachments, and what a version repeals."""

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.documents.states import State
from sanbao.edge.search import Grams
from sanbao.files.models import StoredFile


class Shared(Scoped):
    """Regulations have no place: whoever may see them anywhere in the company sees them all."""

    def visible_to(self, access: Access, permission: str) -> "Shared":
        reach = access.reach(permission)
        return self.in_company(reach.company_id) if reach and reach.company_id else self.none()


class Kind(models.TextChoices):
    REGULATION = "regulation", _("regulation")
    STANDARD = "standard", _("standard")
    PROCEDURE = "procedure", _("procedure")
    NOTICE = "notice", _("notice")
    OFFICIAL = "official", _("official document")


class Document(models.Model):
    """A regulation over all its versions. What stands here is a copy of the version in force, made to be listed; before the first one, of its draft.

    `source` is the word by which rulebooks cite it: "appliance" in "appliance KA-11.1". `public`: customers may read what is in force (MO-1).
    """

    class Standing(models.TextChoices):
        NEW = "new", _("not in force yet")
        IN_FORCE = "in_force", _("In force")
        REPEALED = "repealed", _("Repealed")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number"), max_length=60)
    source = models.CharField(_("cited as"), max_length=40, blank=True)
    standing = models.CharField(_("state"), max_length=10, choices=Standing.choices, default=Standing.NEW)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=120)
    english = models.CharField(_("title in English"), max_length=120, blank=True)
    department = models.CharField(_("department"), max_length=60)
    label = models.CharField(_("version"), max_length=20)
    effective_on = models.DateField(_("effective date"), null=True)
    review_on = models.DateField(_("review date"), null=True)
    public = models.BooleanField(_("public"), default=False)
    repealed_on = models.DateField(_("repealed on"), null=True)
    repealed_by = models.ForeignKey(
        "documents.Version", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("repealed by")
    )  # fmt: skip
    changed_at = models.DateTimeField(_("changed"))

    objects = Guarded.from_queryset(Shared)()

    class Meta:
        verbose_name = _("regulation")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="document_number"),
            models.UniqueConstraint(
                fields=["company", "source"], condition=~Q(source="") & ~Q(standing="repealed"), name="document_source"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["company", "number", "id"], name="document_by_number"),
            models.Index(fields=["company", "title", "id"], name="document_by_title"),
            models.Index(fields=["company", "effective_on", "id"], name="document_by_day"),
            models.Index(fields=["company", "review_on", "id"], name="document_by_review"),
            models.Index(fields=["company", "changed_at", "id"], name="document_changed"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


# What a version says; fixed from the moment another person has reviewed it.
FIXED = (
    "document_id", "no", "label", "kind", "title", "english", "department", "changed_by", "interpreted_by", "issued_on", "effective_on",
    "review_on", "changes", "taken_over",
)  # fmt: skip
_FIXED = f"""
IF OLD.state <> 'draft' AND ({", ".join(f"NEW.{name}" for name in FIXED)}) IS DISTINCT FROM ({", ".join(f"OLD.{name}" for name in FIXED)}) THEN
    RAISE EXCEPTION 'a version that was reviewed is never edited: make the next one' USING ERRCODE = 'restrict_violation';
END IF;
RETURN NEW;
"""


class Version(models.Model):
    """One version of a regulation: prepared (draft), reviewed, approved by three people, in force from its day (SR-9, RG-5, GN-9).

    `taken_over`: the text was in force on paper before it was entered here, so its day may lie in the past. `changes` says in a
    sentence what is new against the version before.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    no = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    label = models.CharField(_("version"), max_length=20)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=120)
    english = models.CharField(_("title in English"), max_length=120, blank=True)
    department = models.CharField(_("department"), max_length=60)
    changed_by = models.CharField(_("may be changed by"), max_length=120)
    interpreted_by = models.CharField(_("interpreted by"), max_length=120)
    issued_on = models.DateField(_("issue date"))
    effective_on = models.DateField(_("effective date"))
    review_on = models.DateField(_("review date"), null=True, blank=True)
    changes = models.CharField(_("what is new"), max_length=500, blank=True)
    taken_over = models.BooleanField(_("in force before it was entered here"), default=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    draft_at = models.DateTimeField(_("prepared"))
    draft_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(_("reviewed"), null=True)
    reviewed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(_("approved"), null=True)
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    in_force_at = models.DateTimeField(_("in force since"), null=True)
    in_force_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    repealed_at = models.DateTimeField(_("repealed"), null=True)
    repealed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(Shared)()

    class Meta:
        verbose_name = _("version of a regulation")
        constraints = [
            models.UniqueConstraint(fields=["document", "no"], name="version_no"),
            models.UniqueConstraint(
                fields=["document"], condition=Q(state__in=["draft", "reviewed", "approved"]), name="version_one_open"
            ),
            models.UniqueConstraint(
                fields=["document"], condition=Q(state="in_force"), name="version_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("draft_by")), name="version_reviewed_by_another"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | (~Q(approved_by=F("draft_by")) & ~Q(approved_by=F("reviewed_by"))),
                name="version_approved_by_a_third",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "reviewed"])
                | Q(reviewed_by__isnull=False, approved_by__isnull=False),
                name="version_approved_first",
            ),
            models.CheckConstraint(
                condition=Q(review_on__isnull=True) | Q(review_on__gt=F("effective_on")), name="version_reviewed_later"
            ),
            models.CheckConstraint(
                condition=Q(effective_on__gte=F("issued_on")), name="version_issued_before_effective"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["company", "state", "effective_on"], name="version_waits")]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            # Whatever has left the hands of its author says for ever what it said.
            pgtrigger.Trigger(
                name="fixed_once_reviewed", when=pgtrigger.Before, operation=pgtrigger.Update, func=_FIXED
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document.number} {self.label}"


class Repeal(models.Model):
    """A version repeals another document when it comes into force (HK-1)."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="repeals")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="repealing")

    objects = Guarded.from_queryset(Shared)()

    class Meta:
        verbose_name = _("repeal")
        constraints = [models.UniqueConstraint(fields=["version", "document"], name="repeal_once")]


_IN_DRAFT = """
IF (SELECT state FROM documents_version WHERE id = coalesce(OLD.version_id, NEW.version_id)) = 'draft' THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END IF;
RAISE EXCEPTION 'a version that was reviewed is never edited: make the next one' USING ERRCODE = 'restrict_violation';
"""


class Clause(models.Model):
    """One clause, in the order of the text. `level` is its depth in the tree, `table` its table as rows of cells.

    `ref` is the id by which rulebooks cite it ("KA-11.1"); `english` is there for those who read no Chinese. `words` is all of it, for searching.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="clauses")
    position = models.PositiveIntegerField(_("place"))
    level = models.PositiveSmallIntegerField(_("level"), default=0)
    number = models.CharField(_("number"), max_length=30, blank=True)
    ref = models.CharField(_("cited as"), max_length=30, blank=True)
    text = models.TextField(_("text"), max_length=20_000, blank=True)
    english = models.TextField(_("in English"), max_length=20_000, blank=True)
    table = models.JSONField(_("table"), null=True, blank=True)
    words = models.TextField(blank=True, editable=False)

    objects = Guarded.from_queryset(Shared)()

    class Meta:
        verbose_name = _("clause")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="clause_position", deferrable=models.Deferrable.DEFERRED),
            models.UniqueConstraint(fields=["version", "ref"], condition=~Q(ref=""), name="clause_ref"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["company", "ref"], name="clause_by_ref"),
            GinIndex(Grams("words"), name="clause_grams"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="only_in_draft",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_IN_DRAFT,
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text[:30]}".strip()


class Attachment(models.Model):
    """A file that belongs to a version: the signed original, a form, a drawing. The next version takes it along."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="attachments")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(_("what it is"), max_length=80, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    objects = Guarded.from_queryset(Shared)()

    class Meta:
        verbose_name = _("attachment of a regulation")
