from sanbao.settlements.views.hand_in_urls import hand_in_urls
from sanbao.settlements.views.statement_urls import statement_urls

app_name = "settlements"
urlpatterns = [*statement_urls, *hand_in_urls]
