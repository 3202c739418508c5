"""Companies, people and API tokens."""

import hashlib
import secrets
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

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = ["name"]
    objects = People()

    class Meta:
        verbose_name = _("person")

    def __str__(self) -> str:
        return self.name


class Token(models.Model):
    """A person's key for the API. Only its hash is kept; it acts with the person's posts in one company."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    company = models.ForeignKey(Company, on_delete=models.CASCADE)
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("API token")

    @staticmethod
    def fingerprint(secret: str) -> str:
        """The hash under which a secret is kept. Secrets are 256 random bits, so one round of SHA-256 is enough."""
        return hashlib.sha256(secret.encode()).hexdigest()

    @classmethod
    def make(
        cls, person: Person, company: Company, name: str, *, at: datetime, expires_at: datetime
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
        )
        return token, secret
