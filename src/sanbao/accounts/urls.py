from django.urls import include, path

from sanbao.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("company/", views.choose_company, name="company"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke/", views.revoke_token, name="revoke-token"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/others/end/", views.end_other_sessions, name="end-other-sessions"),
    path("sessions/<int:pk>/end/", views.end_session, name="end-session"),
    # People hold posts in regions and outlets, so their pages stand in `outlets`; the names stay here.
    path("", include("sanbao.outlets.people_urls")),
]
