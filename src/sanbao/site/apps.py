from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "sanbao.site"
    label = "site"

    def ready(self) -> None:
        from sanbao.accounts import events
        from sanbao.knowledge.classes import NAMERS
        from sanbao.site import wiring

        events.TELLERS.append(wiring.keep_account_event)
        NAMERS.append(wiring.request_classes)
