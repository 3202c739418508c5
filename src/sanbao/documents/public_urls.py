from django.urls import path

from sanbao.documents.views import public

app_name = "published"
urlpatterns = [
    path("<slug:code>/", public.documents, name="documents"),
    path("<slug:code>/<int:pk>/", public.document, name="document"),
]
