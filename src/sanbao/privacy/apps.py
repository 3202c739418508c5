from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "sanbao.privacy"
    label = "privacy"

    def ready(self) -> None:
        from sanbao.audit import things
        from sanbao.privacy.models import Request
        from sanbao.privacy.permissions import HANDLE

        things.register("privacy_request", lambda access: Request.objects.visible_to(access, HANDLE))
