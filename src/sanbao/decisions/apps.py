from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "sanbao.decisions"
    label = "decisions"
