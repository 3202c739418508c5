from django.urls import path

from sanbao.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("company/", views.choose_company, name="company"),
    path("posts/", views.posts, name="posts"),
]
