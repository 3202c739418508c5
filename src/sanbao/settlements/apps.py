from django.apps import AppConfig


class SettlementsConfig(AppConfig):
    name = "sanbao.settlements"
    label = "settlements"

    def ready(self) -> None:
        from sanbao.audit import personal, things
        from sanbao.settlements import queries
        from sanbao.settlements.models import Sheet
        from sanbao.settlements.permissions import May
        from sanbao.settlements.personal import Source

        personal.register(Source())
        things.register("settlements_sheet", lambda access: Sheet.objects.visible_to(access, May.SEE_SHEETS))
        things.register("settlements_statement", queries.statements)
