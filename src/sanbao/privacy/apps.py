from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "sanbao.privacy"
    label = "privacy"

    def ready(self) -> None:
        from sanbao.audit import things
        from sanbao.notices import about
        from sanbao.privacy.models import Request
        from sanbao.privacy.permissions import HANDLE

        about.register("privacy.request", _("Request"), "privacy:request", HANDLE)
        things.register("privacy_request", lambda access: Request.objects.visible_to(access, HANDLE))
