from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "sanbao.imports"
    label = "imports"

    def ready(self) -> None:
        from sanbao.audit import personal, things
        from sanbao.imports.models import Import
        from sanbao.imports.permissions import May
        from sanbao.imports.personal import Source

        personal.register(Source())
        things.register("imports_import", lambda access: Import.objects.visible_to(access, May.TAKE_OVER))
