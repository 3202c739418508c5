from django.apps import AppConfig


class OutletsConfig(AppConfig):
    name = "sanbao.outlets"
    label = "outlets"
