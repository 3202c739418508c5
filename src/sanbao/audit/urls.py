from django.urls import path

from sanbao.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.events, name="events"),
    path("history/<int:pk>/<slug:table>/", views.history, name="history"),
]
