from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "sanbao.accounts"
    label = "accounts"

    def ready(self) -> None:
        from sanbao.accounts import gate, stepup
        from sanbao.ui import guard

        guard.BEFORE.extend((gate.look, stepup.look))
