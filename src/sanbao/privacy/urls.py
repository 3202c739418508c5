from django.urls import path

from sanbao.privacy import views

app_name = "privacy"
urlpatterns = [
    path("", views.requests, name="requests"),
    path("copy/", views.copy, name="copy"),
    path("erasure/", views.erase, name="erase"),
    path("retention/", views.retention, name="retention"),
    path("staff/<int:pk>/", views.erase_staff, name="erase-staff"),
    path("<int:pk>/", views.one, name="request"),
    path("<int:pk>/approval/", views.approve, name="approve"),
    path("<int:pk>/refusal/", views.decline, name="decline"),
]
