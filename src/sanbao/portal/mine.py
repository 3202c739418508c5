"""The customer's own page: a telephone number, a code by SMS, and then all their requests and appliances for two hours.

Public: see visitors.py. Answer and time are the same whether we know the number or not.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from sanbao.accounts import scope
from sanbao.portal import queries, visitors
from sanbao.portal.forms import CodeForm, PhoneForm
from sanbao.portal.operations import door
from sanbao.ui import guard
from sanbao.ui.formats import language
from sanbao.ui.pages import go, page, show
from sanbao.ui.refusal import Refusal


@never_cache
@page.public("GET", "POST", audit=("portal:code:sent", ""), rate="public")
def mine(request: HttpRequest, code: str) -> HttpResponse:
    """All that is the visitor's; to everybody else the form for a telephone number. Public: a code to the telephone is the key."""
    company, at = visitors.company_of(code), timezone.now()
    by = door(company)
    with scope.opened(by):
        who = visitors.visitor(request, company)
        if who is not None and request.method == "GET":
            context = {"company": company, "who": who} | queries.mine(who, by, language(), at)
            return show(request, "portal/mine.html", context)
        can_send = visitors.can_send()
        form = PhoneForm(request.POST or None)
        if request.method == "POST" and can_send and form.is_valid():
            phone = form.cleaned_data["phone"]
            visitors.brake("code-from", visitors.address_of(request))
            visitors.brake("code-to", phone)
            try:
                return guard.carry_out(
                    request,
                    lambda: go("portal:code", company.code, visitors.send_code(company, phone, by=by, at=at)),
                )
            except Refusal as refusal:
                if refusal.status != 422:
                    raise
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {"company": company, "form": form, "can_send": can_send}
    wrong = request.method == "POST" and (not can_send or bool(form.errors))
    return show(request, "portal/phone.html", context, status=422 if wrong else 200)


@never_cache
@page.public("GET", "POST", audit=("portal:visit:begun", ""), rate="public")
def code(request: HttpRequest, code: str, handle: str) -> HttpResponse:
    """The code that came by SMS. Public: braked by address, five tries a code, and only in the browser that asked for it."""
    company, at = visitors.company_of(code), timezone.now()
    by = door(company)
    with scope.opened(by):
        number = visitors.asked_number(company, handle, at=at)
        if not number:
            messages.warning(request, _("That code is too old. Have a new one sent."))
            return go("portal:mine", company.code)
        form = CodeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            visitors.brake("code-try", visitors.address_of(request))
            typed = form.cleaned_data["code"]

            def entered() -> HttpResponse:
                found = visitors.enter(company, handle, typed, by=by, at=at)
                if found is None:  # answered, not raised: the try that was counted stays counted
                    form.add_error(
                        "code",
                        _(
                            "This code is not right, or was used, or was tried too often. Have a new one sent."
                        ),
                    )
                    return _asked(request, company, form, number, status=422)
                return visitors.let_in(go("portal:mine", company.code), company, found[1])

            return guard.carry_out(request, entered)
        return _asked(request, company, form, number, status=422 if form.is_bound else 200)


def _asked(
    request: HttpRequest, company: object, form: CodeForm, number: str, *, status: int
) -> HttpResponse:
    return show(
        request, "portal/code.html", {"company": company, "form": form, "number": number}, status=status
    )


@page.public("POST", audit=("portal:visit:ended", ""), rate="public")
def leave(request: HttpRequest, code: str) -> HttpResponse:
    """End the visit. Public: it can only end the one whose cookie comes with it."""
    company = visitors.company_of(code)
    by = door(company)
    with scope.opened(by):
        who = visitors.visitor(request, company)

        def left() -> HttpResponse:
            if who is not None:
                visitors.leave(who.visit, by=by, at=timezone.now())
            messages.success(request, _("You have left your page. This device no longer shows it."))
            return visitors.let_out(go("portal:home", company.code), company)

        return guard.carry_out(request, left)
