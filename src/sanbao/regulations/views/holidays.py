"""The year's official holiday notice: pasted or typed, checked, looked at, put into a draft of the calendar."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sanbao.regulations import holidays
from sanbao.regulations.editors import Unreadable, a_day
from sanbao.regulations.models import Draft, Edition
from sanbao.regulations.permissions import May
from sanbao.regulations.states import OPEN
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.readers.fields import DayField, ParagraphsField, QuantityField, TextField
from sanbao.ui.refusal import Refusal
from sanbao_rules.holiday_notice import FESTIVALS, Holiday, Notice, recognised

LINES = 9


class NoticeForm(forms.Form):
    """A notice: its number, its text, and what stands in it line by line."""

    year = QuantityField(label=_("Year"), most=2100)
    number = TextField(
        label=_("Number of the notice"),
        max_length=60,
        required=False,
        help_text=_("Such as 国办发明电〔2025〕7号."),
    )
    text = ParagraphsField(
        label=_("Text of the notice"), max_length=6000, required=False, widget=forms.Textarea({"rows": 8}),
        help_text=_("Paste it and press “Read the text”: the lines below are filled in."),
    )  # fmt: skip
    workdays = ParagraphsField(
        label=_("Make-up workdays"), max_length=1000, required=False, widget=forms.Textarea({"rows": 6}),
        help_text=_("One day a line, such as 2026-01-04."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(LINES):
            told = {"number": number + 1}
            self.fields[f"name-{number}"] = TextField(
                label=gettext("Holiday %(number)s") % told, max_length=40, required=False
            )
            self.fields[f"first-{number}"] = DayField(
                label=gettext("First day of %(number)s") % told, required=False
            )
            self.fields[f"last-{number}"] = DayField(
                label=gettext("Last day of %(number)s") % told, required=False
            )

    def lines(self) -> list[tuple[Any, Any, Any]]:
        return [(self[f"name-{n}"], self[f"first-{n}"], self[f"last-{n}"]) for n in range(LINES)]

    def clean_year(self) -> int:
        year = int(self.cleaned_data["year"] or 0)
        if not 2000 <= year <= 2100:
            raise forms.ValidationError(_("Write a year such as 2027."))
        return year

    def clean_workdays(self) -> tuple[date, ...]:
        try:
            return tuple(
                a_day(line.strip())
                for line in (self.cleaned_data["workdays"] or "").splitlines()
                if line.strip()
            )
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or self.cleaned_data
        for number in range(LINES):
            name, first, last = (fields.get(f"{part}-{number}") for part in ("name", "first", "last"))
            if name and not (first and last) and f"first-{number}" not in self.errors:
                self.add_error(f"first-{number}", _("Write its first and its last day."))
            if (first or last) and not name:
                self.add_error(f"name-{number}", _("Write what the holiday is called."))
        return fields

    def notice(self, read: Notice | None) -> Notice:
        """What was entered; what the pasted text states of counts and weekdays goes along to be checked."""
        fields = self.cleaned_data
        stated = {(one.name, one.first, one.last): one for one in read.holidays} if read else {}
        lines = [(fields[f"name-{n}"], fields[f"first-{n}"], fields[f"last-{n}"]) for n in range(LINES)]
        found = tuple(stated.get(line, Holiday(*line)) for line in lines if all(line))
        return Notice(
            fields["year"],
            found,
            tuple(sorted(set(fields["workdays"]))),
            fields["number"] or "",
            read.weekdays if read else {},
        )


def _shown(notice: Notice, text: str = "") -> dict[str, Any]:
    """A notice as the form begins with it."""
    initial: dict[str, Any] = {
        "year": notice.year, "number": notice.number, "text": text, "workdays": "\n".join(f"{day}" for day in notice.workdays)
    }  # fmt: skip
    for number, one in enumerate(notice.holidays[:LINES]):
        initial |= {f"name-{number}": one.name, f"first-{number}": one.first, f"last-{number}": one.last}
    return initial


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def years(request: HttpRequest) -> HttpResponse:
    """The years whose notice is entered, and one of them as months."""
    book = holidays.calendar_of(request.access.company_id)
    entered = holidays.entered_years(book)
    year = _year(request, entered[-1][0])
    context = {
        "entered": entered, "year": year, "grid": holidays.year_grid(holidays.notice_of(book, year), book),
        "published": year in dict(entered), "missing": entered[-1][0] + 1, "may_draft": request.access.may(May.DRAFT),
        "weekdays": _weekdays(), "crumbs": [(gettext("Rulebooks"), reverse("regulations:books"))],
    }  # fmt: skip
    return show(request, "regulations/holidays.html", context)


def _weekdays() -> list[str]:
    return [holidays.weekday(number)[-1] if "周" in holidays.weekday(number) else holidays.weekday(number)[:2] for number in range(7)]  # fmt: skip


def _year(request: HttpRequest, otherwise: int) -> int:
    asked = request.GET.get("year", "")
    return int(asked) if asked.isdecimal() and len(asked) == 4 and 2000 <= int(asked) <= 2100 else otherwise


@page(May.DRAFT, "GET", "POST", scope=Scope.COMPANY, audit=("regulations:draft:begun", ""), rate="write")
def enter(request: HttpRequest) -> HttpResponse:
    """Enter a year's notice: read the pasted text, check, look at the months, save as a draft of the calendar."""
    book = holidays.calendar_of(request.access.company_id)
    year = _year(request, holidays.entered_years(book)[-1][0] + 1)
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    text = request.POST.get("text", "").replace("\0", "")[:6000]
    known = holidays.notice_of(book, year)
    if not known.holidays:
        known = Notice(year, (), ())
    initial = _shown(known) | (
        {f"name-{n}": name for n, name in enumerate(FESTIVALS)} if not known.holidays else {}
    )
    form = NoticeForm(request.POST or None, initial=initial)
    notice: Notice | None = None
    read = recognised(text, year) if text else None
    if doing == "read":
        form, notice = _read(read, text, request)
    elif doing and form.is_valid():
        notice = form.notice(recognised(text, form.cleaned_data["year"]) if text else None)
        if doing == "save":
            try:
                made = holidays.enter(
                    notice, number=notice.number, edition=_edition_name(request, notice.year), by=request.access, at=timezone.now()
                )  # fmt: skip
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
            else:
                messages.success(request, gettext("The notice is in a draft now; submit it for review."))
                return go("regulations:draft", made.pk)
    doubts = holidays.doubts(notice, book) if notice else []
    context = {
        "form": form, "notice": notice, "doubts": [(holidays.sentence(one), one.code in holidays.GRAVE) for one in doubts],
        "grid": holidays.year_grid(notice, book) if notice else [], "weekdays": _weekdays(), "year": notice.year if notice else year,
        "crumbs": [(gettext("Rulebooks"), reverse("regulations:books")), (gettext("The year's holidays"), reverse("regulations:holidays"))],
    }  # fmt: skip
    return show(
        request, "regulations/notice_form.html", context, status=422 if form.is_bound and form.errors else 200
    )


def _read(read: Notice | None, text: str, request: HttpRequest) -> tuple[NoticeForm, Notice | None]:
    """The form filled in from the pasted text; without anything recognised it says so beside the text."""
    if read is None or not read.holidays:
        form = NoticeForm(request.POST)
        form.is_valid()
        form.add_error("text", gettext("No holiday was recognised in the text; enter the lines by hand."))
        return form, None
    data = {name: "" if value is None else f"{value}" for name, value in _shown(read, text).items()}
    data.setdefault("number", "")
    data["number"] = data["number"] or request.POST.get("number", "")[:60]
    form = NoticeForm(data)
    return form, read if form.is_valid() else None


def _edition_name(request: HttpRequest, year: int) -> str:
    """A free name for the calendar with the year."""
    company = request.access.company_id
    taken = set(
        Edition.objects.in_company(company).filter(book=holidays.BOOK).values_list("edition", flat=True)
    )
    taken |= set(Draft.objects.filter(company_id=company, book=holidays.BOOK, state__in=OPEN).values_list("edition", flat=True))  # fmt: skip
    return next(name for number in range(1, 1000) if (name := f"{year}.{number}") not in taken)
