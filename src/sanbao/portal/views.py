"""The customer's pages. Public: a customer has no sign-in; what is in reach is said at each view.

Public views are not wrapped by the guard: each opens the scope of the company's door, and a write is carried out once (`guard.carry_out`).
"""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from sanbao.accounts import scope
from sanbao.accounts.models import Company
from sanbao.documents import queries as documents
from sanbao.files import operations as files
from sanbao.files.models import StoredFile
from sanbao.intake import links
from sanbao.intake import operations as intake
from sanbao.intake import queries as requests
from sanbao.intake.models import Request
from sanbao.intake.permissions import May
from sanbao.intake.states import OPEN, Channel, State
from sanbao.knowledge import queries as knowledge
from sanbao.portal import complaints, operations, visitors
from sanbao.portal.forms import AskForm, FindForm, SaidForm, WriteForm
from sanbao.portal.policy import policy_of
from sanbao.portal.queries import orders_of_request
from sanbao.products import queries as products
from sanbao.ui import guard
from sanbao.ui.formats import language
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.readers import values
from sanbao.ui.refusal import Refusal


@page.public(audit=None, rate="public")
def home(request: HttpRequest, code: str) -> HttpResponse:
    """Where a customer begins. Public: the company's name and hotline are no secret."""
    company = visitors.company_of(code)
    with scope.opened(operations.door(company)):
        context = {"company": company, "policy": policy_of(company.pk, language(), timezone.localdate())}
    return show(request, "portal/home.html", context)


@page(May.SEE_DESK, scope=Scope.COMPANY, audit=None, rate="page")
def poster(request: HttpRequest) -> HttpResponse:
    """The address of the customers' pages with its code, to print and put up, and to print on labels."""
    import segno

    company = Company.objects.get(pk=request.access.company_id)
    root = settings.SITE_URL or f"{request.scheme}://{request.get_host()}"
    address = root + reverse("portal:home", args=[company.code])
    register = root + reverse("portal:register", args=[company.code])
    context = {
        "company": company,
        "address": address,
        "of_label": f"{register}?serial=",
        "code": mark_safe(segno.make(address, error="m").svg_inline(scale=6, border=2)),  # noqa: S308 — drawn by segno from an address of ours
    }
    return show(request, "portal/poster.html", context)


@page.public(audit=None, rate="public")
def policy(request: HttpRequest, code: str) -> HttpResponse:
    """The service policy (MO-1). Public: it is published."""
    company = visitors.company_of(code)
    with scope.opened(operations.door(company)):
        articles = knowledge.public(company.pk).filter(kind="policy").order_by("title")[:30]
        context = {
            "company": company,
            "policy": policy_of(company.pk, language(), timezone.localdate()),
            "articles": list(articles),
            "regulations": list(documents.published(company.pk)[:30]),
        }
    return show(request, "portal/policy.html", context)


@page.public(
    "GET",
    "POST",
    audit=("intake:request:registered", "complaints:complaint:registered", "customers:customer:served", ""),
    rate="public",
)
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for service. Public: anybody may be a customer; braked by address and by telephone, and nothing is shown but what was typed."""
    company = visitors.company_of(code)
    at = timezone.now()
    by = operations.door(company)
    with scope.opened(by):
        serial = serial_of(request.GET.get("serial", ""))
        who = visitors.visitor(request, company)
        unit = products.unit_of_serial(company.pk, serial) if serial else None
        form = AskForm(
            by,
            timezone.localdate(at),
            request.POST or None,
            request.FILES or None,
            initial={"serial": serial, "model": unit.model.code if unit else ""},
            who=who,
        )
        if request.method == "POST" and form.is_valid():
            visitors.brake("ask", visitors.address_of(request))
            visitors.brake("ask", f"{company.pk}:{form.cleaned_data['phone']}")
            try:
                return guard.carry_out(request, lambda: _asked(request, company, form.cleaned_data))
            except Refusal as refusal:
                if refusal.status != 422:
                    raise
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        context = {
            "company": company,
            "form": form,
            "model_of_label": unit.model if unit else None,
            "serial": serial,
            "who": who,
        }
        return show(request, "portal/ask.html", context, status=422 if form.is_bound and form.errors else 200)


def serial_of(typed: str) -> str:
    try:
        return values.code(typed.replace("\0", ""), 60).upper()
    except values.Bad:
        return ""


def _asked(request: HttpRequest, company: Company, data: dict[str, Any]) -> HttpResponse:
    wanted = intake.Ask(
        channel=Channel.WEB, category=data["category"], subject=data["subject"], description=data["description"],
        flags=data["danger"], severity="danger" if data["danger"] else "", contact=data["contact"], phone=data["phone"],
        email=data["email"], address=data["address"], serial=data["serial"], model=data["model"],
    )  # fmt: skip
    photos = [(file.read(), file.name) for file in data["photos"]]
    made = operations.ask(company, wanted, about=data["about"], photos=photos, at=timezone.now())
    messages.success(
        request,
        _("We have your request. Its number is %(number)s; keep this page's link.") % {"number": made.number},
    )
    return go(links.path(company, made))


@page.public("GET", "POST", audit=None, rate="public")
def find(request: HttpRequest, code: str) -> HttpResponse:
    """A request's page by its number and the telephone number it was made with. Public; braked by address and by number, and a wrong
    number and a wrong telephone are told in the same words."""
    company = visitors.company_of(code)
    form = FindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number, phone = form.cleaned_data["number"], form.cleaned_data["phone"]
        visitors.brake("find", visitors.address_of(request))
        visitors.brake("find", f"{company.pk}:{number}")
        with scope.opened(operations.door(company)):
            rows = Request.objects.filter(company_id=company.pk, erased_at__isnull=True)
            found = rows.filter(number=number, phone=phone).first()
            if found is not None:
                return go(links.path(company, found))
        form.add_error(
            None,
            _("There is no request of this number with this telephone number. Look at both, or call us."),
        )
    return show(
        request,
        "portal/find.html",
        {"company": company, "form": form},
        status=422 if form.is_bound and form.errors else 200,
    )


@never_cache
@page.public(audit=None, rate="public")
def request_(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """One request for its customer. Public: the signed link is the key; colleagues' notes, names and other requests are not in it."""
    company = visitors.company_of(code)
    with scope.opened(operations.door(company)):
        return _shown(request, company, _read(company, token), token)


def _read(company: Company, token: str) -> Request:
    try:
        return links.read(company, token)
    except Request.DoesNotExist:
        raise Http404 from None


def _shown(
    request: HttpRequest, company: Company, found: Request, token: str, *, form: WriteForm | None = None, refusal: Refusal | None = None
) -> HttpResponse:  # fmt: skip
    now = timezone.now()
    promises, _why = requests.promises_of(found, operations.door(company), language(), now)
    events = [event for event in requests.timeline(found, public=True) if event["text"] or event["files"]]
    context = {
        "company": company,
        "token": token,
        "request_": found,
        "steps": requests.steps(found),
        "orders": orders_of_request(found, company),
        "shown": complaints.of_request(found) if found.category.kind == "complaint" else None,
        "promises": [each for each in promises if found.state in OPEN or each.promise.met_at],
        "events": events,
        "form": form or WriteForm(),
        "is_open": found.state in OPEN,
        "is_solved": found.state == State.SOLVED,
        "may_write": found.state != State.CANCELLED,
        "helps": knowledge.suggest_public(company.pk, found.subject, most=3) if found.state in OPEN else [],
        "refusal": refusal,
    }
    return show(
        request,
        "portal/request.html",
        context,
        status=refusal.status if refusal else 422 if form is not None and form.errors else 200,
    )


@page.public("POST", audit=("intake:request:written", ""), rate="public")
def write(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """A word or photographs from the customer; a solved request is opened again by it. Public: see `request_`."""
    company = visitors.company_of(code)
    form = WriteForm(request.POST, request.FILES)
    with scope.opened(operations.door(company)):
        found = _read(company, token)
        if not form.is_valid():
            return _shown(request, company, found, token, form=form)
        visitors.brake("ask", visitors.address_of(request))

        def written() -> HttpResponse:
            by, at = operations.door(company), timezone.now()
            kept = operations.keep([(file.read(), file.name) for file in form.cleaned_data["photos"]], by, at)
            intake.receive_message(
                found,
                form.cleaned_data["body"],
                channel=Channel.WEB,
                external_id="",
                files=kept,
                by=by,
                at=at,
            )
            messages.success(request, _("We have your words."))
            return go(links.path(company, found))

        return _carried_out(request, company, found, token, written)


@page.public("POST", audit=("intake:request:confirmed", ""), rate="public")
def confirm(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The customer says that it is solved. Public: see `request_`."""
    return _ended(request, code, token, intake.confirm, _("Thank you for telling us."))


@page.public("POST", audit=("intake:request:withdrawn", ""), rate="public")
def withdraw(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The customer needs it no more. Public: see `request_`."""
    return _ended(request, code, token, intake.withdraw, _("The request is withdrawn."))


def _ended(request: HttpRequest, code: str, token: str, operation: Any, words: str) -> HttpResponse:
    company = visitors.company_of(code)
    form = SaidForm(request.POST)
    with scope.opened(operations.door(company)):
        found = _read(company, token)
        if not form.is_valid():
            return _shown(
                request, company, found, token, refusal=Refusal(next(iter(form.errors.values()))[0])
            )

        def done() -> HttpResponse:
            operation(found, form.cleaned_data["words"], by=operations.door(company), at=timezone.now())
            messages.success(request, words)
            return go(links.path(company, found))

        return _carried_out(request, company, found, token, done)


def _carried_out(
    request: HttpRequest, company: Company, found: Request, token: str, run: Any
) -> HttpResponse:
    try:
        answer: HttpResponse = guard.carry_out(request, run)
    except Refusal as refusal:
        found.refresh_from_db()
        return _shown(request, company, found, token, refusal=refusal)
    return answer


@page.public(audit=None, rate="public")
def file(request: HttpRequest, code: str, token: str, number: int) -> HttpResponse:
    """A file that stands in the customer's own view of the request. Public: see `request_`."""
    company = visitors.company_of(code)
    with scope.opened(operations.door(company)):
        found = _read(company, token)
        seen = found.entries.filter(internal=False, files=number)
        stored = get_object_or_404(StoredFile.objects.filter(pk=number, pk__in=seen.values("files")))
        with transaction.atomic():
            return files.download(stored)
