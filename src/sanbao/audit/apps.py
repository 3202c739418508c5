from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "sanbao.audit"
    label = "audit"
