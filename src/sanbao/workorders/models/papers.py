"""What is gathered at the customer's: signatures, photographs, the parts that went in and out."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Person
from sanbao.accounts.scoped import Guarded
from sanbao.files.models import StoredFile
from sanbao.products.models import Part
from sanbao.workorders.models.orders import OfOrder, Order


class Signature(models.Model):
    """A signature on the glass: the picture of it, who signed, for what, on whose device."""

    class Purpose(models.TextChoices):
        AGREEMENT = "agreement", _("repair agreement")
        ACCEPTANCE = "acceptance", _("acceptance of the work")
        OLD_PARTS = "old_parts", _("old parts received")
        DECLARATION = "declaration", _("declaration of an unsuitable site")
        TRAINING = "training", _("training received")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="signatures")
    purpose = models.CharField(_("for"), max_length=12, choices=Purpose.choices)
    name = models.CharField(_("signed by"), max_length=60)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    device_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = Guarded.from_queryset(OfOrder)()

    class Meta:
        verbose_name = _("signature")
        indexes = [models.Index(fields=["order", "id"], name="signature_of_order")]

    def __str__(self) -> str:
        return f"{self.order} {self.get_purpose_display()}"


class Photo(models.Model):
    """A photograph of the job, drawn anew without what the camera wrote beside it; what it said of time and place is kept here, as its word."""

    class Purpose(models.TextChoices):
        PLATE = "plate", _("name plate")
        FAULT = "fault", _("fault")
        BEFORE = "before", _("before the work")
        AFTER = "after", _("finished work")
        SITE = "site", _("place of installation")
        OTHER = "other", _("other")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="photos")
    purpose = models.CharField(_("shows"), max_length=8, choices=Purpose.choices)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    thumbnail = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(OfOrder)()

    class Meta:
        verbose_name = _("photograph")
        indexes = [models.Index(fields=["order", "id"], name="photo_of_order")]

    def __str__(self) -> str:
        return f"{self.order} {self.get_purpose_display()}"


class UsedPart(models.Model):
    """A part that was fitted, and what became of the old one (OP-2). Only parts of the company's catalogue go in (KA-6.1)."""

    class Fate(models.TextChoices):
        """What became of the old part: every one is accounted for."""

        RETURNED = "returned", _("taken along for the factory")
        CUSTOMER = "customer", _("left with the customer, who signed")
        SCRAPPED = "scrapped", _("given to the keeper of old parts")
        NONE = "none", _("there was none")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="parts")
    part = models.ForeignKey(Part, on_delete=models.PROTECT, related_name="+", verbose_name=_("part"))
    component = models.CharField(_("component"), max_length=60, blank=True)
    quantity = models.PositiveSmallIntegerField(_("quantity"), default=1)
    price_fen = models.BigIntegerField(_("price"), default=0)
    free = models.BooleanField(_("free of charge"), default=False)
    new_code = models.CharField(_("code of the new part"), max_length=60, blank=True)
    old_code = models.CharField(_("code of the old part"), max_length=60, blank=True)
    fate = models.CharField(_("what became of the old one"), max_length=10, choices=Fate.choices)
    signature = models.ForeignKey(Signature, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = Guarded.from_queryset(OfOrder)()

    class Meta:
        verbose_name = _("part used")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0) & Q(price_fen__gte=0), name="used_part_not_negative"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["order", "id"], name="used_part_of_order")]

    def __str__(self) -> str:
        return f"{self.order} {self.part}"
