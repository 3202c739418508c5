from django.urls import path

from sanbao.ui import views

app_name = "ui"
urlpatterns = [
    path("components/", views.components, name="components"),
    path("components/why/", views.sample_why, name="sample-why"),
    path("theme/", views.theme, name="theme"),
]
