from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "sanbao.customers"
    label = "customers"

    def ready(self) -> None:
        from sanbao.audit import personal, telling, things
        from sanbao.customers import announced, importing
        from sanbao.customers.models import Customer
        from sanbao.customers.permissions import May
        from sanbao.customers.personal import Source, addresses_of
        from sanbao.customers.queries import number_of
        from sanbao.hooks import kinds as told
        from sanbao.imports import kinds

        kinds.register(importing.KIND)
        told.register(*announced.KINDS)
        personal.register(Source())
        personal.ADDRESSES.append(addresses_of)
        telling.register("customers:customer", "gone", number_of)
        things.register("customers_customer", lambda access: Customer.objects.visible_to(access, May.SEE))
