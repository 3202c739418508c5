"""A stored file: its content is addressed by its hash, its name is only a label."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped


class StoredFile(models.Model):
    """A file as it was handed in. The content lies at `<company>/<first two of sha256>/<sha256>` in the storage."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    kept_at = models.DateTimeField()
    kept_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("file")
        indexes = [models.Index(fields=["company", "sha256"], name="file_by_content")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """Where the content lies in the storage; made of the hash alone, so a hostile name reaches no folder."""
        return f"{self.company_id}/{self.sha256[:2]}/{self.sha256}"


class Tombstone(models.Model):
    """The content of a file was erased: its row and its hash stay, what was in it is gone, and may not come back.

    Goes by the hash, because the same content handed in twice lies in the storage once.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=200)
    erased_at = models.DateTimeField()
    erased_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("erased file")
        constraints = [models.UniqueConstraint(fields=["company", "sha256"], name="tombstone_once")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.sha256[:12]
