"""Addresses of gatherings; the list and each gathering are pages."""

from django.urls import path

from community.gatherings.models import GatheringIndexPage
from community.gatherings.views import enrol, guests
from community.topics.feeds import feed

app_name = "gatherings"
urlpatterns = [
    path("feed/", feed, {"model": GatheringIndexPage}, name="feed"),
    path("<slug:slug>/enrol/", enrol.enrol, name="enrol"),
    path("<slug:slug>/take/", enrol.take, name="take"),
    path("<slug:slug>/cancel/", enrol.cancel, name="cancel"),
    path("<slug:slug>/guests/", guests.guests, name="guests"),
    path("<slug:slug>/guests/<int:pk>/", guests.answer, name="answer"),
]
