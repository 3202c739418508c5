"""Sample data of the components page: one outlet, one month, as the appliance regulations would settle it."""

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sanbao.ui.why import Why, WhySentence

SHANGHAI = ZoneInfo("Asia/Shanghai")


def why() -> Why:
    """An explained amount: three steps, each with its clause."""
    source = _("Appliance after-sales regulations")
    return Why(
        answer="¥ 7,296.40",
        sentences=(
            WhySentence(
                _("Labour 5,600.00 and travel 2,508.00 are 8,108.00."), "KA-11.1",
                _("The month's warranted repairs are paid by the tariff for labour and travel."), source,
            ),
            WhySentence(
                _("The paper sheets arrived on 13 May 2026, after the 10th: 8,108.00 × 90% = 7,297.20."), "KA-11.1",
                _("Sheets received after the tenth of the following month are settled at the reduced rate."), source,
            ),
            WhySentence(_("One overcharge is deducted: 7,297.20 − 0.80 = 7,296.40."), "KA-11.2", "", source),
        ),
        edition="settlement 2012.1",
        edition_url="#rule",
        decision_url="#decision",
        replay_url="#replay",
    )  # fmt: skip


class SampleForm(forms.Form):
    outlet = forms.CharField(
        label=gettext_lazy("Outlet"), max_length=40, help_text=gettext_lazy("Name or number.")
    )
    month = forms.DateField(
        label=gettext_lazy("Month"), widget=forms.DateInput(attrs={"type": "month"}), required=False
    )
    work = forms.ChoiceField(
        label=gettext_lazy("Work"),
        choices=[("replace", gettext_lazy("Replace a part")), ("adjust", gettext_lazy("Adjust"))],
    )
    way = forms.ChoiceField(
        label=gettext_lazy("Arrival"),
        widget=forms.RadioSelect,
        choices=[("paper", gettext_lazy("On paper")), ("electronic", gettext_lazy("Electronic"))],
    )
    sure = forms.BooleanField(label=gettext_lazy("The sheets have been counted"))
    file = forms.FileField(label=gettext_lazy("The month's sheets"), help_text=".xlsx, .xls, .csv")
    note = forms.CharField(
        label=gettext_lazy("Note"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )


def sample_context(request: HttpRequest) -> dict[str, Any]:
    """What the components page shows."""
    form = SampleForm({"outlet": "", "work": "replace"})
    form.is_valid()
    return {
        "why": why(),
        "why_url": reverse("ui:sample-why"),
        "form": form,
        "today": date(2026, 5, 13),
        "moment": datetime(2026, 5, 13, 14, 5, tzinfo=SHANGHAI),
        "steps": _steps(),
        "events": _events(),
        "facts": [
            (_("Outlet"), "绍兴越城服务部"),
            (_("Month"), date(2026, 4, 1).strftime("%Y-%m")),
            (_("Phone"), None),
        ],
        "tabs": [
            {"label": _("Sheets"), "url": "#a", "active": True, "count": 124},
            {"label": _("Deductions"), "url": "#b", "active": False, "count": 3},
            {"label": _("Attachments"), "url": "#c", "active": False, "count": None},
        ],
        "crumbs": [(_("Look"), "#")],
        "icons": ["check", "upload", "file-invoice", "alert-triangle", "gavel", "scale"],
        "tones": [
            "secondary",
            "blue",
            "azure",
            "indigo",
            "purple",
            "green",
            "teal",
            "yellow",
            "orange",
            "red",
        ],
        "rows": _rows(),
    }


def _steps() -> list[dict[str, Any]]:
    return [
        {
            "label": _("Draft"),
            "state": "done",
            "who": "陈晓",
            "at": datetime(2026, 5, 12, 9, 30, tzinfo=SHANGHAI),
        },
        {
            "label": _("Submitted"),
            "state": "done",
            "who": "陈晓",
            "at": datetime(2026, 5, 12, 11, 2, tzinfo=SHANGHAI),
        },
        {
            "label": _("Checked"),
            "state": "now",
            "who": "林芳",
            "at": datetime(2026, 5, 13, 14, 5, tzinfo=SHANGHAI),
        },
        {"label": _("Approved"), "state": "todo"},
        {"label": _("Paid"), "state": "todo"},
    ]


def _events() -> list[dict[str, Any]]:
    moment = datetime(2026, 5, 13, 14, 5, tzinfo=SHANGHAI)
    return [
        {"what": _("Checked"), "who": "林芳", "at": moment, "icon": "check", "tone": "green"},
        {
            "what": _("Line 17 was questioned by the outlet"), "who": "绍兴越城服务部", "at": moment,
            "icon": "message", "tone": "note", "text": _("The customer lives 48 km away, not 20."),
        },
        {"what": _("One sheet was found to be forged"), "who": "何静", "at": moment, "icon": "alert-triangle", "tone": "red"},
        {"what": _("Handed in"), "who": "周强", "at": moment, "icon": "upload"},
    ]  # fmt: skip


def _rows() -> list[SimpleNamespace]:
    return [
        SimpleNamespace(number="A-0001", month=date(2026, 4, 1), outlet="绍兴越城服务部", net=729640, state=_("Paid"), tone="green"),
        SimpleNamespace(number="A-0002", month=date(2026, 4, 1), outlet="宁波海曙服务部", net=-12050, state=_("Submitted"), tone="blue"),
        SimpleNamespace(number="A-0003", month=date(2026, 3, 1), outlet="温州鹿城服务部", net=1234567800, state=_("Reversed"), tone="red"),
    ]  # fmt: skip
