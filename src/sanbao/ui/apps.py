from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "sanbao.ui"
    label = "ui"
