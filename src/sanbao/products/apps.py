from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "sanbao.products"
    label = "products"

    def ready(self) -> None:
        from sanbao.audit import things
        from sanbao.products.models import Model, Part

        things.register(
            "products_model", lambda access: Model.objects.visible_to(access, "products:product:view")
        )
        things.register(
            "products_part", lambda access: Part.objects.visible_to(access, "products:product:view")
        )
