from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "sanbao.surveys"
    label = "surveys"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from sanbao.audit import personal, things
        from sanbao.notices import about
        from sanbao.surveys import operations
        from sanbao.surveys.models import Campaign, Publication, Response
        from sanbao.surveys.permissions import May
        from sanbao.surveys.personal import Source
        from sanbao.workorders import events

        personal.register(Source())
        events.CLOSED.append(operations.plan)
        events.REOPENED.append(operations.take_back)
        about.register("surveys.response", _("Answer to a survey"), "surveys:response", May.SEE)
        about.register("surveys.publication", _("Published result"), "surveys:publication", May.READ)
        things.register("surveys_response", lambda access: Response.objects.visible_to(access, May.SEE))
        things.register("surveys_campaign", lambda access: Campaign.objects.visible_to(access, May.SEE))
        things.register(
            "surveys_publication", lambda access: Publication.objects.visible_to(access, May.READ)
        )
