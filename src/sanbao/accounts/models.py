"""Companies, people and API tokens."""

import hashlib
import secrets
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class Company(models.Model):
    """A business unit that lives by its own set of regulations: the tenant. Every business row belongs to one."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    short_name = models.CharField(max_length=30)
    hotline = models.CharField(
        _("hotline"), max_length=30, blank=True, help_text=_("Shown on forms and pages (KA-5.2).")
    )
    address = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("company")

    def __str__(self) -> str:
        return self.name


class People(BaseUserManager["Person"]):
    def create_person(self, username: str, name: str, password: str | None = None, **fields: Any) -> "Person":
        """Make a person who can sign in with `username`; without a password, nobody can until one is set."""
        person = self.model(username=username, name=name, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Somebody who signs in. What they may do comes from the posts they hold, never from the person."""

    username = models.CharField(_("sign-in name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=60)
    is_active = models.BooleanField(default=True)
    password_set_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = ["name"]
    objects = People()

    class Meta:
        verbose_name = _("person")

    def __str__(self) -> str:
        return self.name

    def set_password(self, raw_password: str | None) -> None:
        """Passwords are compared in one Unicode form (NFKC), whatever keyboard or phone wrote them."""
        super().set_password(None if raw_password is None else same_form(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        return super().check_password(None if raw_password is None else same_form(raw_password))


def same_form(text: str) -> str:
    """The text in the form in which names and passwords are compared: NFKC."""
    return unicodedata.normalize("NFKC", text)


def usual_scopes() -> list[str]:
    """What keys could do before they had scopes, without moving money (tokens.py)."""
    return ["read", "personal", "write"]


class Token(models.Model):
    """A person's key for the API. Only its hash is kept; it acts with the person's posts in one company."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    company = models.ForeignKey(Company, on_delete=models.CASCADE)
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    scopes = models.JSONField(default=usual_scopes)
    last_used_at = models.DateTimeField(null=True)
    last_used_from = models.CharField(max_length=45, blank=True)

    class Meta:
        verbose_name = _("API token")

    @staticmethod
    def fingerprint(secret: str) -> str:
        """The hash under which a secret is kept. Secrets are 256 random bits, so one round of SHA-256 is enough."""
        return hashlib.sha256(secret.encode()).hexdigest()

    @classmethod
    def make(
        cls,
        person: Person,
        company: Company,
        name: str,
        *,
        at: datetime,
        expires_at: datetime,
        scopes: Iterable[str] | None = None,
    ) -> tuple["Token", str]:
        """Make a token; the secret is returned once and never again."""
        secret = "sb_" + secrets.token_urlsafe(32)
        token = cls.objects.create(
            person=person,
            company=company,
            name=name,
            digest=cls.fingerprint(secret),
            made_at=at,
            expires_at=expires_at,
            scopes=usual_scopes() if scopes is None else [str(scope) for scope in scopes],
        )
        return token, secret


class Session(models.Model):
    """A browser somebody has signed in with. Only the hash of its key is kept; deleting the row ends it at once (ASVS 7.4.1)."""

    digest = models.CharField(max_length=64, unique=True)
    data = models.TextField()
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="sessions")
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    address = models.CharField(max_length=45, blank=True)
    device = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("session")


class Throttle(models.Model):
    """Failures counted for a name, an address or a person's second factor, and until when no further try is heard.

    Names are kept as a keyed hash: people type passwords into the wrong field, and a name that does not exist counts the same.
    """

    kind = models.CharField(max_length=10)
    digest = models.CharField(max_length=64)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("lockout")
        constraints = [models.UniqueConstraint(fields=["kind", "digest"], name="throttle_once")]


class SignIn(models.Model):
    """A try to sign in: whose account, from where, with what outcome. The person sees their own (ASVS 6.3.5)."""

    class Outcome(models.TextChoices):
        DONE = "done", _("signed in")
        WRONG = "wrong", _("refused")
        LOCKED = "locked", _("refused: too many tries")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="sign_ins")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    way = models.CharField(max_length=20)
    address = models.CharField(max_length=45, blank=True)
    device = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("sign-in")
        indexes = [models.Index(fields=["person", "-id"])]


class Link(models.Model):
    """A link by which somebody sets their password: used once, for a day. Only its hash is kept (ASVS 6.4.1)."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        RESET = "reset", _("new password")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # used, or replaced by a later one

    class Meta:
        verbose_name = _("link")


class PastPassword(models.Model):
    """The hash of a password somebody had, where the policy refuses the last few."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="past_passwords")
    password = models.CharField(max_length=128)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("past password")
