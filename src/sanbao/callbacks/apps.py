from django.apps import AppConfig


class CallbacksConfig(AppConfig):
    name = "sanbao.callbacks"
    label = "callbacks"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from sanbao.audit import personal, things
        from sanbao.callbacks import events as ours
        from sanbao.callbacks import queries
        from sanbao.callbacks.models import Callback
        from sanbao.callbacks.operations import (
            call_back,
            end_for_order,
            follow_order,
            hear,
            suspend,
            take_back,
        )
        from sanbao.callbacks.permissions import May
        from sanbao.callbacks.personal import Source
        from sanbao.complaints import events as complaints
        from sanbao.complaints import sources
        from sanbao.complaints.states import Origin
        from sanbao.customers import history
        from sanbao.intake import history as requests
        from sanbao.notices import about
        from sanbao.products import history as units
        from sanbao.workorders import events

        events.CLOSED.append(follow_order)
        events.REOPENED.append(suspend)
        events.ENDED_INCOMPLETE.append(end_for_order)
        events.CANCELLED.append(end_for_order)
        complaints.TOLD.append(call_back)
        complaints.CALLED_BACK.append(take_back)
        ours.OVER.append(hear)
        sources.register(Origin.CALLBACK, queries.as_source)
        personal.register(Source())
        about.register("callbacks.callback", _("Callback"), "callbacks:callback", May.SEE)
        things.register("callbacks_callback", lambda access: Callback.objects.visible_to(access, May.SEE))
        requests.register(_("Callbacks"), queries.of_any_request, queries.chapter_of_request)
        history.register("callbacks", _("Callbacks"), queries.chapter)
        units.register("callbacks", _("Callbacks"), queries.chapter_of_unit)
