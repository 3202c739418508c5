from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "sanbao.intake"
    label = "intake"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from sanbao.audit import personal
        from sanbao.customers import history
        from sanbao.intake.mailboxes import listener
        from sanbao.intake.personal import Source
        from sanbao.intake.queries import chapter, chapter_of_unit
        from sanbao.notices.inbox import LISTENERS
        from sanbao.products import history as units

        LISTENERS["email"] = listener
        personal.register(Source())
        history.register("requests", _("Requests"), chapter)
        units.register("requests", _("Requests"), chapter_of_unit)
