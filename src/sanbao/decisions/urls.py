from django.urls import path

from sanbao.decisions import views

app_name = "decisions"
urlpatterns = [
    path("", views.decisions, name="list"),
    path("<int:pk>/", views.decision, name="decision"),
    path("<int:pk>/replay/", views.replay, name="replay"),
]
