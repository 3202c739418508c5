from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BackTestsConfig(AppConfig):
    name = "sanbao.backtests"
    label = "backtests"

    def ready(self) -> None:
        from sanbao.audit import things
        from sanbao.backtests import queries
        from sanbao.backtests.permissions import May
        from sanbao.notices import about
        from sanbao.regulations import publication

        publication.REPORTS.append(queries.report_for)
        about.register("backtests.backtest", _("Back-test"), "backtests:backtest", May.SEE)
        things.register("backtests_backtest", queries.backtests)
