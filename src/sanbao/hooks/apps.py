from django.apps import AppConfig


class HooksConfig(AppConfig):
    name = "sanbao.hooks"
    label = "hooks"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from sanbao.audit import operations as audit
        from sanbao.audit import things
        from sanbao.hooks.models import Subscription
        from sanbao.hooks.operations import hear
        from sanbao.hooks.permissions import May
        from sanbao.notices import about

        audit.HEARERS.append(hear)
        about.register("hooks.subscription", _("Subscription"), "hooks:subscription", May.SEE)
        things.register("hooks_subscription", lambda access: Subscription.objects.visible_to(access, May.SEE))
