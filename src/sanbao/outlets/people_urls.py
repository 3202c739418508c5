"""People and the posts they hold; included by accounts' URLs, so that the names are accounts:people and so on."""

from django.urls import path

from sanbao.outlets import people

urlpatterns = [
    path("posts/", people.posts, name="posts"),
    path("people/", people.people, name="people"),
    path("people/add/", people.add, name="add-person"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/appoint/", people.appoint, name="appoint"),
    path("people/postings/<int:pk>/end/", people.end_posting, name="end-posting"),
]
