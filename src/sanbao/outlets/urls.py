from django.urls import path

from sanbao.outlets import certificates, views

app_name = "outlets"
urlpatterns = [
    path("", views.outlets, name="list"),
    path("add/", views.add, name="add"),
    path("regions/", views.regions, name="regions"),
    path("certificates/", certificates.certificates, name="certificates"),
    path("certificates/add/", certificates.add, name="certificate-add"),
    path("certificates/<int:pk>/file/", certificates.file, name="certificate-file"),
    path("certificates/<int:pk>/end/", certificates.end, name="certificate-end"),
    path("<int:pk>/", views.outlet, name="outlet"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/unmasking/", views.unmask, name="unmask"),
]
