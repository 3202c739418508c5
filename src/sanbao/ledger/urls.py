from django.urls import path

from sanbao.ledger import views

app_name = "ledger"
urlpatterns = [
    path("", views.accounts, name="accounts"),
    path("accounts/<int:pk>/", views.account, name="account"),
    path("entries/<int:pk>/", views.entry, name="entry"),
]
