from django.apps import AppConfig


class EdgeConfig(AppConfig):
    name = "sanbao.edge"
    label = "edge"
