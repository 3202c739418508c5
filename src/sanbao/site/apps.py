from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "sanbao.site"
    label = "site"
