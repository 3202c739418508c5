from django.urls import include, path

from sanbao.site.api import marked_urls


def x(request): ...
urlpatterns=[path("api/v1/", include((marked_urls(), "api")))]
