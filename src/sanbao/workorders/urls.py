from django.urls import path

from sanbao.workorders.views import by_customer, engineers, orders, phone

app_name = "workorders"
urlpatterns = [
    path("", orders.orders, name="orders"),
    path("new/", orders.order_new, name="order-new"),
    path("<int:pk>/", orders.order, name="order"),
    path("<int:pk>/contact/", orders.unmask, name="unmask"),
    path("<int:pk>/amendment/", orders.amend, name="amend"),
    path("<int:pk>/dispatch/", orders.dispatch, name="dispatch"),
    path("<int:pk>/outlet/", orders.place, name="place"),
    path("<int:pk>/call-off/", orders.call_off, name="call-off"),
    path("<int:pk>/hand-up/", orders.hand_up, name="hand-up"),
    path("<int:pk>/moves/<slug:noun>/", orders.move, name="move"),
    path("<int:pk>/steps/<slug:code>/", orders.step, name="step"),
    path("<int:pk>/steps/<slug:code>/skip/", orders.skip, name="skip"),
    path("<int:pk>/check/", orders.check, name="check"),
    path("<int:pk>/acceptance/", orders.accept_work, name="accept-work"),
    path("<int:pk>/aftercare/", orders.care, name="care"),
    path("<int:pk>/files/<int:number>/", orders.file, name="file"),
    path("<int:pk>/customer-page/", by_customer.customer_page, name="customer-page"),
    path("<int:pk>/wishes/<int:number>/", by_customer.answer_wish, name="wish"),
    path("engineers/", engineers.engineers, name="engineers"),
    path("engineers/new/", engineers.engineer_new, name="engineer-new"),
    path("engineers/<int:pk>/", engineers.engineer, name="engineer"),
    path("engineers/<int:pk>/retirement/", engineers.engineer_retire, name="engineer-retire"),
    path("my/", phone.day, name="day"),
    path("my/<int:pk>/", phone.job, name="job"),
    path("my/<int:pk>/deeds/<slug:name>/", phone.deed, name="deed"),
    path("my/<int:pk>/files/<int:number>/", phone.job_file, name="job-file"),
    path("my/actions/", phone.actions, name="actions"),
    path("my/actions/<int:pk>/surrender/", phone.action_drop, name="action-drop"),
    path("my/actions/<int:pk>/renewal/", phone.action_anew, name="action-anew"),
    path("my/app.webmanifest", phone.manifest, name="manifest"),
    path("my/worker.js", phone.worker, name="worker"),
    path("my/offline/", phone.offline, name="offline"),
]
