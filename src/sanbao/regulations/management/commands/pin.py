"""`sanbao pin`: pin the rulebooks that come with this release; every start does it. A digest that differs from the pinned one is refused."""

from typing import Any

from django.core.management.base import BaseCommand

from sanbao.regulations.operations import pin_shipped


class Command(BaseCommand):
    help = "Pin the rulebooks that come with this release."

    def handle(self, *args: Any, **options: Any) -> None:
        pin_shipped()
