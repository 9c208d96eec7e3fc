"""Addresses of suggestions."""

from django.urls import path, re_path

from matching.views import steward, suggestions, why

app_name = "matching"
KIND = r"(?P<kind>mentor|apprentice|collaborator|peer)"
urlpatterns = [
    path("", suggestions.overview, name="overview"),
    path("data/", why.data, name="data"),
    path("why/<slug:handle>/", why.why, name="why"),
    path("dismissed/", suggestions.dismissed, name="dismissed"),
    re_path(rf"^{KIND}/$", suggestions.kind, name="kind"),
    re_path(rf"^{KIND}/(?P<handle>[-\w]+)/dismiss/$", suggestions.dismiss, name="dismiss"),
    re_path(rf"^{KIND}/(?P<handle>[-\w]+)/restore/$", suggestions.restore, name="restore"),
]

# Under /steward/, for stewards only.
steward_patterns = ([path("matching/", steward.matching, name="matching")], "matching_steward")
