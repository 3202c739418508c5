from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "sanbao.portal"
    label = "portal"

    def ready(self) -> None:
        from sanbao.audit import personal
        from sanbao.portal.personal import Source

        personal.register(Source())
