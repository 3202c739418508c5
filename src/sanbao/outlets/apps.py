from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutletsConfig(AppConfig):
    name = "sanbao.outlets"
    label = "outlets"

    def ready(self) -> None:
        from sanbao.accounts import sessions
        from sanbao.audit import things
        from sanbao.decisions import operations as decisions
        from sanbao.notices import about
        from sanbao.outlets import queries

        about.register("outlets.outlet", _("Outlet"), "outlets:outlet", "outlets:outlet:view")
        sessions.ALONG["posts"] = (queries.told_with_session, queries.hear_tokens)
        decisions.REGION_OF.append(queries.region_of)
        things.register("outlets_outlet", queries.outlets)
        things.register("accounts_person", queries.people)
