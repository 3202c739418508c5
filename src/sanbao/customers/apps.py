from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "sanbao.customers"
    label = "customers"
