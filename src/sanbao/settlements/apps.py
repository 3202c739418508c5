from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SettlementsConfig(AppConfig):
    name = "sanbao.settlements"
    label = "settlements"

    def ready(self) -> None:
        from sanbao.audit import personal, things
        from sanbao.callbacks.events import FINDINGS, FOUND
        from sanbao.complaints import events as complaints
        from sanbao.hooks import kinds
        from sanbao.notices import about
        from sanbao.settlements import announced, queries
        from sanbao.settlements.models import Sheet
        from sanbao.settlements.operations import from_callbacks, from_complaints, from_orders
        from sanbao.settlements.permissions import May
        from sanbao.settlements.personal import Source
        from sanbao.workorders import events

        events.CLOSED.append(from_orders.write)
        events.REOPENED.append(from_orders.take_back)
        FOUND.append(from_callbacks.propose)
        FINDINGS.append(queries.findings_by_id)
        complaints.PROVEN.append(from_complaints.propose)
        kinds.register(*announced.KINDS)
        personal.register(Source())
        about.register("settlements.statement", _("Statement"), "settlements:statement", May.SEE_STATEMENTS)
        about.register("settlements.sheet", _("Sheet"), "settlements:sheet", May.SEE_SHEETS)
        about.register("settlements.finding", _("Finding"), "settlements:finding", May.SEE_FINDINGS)
        things.register("settlements_finding", queries.findings)
        things.register("settlements_sheet", lambda access: Sheet.objects.visible_to(access, May.SEE_SHEETS))
        things.register("settlements_statement", queries.statements)
