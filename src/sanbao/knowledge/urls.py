from django.urls import path

from sanbao.knowledge import views

app_name = "knowledge"
urlpatterns = [
    path("", views.articles, name="articles"),
    path("suggestions/", views.suggestions, name="suggestions"),
    path("add/", views.add, name="add"),
    path("<int:pk>/", views.article, name="article"),
    path("<int:pk>/revisions/", views.revise, name="revise"),
    path("<int:pk>/feedback/", views.feedback, name="feedback"),
    path("revisions/<int:pk>/edit/", views.edit, name="edit"),
    path("revisions/<int:pk>/moves/<slug:noun>/", views.move, name="move"),
    path("revisions/<int:pk>/attachments/", views.attach, name="attach"),
    path("attachments/<int:pk>/", views.download, name="attachment"),
    path("attachments/<int:pk>/removal/", views.detach, name="detach"),
    path("phrases/", views.phrases, name="phrases"),
    path("phrases/add/", views.keep_phrase, name="add-phrase"),
    path("phrases/<int:pk>/edit/", views.keep_phrase, name="phrase"),
    path("phrases/<int:pk>/end/", views.end_phrase, name="end-phrase"),
]
