"""《满意度调查表》 on paper, to be filled in by hand (SR-7, RW-8), and results as Excel."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from sanbao.accounts.access import Access
from sanbao.surveys.models import Version
from sanbao.surveys.queries import Cut, Figures, Results
from sanbao.ui.formats import language
from sanbao.ui.printing import ControlledForm, Signature, moment, pdf
from sanbao.ui.workbooks import Cell, Column, Tab, workbook

TEMPLATE = "survey-questionnaire"
NUMBER, VERSION, ISSUED = "SB-DC-01", "A/0", date(2026, 12, 1)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def questionnaire_pdf(version: Version, *, by: Access, at: datetime, said: str) -> bytes:
    """The questionnaire as PDF, in the reader's language."""
    return pdf(TEMPLATE, printed(version, by=by, at=at, said=said), said)


def printed(version: Version, *, by: Access, at: datetime, said: str) -> dict[str, Any]:
    """The questionnaire as the form shows it."""
    code = "en" if said == "en" else "zh"
    form = ControlledForm(NUMBER, VERSION, ISSUED, Signature(version.made_by.name, version.made_at.date()))
    return {
        "company": version.company.name,
        "hotline": version.company.hotline,
        "form": form.as_words(),
        "running": str(version),
        "mark": "",
        "blank": True,
        "masked": False,
        "code": "",
        "printed_at": moment(at),
        "printed_by": f"{by.name} {by.request}".strip(),
        "survey": {
            "title": getattr(version, f"title_{code}"),
            "intro": getattr(version, f"intro_{code}"),
            "questions": [
                {
                    "kind": question.kind,
                    "text": getattr(question, f"text_{code}"),
                    "required": question.required,
                    "options": [one[code] for one in question.options],
                }
                for question in version.questions.all()
            ],
        },
    }


def results_workbook(
    found: Results, tables: list[tuple[Any, list[tuple[str, Figures]]]], cut: Cut, note: str
) -> bytes:
    """A sheet of totals and one of groups; groups too small to be shown say so."""
    answer = found.decision.answer
    few = _("fewer than %(least)s answers") % {"least": found.least}
    totals = [] if found.total.hidden else [
        (_("Jobs"), found.population), (_("Invitations sent"), found.asked), (_("Filled questionnaires"), found.total.answers),
        (_("Satisfied"), found.total.satisfied), (_("Satisfaction rate"), _text(answer["rate"])), (_("Mean"), _text(answer["mean"])),
        (_("Response rate"), _text(answer["response"])), (_("Margin of error"), _text(answer["margin"])),
    ]  # fmt: skip
    columns = (Column(_("Figure"), width=24), Column(_("Value"), "text", width=16))
    groups = (
        Column(_("Group"), width=18), Column(_("Group member"), width=28), Column(_("Filled questionnaires"), "text"), Column(_("Satisfaction rate"), "text"),
        Column(_("Mean"), "text"),
    )  # fmt: skip
    rows = [
        (str(heading), name, few, "", "")
        if row.hidden
        else (str(heading), name, str(row.answers), _text(row.rate), _text(row.mean))
        for heading, group in tables
        for name, row in group
    ]
    title = f"{_('Satisfaction')} {cut.first_day}–{cut.last_day}"
    return workbook(
        [
            Tab(
                _("Totals"),
                columns,
                [(name, str(value)) for name, value in totals],
                below=[[Cell(note, span=2)]],
            ),
            Tab(_("Groups"), groups, rows, below=[[Cell(note, span=5)]]),
        ],
        title=title,
        language=language(),
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)
