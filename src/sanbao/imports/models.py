"""A file that brings rows, how far it is, and what has come before."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped
from sanbao.files.models import StoredFile


class Import(models.Model):
    """A file as it was read: its columns, what is wrong with it, and whether its rows were taken over.

    `kind` is a code of `kinds`; `known` says what to do with rows that are there already; `columns` are the sender's choice (field:
    column from 0, -1 for none). `report` holds lines {severity, cell, line, zh, en} and quotes nobody's data in full;
    `people` are digests of whose data it holds (personal.py).
    """

    class State(models.TextChoices):
        READ = "read", _("read")
        WAITING = "waiting", _("being taken over")
        TAKEN = "taken", _("imported")
        DROPPED = "dropped", _("put aside")

    class Known(models.TextChoices):
        REFUSE = "refuse", _("refuse the file and name the row")
        SKIP = "skip", _("leave the row out")
        UPDATE = "update", _("update what is known")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("what it brings"), max_length=20)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.READ)
    known = models.CharField(
        _("rows that are there already"), max_length=10, choices=Known.choices, default=Known.REFUSE
    )
    columns = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    report = models.JSONField(default=list)
    people = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("import")
        indexes = [models.Index(fields=["company", "-id"], name="import_newest")]

    def __str__(self) -> str:
        return str(self.file)


class Progress(models.Model):
    """How far the worker is with an import: written beside its transaction, which nobody else sees into. `stopped_at`: somebody wants it to end."""

    work = models.OneToOneField(Import, on_delete=models.PROTECT, related_name="progress")
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    stopped_at = models.DateTimeField(null=True)

    class OfImport(Scoped):
        company_path = ""

    objects = Guarded.from_queryset(OfImport)()

    class Meta:
        verbose_name = _("progress")

    def __str__(self) -> str:
        return f"{self.done}/{self.total}"


class Brought(models.Model):
    """What an import has brought, by its own number outside or by the row's digest: the same row comes once, whoever sends it when."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    work = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="brought")
    thing_id = models.BigIntegerField()

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("brought row")
        constraints = [models.UniqueConstraint(fields=["company", "kind", "key"], name="brought_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.thing_id}"
