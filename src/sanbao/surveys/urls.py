from django.urls import path

from sanbao.surveys.views import answers, campaigns, invitations, papers, published, questionnaires, results

app_name = "surveys"
urlpatterns = [
    path("", results.results, name="results"),
    path("workbook/", results.workbook, name="workbook"),
    path("answers/", answers.responses, name="responses"),
    path("answers/add/", papers.choose_paper, name="papers"),
    path("answers/add/<int:pk>/", papers.enter, name="enter"),
    path("answers/<int:pk>/", answers.response, name="response"),
    path("answers/<int:pk>/request/", answers.register_request, name="request"),
    path("answers/<int:pk>/outcome/", answers.look_into, name="look-into"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/<int:pk>/link/", invitations.hand_over, name="link"),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/add/", campaigns.keep_campaign, name="add-campaign"),
    path("campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/edit/", campaigns.keep_campaign, name="change-campaign"),
    path("campaigns/<int:pk>/begin/", campaigns.begin, name="begin"),
    path("campaigns/<int:pk>/end/", campaigns.end, name="end"),
    path("questionnaires/", questionnaires.questionnaires, name="questionnaires"),
    path("questionnaires/add/", questionnaires.add_questionnaire, name="add-questionnaire"),
    path("questionnaires/<int:pk>/versions/", questionnaires.begin_version, name="begin-version"),
    path("versions/<int:pk>/", questionnaires.version, name="version"),
    path("versions/<int:pk>/edit/", questionnaires.change_version, name="change-version"),
    path("versions/<int:pk>/publication/", questionnaires.publish_version, name="publish-version"),
    path("versions/<int:pk>/questions/add/", questionnaires.add_question, name="add-question"),
    path("versions/<int:pk>/paper/", questionnaires.paper, name="paper"),
    path("questions/<int:pk>/", questionnaires.change_question, name="question"),
    path("questions/<int:pk>/removal/", questionnaires.drop_question, name="drop-question"),
    path("published/", published.publications, name="publications"),
    path("published/add/", published.publish, name="publish"),
    path("published/<int:pk>/", published.publication, name="publication"),
]
