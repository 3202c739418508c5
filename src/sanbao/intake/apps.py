from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    name = "sanbao.intake"
    label = "intake"

    def ready(self) -> None:
        from sanbao.intake.permissions import May
        from sanbao.notices import about

        about.register("intake.request", _("Service request"), "intake:request", May.SEE)
