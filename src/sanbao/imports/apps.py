from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "sanbao.imports"
    label = "imports"

    def ready(self) -> None:
        from sanbao.audit import personal, telling, things
        from sanbao.imports.kinds import KINDS
        from sanbao.imports.models import Import
        from sanbao.imports.permissions import May
        from sanbao.imports.personal import Source

        personal.register(Source())
        telling.register(
            "imports:import", "kind", lambda _by, code: str(KINDS[code].title) if code in KINDS else ""
        )
        things.register("imports_import", lambda access: Import.objects.visible_to(access, May.TAKE_OVER))
