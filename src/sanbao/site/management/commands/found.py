"""`sanbao found CODE NAME ADMINISTRATOR`: a company with its first administrator, the classes and teams to begin with, and the link by which they
set their password. The rulebooks that come with the program are there from then on."""

import re
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from sanbao.accounts import links
from sanbao.accounts.models import Person
from sanbao.accounts.scope import everything
from sanbao.intake.operations import found_desk
from sanbao.outlets.founding import found
from sanbao.regulations.operations import pin_shipped
from sanbao.ui.refusal import Refusal


class Command(BaseCommand):
    help = (
        "Founds a company with its first administrator, and prints the link by which they set their password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="short and lasting, letters, digits and hyphens: hezao")
        parser.add_argument("name", help="the company's full name")
        parser.add_argument("administrator", help="the first administrator's sign-in name")
        parser.add_argument(
            "--short-name", default="", help="on narrow screens; the name's beginning otherwise"
        )
        parser.add_argument("--person", default="", help="the administrator's own name")
        parser.add_argument("--hotline", default="", help="printed on forms")
        parser.add_argument("--site", default="", help="the address of this installation, https://…")

    @everything("a company is founded")
    def handle(self, *args: Any, **options: Any) -> None:
        self._check(options)
        now = timezone.now()
        pin_shipped()
        try:
            with transaction.atomic():
                company, founder = found(
                    options["code"], options["name"], options["short_name"] or options["name"][:30],
                    username=options["administrator"], person_name=options["person"] or options["administrator"],
                    hotline=options["hotline"], at=now,
                )  # fmt: skip
                found_desk(by=founder, at=now)
                person = Person.objects.get(pk=founder.person_id)
                _link, secret = links.make(person, by=founder, at=now)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        site = (options["site"] or next(iter(settings.CSRF_TRUSTED_ORIGINS), "http://localhost:8000")).rstrip(
            "/"
        )
        self.stdout.write(f"{company.name}: {person.username}")
        self.stdout.write(
            "Open this link within a day to set the password; it works once. 请在一天内打开此链接设置密码，仅可使用一次："
        )
        self.stdout.write(f"  {site}{reverse('accounts:link', args=[secret])}")

    def _check(self, options: dict[str, Any]) -> None:
        """What a form would have said."""
        limits = {"code": 20, "name": 100, "administrator": 60, "short_name": 30, "person": 60, "hotline": 30}
        for name, most in limits.items():
            if len(options[name]) > most or "\0" in options[name]:
                raise CommandError(f"{name}: at most {most} characters. 最多 {most} 个字符。")
        if not re.fullmatch(r"[a-z0-9-]+", options["code"]):
            raise CommandError("code: small letters, digits and hyphens only. 仅限小写字母、数字和连字符。")
        if not re.fullmatch(r"[\w.@+-]+", options["administrator"]) or not options["name"].strip():
            raise CommandError(
                "administrator: letters, digits and . @ + - _ only. 仅限字母、数字和 . @ + - _。"
            )
