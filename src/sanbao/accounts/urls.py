from django.urls import include, path

from sanbao.accounts import factor_views, password_views, views

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
    path("password/", password_views.change, name="password"),
    path("password/link/<str:secret>/", password_views.open_link, name="link"),
    path("password/set/", password_views.set_by_link, name="set-password"),
    path("sign-in/second-factor/", factor_views.second_factor, name="second-factor"),
    path("sign-in/passkey/", factor_views.sign_in_with_passkey, name="sign-in-passkey"),
    path("confirm/", factor_views.confirm, name="confirm"),
    path("account/", factor_views.security, name="security"),
    path("account/app/", factor_views.app, name="app"),
    path("account/passkey/", factor_views.add_passkey, name="add-passkey"),
    path("account/recovery-codes/", factor_views.recovery_codes, name="recovery-codes"),
    path("account/factors/<int:pk>/remove/", factor_views.remove_factor, name="remove-factor"),
    # People hold posts in regions and outlets, so their pages stand in `outlets`; the names stay here.
    path("", include("sanbao.outlets.people_urls")),
]
