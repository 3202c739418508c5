from django.urls import path

from sanbao.backtests import views

app_name = "backtests"
urlpatterns = [
    path("", views.backtests, name="list"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.backtest, name="backtest"),
    path("<int:pk>/stop/", views.stop, name="stop"),
    path("<int:pk>/resumption/", views.go_on, name="go-on"),
    path("<int:pk>/again/", views.again, name="again"),
    path("<int:pk>/report.pdf", views.pdf, name="pdf"),
    path("<int:pk>/report.xlsx", views.xlsx, name="xlsx"),
    path("<int:pk>/differences/", views.differences, name="differences"),
    path("differences/<int:pk>/", views.difference, name="difference"),
]
