from django.urls import path

from sanbao.callbacks.views import calls, overview, plans, prints, promises, scripts

app_name = "callbacks"
urlpatterns = [
    path("", calls.today, name="today"),
    path("next/", calls.next_, name="next"),
    path("new/", plans.plan_new, name="plan-new"),
    path("<int:pk>/", calls.callback, name="callback"),
    path("<int:pk>/taking/", calls.take, name="take"),
    path("<int:pk>/release/", calls.release, name="release"),
    path("<int:pk>/contact/", calls.unmask, name="unmask"),
    path("<int:pk>/tries/", calls.try_, name="try"),
    path("<int:pk>/record/", calls.record, name="record"),
    path("<int:pk>/observations/", calls.observe, name="observe"),
    path("<int:pk>/files/<int:number>/", calls.file, name="file"),
    path("<int:pk>/promises/", calls.promise, name="promise"),
    path("<int:pk>/needs/", calls.need, name="need"),
    path("<int:pk>/no-more-calls/", calls.never, name="never"),
    path("<int:pk>/end/", calls.end, name="end"),
    path("<int:pk>/caller/", calls.give, name="give"),
    path("<int:pk>/paper/", prints.paper, name="paper"),
    path("<int:pk>/paper/full/", prints.paper_full, name="paper-full"),
    path("forms/<slug:kind>/", prints.form_blank, name="form-blank"),
    path("promises/", promises.promises, name="promises"),
    path("promises/<int:pk>/answer/", promises.answer, name="answer"),
    path("jobs/", plans.plans, name="plans"),
    path("overview/", overview.overview, name="overview"),
    path("scripts/", scripts.scripts, name="scripts"),
    path("scripts/foundation/", scripts.foundation, name="scripts-foundation"),
    path("scripts/<slug:kind>/", scripts.script, name="script"),
]
