"""People, the posts they hold, and the table of posts (CO-1)."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sanbao.accounts import factors, lockout, sessions
from sanbao.accounts.models import Person
from sanbao.accounts.permissions import words
from sanbao.accounts.roles import LEVELS, ROLES
from sanbao.notices import choosing
from sanbao.notices.telling import may_mail_links
from sanbao.outlets import certificates, credentials, operations
from sanbao.outlets.forms import PersonForm, PostForm, dress_refusal
from sanbao.outlets.models import Posting
from sanbao.ui import formats
from sanbao.ui.pages import Scope, go, page, show
from sanbao.ui.refusal import Refusal

SEE, MANAGE = "accounts:person:view", "accounts:person:manage"
MOST_NAMED = 12


def _postings(request: HttpRequest) -> QuerySet[Posting]:
    """The postings of the company one works in that count today."""
    return (
        Posting.objects.filter(company_id=request.access.company_id, ended_on__isnull=True)
        .select_related("person", "region", "outlet")
        .order_by("role", "outlet_id", "id")
    )


def people_of(request: HttpRequest) -> QuerySet[Person]:
    """Everybody who holds or held a post in the company: whoever manages people manages them all."""
    return (
        Person.objects.filter(postings__company_id=request.access.company_id)
        .distinct()
        .order_by("name", "id")
    )


@page("regulations:book:view", scope=Scope.COMPANY, audit=None, rate="page")
def posts(request: HttpRequest) -> HttpResponse:
    """Every post: its level, its duties, what it may do, and who holds it.

    Colleagues at headquarters are named to everyone; who holds a post in a region or outlet only to those who may see people.
    """
    may_see = request.access.may(SEE)
    holders: dict[str, list[Posting]] = {}
    for posting in _postings(request):
        if may_see or ROLES[posting.role].level == "company":
            holders.setdefault(posting.role, []).append(posting)
    table = [
        {
            "role": role,
            "level": LEVELS[role.level],
            "may": words(role.permissions),
            "holders": holders.get(role.code, [])[:MOST_NAMED],
            "more": max(0, len(holders.get(role.code, [])) - MOST_NAMED),
            "hidden": not may_see and role.level != "company",
        }
        for role in ROLES.values()
    ]
    return show(request, "outlets/posts.html", {"table": table, "may_see": may_see})


@page(SEE, scope=Scope.COMPANY, audit=None, rate="page")
def people(request: HttpRequest) -> HttpResponse:
    """Everybody in the company, with the posts they hold today."""
    held: dict[int, list[Posting]] = {}
    for posting in _postings(request):
        held.setdefault(posting.person_id, []).append(posting)
    rows = [(person, held.get(person.pk, [])) for person in people_of(request)]
    return show(request, "outlets/people.html", {"rows": rows, "may_manage": request.access.may(MANAGE)})


@page(SEE, scope=Scope.COMPANY, audit=None, rate="page")
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person, their posts now and before."""
    return _person_page(request, get_object_or_404(people_of(request), pk=pk))


def _person_page(
    request: HttpRequest, somebody: Person, form: PostForm | None = None, status: int = 200
) -> HttpResponse:
    held = Posting.objects.filter(company_id=request.access.company_id, person=somebody).select_related(
        "region", "outlet"
    )
    context: dict[str, Any] = {
        "person": somebody,
        "postings": [(posting, ROLES[posting.role].title) for posting in held.order_by("-ended_on", "id")],
        "form": form or PostForm(access=request.access),
        "may_manage": request.access.may(MANAGE),
        "certificates": certificates.of_person(request, somebody),
        "may_certify": request.access.may(certificates.KEEP),
        "may_see_certificates": request.access.may(certificates.SEE),
        "way_in": _way_in(request, somebody) if request.access.may(MANAGE) else None,
        "crumbs": [(_("People"), reverse("accounts:people"))],
    }
    return show(request, "outlets/person.html", context, status=status)


def _way_in(request: HttpRequest, somebody: Person) -> dict[str, Any]:
    """What an administrator sees of somebody's way in: no addresses, no devices, only what there is to do."""
    now = timezone.now()
    return {
        "own": somebody.pk == request.access.person_id,
        "has_password": somebody.has_usable_password(),
        "factors": factors.kinds_of(somebody),
        "email": formats.masked_email(choosing.addresses([somebody])[somebody.pk].get("email", "")),
        "mails": may_mail_links(somebody),
        "sessions": len(sessions.of(somebody, now)),
        "locked_until": lockout.locked_until(("name", somebody.username), ("code", str(somebody.pk)), at=now),
    }


def show_link(request: HttpRequest, person: Person, secret: str) -> HttpResponse:
    """The page that shows a new link once; or that says where it was sent, and then not the link (site/wiring.py sends it)."""
    sent = choosing.addresses([person])[person.pk].get("email", "") if may_mail_links(person) else ""
    address = request.build_absolute_uri(reverse("accounts:link", args=[secret]))
    crumbs = [
        (_("People"), reverse("accounts:people")),
        (person.name, reverse("accounts:person", args=[person.pk])),
    ]
    context = {
        "person": person,
        "address": "" if sent else address,
        "sent": formats.masked_email(sent),
        "crumbs": crumbs,
    }
    return show(request, "outlets/person_link.html", context)


@page(
    MANAGE,
    "GET",
    "POST",
    scope=Scope.COMPANY,
    audit=("accounts:person:added", "accounts:link:made"),
    rate="write",
)
def add(request: HttpRequest) -> HttpResponse:
    """Add a person with a first post, and show the link by which they set their password."""
    form = PersonForm(request.POST or None, access=request.access)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            somebody = operations.add_person(
                fields["username"], fields["name"], None, fields["role"], region=fields["region"], outlet=fields["outlet"],
                by=request.access, at=timezone.now(),
            )  # fmt: skip
            credentials.keep_address(somebody, address=fields["email"], by=request.access, at=timezone.now())
        except Refusal as refusal:
            dress_refusal(form, refusal)
        else:
            secret = credentials.make_link(somebody, by=request.access, at=timezone.now())
            messages.success(request, _("The person has been added"))
            return show_link(request, somebody, secret)
    context = {"form": form, "crumbs": [(_("People"), reverse("accounts:people"))]}
    return show(request, "outlets/person_form.html", context, status=422 if form.errors else 200)


@page(MANAGE, "POST", scope=Scope.COMPANY, audit="outlets:posting:given", rate="write")
def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person another post."""
    somebody = get_object_or_404(people_of(request), pk=pk)
    form = PostForm(request.POST, access=request.access)
    if form.is_valid():
        fields = form.cleaned_data
        try:
            operations.appoint(
                somebody,
                fields["role"],
                region=fields["region"],
                outlet=fields["outlet"],
                by=request.access,
                at=timezone.now(),
            )
        except Refusal as refusal:
            dress_refusal(form, refusal)
        else:
            return go("accounts:person", somebody.pk)
    return _person_page(request, somebody, form, status=422)


@page(MANAGE, "POST", scope=Scope.COMPANY, audit=("outlets:posting:ended", ""), rate="write")
def end_posting(request: HttpRequest, pk: int) -> HttpResponse:
    """End a posting today. Nobody ends their own last post as administrator, so that the company keeps one."""
    posting = _postings(request).filter(pk=pk).first()
    if posting is None:
        raise Http404
    if posting.person_id == request.access.person_id:
        messages.error(request, _("You can't end your own post; ask another administrator."))
    else:
        operations.dismiss(posting, on=timezone.localdate(), by=request.access, at=timezone.now())
    return go("accounts:person", posting.person_id)
