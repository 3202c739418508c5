"""A month's summary as a workbook: the same numbers as its page, a sheet for each card (BA-5, MO-4)."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from sanbao.intake.states import State
from sanbao.intake.summaries import Number, Shown
from sanbao.ui import formats
from sanbao.ui.workbooks import Column, Tab, workbook


def month_workbook(month: date, found: Shown, *, made_at: datetime) -> bytes:
    """The workbook, in the reader's language."""
    title = _("Service in %(month)s") % {"month": f"{month:%Y-%m}"}
    course = [[each.label, each.count, each.share, each.kept] for each in found.totals]
    below = [[_("From receipt to solution, on average"), found.taken]] if found.taken else []
    tabs = (
        Tab(
            _("Course"),
            (
                Column(_("What is counted"), width=30),
                Column(_("As of now"), "integer"),
                Column(_("Share"), "rate"),
                Column(_("As summed up"), "integer", width=14),
            ),
            course,
            above=([title],),
            below=below,
        ),
        Tab(
            _("Promises"),
            (
                Column(_("Promise"), width=20),
                Column(_("Kept in time"), "integer", width=12),
                Column(_("Missed"), "integer"),
                Column(_("Not decided"), "integer", width=12),
                Column(_("Share kept"), "rate", width=12),
            ),
            found.promises,
        ),
        _counted(_("By class"), _("Class"), found.classes),
        _counted(_("Channels"), _("Channel"), found.channels),
        _counted(_("Priorities"), _("Priority"), found.levels),
        Tab(
            _("By outlet"),
            (
                Column(_("Outlet"), width=24),
                Column(_("All"), "integer"),
                *(Column(str(state.label), "integer", width=10) for state in State),
            ),
            [[name, *(number.count for number in numbers)] for name, numbers in found.outlets],
        ),
    )
    return workbook(tabs, title=title, language="zh" if formats.chinese() else "en", made_at=made_at)


def _counted(name: str, heading: str, numbers: list[Number]) -> Tab:
    return Tab(
        name,
        (Column(heading, width=24), Column(_("Requests"), "integer")),
        [[n.label, n.count] for n in numbers],
    )
