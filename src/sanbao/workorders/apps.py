from django.apps import AppConfig


class WorkordersConfig(AppConfig):
    name = "sanbao.workorders"
    label = "workorders"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from sanbao.audit import personal, telling, things
        from sanbao.customers import history
        from sanbao.intake import history as requests
        from sanbao.notices import about
        from sanbao.products import history as units
        from sanbao.workorders.models import Order
        from sanbao.workorders.permissions import May
        from sanbao.workorders.personal import Source
        from sanbao.workorders.queries import (
            begin_for_request,
            book_word,
            chapter,
            chapter_of_request,
            chapter_of_unit,
            of_any_request,
        )

        personal.register(Source())
        about.register("workorders.order", _("Work order"), "workorders:order", May.SEE)
        about.register("workorders.order", _("Work order"), "workorders:job", May.OWN)
        for key in ("step", "verdict"):
            telling.register("workorders:order", key, book_word)
        things.register("workorders_order", lambda access: Order.objects.visible_to(access, May.SEE))
        requests.register(_("Work orders"), of_any_request, chapter_of_request, begin_for_request)
        history.register("orders", _("Work orders"), chapter)
        units.register("orders", _("Work orders"), chapter_of_unit)
