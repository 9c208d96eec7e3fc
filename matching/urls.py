"""Addresses of suggestions."""

from django.urls import path, re_path

from matching import views

app_name = "matching"
KIND = r"(?P<kind>mentor|apprentice|collaborator|peer)"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("dismissed/", views.dismissed, name="dismissed"),
    re_path(rf"^{KIND}/$", views.kind, name="kind"),
    re_path(rf"^{KIND}/(?P<handle>[-\w]+)/dismiss/$", views.dismiss, name="dismiss"),
    re_path(rf"^{KIND}/(?P<handle>[-\w]+)/restore/$", views.restore, name="restore"),
]
