"""What a person has kept of a list: views, and how the list opens."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.access import Access
from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded, Scoped

EVERYBODY = "*"


class ToWhomShared(Scoped):
    """Views are seen by who has made them, and by whom they are shared with."""

    def visible_to(self, access: Access, permission: str = "") -> "ToWhomShared":
        if access.company_id is None or access.person_id is None:
            return self.none()
        posts = {grant.role for grant in access.grants}
        mine = Q(person_id=access.person_id) | Q(shared_with__in=[EVERYBODY, *posts])
        return self.in_company(access.company_id).filter(mine)


class View(models.Model):
    """A cut of a list under a name: `cut` is what its address asks for, by key (filters, tab, columns in their order, sort, size).

    `shared_with`: nobody (empty), everybody in the company ("*") or whoever holds a post (its code).
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    list_name = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=30)
    cut = models.JSONField(default=dict)
    shared_with = models.CharField(_("shared with"), max_length=30, blank=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = Guarded.from_queryset(ToWhomShared)()

    class Meta:
        verbose_name = _("view")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "person", "list_name", "name"], name="view_named_once"
            ),
        ]
        indexes = [models.Index(fields=["company", "shared_with"], name="view_shared")]

    def __str__(self) -> str:
        return self.name


class Habit(models.Model):
    """How a person has a list: the view its bare address opens, and the columns in their order (none: as the list declares)."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    list_name = models.CharField(max_length=60)
    view = models.ForeignKey(View, on_delete=models.SET_NULL, null=True, related_name="+")
    columns: Any = ArrayField(models.CharField(max_length=60), default=list)

    objects = Guarded.from_queryset(Scoped)()

    class Meta:
        verbose_name = _("own way with a list")
        constraints = [
            models.UniqueConstraint(fields=["company", "person", "list_name"], name="habit_once"),
        ]

    def __str__(self) -> str:
        return self.list_name
