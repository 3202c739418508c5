from django.urls import path

from sanbao.surveys import public_views

app_name = "survey"
urlpatterns = [
    path("<slug:code>/<str:token>/", public_views.answer, name="answer"),
]
