from django.urls import path

from sanbao.customers import views

app_name = "customers"
urlpatterns = [
    path("", views.customers, name="list"),
    path("new/", views.add, name="new"),
    path("duplicates/", views.duplicates, name="duplicates"),
    path("<int:pk>/", views.customer, name="customer"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/in-full/", views.unmask, name="unmask"),
    path("<int:pk>/contacts/", views.contact_new, name="contact-new"),
    path("<int:pk>/contacts/<int:number>/end/", views.contact_end, name="contact-end"),
    path("<int:pk>/addresses/", views.address_new, name="address-new"),
    path("<int:pk>/addresses/<int:number>/end/", views.address_end, name="address-end"),
    path("<int:pk>/addresses/<int:number>/coordinates/", views.address_locate, name="address-locate"),
    path("<int:pk>/consents/", views.consent_new, name="consent-new"),
    path("<int:pk>/consents/<int:number>/withdrawal/", views.consent_withdraw, name="consent-withdraw"),
    path("<int:pk>/merging/<int:other>/", views.merge, name="merge"),
    path("<int:pk>/merging/<int:number>/undoing/", views.undo_merge, name="undo-merge"),
]
