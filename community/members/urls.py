"""Addresses of people."""

from django.urls import path

from community.members.views import kept

app_name = "members"
urlpatterns = [
    path("drafts/<uuid:key>/", kept.keep_draft, name="keep_draft"),
]
