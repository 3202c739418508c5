from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "sanbao.notices"
    label = "notices"

    def ready(self) -> None:
        from sanbao.notices import about, reports

        reports.listen()
        about.register("accounts.person", _("Person"), "accounts:person", "accounts:person:view")
