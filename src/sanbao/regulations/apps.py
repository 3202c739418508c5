from django.apps import AppConfig


class RegulationsConfig(AppConfig):
    name = "sanbao.regulations"
    label = "regulations"
