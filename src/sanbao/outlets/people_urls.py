"""People and the posts they hold; included by accounts' URLs, so that the names are accounts:people and so on."""

from django.urls import path

from sanbao.outlets import credential_views, people

urlpatterns = [
    path("posts/", people.posts, name="posts"),
    path("people/", people.people, name="people"),
    path("people/add/", people.add, name="add-person"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/appoint/", people.appoint, name="appoint"),
    path("people/<int:pk>/link/", credential_views.make_link, name="make-link"),
    path("people/<int:pk>/address/", credential_views.keep_address, name="keep-address"),
    path("people/<int:pk>/sessions/end/", credential_views.end_sessions, name="end-sessions"),
    path("people/<int:pk>/unlock/", credential_views.unlock, name="unlock"),
    path("people/<int:pk>/factors/reset/", credential_views.reset_factors, name="reset-factors"),
    path("people/<int:pk>/deactivate/", credential_views.deactivate, name="deactivate"),
    path("people/<int:pk>/reactivate/", credential_views.reactivate, name="reactivate"),
    path("people/postings/<int:pk>/end/", people.end_posting, name="end-posting"),
]
