"""How the callbacks stand, for whoever leads the callers: by month and by caller, promised answers, the sample with its decisions."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.callbacks import books, queries
from sanbao.callbacks.permissions import May
from sanbao.callbacks.states import Why
from sanbao.outlets.models import Outlet
from sanbao.ui.pages import Scope, page, show
from sanbao.ui.readers.fields import MonthField
from sanbao_rules.periods import add_months

MOST_MONTHS = 24


class PeriodForm(forms.Form):
    """From which month to which."""

    first = MonthField(label=_("From"), required=False, widget=forms.DateInput({"type": "month"}))
    last = MonthField(label=_("Until"), required=False, widget=forms.DateInput({"type": "month"}))

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = said.get("first"), said.get("last")
        if first and last and last < first:
            self.add_error("last", __("It ends before it begins."))
        elif first and last and last >= add_months(first, MOST_MONTHS):
            self.add_error("last", __("At most %(count)d months at once.") % {"count": MOST_MONTHS})
        return said


@page(May.LEAD, scope=Scope.PLACES, audit=None, rate="page")
def overview(request: HttpRequest) -> HttpResponse:
    """The numbers of some months, by the day on which callbacks fall due."""
    today = timezone.localdate()
    form = PeriodForm(request.GET) if request.GET else PeriodForm()
    said = form.cleaned_data if form.is_bound and form.is_valid() else {}
    last: date = said.get("last") or max(today.replace(day=1), said.get("first") or date.min)
    first: date = said.get("first") or add_months(last, -5)
    end = add_months(last, 1) - timedelta(days=1)
    access = request.access
    by_outlet = queries.numbers_by_outlet(access, first, end, today=today)
    seen = queries.observations_by_outlet(access, first, end)
    names = dict(
        Outlet.objects.filter(pk__in=[pk for pk in {*by_outlet, *seen} if pk]).values_list("pk", "code")
    )
    book = books.book(access.company_id)
    words = dict(Why.choices)
    sample = queries.sampling(access, first, end)
    kept = queries.answers_kept(access, first, end)
    context = {
        "form": form if form.is_bound and form.errors else PeriodForm(initial={"first": first, "last": last}),
        "first": first, "last": last,
        "total": queries.numbers_of(access, first, end, today=today),
        "months": queries.numbers_by_month(access, first, end, today=today),
        "people": queries.numbers_by_caller(access, first, end, today=today),
        "outlets": [
            (names.get(pk, __("headquarters")), numbers, sum(seen.get(pk, {}).values()))
            for pk, numbers in sorted(by_outlet.items(), key=lambda pair: names.get(pair[0], ""))
        ],
        "sample": sample, "reasons": [(code, words.get(code, code), count) for code, count in sample.reasons],
        "rates": [
            (parameter.label["en" if request.LANGUAGE_CODE.startswith("en") else "zh"], book.value(name, today).value)
            for name in ("sample_installations", "sample_others")
            for parameter in (book.parameters[name],)
        ],
        "days": queries.days(access), "promised": kept[0], "kept": kept[1], "kept_late": kept[2],
    }  # fmt: skip
    return show(request, "callbacks/overview.html", context)
