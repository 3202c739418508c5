"""The engineer's phone: my day, one job, each deed by a form, and the outbox of what was done without signal. One's own orders only."""

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.timezone import is_aware
from django.utils.translation import gettext as __

from sanbao.accounts import scope
from sanbao.audit import operations as audit
from sanbao.decisions.queries import whys
from sanbao.edge.headers import policy
from sanbao.edge.hygiene import Dirty, read_json
from sanbao.files import operations as files
from sanbao.files.models import StoredFile
from sanbao.products.models import Part
from sanbao.ui import guard
from sanbao.ui.formats import language
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.workorders import deeds, flow, papers, queries, sites, tariff
from sanbao.workorders.deeds import DEEDS, Time
from sanbao.workorders.models import Action, Order, Plan, Visit
from sanbao.workorders.models.visits import HELD_TIME
from sanbao.workorders.operations import outbox, siting
from sanbao.workorders.operations.outbox import Entry, Sent
from sanbao.workorders.permissions import May
from sanbao.workorders.states import ENDED, OPEN, TONES, Kind, State

MOST_JOBS = 60
MOST_PARTS = 300
AWAY = ("refuse", "incomplete", "refuse_site")  # deeds after which the engineer is back at the day
# What an engineer's deeds leave in the event log.
EVENTS = ("workorders:*", "intake:*", "customers:*", "settlements:*", "")
# In which states of the order a deed is offered. The phone's script goes by the same table while there is no signal (data-in).
OFFERED = {
    "accept": (State.DISPATCHED,),
    "arrive": (State.DISPATCHED, State.ACCEPTED),
    "refuse": (State.DISPATCHED, State.ACCEPTED),
    "resume": (State.HELD,),
    "unit": (State.ACCEPTED, State.WORKING, State.HELD),
    "checks": (State.WORKING,),
    "photo": (State.WORKING, State.HELD, State.DONE),
    "plan": (State.WORKING,),
    "offer": (State.WORKING,),
    "answer_plan": (State.WORKING,),
    "telephone": (State.WORKING,),
    "part": (State.WORKING,),
    "step": (State.WORKING, State.DONE),
    "complete": (State.WORKING,),
    "accept_work": (State.DONE,),
    "sign": (State.WORKING, State.DONE),
    "hold": (State.ACCEPTED, State.WORKING),
    "refuse_site": (State.WORKING,),
    "incomplete": (State.ACCEPTED, State.WORKING, State.HELD),
}


def map_link(address: str, coordinates: str = "") -> str:
    """Where a map opens: the phone's own by default, or the one the installation names (SANBAO_MAP_URL, SANBAO_MAP_POINT_URL)."""
    link = settings.MAP_POINT_URL if coordinates and settings.MAP_POINT_URL else settings.MAP_URL
    north, _comma, east = coordinates.partition(",")
    told = {"{address}": quote(address, safe=""), "{latitude}": north, "{longitude}": east}
    for name, value in told.items():
        link = link.replace(name, value)
    return str(link)


@page(May.OWN, scope=Scope.OWN, audit=None, rate="page")
def day(request: HttpRequest) -> HttpResponse:
    """My day: what is to be done, in order of time; then the days after."""
    access, now = request.access, timezone.now()
    orders = list(queries.mine(access).filter(state__in=OPEN).select_related("company")[:MOST_JOBS])
    visits = Visit.objects.filter(company_id=access.company_id, engineer_id=access.person_id, state__in=HELD_TIME, order__in=orders).order_by("during")  # fmt: skip
    times = {visit.order_id: visit for visit in reversed(visits)}
    words = _step_words(orders)
    jobs = sorted(
        (_job(order, times.get(order.pk), words, now) for order in orders), key=lambda job: job["at"]
    )
    until = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    context = {
        "today": [job for job in jobs if job["at"] < until and job["order"].state != State.HELD],
        "held": [job for job in jobs if job["order"].state == State.HELD],
        "later": [job for job in jobs if job["at"] >= until and job["order"].state != State.HELD],
        "helping": _helping(request, now),
        "unsettled": _unsettled(request),
        "deed_words": list(deeds.WORDS.items()),
        "state_words": State.choices,
        "day": timezone.localdate(now),
        "now": now,
    }
    return show(request, "workorders/phone/day.html", context)


def _job(
    order: Order, visit: Visit | None, words: dict[tuple[str, str], str], now: datetime
) -> dict[str, Any]:
    first = visit.during.lower if visit else order.wanted_from
    late, tone = queries.late_words(order, now)
    return {
        "order": order, "at": first or now, "first": first, "last": visit.during.upper if visit else order.wanted_until,
        "tone": TONES[State(order.state)], "late": late, "late_tone": tone, "map": map_link(order.address, order.coordinates),
        "next": words.get((order.kind, order.step), ""),
    }  # fmt: skip


def _step_words(orders: list[Order]) -> dict[tuple[str, str], str]:
    """What the present step of each is called."""
    if not orders:
        return {}
    book = flow.book_of(orders[0])
    return {(order.kind, order.step): book.word(order.step, language()) for order in orders if order.step}


def _helping(request: HttpRequest, now: datetime) -> list[Visit]:
    """Where the engineer goes along with a colleague who answers for the order."""
    access = request.access
    rows = Visit.objects.filter(
        company_id=access.company_id, engineer_id=access.person_id, helps=True, state__in=HELD_TIME, during__endswith__gte=now
    )  # fmt: skip
    return list(rows.select_related("order__engineer").order_by("during")[:10])


def _unsettled(request: HttpRequest, order: Order | None = None) -> list[Action]:
    """What the phone sent and could not be done as it was meant; it waits for the engineer's word."""
    access = request.access
    with scope.as_owner("a conflict stays the engineer's where its order has gone elsewhere"):
        rows = Action.objects.filter(company_id=access.company_id, person_id=access.person_id, result__in=outbox.OPEN)  # fmt: skip
        if order is not None:
            rows = rows.filter(order=order)
        return _worded(rows.select_related("order").defer("payload").order_by("id")[:20])


def _worded(rows: Iterable[Action]) -> list[Action]:
    """Entries with what their deed is called."""
    found = list(rows)
    for row in found:
        row.words = deeds.WORDS.get(row.name, row.name)  # type: ignore[attr-defined]
    return found


def _mine(request: HttpRequest, pk: int) -> Order:
    rows = queries.mine(request.access).select_related("outlet__region", "engineer", "request", "unit__model", "cover_decision", "company", "customer")  # fmt: skip
    return get_object_or_404(rows, pk=pk)


@page(May.OWN, scope=Scope.OWN, audit=None, rate="page")
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """One job: where, what, the present step, and what may be done now."""
    return _shown(request, _mine(request, pk))


def _shown(
    request: HttpRequest, order: Order, *, refusal: Refusal | None = None, name: str = ""
) -> HttpResponse:
    now = timezone.now()
    plan = order.plans.exclude(state=Plan.State.SUPERSEDED).select_related("decision").prefetch_related("lines").order_by("-number").first()  # fmt: skip
    decisions = [decision for decision in (order.cover_decision, plan.decision if plan else None) if decision]
    told = {
        each.pk: why for each, why in zip(decisions, whys(decisions, language(), request.access), strict=True)
    }
    step = next((step for step in flow.steps_of(order) if step.code == order.step), None)
    visit = order.visits.filter(engineer_id=request.access.person_id, state__in=HELD_TIME).order_by("during").first()  # fmt: skip
    context = {
        "order": order,
        "now": now,
        "day": timezone.localdate(now),
        "map": map_link(order.address, order.coordinates),
        "first": visit.during.lower if visit else order.wanted_from,
        "last": visit.during.upper if visit else order.wanted_until,
        "state_tone": TONES[State(order.state)],
        "steps": queries.steps(order),
        "step_label": flow.label(step) if step else "",
        "step_instruction": step.instruction[language()] if step else "",
        "step_clause": flow.clause(step) if step else "",
        "missing": [(text, flow.told(clause)) for text, clause in flow.missing(order, step.code)] if step and order.state in OPEN else [],
        "cover_why": told.get(order.cover_decision_id),
        "plan": plan,
        "plan_why": told.get(plan.decision_id) if plan else None,
        "tariff": tariff.shown(order, timezone.localdate(now)) if order.state not in ENDED else [],
        "deeds": _deeds(order, plan, request, name),
        "photos": list(order.photos.order_by("id")),
        "parts": list(order.parts.filter(withdrawn_at__isnull=True).select_related("part").order_by("id")),
        "papers": papers.papers_of(order),
        "catalogue": _catalogue(order) if order.state not in ENDED else [],
        "unsettled": _unsettled(request, order),
        "corrected": _worded(order.actions.filter(person_id=request.access.person_id, code="clock", result="applied").order_by("-id")[:3]),
        "deed_words": list(deeds.WORDS.items()),
        "state_words": State.choices,
        "refusal": refusal,
        "refused": name,
    }  # fmt: skip
    response = show(request, "workorders/phone/job.html", context, status=refusal.status if refusal else 200)
    # The place of arrival, where it is agreed to; and the camera, to read the appliance's label.
    response.headers["Permissions-Policy"] = policy("camera", "geolocation")
    return response


def _deeds(order: Order, plan: Plan | None, request: HttpRequest, refused: str) -> dict[str, dict[str, Any]]:
    """The forms of the job by deed: whether each is offered now, or only once the state allows it (the script shows it then)."""
    if order.state in ENDED:
        return {}
    initial: dict[str, dict[str, Any]] = {
        "unit": {"serial": order.serial},
        "plan": {"cause": order.cause, "component": order.component, "km": order.km or None, "labour": "replace"},
        "offer": {"plan": plan.number if plan else None},
        "answer_plan": {"plan": plan.number if plan else None, "charged": plan.charged_fen if plan else None, "name": order.contact},
        "telephone": {"plan": plan.number if plan else None, "charged": plan.charged_fen if plan else None, "name": order.contact, "called": order.phone},
        "part": {"name": order.contact, "component": order.component},
        "complete": {"cause": order.cause, "component": order.component, "work": order.work, "km": order.km or None, "restored": True},
        "accept_work": {"name": order.contact},
        "sign": {"name": order.contact},
        "step": {"code": order.step},
    }  # fmt: skip
    left_out = _left_out(order, plan)
    shown = {}
    for name, states in OFFERED.items():
        if name in left_out:
            continue
        typed = (request.POST, request.FILES) if name == refused else (None, None)
        form = DEEDS[name].form(order, *typed, initial=initial.get(name), auto_id=f"{name}_%s")
        shown[name] = {
            "name": name, "form": form, "states": " ".join(states), "now": order.state in states,
            "open": name == refused or name == _next_deed(order, plan),
            "url": reverse("workorders:deed", args=[order.pk, name]),
        }  # fmt: skip
    return shown


def _left_out(order: Order, plan: Plan | None) -> set[str]:
    """The deeds that this job does not have, whatever its state."""
    gone = set()
    if order.kind not in (Kind.REPAIR, Kind.REPLACEMENT, Kind.INSTALLATION, Kind.MAINTENANCE):
        gone |= {"plan", "part"}
    if plan is None or plan.state != Plan.State.DRAFT:
        gone.add("offer")
    if plan is None or plan.state != Plan.State.OFFERED:
        gone |= {"answer_plan", "telephone"}
    if not flow.may_agree_by_telephone(order):
        gone.add("telephone")
    if order.site != Order.Site.REFUSED:
        gone.add("refuse_site")
    if order.step not in flow.TOLD_IN_WORDS:
        gone.add("step")
    if not (queries.checklist(order) or sites.said_besides(order) or sites.checks(order)):
        gone.add("checks")
    return gone


def _next_deed(order: Order, plan: Plan | None) -> str:
    """What is most likely done next: its form stands open."""
    if order.state != State.WORKING:
        return {State.DONE: "accept_work"}.get(State(order.state), "")
    if order.step == "diagnosis":
        return "offer" if plan and plan.state == Plan.State.DRAFT else "plan" if not _lacks_photo(order) else "photo"  # fmt: skip
    if order.step in ("agreement", siting.STEP):
        return "answer_plan" if order.step == "agreement" else "checks"
    return "step" if order.step in flow.TOLD_IN_WORDS else ""


def _lacks_photo(order: Order) -> bool:
    return not {"plate", "fault"} <= set(order.photos.values_list("purpose", flat=True))


def _catalogue(order: Order) -> list[Part]:
    """The parts that fit the appliance, for the list under the field; all where it is not known which they are."""
    rows = Part.objects.filter(company_id=order.company_id).order_by("code")
    fitting = list(rows.filter(fits__code=order.model)[:MOST_PARTS]) if order.model else []
    return fitting or list(rows[:MOST_PARTS])


@page(May.OWN, "POST", scope=Scope.OWN, audit=EVENTS, rate="write")
def deed(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Do one deed at once, as the form was filled in: the way without a script."""
    if name not in DEEDS:
        raise Http404
    order = _mine(request, pk)
    try:
        deeds.do(order, name, request.POST, request.FILES, Time(request.access, timezone.now()))
    except Refusal as refusal:
        return _shown(request, _mine(request, pk), refusal=refusal, name=name)
    return go("workorders:day") if name in AWAY else go("workorders:job", pk)


@page(May.OWN, "POST", scope=Scope.OWN, audit=EVENTS, rate="write", piecewise=True)
def actions(request: HttpRequest) -> HttpResponse:
    """The phone's outbox: entries in the order they were done, each in a transaction of its own, each answered for."""
    received_at = timezone.now()
    try:
        sent, entries = _read(request, received_at)
        for entry in entries:
            outbox.refuse_unreadable(entry)
            outbox.theirs(entry.order, request.access)
        answers = [
            guard.piece(lambda entry=entry: outbox.take_in(entry, sent, by=request.access))
            for entry in entries
        ]  # type: ignore[misc]
    except Refusal as refusal:
        return JsonResponse({"code": refusal.code, "sentence": str(refusal)}, status=refusal.status)
    return JsonResponse({"answers": answers, "received_at": received_at.isoformat()})


def _read(request: HttpRequest, received_at: datetime) -> tuple[Sent, list[Entry]]:
    """What the phone sent, read strictly: anything else than a page of ours writes is refused as a whole."""
    if request.content_type != "application/json":
        raise _unreadable()
    try:
        body = read_json(request.body)
        rows = body["entries"]
        if not isinstance(rows, list) or not 1 <= len(rows) <= outbox.MOST_ENTRIES:
            raise ValueError
        sent = Sent(_text(body.get("device", ""), 40), _moment(body["sent_at"]), received_at)
        return sent, [_entry(row) for row in rows]
    except (Dirty, KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise _unreadable() from None


def _entry(row: dict[str, Any]) -> Entry:
    if not isinstance(row["payload"], dict) or type(row["order"]) is not int or not 0 < row["order"] < 2**62:
        raise ValueError
    seen_at = _moment(row["seen_at"]) if row.get("seen_at") else None
    return Entry(
        _text(row["key"], 80), row["order"], _text(row["name"], 20), row["payload"], _moment(row["device_at"]), seen_at, row.get("live") is True
    )  # fmt: skip


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise ValueError
    return value


def _moment(value: Any) -> datetime:
    found = datetime.fromisoformat(_text(value, 40))
    if not is_aware(found) or not 2000 <= found.year <= 2100:
        raise ValueError
    return found


def _unreadable() -> Refusal:
    return Refusal(__("This phone sends something that can't be read. Load the page anew."), code="entry")


def _action(request: HttpRequest, pk: int) -> Action:
    access = request.access
    with scope.as_owner("a conflict stays the engineer's where its order has gone elsewhere"):
        return get_object_or_404(Action.objects.filter(company_id=access.company_id, person_id=access.person_id), pk=pk)  # fmt: skip


@page(May.OWN, "POST", scope=Scope.OWN, audit=("workorders:action:dropped", ""), rate="write")
def action_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it up."""
    found = _action(request, pk)
    with suppress(Refusal):  # it is settled: the page shows how
        outbox.drop(found, by=request.access, at=timezone.now())
    return _back(request, found)


@page(May.OWN, "POST", scope=Scope.OWN, audit=EVENTS, rate="write")
def action_anew(request: HttpRequest, pk: int) -> HttpResponse:
    """Do it on the order as it is now."""
    found = _action(request, pk)
    with suppress(Refusal):
        outbox.do_anew(found, by=request.access, at=timezone.now())
    return _back(request, found)


def _back(request: HttpRequest, action: Action) -> HttpResponse:
    mine = queries.mine(request.access).filter(pk=action.order_id).exists()
    return go("workorders:job", action.order_id) if mine else go("workorders:day")


@page(May.OWN, scope=Scope.OWN, audit="workorders:file:taken", rate="page")
def job_file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A photograph of one's own job."""
    found = _mine(request, pk)
    rows = StoredFile.objects.filter(pk__in=[*found.photos.values_list("file", flat=True), *found.photos.values_list("thumbnail", flat=True)])  # fmt: skip
    stored = get_object_or_404(rows, pk=number)
    audit.record("workorders:file:taken", found, by=request.access, at=timezone.now(), outlet_id=found.outlet_id, file=stored.name)  # fmt: skip
    return files.show(stored)


@page(May.OWN, scope=Scope.OWN, audit="workorders:paper:printed", rate="export")
def job_paper(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """A paper of one's own job for the customer, receipt and record among them: with the customer's data, for it is theirs."""
    from sanbao.workorders import printing

    found = _mine(request, pk)
    if code not in dict(papers.papers_of(found)):
        raise Http404
    frame = printing.frame_of(found.company, request.access, timezone.now(), link=printing.link_to(found, request), unmasked=True)  # fmt: skip
    response = HttpResponse(
        printing.paper_pdf(found, code, frame, language()), content_type="application/pdf"
    )
    response.headers["Content-Disposition"] = content_disposition_header(True, papers.file_name(found, code)) or ""  # fmt: skip
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    audit.handed_out("workorders:paper:printed", found, request, paper=code, unmasked=True)
    return response


# The app: what makes the pages installable and readable without signal. Nothing here is anybody's, so it is open to anyone.


@page.public(audit=None, rate="public")
def manifest(request: HttpRequest) -> HttpResponse:
    """The manifest of the app. Public: browsers ask for it without signing in, and it holds names and drawings only."""
    day_url = reverse("workorders:day")
    icons = [
        {
            "src": static(f"ui/icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size, purpose in ((192, "any"), (512, "any"), (512, "maskable"))
    ]
    told = {
        "name": __("Sanbao field service"), "short_name": __("My jobs"), "lang": language(), "id": day_url, "start_url": day_url,
        "scope": day_url, "display": "standalone", "orientation": "portrait", "background_color": "#f3f5f7", "theme_color": "#0f6e66",
        "icons": icons,
    }  # fmt: skip
    return HttpResponse(json.dumps(told, ensure_ascii=False), content_type="application/manifest+json")


@page.public(audit=None, rate="public")
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: which files make the shell, then the script. Public, because it is renewed also when nobody is signed in."""
    names = (
        "build/app.css",
        "build/app.js",
        "build/theme.js",
        "build/phone.js",
        "build/icons.svg",
        "icon.svg",
    )
    shell = [reverse("workorders:offline"), *(static(f"ui/{name}") for name in names)]
    text = f"self.SHELL = {json.dumps(shell)};\nimportScripts({json.dumps(static('ui/build/phone_worker.js'))});\n"
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


@page.public(audit=None, rate="public")
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown without signal where a page is not on the phone. Public: the worker keeps it before anybody signs in."""
    return show(request, "workorders/phone/offline.html")
