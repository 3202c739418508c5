from django.urls import path

from sanbao.notices.views import outbox

app_name = "notices"
urlpatterns = [
    path("messages/", outbox.outbox, name="outbox"),
    path("messages/move/<str:noun>/", outbox.move_messages, name="messages-move"),
    path("messages/<int:pk>/", outbox.message, name="message"),
    path("messages/<int:pk>/text/", outbox.unmask, name="message-unmask"),
    path("messages/<int:pk>/<str:noun>/", outbox.move_message, name="message-move"),
]
