from django.urls import path

from sanbao.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.home, name="home"),
    path("<slug:kind>/", views.start, name="start"),
    path("<slug:kind>/template/", views.template, name="template"),
    path("files/<int:pk>/", views.work, name="import"),
    path("files/<int:pk>/taking/", views.take, name="take"),
    path("files/<int:pk>/stop/", views.stop, name="stop"),
    path("files/<int:pk>/drop/", views.drop, name="drop"),
    path("files/<int:pk>/rows/", views.rows, name="rows"),
]
