from django.urls import path

from sanbao.complaints.views import analysis, cases, desk, lists, money, prints, record

app_name = "complaints"
urlpatterns = [
    path("", lists.complaints, name="complaints"),
    path("new/", desk.new, name="new"),
    path("analysis/", analysis.analysis, name="analysis"),
    path("reports/<str:month>/", analysis.report, name="report"),
    path("reports/<str:month>/pdf/", analysis.report_pdf, name="report-pdf"),
    path("sheet/", prints.blank, name="sheet-blank"),
    path("<int:pk>/", record.complaint, name="complaint"),
    path("<int:pk>/contact/", record.unmask, name="unmask"),
    path("<int:pk>/amendment/", record.amend, name="amend"),
    path("<int:pk>/assignment/", record.hand, name="hand"),
    path("<int:pk>/verification/", record.verify, name="verify"),
    path("<int:pk>/moves/<slug:noun>/", record.move, name="move"),
    path("<int:pk>/waiting/", record.hold, name="hold"),
    path("<int:pk>/talk/", record.talk, name="talk"),
    path("<int:pk>/orders/", record.link, name="link"),
    path("<int:pk>/orders/<int:number>/removal/", record.unlink, name="unlink"),
    path("<int:pk>/files/<int:number>/", record.file, name="file"),
    path("<int:pk>/compensations/", money.propose, name="propose"),
    path("<int:pk>/compensations/<int:number>/moves/<slug:noun>/", money.move, name="money-move"),
    path("<int:pk>/cases/new/", cases.new, name="case-new"),
    path("<int:pk>/cases/<int:number>/", cases.case, name="case"),
    path("<int:pk>/sheet/", prints.sheet, name="sheet"),
    path("<int:pk>/sheet/full/", prints.sheet_full, name="sheet-full"),
]
