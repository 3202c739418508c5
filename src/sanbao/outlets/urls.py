from django.urls import path

from sanbao.outlets import views

app_name = "outlets"
urlpatterns = [
    path("", views.outlets, name="list"),
    path("add/", views.add, name="add"),
    path("regions/", views.regions, name="regions"),
    path("<int:pk>/", views.outlet, name="outlet"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/unmasking/", views.unmask, name="unmask"),
]
