from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "sanbao.intake"
    label = "intake"

    def ready(self) -> None:
        from sanbao.audit import personal
        from sanbao.intake.personal import Source

        personal.register(Source())
