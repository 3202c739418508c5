from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "sanbao.site"
    label = "site"

    def ready(self) -> None:
        from sanbao.accounts import events
        from sanbao.knowledge.classes import NAMERS
        from sanbao.regulations import events as regulations
        from sanbao.site import wiring

        events.TELLERS.append(wiring.keep_account_event)
        events.TELLERS.append(wiring.tell_account_event)
        events.LINK_MADE.append(wiring.mail_link)
        regulations.ADOPTED.append(wiring.tell_adoption)
        NAMERS.append(wiring.request_classes)
