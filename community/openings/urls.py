"""Addresses of openings; the list and each opening are pages."""

from django.urls import path

from community.openings import views
from community.openings.models import OpeningIndexPage
from community.topics.feeds import feed

app_name = "openings"
urlpatterns = [
    path("feed/", feed, {"model": OpeningIndexPage}, name="feed"),
    path("<slug:slug>/apply/", views.apply, name="apply"),
    path("<slug:slug>/withdraw/", views.withdraw, name="withdraw"),
    path("<slug:slug>/applications/", views.applications, name="applications"),
]
