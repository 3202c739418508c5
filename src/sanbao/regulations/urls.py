from django.urls import path

from sanbao.regulations import views

app_name = "regulations"
urlpatterns = [
    path("", views.books, name="books"),
    path("tariff/", views.tariff, name="tariff"),
    path("editions/<int:pk>/", views.edition, name="edition"),
    path("editions/<int:pk>/adopt/", views.adopt, name="adopt"),
    path("<slug:name>/", views.book, name="book"),
]
