from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "sanbao.products"
    label = "products"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from sanbao.audit import personal, things
        from sanbao.customers import history
        from sanbao.hooks import kinds as told
        from sanbao.imports import kinds
        from sanbao.products import announced, importing
        from sanbao.products.models import Model, Part, Registration, Unit
        from sanbao.products.personal import Source
        from sanbao.products.queries import chapter

        kinds.register(importing.KIND)
        personal.register(Source())
        told.register(*announced.KINDS)
        history.register("units", _("Appliances"), chapter)
        things.register("products_unit", lambda access: Unit.objects.visible_to(access, "products:unit:view"))
        things.register(
            "products_model", lambda access: Model.objects.visible_to(access, "products:product:view")
        )
        things.register(
            "products_part", lambda access: Part.objects.visible_to(access, "products:product:view")
        )
        things.register(
            "products_registration",
            lambda access: Registration.objects.visible_to(access, "products:registration:check"),
        )
