from django.apps import AppConfig


class SettlementsConfig(AppConfig):
    name = "sanbao.settlements"
    label = "settlements"

    def ready(self) -> None:
        from sanbao.audit import personal
        from sanbao.settlements.personal import Source

        personal.register(Source())
