from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "sanbao.audit"
    label = "audit"

    def ready(self) -> None:
        from sanbao.audit.operations import exported
        from sanbao.ui import lists

        lists.WITNESSES.append(exported)
