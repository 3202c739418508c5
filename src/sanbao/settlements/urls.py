from django.urls import path

from sanbao.settlements.views import statements
from sanbao.settlements.views.hand_in_urls import hand_in_urls
from sanbao.settlements.views.statement_urls import statement_urls

app_name = "settlements"
urlpatterns = [path("", statements.start, name="start"), *statement_urls, *hand_in_urls]
