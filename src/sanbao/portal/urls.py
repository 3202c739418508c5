from django.urls import path

from sanbao.portal import complaints, mine, orders, registering, views

app_name = "portal"
urlpatterns = [
    path("", views.poster, name="poster"),
    path("<slug:code>/", views.home, name="home"),
    path("<slug:code>/ask/", views.ask, name="ask"),
    path("<slug:code>/find/", views.find, name="find"),
    path("<slug:code>/mine/", mine.mine, name="mine"),
    path("<slug:code>/mine/leaving/", mine.leave, name="leave"),
    path("<slug:code>/mine/<str:handle>/", mine.code, name="code"),
    path("<slug:code>/register/", registering.register, name="register"),
    path("<slug:code>/registrations/<str:token>/", registering.registration, name="registration"),
    path("<slug:code>/policy/", views.policy, name="policy"),
    path("<slug:code>/requests/<str:token>/", views.request_, name="request"),
    path("<slug:code>/requests/<str:token>/message/", views.write, name="write"),
    path("<slug:code>/requests/<str:token>/confirmation/", views.confirm, name="confirm"),
    path("<slug:code>/requests/<str:token>/withdrawal/", views.withdraw, name="withdraw"),
    path("<slug:code>/requests/<str:token>/files/<int:number>/", views.file, name="file"),
    path("<slug:code>/complaints/<str:token>/", complaints.complaint, name="complaint"),
    path("<slug:code>/complaints/<str:token>/message/", complaints.write, name="complaint-write"),
    path("<slug:code>/orders/<str:token>/", orders.order, name="order"),
    path("<slug:code>/orders/<str:token>/agreement/", orders.agree, name="order-agree"),
    path("<slug:code>/orders/<str:token>/refusal/", orders.decline, name="order-decline"),
    path("<slug:code>/orders/<str:token>/appointment/", orders.wish, name="order-wish"),
    path("<slug:code>/orders/<str:token>/acceptance/", orders.accept, name="order-accept"),
    path("<slug:code>/orders/<str:token>/return/", orders.send_back, name="order-return"),
    path("<slug:code>/orders/<str:token>/rating/", orders.rate, name="order-rate"),
    path("<slug:code>/orders/<str:token>/reopening/", orders.ask_again, name="order-again"),
    path("<slug:code>/orders/<str:token>/files/<int:number>/", orders.file, name="order-file"),
    path("<slug:code>/orders/<str:token>/papers/<slug:name>/", orders.paper, name="order-paper"),
]
