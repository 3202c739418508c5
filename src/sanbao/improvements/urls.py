from django.urls import path

from sanbao.improvements import views

app_name = "improvements"
urlpatterns = [
    path("", views.measures, name="measures"),
    path("add/", views.add, name="add"),
    path("proposals/add/", views.propose, name="propose"),
    path("<int:pk>/", views.measure, name="measure"),
    path("<int:pk>/edit/", views.change, name="change"),
    path("<int:pk>/acceptance/", views.accept, name="accept"),
    path("<int:pk>/refusal/", views.decline, name="decline"),
    path("<int:pk>/withdrawal/", views.withdraw, name="withdraw"),
    path("<int:pk>/completion/", views.finish, name="finish"),
    path("<int:pk>/attachments/", views.attach, name="attach"),
    path("attachments/<int:pk>/", views.download, name="attachment"),
    path("<int:pk>/review/", views.review, name="review"),
    path("<int:pk>/sheet/", views.paper, name="paper"),
]
