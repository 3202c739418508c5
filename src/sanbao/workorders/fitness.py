"""Whether these people may be sent to this job: the hard rules, each said where it is broken (EN-5, PV-8, KA-4.2)."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.intake import routing
from sanbao.ui.refusal import Refusal
from sanbao.workorders.models import Engineer, Order


def refuse_unless_fit(
    order: Order,
    party: Sequence[Engineer],
    first: datetime,
    last: datetime,
    *,
    at: datetime,
    helps: bool = False,
) -> None:
    """Refuse with the first rule that is broken. Whoever may not work alone yet may go with somebody who may."""
    day = timezone.localdate(first)
    away = routing.away([each.person_id for each in party], day, company_id=order.company_id)
    for each in party:
        name = each.person.name
        if each.retired_at is not None or not each.person.is_active:
            raise Refusal(
                _("%(who)s no longer works as an engineer.") % {"who": name}, field="engineer", code="retired"
            )
        if each.outlet_id != order.outlet_id:
            raise Refusal(
                _("%(who)s works for %(other)s. Give the order to that outlet first.") % {"who": name, "other": each.outlet or _("headquarters")},
                field="engineer", code="elsewhere",
            )  # fmt: skip
        if each.person_id in away:
            raise Refusal(
                _("%(who)s is away on %(day)s. Choose another day or another engineer.") % {"who": name, "day": day.isoformat()},
                field="engineer", code="away",
            )  # fmt: skip
    if not helps and all(each.alone_from is not None and each.alone_from > day for each in party):
        raise Refusal(
            _("%(who)s works under guidance until %(day)s and is not sent alone (PV-8). Add an experienced colleague.")
            % {"who": party[0].person.name, "day": party[0].alone_from.isoformat() if party[0].alone_from else ""},
            field="engineer", code="not_alone",
        )  # fmt: skip
