from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "sanbao.customers"
    label = "customers"

    def ready(self) -> None:
        from sanbao.audit import personal
        from sanbao.customers.personal import Source

        personal.register(Source())
