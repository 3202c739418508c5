"""Setting the desk up: classes, teams, rules of assignment, promises on top, hours on duty, absences."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as __

from sanbao.intake import channels, customer_service, operations, queries
from sanbao.intake.facts import weekdays
from sanbao.intake.forms import (
    AbsenceForm,
    CategoryForm,
    DutyForm,
    MemberForm,
    PledgeForm,
    RuleForm,
    TeamForm,
)
from sanbao.intake.models import (
    Absence,
    Category,
    Duty,
    Mailbox,
    Member,
    Pledge,
    Rule,
    ServiceAccount,
    Team,
)
from sanbao.intake.permissions import May
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal
from sanbao.ui.seen import held


def _kept(
    request: HttpRequest,
    form: forms.Form,
    keep: Callable[[dict[str, Any]], Any],
    title: str,
    back: str,
    *arguments: Any,
) -> HttpResponse:
    """Show a form, or keep what it says and go back."""
    status = 200
    if request.method == "POST":
        status = getattr(form, "status", 422) if not form.is_valid() else 422
        if form.is_valid():
            try:
                keep(form.cleaned_data)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
                status = refusal.status
            else:
                messages.success(request, __("Saved."))
                return go(back, *arguments)
    return show(request, "intake/desk_form.html", {"form": form, "title": title, "back": back}, status=status)


def _now(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.access, "at": timezone.now()}


@page(May.SEE_DESK, scope=Scope.COMPANY, audit=None, rate="page")
def desk(request: HttpRequest) -> HttpResponse:
    """How requests are sorted, who gets them, what is promised on top."""
    company, today, names = request.access.company_id, timezone.localdate(), dict(weekdays(request.access))
    teams = list(queries.teams(company))
    members: dict[int, list[Member]] = {}
    for member in (
        Member.objects.filter(team__in=teams, ended_on__isnull=True)
        .select_related("person")
        .order_by("-lead", "person__name")
    ):
        members.setdefault(member.team_id, []).append(member)
    context = {
        "classes": [(row, row.path.count("/") - 2) for row in queries.classes(company)],
        "teams": [(team, members.get(team.pk, [])) for team in teams],
        "rules": Rule.objects.filter(company_id=company, retired_at__isnull=True).select_related("category", "team", "outlet").order_by("position", "id"),
        "pledges": Pledge.objects.filter(company_id=company).select_related("customer").order_by("-id")[:100],
        "duties": [(duty, names.get(duty.weekday, "")) for duty in Duty.objects.filter(company_id=company).select_related("outlet").order_by("outlet_id", "day", "weekday")[:200]],
        "absences": Absence.objects.filter(company_id=company, withdrawn_at__isnull=True, last_day__gte=today).select_related("person", "substitute").order_by("first_day")[:200],
        "channels": channels.state_of(company),
        "mailboxes": Mailbox.objects.filter(company_id=company).order_by("address"),
        "service_accounts": ServiceAccount.objects.filter(company_id=company).order_by("name", "account"),
        "service_is_set_up": customer_service.is_set_up(company),
        "may_manage": request.access.may(May.MANAGE),
        "today": today,
    }  # fmt: skip
    return show(request, "intake/desk.html", context)


@page(May.MANAGE, "POST", scope=Scope.COMPANY, audit="intake:service:checked", rate="write")
def service_check(request: HttpRequest) -> HttpResponse:
    """Ask WeCom which accounts of WeChat customer service there are, and fetch what was written: whether the settings are right, said at once."""
    found = customer_service.check(**_now(request))
    messages.success(
        request,
        __(
            "WeCom answers: %(accounts)d accounts of WeChat customer service; %(kept)d new messages and events."
        )
        % {"accounts": found.accounts, "kept": found.kept},
    )
    return go("intake:desk")


@page(May.MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="intake:category:added", rate="write")
def category_new(request: HttpRequest) -> HttpResponse:
    form = CategoryForm(request.access, timezone.localdate(), request.POST or None)
    return _kept(
        request,
        form,
        lambda data: operations.keep_category(None, **data, **_now(request)),
        __("New class"),
        "intake:desk",
    )


@page(May.MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="intake:category:changed", rate="write")
def category(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(held(Category.objects.visible_to(request.access, May.MANAGE), request), pk=pk)
    names = ("code", "name", "name_en", "kind", "nature", "position")
    initial = {name: getattr(found, name) for name in names} | {
        "parent": found.parent_id,
        "team": found.team_id,
    }
    form = CategoryForm(request.access, timezone.localdate(), request.POST or None, initial=initial)
    return _kept(
        request,
        form,
        lambda data: operations.keep_category(found, **data, **_now(request)),
        str(found),
        "intake:desk",
    )


@page(May.MANAGE, "POST", scope=Scope.COMPANY, audit="intake:category:retired", rate="write")
def category_retire(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Category.objects.visible_to(request.access, May.MANAGE), pk=pk)
    operations.retire_category(found, **_now(request))
    messages.success(
        request, __("“%(class)s” is no longer offered; requests that have it keep it.") % {"class": found}
    )
    return go("intake:desk")


@page(May.MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="intake:team:added", rate="write")
def team_new(request: HttpRequest) -> HttpResponse:
    form = TeamForm(request.POST or None)
    return _kept(
        request,
        form,
        lambda data: operations.keep_team(None, **data, **_now(request)),
        __("New team"),
        "intake:desk",
    )


@page(May.MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="intake:team:changed", rate="write")
def team(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(held(Team.objects.visible_to(request.access, May.MANAGE), request), pk=pk)
    form = TeamForm(
        request.POST or None, initial={"code": found.code, "name": found.name, "purpose": found.purpose}
    )
    return _kept(
        request,
        form,
        lambda data: operations.keep_team(found, **data, **_now(request)),
        str(found),
        "intake:desk",
    )


@page(May.MANAGE, "POST", scope=Scope.COMPANY, audit=("intake:team:retired", ""), rate="write")
def team_retire(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Team.objects.visible_to(request.access, May.MANAGE), pk=pk)
    try:
        operations.retire_team(found, **_now(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return go("intake:desk")


@page(May.MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="intake:member:kept", rate="write")
def member_new(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Team.objects.visible_to(request.access, May.MANAGE), pk=pk)
    form = MemberForm(request.access, request.POST or None)
    return _kept(
        request, form, lambda data: operations.keep_member(found, **data, **_now(request)), __("Somebody in %(team)s") % {"team": found}, "intake:desk"
    )  # fmt: skip


@page(May.MANAGE, "POST", scope=Scope.COMPANY, audit="intake:member:ended", rate="write")
def member_end(request: HttpRequest, pk: int) -> HttpResponse:
    teams = Team.objects.visible_to(request.access, May.MANAGE)
    found = get_object_or_404(
        Member.objects.filter(team__in=teams, ended_on__isnull=True).select_related("team"), pk=pk
    )
    operations.end_member(found, **_now(request))
    return go("intake:desk")


@page(May.MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="intake:rule:added", rate="write")
def rule_new(request: HttpRequest) -> HttpResponse:
    form = RuleForm(request.access, request.POST or None)
    return _kept(
        request,
        form,
        lambda data: operations.keep_rule(None, data, **_now(request)),
        __("New rule of assignment"),
        "intake:desk",
    )


@page(May.MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="intake:rule:changed", rate="write")
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(held(Rule.objects.visible_to(request.access, May.MANAGE), request), pk=pk)
    names = ("position", "name", "product", "area", "channel", "vip", "skill", "mode")
    initial = {name: getattr(found, name) for name in names}
    initial |= {"category": found.category_id, "team": found.team_id, "outlet": found.outlet_id}
    form = RuleForm(request.access, request.POST or None, initial=initial)
    return _kept(
        request,
        form,
        lambda data: operations.keep_rule(found, data, **_now(request)),
        str(found),
        "intake:desk",
    )


@page(May.MANAGE, "POST", scope=Scope.COMPANY, audit="intake:rule:retired", rate="write")
def rule_retire(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Rule.objects.visible_to(request.access, May.MANAGE), pk=pk)
    operations.retire_rule(found, **_now(request))
    return go("intake:desk")


@page(May.MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="intake:pledge:added", rate="write")
def pledge_new(request: HttpRequest) -> HttpResponse:
    form = PledgeForm(request.access, request.POST or None, initial={"since": timezone.localdate()})

    return _kept(
        request, form, lambda data: _keep_pledge(data, request), __("New promise on top"), "intake:desk"
    )


def _keep_pledge(data: dict[str, Any], request: HttpRequest) -> None:
    fields = {name: value for name, value in data.items() if name != "number"} | {"customer": data["number"]}
    operations.keep_pledge(fields, **_now(request))


@page(May.MANAGE, "POST", scope=Scope.COMPANY, audit="intake:pledge:ended", rate="write")
def pledge_end(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Pledge.objects.visible_to(request.access, May.MANAGE), pk=pk)
    operations.end_pledge(found, **_now(request))
    return go("intake:desk")


@page(May.MANAGE, "GET", "POST", scope=Scope.COMPANY, audit="intake:duty:kept", rate="write")
def duty_new(request: HttpRequest) -> HttpResponse:
    form = DutyForm(request.access, request.POST or None)
    return _kept(
        request,
        form,
        lambda data: operations.keep_duty(**data, **_now(request)),
        __("Hours on duty"),
        "intake:desk",
    )


@page(May.MANAGE, "POST", scope=Scope.COMPANY, audit="intake:duty:dropped", rate="write")
def duty_drop(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Duty.objects.visible_to(request.access, May.MANAGE), pk=pk)
    operations.drop_duty(found, **_now(request))
    return go("intake:desk")


@page(May.SEE_DESK, "GET", "POST", scope=Scope.COMPANY, audit="intake:absence:kept", rate="write")
def absence_new(request: HttpRequest) -> HttpResponse:
    form = AbsenceForm(request.access, request.POST or None)
    return _kept(
        request,
        form,
        lambda data: operations.keep_absence(**data, **_now(request)),
        __("Absence"),
        "intake:desk",
    )


@page(May.SEE_DESK, "POST", scope=Scope.COMPANY, audit="intake:absence:withdrawn", rate="write")
def absence_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Absence.objects.filter(company_id=request.access.company_id, withdrawn_at__isnull=True)
    if (
        not request.access.may(May.MANAGE)
        and not rows.filter(pk=pk, person=request.access.person_id).exists()
    ):
        raise PermissionDenied
    operations.withdraw_absence(get_object_or_404(rows, pk=pk), **_now(request))
    return go("intake:desk")
