from django.urls import path

from sanbao.regulations.views import books, drafts, holidays, proposals

app_name = "regulations"
urlpatterns = [
    path("", books.books, name="books"),
    path("tariff/", books.tariff, name="tariff"),
    path("editions/<int:pk>/", books.edition, name="edition"),
    path("editions/<int:pk>/adopt/", books.adopt, name="adopt"),
    path("editions/<int:pk>/toml/", drafts.edition_toml, name="edition-toml"),
    path("drafts/", drafts.drafts, name="drafts"),
    path("drafts/add/", drafts.begin, name="begin"),
    path("drafts/files/", drafts.bring, name="bring"),
    path("drafts/<int:pk>/", drafts.draft, name="draft"),
    path("drafts/<int:pk>/edit/", drafts.amend, name="amend"),
    path("drafts/<int:pk>/parameters/", drafts.choose, name="choose"),
    path("drafts/<int:pk>/parameters/<slug:parameter>/", drafts.change, name="change"),
    path("drafts/<int:pk>/clauses/", drafts.add_clause, name="add-clause"),
    path("drafts/<int:pk>/examples/", drafts.add_example, name="add-example"),
    path("drafts/<int:pk>/merge/", drafts.merge, name="merge"),
    path("drafts/<int:pk>/toml/", drafts.draft_toml, name="draft-toml"),
    path("drafts/<int:pk>/moves/<slug:noun>/", drafts.move, name="move"),
    path("changes/<int:pk>/removal/", drafts.undo, name="undo"),
    path("examples/<int:pk>/removal/", drafts.drop_example, name="drop-example"),
    path("holidays/", holidays.years, name="holidays"),
    path("holidays/notice/", holidays.enter, name="enter-holidays"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/add/", proposals.propose, name="propose"),
    path("proposals/<int:pk>/", proposals.proposal, name="proposal"),
    path("proposals/<int:pk>/effect/", proposals.note_effect, name="note-effect"),
    path("proposals/<int:pk>/decision/<slug:noun>/", proposals.decide, name="decide"),
    path("<slug:name>/", books.book, name="book"),
    path("<slug:name>/parameters/<slug:parameter>/", books.parameter, name="parameter"),
]
