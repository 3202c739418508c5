from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "sanbao.intake"
    label = "intake"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from sanbao.audit import personal
        from sanbao.customers import history
        from sanbao.intake.personal import Source
        from sanbao.intake.queries import chapter

        personal.register(Source())
        history.register("requests", _("Requests"), chapter)
