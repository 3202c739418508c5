from django.urls import path

from sanbao.products import registrations, units, views

app_name = "products"
urlpatterns = [
    path("models/", views.models, name="models"),
    path("models/add/", views.keep_model, name="add-model"),
    path("models/<int:pk>/edit/", views.keep_model, name="model"),
    path("parts/", views.parts, name="parts"),
    path("parts/add/", views.keep_part, name="add-part"),
    path("parts/<int:pk>/edit/", views.keep_part, name="part"),
    path("parts/<int:pk>/why/", views.cap_why, name="part-why"),
    path("units/", units.units, name="units"),
    path("units/add/", units.add, name="add-unit"),
    path("units/<int:pk>/", units.unit, name="unit"),
    path("units/labels/", units.labels, name="unit-labels"),
    path("units/<int:pk>/label/", units.label, name="unit-label"),
    path("units/<int:pk>/edit/", units.edit, name="edit-unit"),
    path("units/<int:pk>/hand-over/", units.hand_over, name="hand-over"),
    path("units/<int:pk>/proof/", units.proof, name="unit-proof"),
    path("registrations/", registrations.registrations, name="registrations"),
    path("registrations/<int:pk>/", registrations.registration, name="registration"),
    path("registrations/<int:pk>/correction/", registrations.correct, name="registration-correct"),
    path("registrations/<int:pk>/acceptance/", registrations.accept, name="registration-accept"),
    path("registrations/<int:pk>/refusal/", registrations.refuse, name="registration-refuse"),
    path("registrations/<int:pk>/unmasking/", registrations.unmask, name="registration-unmask"),
    path("registrations/<int:pk>/proof/", registrations.proof, name="registration-proof"),
]
