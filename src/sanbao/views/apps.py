from django.apps import AppConfig


class ViewsConfig(AppConfig):
    name = "sanbao.views"
    label = "views"

    def ready(self) -> None:
        from sanbao.accounts.roles import ROLES
        from sanbao.audit import personal, telling, things
        from sanbao.ui import lists
        from sanbao.views.models import View
        from sanbao.views.personal import Source
        from sanbao.views.queries import ways

        lists.WAYS.append(ways)
        personal.register(Source())
        telling.register(
            "views:view", "shared_with", lambda _by, code: str(ROLES[code].title) if code in ROLES else ""
        )
        things.register("views_view", lambda access: View.objects.visible_to(access))
