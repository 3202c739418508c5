from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "sanbao.intake"
    label = "intake"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from sanbao.audit import personal, things
        from sanbao.customers import history
        from sanbao.hooks import kinds as told
        from sanbao.imports import kinds
        from sanbao.intake import announced, importing
        from sanbao.intake.mailboxes import listener
        from sanbao.intake.models import Force, Request
        from sanbao.intake.permissions import May
        from sanbao.intake.personal import Source
        from sanbao.intake.queries import chapter, chapter_of_unit
        from sanbao.notices import about
        from sanbao.notices.inbox import LISTENERS
        from sanbao.products import history as units

        kinds.register(importing.KIND)
        told.register(*announced.KINDS)
        LISTENERS["email"] = listener
        personal.register(Source())
        about.register("intake.request", _("Request"), "intake:request", May.SEE)
        about.register("intake.force", _("Task force"), "intake:force", May.SEE_FORCE)
        things.register("intake_request", lambda access: Request.objects.visible_to(access, May.SEE))
        things.register("intake_force", lambda access: Force.objects.visible_to(access, May.SEE_FORCE))
        history.register("requests", _("Requests"), chapter)
        units.register("requests", _("Requests"), chapter_of_unit)
