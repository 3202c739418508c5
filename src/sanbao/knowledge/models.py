"""Articles and their revisions, attachments, feedback, phrases, and how common each pair of characters is."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.accounts.scoped import Guarded
from sanbao.edge.search import Grams
from sanbao.files.models import StoredFile
from sanbao.knowledge.states import State
from sanbao.products.models import Catalogue


class Kind(models.TextChoices):
    SOLUTION = "solution", _("likely solution")
    FLOW = "flow", _("service flow")
    USE = "use", _("advice on use")
    POLICY = "policy", _("service policy")
    SCRIPT = "script", _("call script")


def _texts(length: int, label: Any) -> ArrayField:
    return ArrayField(models.CharField(max_length=length), default=list, blank=True, verbose_name=label)


class Article(models.Model):
    """One thing known. `fits` are the models it is about, by number; empty: any. What stands here is a copy of its published revision, made to be listed and searched.

    `brief` is title, question and keywords, by whose pairs of characters (`pairs`) it is suggested; `words` is everything in it, for
    searching. Before the first publication title, kind and the like are those of the draft, and nothing is suggested.
    """

    class Standing(models.TextChoices):
        NEW = "new", _("not published yet")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number"), max_length=20)
    standing = models.CharField(_("state"), max_length=10, choices=Standing.choices, default=Standing.NEW)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=120)
    public = models.BooleanField(_("public"), default=False)
    codes = _texts(40, _("request classes"))
    categories = _texts(40, _("product categories"))
    fits = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("models"))
    brief = models.TextField(_("heading"), blank=True, editable=False)
    words = models.TextField(_("words"), blank=True, editable=False)
    pairs = ArrayField(
        models.TextField(), default=list, blank=True, editable=False, verbose_name=_("pairs of characters")
    )
    helped = models.IntegerField(_("helped"), default=0)
    failed = models.IntegerField(_("did not help"), default=0)
    changed_at = models.DateTimeField(_("changed last on"))

    objects = Guarded.from_queryset(Catalogue)()

    class Meta:
        verbose_name = _("article")
        constraints = [models.UniqueConstraint(fields=["company", "number"], name="article_number")]
        indexes = [
            models.Index(fields=["company", "-id"], name="article_newest"),
            models.Index(fields=["company", "changed_at", "id"], name="article_changed"),
            models.Index(fields=["company", "helped", "id"], name="article_helped"),
            models.Index(fields=["company", "title", "id"], name="article_title"),
            GinIndex(fields=["pairs"], name="article_pairs"),
            GinIndex(Grams("words"), name="article_grams"),
            GinIndex(fields=["fits"], name="article_fits"),
            GinIndex(fields=["codes"], name="article_codes"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Revision(models.Model):
    """One version of an article's text. Published ones never change: a correction is the next revision.

    `steps` are done in this order; `question` is what customers say, in their words.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="revisions")
    no = models.PositiveIntegerField(_("revision"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=120)
    question = models.TextField(_("what customers say"), max_length=1000, blank=True)
    answer = models.TextField(_("answer"), max_length=8000)
    steps = _texts(500, _("steps"))
    keywords = models.CharField(_("keywords"), max_length=200, blank=True)
    internal_note = models.TextField(_("only for colleagues"), max_length=2000, blank=True)
    public = models.BooleanField(_("public"), default=False)
    codes = _texts(40, _("request classes"))
    categories = _texts(40, _("product categories"))
    fits = ArrayField(models.BigIntegerField(), default=list, blank=True, verbose_name=_("models"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    draft_at = models.DateTimeField(_("written"))
    draft_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(_("reviewed"), null=True)
    reviewed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(_("published"), null=True)
    published_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(Catalogue)()

    class Meta:
        verbose_name = _("revision of an article")
        constraints = [
            models.UniqueConstraint(fields=["article", "no"], name="revision_no"),
            models.UniqueConstraint(
                fields=["article"], condition=Q(state__in=["draft", "reviewed"]), name="revision_one_open"
            ),
            models.UniqueConstraint(
                fields=["article"], condition=Q(state="published"), name="revision_one_published"
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("draft_by")),
                name="revision_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | Q(reviewed_by__isnull=False),
                name="revision_reviewed_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article.number}.{self.no}"


class Attachment(models.Model):
    """A file that belongs to a revision: a drawing, a manual's page. Its next revision takes it along."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="attachments")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(_("what it is"), max_length=80, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    objects = Guarded.from_queryset(Catalogue)()

    class Meta:
        verbose_name = _("attachment")


class Feedback(models.Model):
    """Whether an article helped. `by` is empty for a reader of the public page."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="feedback")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    helped = models.BooleanField(_("helped"))
    comment = models.CharField(_("comment"), max_length=500, blank=True)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    objects = Guarded.from_queryset(Catalogue)()

    class Meta:
        verbose_name = _("feedback")
        indexes = [models.Index(fields=["article", "-id"], name="feedback_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "by"], condition=Q(by__isnull=False), name="feedback_once"
            )
        ]


class Phrase(models.Model):
    """A standard phrase: what is said or written again and again, with places to be filled in such as {customer} (KA-9.4)."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(_("short name"), max_length=40)
    title = models.CharField(_("title"), max_length=80)
    text = models.TextField(_("text"), max_length=2000)
    codes = _texts(40, _("request classes"))
    ended_at = models.DateTimeField(_("no longer used since"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed last on"))
    changed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("changed last by")
    )

    objects = Guarded.from_queryset(Catalogue)()

    class Meta:
        verbose_name = _("standard phrase")
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="phrase_code")]

    def __str__(self) -> str:
        return self.title


class Gram(models.Model):
    """In how many published articles a pair of characters stands; the empty pair counts the articles. Made from them, and a hint only."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    gram = models.CharField(max_length=2)
    articles = models.IntegerField(default=0)

    objects = Guarded.from_queryset(Catalogue)()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "gram"], name="gram_once")]
