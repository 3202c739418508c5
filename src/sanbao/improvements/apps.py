from django.apps import AppConfig


class ImprovementsConfig(AppConfig):
    name = "sanbao.improvements"
    label = "improvements"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from sanbao.audit import things
        from sanbao.improvements.models import Measure
        from sanbao.improvements.permissions import May
        from sanbao.notices import about

        about.register("improvements.measure", _("Improvement"), "improvements:measure", May.SEE)
        things.register("improvements_measure", lambda access: Measure.objects.visible_to(access, May.SEE))
