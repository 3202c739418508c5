"""What callers say, kind by kind; a change is the next version."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as __

from sanbao.callbacks import operations
from sanbao.callbacks.forms import ScriptForm
from sanbao.callbacks.models import Script
from sanbao.callbacks.permissions import May
from sanbao.callbacks.states import Kind
from sanbao.knowledge.phrases import PLACES
from sanbao.ui.formats import chinese
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal


@page(May.SEE, scope=Scope.COMPANY, audit=None, rate="page")
def scripts(request: HttpRequest) -> HttpResponse:
    """The scripts in use."""
    rows = Script.objects.visible_to(request.access, May.SEE).order_by("kind", "-number").distinct("kind")
    found = {row.kind: row for row in rows.select_related("made_by")}
    context = {
        "kinds": [(code, label, found.get(code)) for code, label in Kind.choices], "may_keep": request.access.may(May.SCRIPTS),
        "none": not found,
    }  # fmt: skip
    return show(request, "callbacks/scripts.html", context)


@page(May.SCRIPTS, "POST", scope=Scope.COMPANY, audit=("callbacks:script:written", ""), rate="write")
def foundation(request: HttpRequest) -> HttpResponse:
    """Begin with the scripts that come with the program."""
    count = operations.found_scripts(by=request.access, at=timezone.now())
    messages.success(request, __("%(count)d scripts are written.") % {"count": count})
    return go("callbacks:scripts")


@page(May.SCRIPTS, "GET", "POST", scope=Scope.COMPANY, audit="callbacks:script:written", rate="write")
def script(request: HttpRequest, kind: str) -> HttpResponse:
    """Write the next version of a script."""
    if kind not in Kind.values:
        raise Http404
    newest = (
        Script.objects.visible_to(request.access, May.SCRIPTS).filter(kind=kind).order_by("-number").first()
    )
    form = ScriptForm(newest, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                operations.keep_script(
                    kind, said["opening"], form.questions(), said["closing"], number=said["number"], by=request.access, at=timezone.now()
                )  # fmt: skip
                messages.success(request, __("Kept as the next version."))
                return go("callbacks:scripts")
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
                status = refusal.status
    places = " ".join(f"{{{word if chinese() else code}}}" for code, word in PLACES.items() if code not in ("due", "article"))  # fmt: skip
    context = {"form": form, "kind": Kind(kind).label, "newest": newest, "places": places}
    return show(request, "callbacks/script.html", context, status=status)
