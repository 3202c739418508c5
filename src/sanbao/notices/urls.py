from django.urls import path

from sanbao.notices.views import hooks, incoming, notices, outbox, preferences, wording

app_name = "notices"
urlpatterns = [
    path("notices/", notices.notices, name="notices"),
    path("notices/preferences/", preferences.preferences, name="preferences"),
    path("notices/addresses/", preferences.address, name="address"),
    path("notices/texts/", wording.wordings, name="wordings"),
    path("notices/texts/<str:code>/<str:language>/", wording.edit, name="wording"),
    path("notices/read/", notices.read_all, name="read-all"),
    path("notices/<int:pk>/opening/", notices.open_notice, name="open"),
    path("messages/", outbox.outbox, name="outbox"),
    path("messages/move/<str:noun>/", outbox.move_messages, name="messages-move"),
    path("messages/<int:pk>/", outbox.message, name="message"),
    path("messages/<int:pk>/text/", outbox.unmask, name="message-unmask"),
    path("messages/<int:pk>/<str:noun>/", outbox.move_message, name="message-move"),
    path("messages/incoming/", incoming.listed, name="incoming-all"),
    path("messages/incoming/move/<str:noun>/", incoming.move_all, name="incoming-all-move"),
    path("messages/incoming/<int:pk>/", incoming.one, name="incoming"),
    path("messages/incoming/<int:pk>/contents/", incoming.unmask, name="incoming-unmask"),
    path("messages/incoming/<int:pk>/<str:noun>/", incoming.move, name="incoming-move"),
    path("hooks/<str:company>/<str:channel>/", hooks.hook, name="hook"),
]
