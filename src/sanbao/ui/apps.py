from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "sanbao.ui"
    label = "ui"
    default = True


# Both packages' own configurations import Django's admin, which nothing here uses; settings.TEMPLATES names their loaders and tags.


class Partials(AppConfig):
    name = "template_partials"


class Cotton(AppConfig):
    name = "django_cotton"

    def ready(self) -> None:
        from django_cotton.nested_tag_support import enable_nested_tag_support

        enable_nested_tag_support()  # as its own configuration does
