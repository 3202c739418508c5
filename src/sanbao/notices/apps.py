from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "sanbao.notices"
    label = "notices"

    def ready(self) -> None:
        from sanbao.audit import personal
        from sanbao.notices import about, reports
        from sanbao.notices.personal import Source

        reports.listen()
        personal.register(Source())
        about.register("regulations.edition", _("Edition"), "regulations:edition", "regulations:book:view")
        about.register("regulations.draft", _("Draft"), "regulations:draft", "regulations:book:view")
        about.register("regulations.proposal", _("Proposal"), "regulations:proposal", "regulations:book:view")
        about.register("accounts.person", _("Person"), "accounts:person", "accounts:person:view")
