"""Pages of the look for the browser's tests: open to anyone, over a table everybody has."""

from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse
from django.views.i18n import set_language

from sanbao.ui import views
from sanbao.ui.lists import Bulk, Column, Days, List, Search, Tab
from sanbao.ui.pages import page, show

GROUPS = List(
    "groups",
    columns=(
        Column("number", "结算单", kind="code", value=lambda row: f"A-{row.pk:06d}", link=lambda row: f"#{row.pk}", sort="pk"),
        Column("name", "网点", sort="name"),
        Column("state", "状态", kind="badge", value=lambda row: "已提交", tone=lambda row: "blue"),
        Column("net", "净额", kind="amount", value=lambda row: row.pk * 100, total="id", why=lambda row: reverse("ui:sample-why")),
    ),
    filters=(Search("q", "搜索", ("name__icontains",)), Days("made", "录入日", "pk")),
    tabs=(Tab("all", "全部"),),
    order="number",
    size=25,
)  # fmt: skip


def groups(request: HttpRequest) -> HttpResponse:
    listing = GROUPS.of(request, Group.objects.all(), bulk=[Bulk("提交", "/")])
    return show(request, "ui/list.html", {"title": "结算单", "list": listing}, parts=["list"])


look = (
    [
        path(
            "components/",
            page.public("GET", audit=None, rate="public")(views.components.__wrapped__),
            name="components",
        ),
        path(
            "components/why/",
            page.public("GET", audit=None, rate="public")(views.sample_why.__wrapped__),
            name="sample-why",
        ),
        path("theme/", views.theme, name="theme"),
    ],
    "ui",
)
urlpatterns = [
    path("", page.public("GET", audit=None, rate="public")(groups), name="home"),
    path("language/", page.public("POST", audit=None, rate="public")(set_language), name="set_language"),
    path("search/", page.public("GET", audit=None, rate="public")(groups), name="search"),
    path("", include(look)),
]
