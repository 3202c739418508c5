from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "sanbao.accounts"
    label = "accounts"
