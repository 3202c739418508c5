"""Every URL of the product. The tree is refused at start if a view does not say who may open it."""

from django.urls import include, path
from django.views.i18n import set_language

from sanbao.site import probes, views
from sanbao.site.api import marked_urls
from sanbao.ui.pages import page, require_marks

urlpatterns = require_marks(
    [
        # A path is looked for from above to below: what is asked most comes first, what every path may be (no beginning of its own) last.
        path("", views.home, name="home"),
        path("intake/", include("sanbao.intake.urls")),
        path("workorders/", include("sanbao.workorders.urls")),
        path("healthz", probes.health, name="health"),
        path("readyz", probes.ready, name="ready"),
        path("metrics", probes.measured, name="metrics"),
        path("language/", page.public("POST", audit=None, rate="public")(set_language), name="set_language"),
        path("search/", views.search, name="search"),
        path("clauses/", views.clauses, name="clauses"),
        path("clauses/<str:clause>/", views.clause, name="clause"),
        path("api/", views.api, name="api-page"),
        path("api/v1/", include((marked_urls(), "api"))),
        path("events/", include("sanbao.audit.urls")),
        path("views/", include("sanbao.views.urls")),
        path("webhooks/", include("sanbao.hooks.urls")),
        path("privacy/", include("sanbao.privacy.urls")),
        path("rules/", include("sanbao.regulations.urls")),
        path("regulations/", include("sanbao.documents.urls")),
        path("published/", include("sanbao.documents.public_urls")),
        path("decisions/", include("sanbao.decisions.urls")),
        path("backtests/", include("sanbao.backtests.urls")),
        path("ledger/", include("sanbao.ledger.urls")),
        path("outlets/", include("sanbao.outlets.urls")),
        path("imports/", include("sanbao.imports.urls")),
        path("customers/", include("sanbao.customers.urls")),
        path("products/", include("sanbao.products.urls")),
        path("knowledge/", include("sanbao.knowledge.urls")),
        path("help/", include("sanbao.knowledge.public_urls")),
        path("improvements/", include("sanbao.improvements.urls")),
        path("surveys/", include("sanbao.surveys.urls")),
        path("survey/", include("sanbao.surveys.public_urls")),
        path("callbacks/", include("sanbao.callbacks.urls")),
        path("complaints/", include("sanbao.complaints.urls")),
        path("service/", include("sanbao.portal.urls")),
        path("settlements/", include("sanbao.settlements.urls")),
        path("", include("sanbao.ui.urls")),
        path("", include("sanbao.accounts.urls")),
        path("", include("sanbao.notices.urls")),
    ]
)

handler400 = "sanbao.ui.views.bad_request"
handler403 = "sanbao.ui.views.forbidden"
handler404 = "sanbao.ui.views.not_found"
handler500 = "sanbao.ui.views.server_error"
