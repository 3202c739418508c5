from django.apps import AppConfig


class SettlementsConfig(AppConfig):
    name = "sanbao.settlements"
    label = "settlements"
