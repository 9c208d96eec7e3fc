"""Addresses of gatherings; the list and each gathering are pages."""

from django.urls import path

from community.gatherings import views
from community.gatherings.models import GatheringIndexPage
from community.topics.feeds import feed

app_name = "gatherings"
urlpatterns = [
    path("feed/", feed, {"model": GatheringIndexPage}, name="feed"),
    path("<slug:slug>/enrol/", views.enrol, name="enrol"),
    path("<slug:slug>/cancel/", views.cancel, name="cancel"),
    path("<slug:slug>/guests/", views.guests, name="guests"),
]
