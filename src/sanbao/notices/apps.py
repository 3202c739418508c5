from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "sanbao.notices"
    label = "notices"
