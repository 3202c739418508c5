"""The caller's day, and one callback with everything a call needs beside it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from sanbao.accounts.models import Company, Person
from sanbao.audit import operations as audit
from sanbao.audit import unmasking
from sanbao.callbacks import events, operations, queries
from sanbao.callbacks.forms import (
    LABELS,
    MARKS,
    YES_NO,
    GiveForm,
    NeedForm,
    ObservationForm,
    PromiseForm,
    RecordForm,
    TryForm,
)
from sanbao.callbacks.models import Callback, Plan, Script
from sanbao.callbacks.permissions import May
from sanbao.callbacks.states import OPEN, TONES, Kind, State, Why
from sanbao.complaints.permissions import May as Complaints
from sanbao.complaints.states import Origin
from sanbao.decisions.queries import whys
from sanbao.files import operations as files
from sanbao.files.models import StoredFile
from sanbao.intake.permissions import May as Desk
from sanbao.knowledge import phrases
from sanbao.knowledge.permissions import May as Know
from sanbao.knowledge.queries import phrases as standard_phrases
from sanbao.outlets.queries import holders, outlet_choices
from sanbao.products import queries as products
from sanbao.ui.formats import language, masked_name
from sanbao.ui.lists import Choice, Column, Days, List, Search, Tab
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.workorders.permissions import May as Orders

MOST_FILES = 10
LATE = {"late": (_("overdue"), "red"), "today": (_("due today"), "orange"), "": ("", "")}


def _searched(request: HttpRequest, words: str) -> Q:
    """Number of the callback or of the job, telephone, serial number, or name."""
    plain = words.replace(" ", "").replace("-", "")
    where = Q(number__iexact=words) | Q(serial__iexact=words) | Q(contact=words)
    if plain.isdigit() and len(plain) >= 7:
        where |= Q(phone=plain) | Q(phone=words)
    found = Plan.objects.visible_to(request.access, May.SEE).filter(where).values("pk")
    return Q(number__iexact=words) | Q(plan__in=found)


def _late(row: Callback) -> Any:
    return LATE[queries.overdue_words(row, timezone.now())][0]


def _late_tone(row: Callback) -> str:
    return LATE[queries.overdue_words(row, timezone.now())][1] or "secondary"


def _of(row: Callback, name: str) -> Any:
    return getattr(row.record, name) if hasattr(row, "record") else None


def _callers(request: HttpRequest) -> list[tuple[int, str]]:
    return [(person.pk, person.name) for person in queries.callers(request.access.company_id, timezone.localdate())]  # fmt: skip


CALLBACKS = List(
    "callbacks",
    columns=(
        Column("number", _("Callback"), kind="code", sort="id", link=lambda c: reverse("callbacks:callback", args=[c.pk])),
        Column("kind", _("Kind of callback"), value="get_kind_display"),
        Column("round", _("Call"), kind="number"),
        Column("contact", _("Customer"), kind="name", value="plan.contact"),
        Column("phone", _("Telephone"), kind="phone", value=lambda c: c.number_to_call),
        Column("model", _("Model"), value="plan.model"),
        Column("due_on", _("Due"), kind="date", sort="due_on"),
        Column("late", _("Time"), kind="badge", value=_late, tone=_late_tone),
        Column("next_at", _("Next try"), kind="date"),
        Column("tries", _("Tries"), kind="number"),
        Column("state", _("State"), kind="badge", value="get_state_display", tone=lambda c: TONES[c.state]),
        Column("caller", _("Caller"), value=lambda c: c.caller.name if c.caller else ""),
        Column("outlet", _("Outlet"), value=lambda c: c.outlet.code if c.outlet else ""),
        Column("job", _("Job"), kind="code", value="plan.number"),
        Column("why", _("How it ended"), value="get_why_display", shown=False),
        Column("ended_at", _("Ended on"), kind="date", shown=False),
        Column("satisfaction", _("Satisfaction"), kind="number", value=lambda c: _of(c, "satisfaction"), shown=False),
        Column("attitude", _("Attitude"), kind="number", value=lambda c: _of(c, "attitude"), shown=False),
        Column("works", _("Works well"), value=lambda c: {True: _("yes"), False: _("no")}.get(_of(c, "works"), ""), shown=False),
        Column("usage", _("How it is used"), value=lambda c: _of(c, "usage"), shown=False),
        Column("suggestions", _("Suggestions"), value=lambda c: _of(c, "suggestions"), shown=False),
        Column("words", _("In the customer's words"), value=lambda c: _of(c, "words"), shown=False),
        Column("completed_on", _("Completed"), kind="date", value="plan.completed_on", shown=False),
    ),
    filters=(
        Search("q", _("Number, telephone, serial number or name"), by=_searched),
        Choice("kind", _("Kind of callback"), Kind.choices),
        Choice("state", _("State"), State.choices),
        Choice("caller", _("Caller"), _callers, "caller_id"),
        Choice("outlet", _("Outlet"), lambda request: outlet_choices(request.access, May.SEE), "outlet_id"),
        Choice("why", _("How it ended"), [(each.value, each.label) for each in Why]),
        Days("due", _("Due"), field="due_on"),
    ),
    tabs=(
        Tab("today", _("My calls today"), lambda request: queries.day_of(request.access, timezone.now())),
        Tab("overdue", _("Overdue"), lambda request: Q(state=State.PLANNED, due_on__lt=timezone.localdate())),
        Tab("later", _("Called again later"), lambda request: Q(state=State.PLANNED, next_at__gt=timezone.now())),
        Tab("planned", _("To be called"), Q(state=State.PLANNED)),
        Tab("suspended", _("Suspended"), Q(state=State.SUSPENDED)),
        Tab("done", _("Done"), Q(state=State.DONE)),
        Tab("ended", _("Ended without a talk"), Q(state=State.ENDED)),
        Tab("all", _("All")),
    ),
    order="due_on",
    unmask=May.UNMASK,
)  # fmt: skip


@page(May.SEE, scope=Scope.PLACES, audit="callbacks:callbacks:exported", rate="page")
def today(request: HttpRequest) -> HttpResponse:
    """The caller's day: how much there is, the next call, the list."""
    listing = CALLBACKS.of(request, queries.callbacks(request.access))
    if listing.wants_export:
        return listing.export(__("Callbacks"))
    now = timezone.now()
    found = queries.counts(request.access, now)
    here = reverse("callbacks:today")
    cards = [
        (_("Callbacks today"), found["waiting"], f"{here}?tab=today", "phone-outgoing", ""),
        (_("Due today"), found["due"], f"{here}?tab=today", "clock", "orange"),
        (_("Overdue"), found["overdue"], f"{here}?tab=overdue", "alarm", "red"),
        (_("Called again later"), found["later"], f"{here}?tab=later", "phone-pause", ""),
        (_("Done by me today"), found["done"], f"{here}?tab=done", "circle-check", ""),
    ]
    context = {
        "list": listing, "cards": cards, "may_call": request.access.may(May.CALL), "may_plan": request.access.may(May.PLAN),
        "may_lead": request.access.may(May.LEAD),
    }  # fmt: skip
    return show(request, "callbacks/today.html", context, parts=["list"])


@page(May.CALL, "POST", scope=Scope.PLACES, audit=("callbacks:callback:taken", ""), rate="write")
def next_(request: HttpRequest) -> HttpResponse:
    """The next call of the day, taken by whoever asks."""
    found = operations.take_next(by=request.access, at=timezone.now())
    if found is None:
        messages.success(request, __("Nothing waits for you now."))
        return go("callbacks:today")
    return go("callbacks:callback", found.pk)


def found(request: HttpRequest, pk: int, permission: str = May.SEE) -> Callback:
    rows = Callback.objects.visible_to(request.access, permission).select_related(
        "plan__order", "plan__customer", "plan__unit__model", "plan__decision", "plan__outlet", "outlet", "caller", "taken_by", "decision",
        "company", "ended_by", "record__script", "record__made_by",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)  # type: ignore[no-any-return]


@page(May.SEE, scope=Scope.PLACES, audit=None, rate="page")
def callback(request: HttpRequest, pk: int) -> HttpResponse:
    """One callback."""
    return shown(request, found(request, pk))


def _filler(row: Callback, company: Company, access: Any, unmasked: bool) -> Callable[[str], str]:
    """Fills a script's places; the customer's name stays masked until the number is shown."""
    plan = row.plan
    name = plan.contact if unmasked else masked_name(plan.contact)
    known = {
        "customer": name, "product": plan.model, "request": plan.number, "agent": access.name, "company": company.short_name,
        "hotline": company.hotline,
    }  # fmt: skip
    return lambda text: phrases.fill(text, known)[0]


def shown(
    request: HttpRequest,
    row: Callback,
    *,
    refusal: Refusal | None = None,
    unmasked: bool = False,
    status: int = 200,
    **bound: Any,
) -> HttpResponse:
    access, plan, now = request.access, row.plan, timezone.now()
    decisions = list({each.pk: each for each in (plan.decision, row.decision) if each}.values())
    fill = _filler(row, row.company, access, unmasked)
    may_call = access.may(May.CALL)
    waits = row.state == State.PLANNED and may_call
    record = getattr(row, "record", None)
    script = record.script if record else queries.script_for(row.company_id, row.kind)
    noting = may_call and row.state in (State.PLANNED, State.DONE)
    here = timezone.localdate()
    people = holders(row.company_id, str(May.CALL), on=here) if noting or access.may(May.LEAD) else []
    rows = Person.objects.filter(pk__in=[person.pk for person in people]).order_by("name")
    late, tone = LATE[queries.overdue_words(row, now)]
    context: dict[str, Any] = {
        "callback": row, "plan": plan, "unmasked": unmasked, "refusal": refusal, "late": late, "late_tone": tone, "tone": TONES[State(row.state)],
        "opening": fill(script.opening) if script else "", "closing": fill(script.closing) if script else "", "script": script,
        "phrases": [(each.title, fill(each.text)) for each in standard_phrases(access)] if waits and access.may(Know.SEE) else [],
        "tries": list(row.attempts.select_related("by").order_by("number")), "record": record,
        "marks": _marks(record), "own": _own(record),
        "promises": list(row.promises.select_related("owner", "kept_by").order_by("id")),
        "needs": list(row.needs.select_related("request", "task__team", "task__owner").order_by("id")),
        "observations": _observations(row, access),
        "complaints": queries.complaints_of(row, access) if access.may(Complaints.SEE) else [],
        "earlier": queries.earlier_of(row),
        "why": whys(decisions, language(), access),
        "never": waits and queries.never_calls(plan),
        "mine": row.taken_by_id == access.person_id,
        "may_call": waits, "may_note": noting, "may_unmask": access.may(May.UNMASK), "may_lead": access.may(May.LEAD) and row.state in OPEN,
        "may_see_order": plan.order_id and access.may(Orders.SEE), "may_see_request": access.may(Desk.SEE),
        "complain": _complain(row) if noting and access.may(Complaints.REGISTER) else "",
        "unit": products.units(access).filter(pk=plan.unit_id).first() if plan.unit_id and access.may("products:unit:view") else None,
        "try_form": bound.get("try_form") or TryForm(initial={"version": row.version}),
        "record_form": bound.get("record_form") or (RecordForm(script, fill=fill, initial={"version": row.version}) if waits else None),
        "observation_form": bound.get("observation_form") or ObservationForm(),
        "promise_form": bound.get("promise_form") or PromiseForm(rows, initial={"owner": access.person_id}),
        "need_form": bound.get("need_form") or NeedForm(access),
        "give_form": bound.get("give_form") or GiveForm(rows),
    }  # fmt: skip
    return show(request, "callbacks/callback.html", context, status=refusal.status if refusal else status)


def _observations(row: Callback, access: Any) -> list[tuple[Any, tuple[str, str, str] | None]]:
    """What was reported wrong, with the finding it became, if this person may see it."""
    rows = list(row.observations.prefetch_related("files").order_by("id"))
    numbers = [each.finding for each in rows if each.finding]
    known = (
        {pk: told for find in events.FINDINGS for pk, told in find(access, numbers).items()}
        if numbers
        else {}
    )
    return [(each, known.get(each.finding)) for each in rows]


def _complain(row: Callback) -> str:
    """Where a complaint of this customer is registered; it keeps the way back to the callback (RG-2)."""
    asked: dict[str, Any] = {"origin": Origin.CALLBACK.value, "source": row.pk}
    asked |= {name: number for name in ("customer", "unit") if (number := getattr(row.plan, f"{name}_id"))}
    return f"{reverse('complaints:new')}?{urlencode(asked)}"


def _marks(record: Any) -> list[tuple[Any, Any]]:
    """What was answered, in words, in the order of the talk."""
    if record is None:
        return []
    told = []
    for code, label in LABELS.items():
        value = getattr(record, code)
        if value in (None, "") or code == "charged_fen":
            continue
        told.append((label, (__("yes") if value else __("no")) if code in YES_NO else f"{value} ★" if code in MARKS else value))  # fmt: skip
    return told


def _own(record: Any) -> list[tuple[str, str]]:
    """The answers to the company's own questions, with the words they were asked in."""
    if record is None or not record.more:
        return []
    asked = {
        str(each["code"]): str(each["text"]) for each in (record.script.questions if record.script else [])
    }
    return [(asked.get(code, code), str(answer)) for code, answer in record.more.items()]


@page(
    May.CALL, "POST", scope=Scope.PLACES, audit=("callbacks:callback:taken", "callbacks:customer:unmasked"), rate="write"
)  # fmt: skip
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Call now: nobody else can meanwhile, and the number is shown. The call is the reason, and it is written down (GN-8)."""
    row = found(request, pk, May.CALL)
    try:
        operations.take(row, by=request.access, at=timezone.now())
    except Refusal as refusal:
        return shown(request, found(request, pk), refusal=refusal)
    row = found(request, pk)
    if not request.access.may(May.UNMASK):
        return go("callbacks:callback", pk)
    audit.handed_out("callbacks:customer:unmasked", row, request, reason=__("callback"))
    return unmasking.once(shown(request, row, unmasked=True), reverse("callbacks:callback", args=[pk]))


@page(May.UNMASK, "POST", scope=Scope.PLACES, audit="callbacks:customer:unmasked", rate="write")
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the customer's data once; the reason goes to the event log (GN-8)."""
    row = found(request, pk, May.UNMASK)
    try:
        unmasking.unmasked(request, row, "callbacks:customer:unmasked")
    except Refusal as refusal:
        return shown(request, row, refusal=refusal)
    return unmasking.once(shown(request, row, unmasked=True), reverse("callbacks:callback", args=[pk]))


def _done(
    request: HttpRequest, pk: int, run: Callable[..., Any], words: str = "", **bound: Any
) -> HttpResponse:
    """Carry an operation out, and show the callback: with the refusal beside its field, or anew."""
    try:
        run(by=request.access, at=timezone.now())
    except Refusal as refusal:
        form = next(iter(bound.values()), None)
        if form is not None:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return shown(request, found(request, pk), status=refusal.status, **bound)
        return shown(request, found(request, pk), refusal=refusal)
    if words:
        messages.success(request, words)
    return go("callbacks:callback", pk)


@page(May.CALL, "POST", scope=Scope.PLACES, audit=("callbacks:callback:released", ""), rate="write")
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Put back what one has taken."""
    row = found(request, pk, May.CALL)
    return _done(request, pk, lambda **now: operations.release(row, **now))


@page(
    May.CALL, "POST", scope=Scope.PLACES, audit=("callbacks:callback:tried", "callbacks:callback:ended"), rate="write"
)  # fmt: skip
def try_(request: HttpRequest, pk: int) -> HttpResponse:
    """How a try ended that reached nobody."""
    row, form = found(request, pk, May.CALL), TryForm(request.POST)
    if not form.is_valid():
        return shown(request, row, status=422, try_form=form)
    said = form.cleaned_data
    answer = _done(request, pk, lambda **now: operations.try_(row, **said, **now), try_form=form)
    return _to_the_next(request, answer)


@page(May.CALL, "POST", scope=Scope.PLACES, audit="callbacks:callback:done", rate="write")
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """What the customer answered."""
    row = found(request, pk, May.CALL)
    number = request.POST.get("script", "")
    script = Script.objects.filter(company_id=row.company_id, pk=int(number)).first() if number.isascii() and number.isdigit() and len(number) < 19 else None  # fmt: skip
    form = RecordForm(script, request.POST, fill=_filler(row, row.company, request.access, False))
    if not form.is_valid():
        return shown(request, row, status=422, record_form=form)
    said = {name: form.cleaned_data[name] for name in ("called_at", "version")}
    answer = _done(
        request, pk, lambda **now: operations.record(row, form.answers(), script=script, **said, **now),
        __("Recorded."), record_form=form,
    )  # fmt: skip
    return _to_the_next(request, answer)


def _to_the_next(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """After “and next call” one goes on to the next, if all went well."""
    if answer.status_code != 303 or "next" not in request.POST:
        return answer
    following = operations.take_next(by=request.access, at=timezone.now())
    return go("callbacks:callback", following.pk) if following else go("callbacks:today")


@page(May.CALL, "POST", scope=Scope.PLACES, audit="callbacks:observation:reported", rate="write")
def observe(request: HttpRequest, pk: int) -> HttpResponse:
    """What is wrong with the job, with its evidence."""
    row, form = found(request, pk, May.CALL), ObservationForm(request.POST)
    if not form.is_valid():
        return shown(request, row, status=422, observation_form=form)

    def run(**now: Any) -> Any:
        kept = [files.keep(upload.read(), upload.name, **now) for upload in request.FILES.getlist("files")[:MOST_FILES]]  # fmt: skip
        said = form.cleaned_data
        return operations.observe(row, said["kind"], said["words"], **form.amounts(), files=kept, **now)

    return _done(request, pk, run, __("Reported. Somebody else confirms it."), observation_form=form)


@page(May.SEE, scope=Scope.PLACES, audit="callbacks:file:taken", rate="page")
def file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A file of evidence."""
    row = found(request, pk)
    of_callback = StoredFile.objects.filter(pk__in=row.observations.values("files"))
    stored = get_object_or_404(of_callback, pk=number)
    audit.handed_out("callbacks:file:taken", row, request, file=stored.name)
    return files.download(stored)


@page(May.CALL, "POST", scope=Scope.PLACES, audit="callbacks:answer:promised", rate="write")
def promise(request: HttpRequest, pk: int) -> HttpResponse:
    """An answer promised by a time (KA-9.4)."""
    row = found(request, pk, May.CALL)
    able = holders(row.company_id, str(May.CALL), on=timezone.localdate())
    form = PromiseForm(Person.objects.filter(pk__in=[person.pk for person in able]), request.POST)
    if not form.is_valid():
        return shown(request, row, status=422, promise_form=form)
    said = form.cleaned_data
    return _done(
        request, pk, lambda **now: operations.promise_answer(row, said["question"], said["due_at"], said["owner"], **now),
        __("Promised, and kept on the list of promised answers."), promise_form=form,
    )  # fmt: skip


@page(May.CALL, "POST", scope=Scope.PLACES, audit="callbacks:need:noted", rate="write")
def need(request: HttpRequest, pk: int) -> HttpResponse:
    """A need becomes a request, and a task if that is chosen; what is urgent goes up at once (KA-9.3)."""
    row, form = found(request, pk, May.CALL), NeedForm(request.access, request.POST)
    if not form.is_valid():
        return shown(request, row, status=422, need_form=form)
    said = form.cleaned_data

    def run(**now: Any) -> None:
        made = operations.note_need(row, said["kind"], said["words"], category=said["category"], told_to=said["told_to"], errand=form.errand(), **now)  # fmt: skip
        words = (
            __("Request %(number)s is registered, with its task.")
            if made.task
            else __("Request %(number)s is registered.")
        )
        messages.success(request, words % {"number": made.request.number})

    return _done(request, pk, run, need_form=form)


@page(May.CALL, "POST", scope=Scope.PLACES, audit="callbacks:callback:ended", rate="write")
def never(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer asks not to be called any more."""
    row, words = found(request, pk, May.CALL), _reason(request)
    return _done(request, pk, lambda **now: operations.never_again(row, words, **now), __("Kept. Nobody calls this customer any more."))  # fmt: skip


@page(May.LEAD, "POST", scope=Scope.PLACES, audit="callbacks:callback:ended", rate="write")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a callback off, with a reason."""
    row, reason = found(request, pk, May.LEAD), _reason(request)
    return _done(request, pk, lambda **now: operations.end(row, reason, **now))


@page(May.LEAD, "POST", scope=Scope.PLACES, audit="callbacks:callback:given", rate="write")
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a callback to another caller."""
    row = found(request, pk, May.LEAD)
    able = holders(row.company_id, str(May.CALL), on=timezone.localdate())
    form = GiveForm(Person.objects.filter(pk__in=[person.pk for person in able]), request.POST)
    if not form.is_valid():
        return shown(request, row, status=422, give_form=form)
    return _done(request, pk, lambda **now: operations.give(row, form.cleaned_data["caller"], **now), give_form=form)  # fmt: skip


def _reason(request: HttpRequest) -> str:
    return " ".join(request.POST.get("reason", "").replace("\0", "").split())[:200]


# The icons of the cards, which the build must find: icon="phone-outgoing" icon="clock" icon="alarm" icon="phone-pause" icon="circle-check"
