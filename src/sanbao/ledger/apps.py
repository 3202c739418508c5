from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "sanbao.ledger"
    label = "ledger"
