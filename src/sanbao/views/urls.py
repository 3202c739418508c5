from django.urls import path

from sanbao.views import views

app_name = "views"
urlpatterns = [
    path("", views.save, name="save"),
    path("columns/", views.columns, name="columns"),
    path("<int:pk>/change/", views.change, name="change"),
    path("<int:pk>/replacement/", views.replacement, name="replacement"),
    path("<int:pk>/deletion/", views.deletion, name="deletion"),
    path("<int:pk>/default/", views.default, name="default"),
    path("<int:pk>/default/end/", views.default_end, name="default-end"),
]
