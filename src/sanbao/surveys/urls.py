from django.urls import path

from sanbao.surveys import views

app_name = "surveys"
urlpatterns = [
    path("", views.results, name="results"),
    path("workbook/", views.workbook, name="workbook"),
    path("answers/", views.responses, name="responses"),
    path("answers/add/", views.choose_paper, name="papers"),
    path("answers/add/<int:pk>/", views.enter, name="enter"),
    path("answers/<int:pk>/", views.response, name="response"),
    path("answers/<int:pk>/request/", views.register_request, name="request"),
    path("answers/<int:pk>/outcome/", views.look_into, name="look-into"),
    path("invitations/", views.invitations, name="invitations"),
    path("invitations/<int:pk>/link/", views.hand_over, name="link"),
    path("campaigns/", views.campaigns, name="campaigns"),
    path("campaigns/add/", views.keep_campaign, name="add-campaign"),
    path("campaigns/<int:pk>/", views.campaign, name="campaign"),
    path("campaigns/<int:pk>/edit/", views.keep_campaign, name="change-campaign"),
    path("campaigns/<int:pk>/begin/", views.begin, name="begin"),
    path("campaigns/<int:pk>/end/", views.end, name="end"),
    path("questionnaires/", views.questionnaires, name="questionnaires"),
    path("questionnaires/add/", views.add_questionnaire, name="add-questionnaire"),
    path("questionnaires/<int:pk>/versions/", views.begin_version, name="begin-version"),
    path("versions/<int:pk>/", views.version, name="version"),
    path("versions/<int:pk>/edit/", views.change_version, name="change-version"),
    path("versions/<int:pk>/publication/", views.publish_version, name="publish-version"),
    path("versions/<int:pk>/questions/add/", views.add_question, name="add-question"),
    path("versions/<int:pk>/paper/", views.paper, name="paper"),
    path("questions/<int:pk>/", views.change_question, name="question"),
    path("questions/<int:pk>/removal/", views.drop_question, name="drop-question"),
    path("published/", views.publications, name="publications"),
    path("published/add/", views.publish, name="publish"),
    path("published/<int:pk>/", views.publication, name="publication"),
]
