"""Addresses of gatherings; the list and each gathering are pages."""

from django.urls import path

from community.gatherings import views

app_name = "gatherings"
urlpatterns = [
    path("<slug:slug>/enrol/", views.enrol, name="enrol"),
    path("<slug:slug>/cancel/", views.cancel, name="cancel"),
    path("<slug:slug>/guests/", views.guests, name="guests"),
]
