from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "sanbao.complaints"
    label = "complaints"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from sanbao.audit import personal, telling, things
        from sanbao.complaints import facts
        from sanbao.complaints.models import Complaint
        from sanbao.complaints.permissions import May
        from sanbao.complaints.personal import Source
        from sanbao.complaints.queries import (
            begin_for_request,
            chapter,
            chapter_of_request,
            chapter_of_unit,
            of_any_request,
        )
        from sanbao.customers import history
        from sanbao.intake import history as requests
        from sanbao.notices import about
        from sanbao.products import history as units

        personal.register(Source())
        for key in ("kind", "harm", "severity"):
            telling.register("complaints:complaint", key, lambda by, code: facts.word(by.company_id, code))
        about.register("complaints.complaint", _("Complaint"), "complaints:complaint", May.SEE)
        things.register("complaints_complaint", lambda access: Complaint.objects.visible_to(access, May.SEE))
        requests.register(_("Complaints"), of_any_request, chapter_of_request, begin_for_request)
        history.register("complaints", _("Complaints"), chapter)
        units.register("complaints", _("Complaints"), chapter_of_unit)
