from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "sanbao.privacy"
    label = "privacy"
