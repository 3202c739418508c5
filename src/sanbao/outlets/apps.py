from django.apps import AppConfig


class OutletsConfig(AppConfig):
    name = "sanbao.outlets"
    label = "outlets"

    def ready(self) -> None:
        from sanbao.audit import things
        from sanbao.outlets import queries

        things.register("outlets_outlet", queries.outlets)
        things.register("accounts_person", queries.people)
