from django.urls import path

from sanbao.knowledge import public_views

app_name = "help"
urlpatterns = [
    path("<slug:code>/", public_views.articles, name="articles"),
    path("<slug:code>/<int:pk>/", public_views.article, name="article"),
    path("<slug:code>/<int:pk>/feedback/", public_views.feedback, name="feedback"),
    path("<slug:code>/files/<int:pk>/", public_views.download, name="attachment"),
]
