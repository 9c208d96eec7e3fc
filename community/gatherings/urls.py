"""Addresses of gatherings; the list and each gathering are pages."""

from django.urls import path

from community.gatherings import feeds
from community.gatherings.models import GatheringIndexPage
from community.gatherings.views import dates, enrol, guests
from community.topics.feeds import feed

app_name = "gatherings"
urlpatterns = [
    path("feed/", feed, {"model": GatheringIndexPage}, name="feed"),
    path("calendar.ics", feeds.calendar, name="calendar"),
    path("mine/calendar/", dates.address, name="address"),
    path("mine/<str:token>.ics", feeds.mine, name="mine"),
    path("zone/", dates.zone, name="zone"),
    path("<slug:slug>/event.ics", feeds.event, name="event"),
    path("<slug:slug>/enrol/", enrol.enrol, name="enrol"),
    path("<slug:slug>/take/", enrol.take, name="take"),
    path("<slug:slug>/cancel/", enrol.cancel, name="cancel"),
    path("<slug:slug>/guests/", guests.guests, name="guests"),
    path("<slug:slug>/guests/<int:pk>/", guests.answer, name="answer"),
]
