from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "sanbao.products"
    label = "products"
