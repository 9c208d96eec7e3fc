"""Addresses of gatherings; the list and each gathering are pages."""

from django.urls import path

from community.gatherings import feeds
from community.gatherings.models import GatheringIndexPage
from community.gatherings.views import afterwards, dates, enrol, guests, messages, planner, post, repeat
from community.topics.feeds import feed

app_name = "gatherings"
urlpatterns = [
    path("feed/", feed, {"model": GatheringIndexPage}, name="feed"),
    path("calendar.ics", feeds.calendar, name="calendar"),
    path("mine/calendar/", dates.address, name="address"),
    path("mine/<str:token>.ics", feeds.mine, name="mine"),
    path("zone/", dates.zone, name="zone"),
    path("planner/", planner.planner, name="planner"),
    path("embed/", planner.embed, name="embed"),
    path("<slug:slug>/event.ics", feeds.event, name="event"),
    path("<slug:slug>/repeat/", repeat.repeat, name="repeat"),
    path("post/", post.post, name="post"),
    path("mine/", post.my_gatherings, name="my_gatherings"),
    path("<slug:slug>/edit/", post.edit, name="edit"),
    path("<slug:slug>/enrol/", enrol.enrol, name="enrol"),
    path("<slug:slug>/take/", enrol.take, name="take"),
    path("<slug:slug>/cancel/", enrol.cancel, name="cancel"),
    path("<slug:slug>/guests/", guests.guests, name="guests"),
    path("<slug:slug>/guests.csv", guests.as_csv, name="guests_csv"),
    path("<slug:slug>/guests.pdf", guests.as_pdf, name="guests_pdf"),
    path("<slug:slug>/guests/came/", guests.came, name="came"),
    path("<slug:slug>/guests/<int:pk>/", guests.answer, name="answer"),
    path("<slug:slug>/write/", messages.write, name="write"),
    path("<slug:slug>/messages/", messages.messages, name="messages"),
    path("<slug:slug>/call-off/", guests.call_off, name="call_off"),
    path("<slug:slug>/not-coming/<str:token>/", afterwards.not_coming, name="not_coming"),
    path("<slug:slug>/feedback/", afterwards.feedback, name="feedback"),
]

# Under /steward/.
steward_patterns = (
    [
        path("gatherings/", post.waiting, name="waiting"),
        path("gatherings/<int:pk>/", post.review, name="review"),
    ],
    "gatherings_steward",
)
