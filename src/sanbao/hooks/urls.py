from django.urls import path

from sanbao.hooks import views

app_name = "hooks"
urlpatterns = [
    path("", views.subscriptions, name="subscriptions"),
    path("new/", views.subscription_new, name="new"),
    path("<int:pk>/", views.subscription, name="subscription"),
    path("<int:pk>/change/", views.subscription_change, name="change"),
    path("<int:pk>/secret/", views.secret, name="secret"),
    path("<int:pk>/test/", views.test, name="test"),
    path("<int:pk>/deliveries/", views.deliveries, name="deliveries"),
    path("<int:pk>/moves/<str:noun>/", views.move, name="move"),
    path("deliveries/<int:pk>/", views.delivery, name="delivery"),
    path("deliveries/<int:pk>/<str:noun>/", views.move_delivery, name="delivery-move"),
]
